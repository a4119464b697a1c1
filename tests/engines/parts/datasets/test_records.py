import json
from typing import Annotated

import pytest

from engines.parts.datasets.records import read_records
from engines.parts.records.record_types import AlsoNamed, LooksLike, Record
from workbench.contract.errors import DataError
from workbench.storage.home import place


class Question(Record):
    question: Annotated[str, AlsoNamed("query", "q"), LooksLike(r"\?\s*$", "end in a question mark")]
    answers: Annotated[tuple[str, ...], AlsoNamed("answer", "gold")]
    passage: Annotated[str, AlsoNamed("context")] = ""
    hops: int = 1
    checked: bool | None = None


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


def upload(name, content):
    (place("uploads") / name).write_text(content, "utf-8")
    return f"upload:{name}"


def test_a_table_is_read_by_names_and_synonyms():
    ref = upload("t.csv", "Q,Gold,context,id\nWho?,Ann|Bo,long ago,a7\n")
    found = read_records(ref, Question)
    assert found.rows == (Question(id="a7", question="Who?", answers=("Ann", "Bo"), passage="long ago"),)
    assert found.mapping == {"id": "id", "question": "Q", "answers": "Gold", "passage": "context"}
    assert (found.columns, found.lines, found.errors, found.notes) == (("Q", "Gold", "context", "id"), (2,), (), ())
    assert (found.source, found.credit) == ("t.csv", "")


def test_a_guess_is_told():
    found = read_records(upload("t.csv", "Your qestion,the_gold_answer\nWho?,Ann\n"), Question)
    assert found.mapping == {"question": "Your qestion", "answers": "the_gold_answer"}
    assert found.notes == (
        "question was read from the column 'Your qestion': 100% of its values end in a question mark.",
        "answers was read from the column 'the_gold_answer': Its name speaks of 'answer'.",
    )


def test_three_broken_rows_of_ten_thousand_are_three_errors():
    lines = [f"What is {number}?,{number},1" for number in range(10_000)]
    lines[17] = "What is,17,1,too many"
    lines[4_000] = '"What is 4000?,4000,1'
    lines[9_998] = "What is 9998?,9998,many"
    found = read_records(upload("t.csv", "\n".join(["question,answers,hops", *lines])), Question)
    assert len(found.rows) == 9_997
    assert [(error.line, error.field) for error in found.errors] == [(19, ""), (4_002, ""), (10_000, "hops")]
    assert "'hops' holds 'many'" in found.errors[2].what and "a whole number" in found.errors[2].remedy
    assert found.errors[2].row == {"question": "What is 9998?", "answers": "9998", "hops": "many"}
    assert found.rows[0].id == "2" and found.rows[-1].id == "10001"


def test_a_confirmed_mapping_wins():
    ref = upload("t.csv", "question,other,answer\nWho?,Why?,x\n")
    found = read_records(ref, Question, {"question": "other", "answers": "answer"})
    assert found.rows[0].question == "Why?"


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({"question": "Quest", "answers": "b"}, "no column 'Quest' for question"),
        ({"question": "question"}, "no column that is clearly the answers"),
        ({"question": "question", "answers": "b", "colour": "b"}, "names the field 'colour'"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping, reason):
    with pytest.raises(DataError, match=reason) as caught:
        read_records(upload("t.csv", "question,b\nWho?,x\n"), Question, mapping)
    assert caught.value.field in ("question", "answers", "colour") and caught.value.hint


def test_a_missing_column_is_said_with_the_closest():
    with pytest.raises(DataError, match="its columns are 'asking', 'answers'") as caught:
        read_records(upload("t.csv", "asking,answers\n1,x\n"), Question)
    assert "question=asking" in caught.value.hint


def test_no_usable_row_is_an_error_with_the_first_reason():
    with pytest.raises(
        DataError, match=r"None of the 2 rows of t\.csv can be used\. Row 2: 'answers' is empty"
    ) as caught:
        read_records(upload("t.csv", "question,answers\nWho?,\nWhy?,\n"), Question)
    assert (caught.value.row, caught.value.field) == (2, "answers")


def test_nested_objects_and_lists_of_reading_sets_are_read():
    lines = [{"question": "Who?", "answers": {"text": ["Ann"], "answer_start": [3]}, "meta": {"hops": 2}}]
    ref = upload("t.jsonl", "\n".join(map(json.dumps, lines)))
    assert read_records(ref, Question).rows[0].answers == ("Ann",)
    found = read_records(ref, Question, {"question": "question", "answers": "answers.text", "hops": "meta.hops"})
    assert (found.rows[0].answers, found.rows[0].hops) == (("Ann",), 2)


def test_a_sample_is_part_of_a_larger_one_and_keeps_the_order():
    ref = upload("t.csv", "question,answers\n" + "".join(f"Is it {n}?,{n}\n" for n in range(100)))
    few, more = read_records(ref, Question, limit=5, seed=3), read_records(ref, Question, limit=20, seed=3)
    assert len(few.rows) == 5 and set(few.rows) < set(more.rows)
    assert list(few.lines) == sorted(few.lines) and [row.id for row in few.rows] == list(map(str, few.lines))
    assert few.notes == ("5 of 100 usable rows were drawn with seed 3.",)
    assert few.rows != read_records(ref, Question, limit=5, seed=4).rows


def test_ids_that_repeat_are_told_apart():
    found = read_records(upload("t.csv", "id,question,answers\na,Who?,x\na,Why?,y\n"), Question)
    assert [row.id for row in found.rows] == ["a", "a#3"]
    assert found.notes == ("1 rows have the id of an earlier row; their line number was added to it.",)


def test_half_of_a_character_breaks_its_row_alone():
    lines = ['{"question": "a\\ud800?", "answers": ["x"]}', '{"question": "b?", "answers": ["x"]}']
    found = read_records(upload("t.jsonl", "\n".join(lines)), Question)
    assert [row.question for row in found.rows] == ["b?"]
    assert (found.errors[0].line, found.errors[0].field) == (1, "question")
