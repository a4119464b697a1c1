import time

import pytest

from engines.parts.datasets import data_preview
from engines.parts.datasets.data_preview import preview
from engines.parts.records.question_records import Question
from workbench.contract.errors import DataError
from workbench.storage.home import place


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


def upload(name, content):
    (place("uploads") / name).write_text(content, "utf-8")
    return f"upload:{name}"


def test_a_file_is_shown_before_anyone_says_what_it_holds():
    found = preview(upload("t.csv", "q,gold\nWho?,x\nWhy?\nWhen?,y\n"), rows=1)
    assert (found.source, found.columns, found.complete) == ("t.csv", ("q", "gold"), True)
    assert found.rows == ((2, {"q": "Who?", "gold": "x"}),)
    assert found.statistics.rows == 2
    assert [error.line for error in found.errors] == [3]
    assert (found.proposal, found.records, found.problem) == (None, None, None)


def test_with_a_record_type_the_mapping_is_proposed_and_tried():
    found = preview(upload("t.csv", "q,gold\nWho?,x\nWhy?,\n"), Question)
    assert found.proposal.mapping == {"question": "q", "answers": "gold"}
    assert len(found.records.rows) == 1 and [error.field for error in found.errors] == ["answers"]
    assert found.problem is None


def test_while_a_field_lacks_its_column_the_problem_is_told_and_the_rows_are_shown():
    ref = upload("t.csv", "x,y\n1,2\n")
    found = preview(ref, Question)
    assert found.records is None and "no column that is clearly the question" in str(found.problem)
    assert found.proposal.missing == ("question", "answers") and len(found.rows) == 1
    found = preview(ref, Question, mapping={"question": "x", "answers": "y"})
    assert found.problem is None and found.records.rows[0].answers == ("2",)


def test_of_a_large_file_the_beginning_is_read(monkeypatch):
    ref = upload("t.csv", "question,answers\n" + "What is it?,something\n" * 1_000_000)
    begin = time.process_time()
    found = preview(ref, Question)
    assert time.process_time() - begin < 8
    assert found.statistics.rows == data_preview.LOOKED_AT and not found.complete


def test_a_document_is_shown_by_its_parts():
    found = preview(upload("t.md", "# One\nSome text.\n# Two\nMore.\n"))
    assert found.columns == ("heading", "text") and len(found.rows) == 2


def test_what_cannot_be_read_at_all_is_refused():
    with pytest.raises(DataError, match="has no rows"):
        preview(upload("t.csv", "a,b\n"))
