import json

import pytest

from engines.parts.datasets.column_mapping import propose_mapping
from engines.parts.datasets.records import read_records
from engines.parts.records.question_records import Passage, Prompt, Question
from tests.engines.parts.squad import SQUAD, SQUAD_MISSING
from workbench.storage.home import place


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (("question", "answer"), {"question": "question", "answers": "answer"}),
        (("id", "title", "context", "question", "answers"), {
            "id": "id", "title": "title", "passage": "context", "question": "question", "answers": "answers"}),
        (("Problem", "Gold answer"), {"question": "Problem", "answers": "Gold answer"}),
        (("qid", "query", "passage_text", "target"), {
            "id": "qid", "question": "query", "passage": "passage_text", "answers": "target"}),
    ],
)  # fmt: skip
def test_the_usual_names_of_reading_sets_are_known(columns, mapping):
    assert propose_mapping(columns, [], Question).mapping == mapping


def test_a_prompt_and_a_passage_are_read_from_a_text_file(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))
    (place("uploads") / "p.txt").write_text("Write a poem.\nName a colour.\n")
    assert [row.prompt for row in read_records("upload:p.txt", Prompt).rows] == ["Write a poem.", "Name a colour."]
    (place("uploads") / "p.md").write_text("# One\nFirst.\n# Two\nSecond.\n")
    assert [(row.title, row.text) for row in read_records("upload:p.md", Passage).rows] == [
        ("One", "First."), ("Two", "Second."),
    ]  # fmt: skip


@pytest.mark.skipif(not SQUAD.is_file(), reason=SQUAD_MISSING)
def test_a_real_reading_set_is_read(monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(SQUAD.parent))
    lines = [json.loads(line) for line in SQUAD.read_text("utf-8").splitlines()]
    records = read_records(str(SQUAD), Question)
    assert len(records.rows) == sum(bool(line["answers"]) for line in lines)
    assert {error.field for error in records.errors} == {"answers"}
    first = records.rows[0]
    assert (first.id, first.passage, list(first.answers)) == (lines[0]["id"], lines[0]["passage"], lines[0]["answers"])
