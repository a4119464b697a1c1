import json
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.datasets.column_mapping import format_mapping, parse_mapping, propose_mapping
from engines.parts.datasets.column_templates import columns_of, is_template, joined
from engines.parts.datasets.records import read_records
from engines.parts.records.question_records import WHOLE_PROMPT, Prompt
from engines.parts.records.record_types import AlsoNamed, Record
from workbench.contract.errors import DataError
from workbench.storage.home import place


class Problem(Record):
    prompt: Annotated[str, AlsoNamed("question", "instruction", "input", "body"), WHOLE_PROMPT]
    answer: str = ""


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


def upload(name, rows):
    (place("uploads") / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return f"upload:{name}"


SVAMP = [{"ID": "a", "Body": "Ann has 3 pears.", "Question": "How many pears?", "Answer": 3, "Type": "Sum"},
         {"ID": "b", "Body": "Bo has 4 pears.", "Question": "How many pears?", "Answer": 4, "Type": "Sum"}]  # fmt: skip
ALPACA = [{"input": "cat", "instruction": "Say it in French.", "answer": "chat"},
          {"input": "", "instruction": "Say hello.", "answer": "hello"}]  # fmt: skip
TABLES = [{"question": "Whose is more?", "table": "Ann | 3\nBo | 4", "choices": ["Ann", "Bo"], "answer": "Bo"}]


@pytest.mark.parametrize(
    ("rows", "template", "first"),
    [
        (SVAMP, "{Body} {Question}", "Ann has 3 pears. How many pears?"),
        (ALPACA, "{instruction}\n\n{input}", "Say it in French.\n\ncat"),
        (TABLES, "{table}\n\n{question}\n\n{choices}", "Ann | 3\nBo | 4\n\nWhose is more?\n\nAnn\nBo"),
    ],
)
def test_a_text_that_is_parted_over_columns_is_joined_and_said(rows, template, first):
    found = read_records(upload("t.jsonl", rows), Problem)
    assert found.mapping["prompt"] == template and found.rows[0].prompt == first
    assert any("Joined with" in note and repr(template) in note for note in found.notes), found.notes
    assert len({row.prompt for row in found.rows}) == len(rows), "no two problems become one"


def test_a_blank_part_leaves_nothing_behind():
    assert read_records(upload("t.jsonl", ALPACA), Problem).rows[1].prompt == "Say hello."
    assert joined("T: {a}\n\n{b}", {"a": None, "b": "why?"}) == "T: why?"
    assert joined("{a} {b}", {"a": " ", "b": []}) is None


def test_a_template_of_ones_own_is_read_and_refused_where_a_column_lacks():
    ref = upload("t.jsonl", SVAMP)
    own = parse_mapping(r"prompt=Read:\n{Body}\nNow: {Question},answer=Answer")
    assert read_records(ref, Problem, own).rows[0].prompt == "Read:\nAnn has 3 pears.\nNow: How many pears?"
    assert parse_mapping(format_mapping(own)) == own
    with pytest.raises(DataError, match="no column 'Text' for prompt"):
        read_records(ref, Problem, {"prompt": "{Text} {Question}"})


def test_a_row_without_any_part_is_named():
    found = read_records(upload("t.jsonl", [*SVAMP, {"Body": "", "Question": " "}]), Problem)
    assert [(error.line, error.field) for error in found.errors] == [(3, "prompt")]


def test_columns_that_others_take_or_that_hold_no_text_are_not_joined():
    numbers = [{"question": "How many?", "input": 3, "body": ""}]
    assert propose_mapping(["question", "input", "body"], numbers, Problem).mapping["prompt"] == "question"
    both = propose_mapping(["context", "question"], [{"context": "x", "question": "y"}], Prompt)
    assert both.mapping["prompt"] == "{context}\n\n{question}" and both.unused == ()
    alone = [{"input": "Say hello."}]
    assert propose_mapping(["input"], alone, Problem).mapping == {"prompt": "input"}


def test_a_column_whose_name_has_braces_is_itself():
    assert not is_template("{a}", ["{a}"]) and is_template("{a}", ["a"]) and not is_template("a", [])
    assert read_records(upload("t.jsonl", [{"{a}": "x"}]), Problem, {"prompt": "{a}"}).rows[0].prompt == "x"


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.none(), max_size=4))
def test_any_template_is_filled_or_nothing(template, cells):
    found = joined(template, cells)
    assert found is None or isinstance(found, str)
    assert len(set(columns_of(template))) == len(columns_of(template))
