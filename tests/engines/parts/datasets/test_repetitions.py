import json
import time

import pytest

from engines.parts.datasets.data_preview import preview
from engines.parts.datasets.records import read_records
from engines.parts.datasets.repetitions import data_warnings, repetitions_of
from engines.parts.records.question_records import Passage, Prompt, Question
from workbench.storage.home import place


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


def questions(*pairs):
    return [Question(id=str(at), question=asked, answers=(gold,)) for at, (asked, gold) in enumerate(pairs)]


def test_repetitions_by_hand():
    found = repetitions_of(questions(("Who?", "a"), ("Why?", "b"), ("who ?", "a"), ("WHO?", "a"), ("who?", "c")))
    assert (found.rows, found.repeated, found.contradicting) == (5, (3, 4), (4,))
    assert found.example == "WHO?"
    assert found.warning.startswith("2 of 5 rows are repetitions, of 'WHO?' for example; 1 of them answer otherwise")
    assert repetitions_of(questions(("Who?", "a"), ("Why?", "a"))).warning == ""


def test_the_same_question_of_another_passage_is_another_one():
    rows = [Question(id=text, question="Who?", answers=("x",), passage=text) for text in ("one", "two", "two")]
    assert repetitions_of(rows).repeated == (2,)
    assert repetitions_of([Passage(text="a", title="t"), Passage(text="a", title="u")]).repeated == ()


def test_a_preview_warns_before_a_run():
    lines = [{"question": f"What is {at % 600}?", "answer": "1"} for at in range(1000)]
    (place("uploads") / "t.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (said,) = preview("upload:t.jsonl", Question).warnings
    assert said.startswith("400 of 1,000 rows are repetitions") and "used once" in said
    assert preview("upload:t.jsonl").warnings == ()


def test_instructions_with_an_input_do_not_repeat():
    lines = [{"instruction": "Say the word.", "input": word, "output": word} for word in ("cat", "dog", "cow")]
    (place("uploads") / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert data_warnings(read_records("upload:a.jsonl", Prompt)) == ()
    lost = read_records("upload:a.jsonl", Prompt, {"prompt": "instruction"})
    assert repetitions_of(lost.rows).repeated == (1, 2)


def test_many_long_rows_take_linear_time():
    rows = questions(*(("word " * 200 + str(at % 500), "a") for at in range(4000)))
    begun = time.process_time()
    assert len(repetitions_of(rows).repeated) == 3500
    assert time.process_time() - begun < 3
