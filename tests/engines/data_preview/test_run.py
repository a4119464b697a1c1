"""The data preview on real files: columns, mapping, broken rows one by one, fixed files."""

import csv
import io
import json

import pytest

from engines.data_preview import TOOL
from engines.data_preview.run import cell_text
from engines.parts.catalogue.data_lines import data_lines
from tests.engines.parts.fetched import require_fetched
from tests.engines.worked_tools import worked
from workbench.contract.errors import DataError
from workbench.storage.home import place
from workbench.tool_questions.data_preview import (
    BrokenRow,
    ColumnFacts,
    FileFacts,
    PreviewRow,
    ProposedField,
    RecordChoice,
    RecordFacts,
)

BROKEN_CSV = """Q,Gold answer,notes
What is two plus two?,4,=1+1
Who wrote Hamlet?,Shakespeare,
One,cell,too,many
,nobody,no question
Is <b>this</b> safe?,<script>x</script>,ok
"""


@pytest.fixture(autouse=True)
def _own_home(fresh_home):
    pass


def look(tmp_path, name, text, **asked):
    path = place("uploads") / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return worked(TOOL, {"data": f"upload:{name}", **asked}, tmp_path)


def fields(said):
    return {row["field"]: row["column"] for row in said.rows(ProposedField)}


def test_a_broken_csv_is_explained_row_by_row(tmp_path):
    said = look(tmp_path, "a.csv", BROKEN_CSV)
    (facts,) = said.rows(FileFacts)
    assert (facts["name"], facts["kind"], facts["rows"], facts["columns"], facts["unreadable"]) == (
        "a.csv",
        "csv",
        4,
        3,
        1,
    )
    assert facts["complete"] and [row["line"] for row in said.rows(PreviewRow)] == [2, 3, 5, 6]
    assert [(row["line"], row["field"]) for row in said.rows(BrokenRow)] == [(4, ""), (5, "question")]
    assert all(row["what"] and row["remedy"] for row in said.rows(BrokenRow))
    (found,) = said.rows(RecordFacts)
    assert (found["record"], found["usable"], found["broken"]) == ("question answering", 3, 2)
    assert found["setting"] == "question=Q,answers=Gold answer"


def test_columns_are_described_and_mapped(tmp_path):
    said = look(tmp_path, "a.csv", BROKEN_CSV)
    assert fields(said) == {"question": "Q", "answers": "Gold answer", "passage": "", "title": "", "id": ""}
    question = said.rows(ProposedField)[0]
    assert question["required"] and question["reason"] and question["help"] == "The question."
    chosen = [row["name"] for row in said.rows(RecordChoice) if row["chosen"]]
    assert chosen == ["question answering"] and len(said.rows(RecordChoice)) == 8
    column = said.rows(ColumnFacts)[0]
    assert (column["column"], column["filled"], column["distinct"], column["longest"]) == ("Q", 3, 3, 21)


def test_a_mapping_that_was_chosen_counts(tmp_path):
    said = look(tmp_path, "a.csv", BROKEN_CSV, record="prompts", mapping=["prompt=Gold answer"])
    assert fields(said)["prompt"] == "Gold answer"
    assert said.rows(RecordFacts)[0]["usable"] == 4
    assert json.loads('"' + said.rows(ProposedField)[0]["reason"] + '"') == "As you chose."


def test_the_fixed_file_holds_the_usable_rows_and_the_broken_ones_lie_beside_it(tmp_path):
    said = look(tmp_path, "a.csv", BROKEN_CSV)
    assert said.names("artifact") == ["fixed.csv", "fixed-broken.csv"]
    usable = list(csv.DictReader(io.StringIO(said.text("fixed.csv"))))
    assert [row["question"] for row in usable] == ["What is two plus two?", "Who wrote Hamlet?", "Is <b>this</b> safe?"]
    broken = list(csv.DictReader(io.StringIO(said.text("fixed-broken.csv"))))
    assert [row["line"] for row in broken] == ["4", "5"] and broken[0]["problem"]


def test_formulas_are_text_in_the_files_to_take_home(tmp_path):
    said = look(tmp_path, "a.csv", "prompt\n=HYPERLINK(1)\nplain\n", record="prompts")
    assert "'=HYPERLINK(1)" in said.text("fixed.csv")
    assert said.rows(PreviewRow)[0]["cells"] == ["=HYPERLINK(1)"]


def test_without_a_column_for_a_required_field_nothing_is_checked(tmp_path):
    said = look(tmp_path, "a.csv", BROKEN_CSV, record="preference pairs")
    assert fields(said)["chosen"] == "" and said.rows(RecordFacts) == []
    assert [row["line"] for row in said.rows(BrokenRow)] == [4] and said.names("artifact") == []


def test_columns_that_fit_nothing_are_still_shown(tmp_path):
    said = look(tmp_path, "a.tsv", "x\ty\n1\t2\n")
    assert said.rows(ProposedField) == [] and said.rows(PreviewRow)[0]["cells"] == ["1", "2"]
    assert not any(row["chosen"] for row in said.rows(RecordChoice))


def test_ten_thousand_rows_with_three_broken_ones(tmp_path):
    lines = [json.dumps({"question": f"What is {n}?", "answer": str(n)}) for n in range(10_000)]
    lines[17], lines[4_000], lines[9_999] = "{not json", json.dumps({"question": "Q?"}), "3"
    said = look(tmp_path, "many.jsonl", "\n".join(lines))
    (found,) = said.rows(RecordFacts)
    assert (found["usable"], found["broken"]) == (9_997, 3)
    assert [row["line"] for row in said.rows(BrokenRow)] == [18, 4_001, 10_000]
    assert said.text("fixed.jsonl").count("\n") == 9_997


def test_what_was_counted_is_remembered_for_the_list(tmp_path):
    look(tmp_path, "a.csv", BROKEN_CSV)
    (line,) = [line for line in data_lines() if line.ref == "upload:a.csv"]
    assert (line.rows, line.record) == (5, "question answering")
    look(tmp_path / "b", "b.tsv", "x\ty\n1\t2\n")
    assert {line.ref: line.rows for line in data_lines()}["upload:b.tsv"] == 1


def test_a_bundled_set_is_shown_with_its_credit(tmp_path):
    require_fetched("django-messages")
    said = worked(TOOL, {"data": "django-messages"}, tmp_path)
    (facts,) = said.rows(FileFacts)
    assert facts["kind"] == "bundled" and "BSD-3-Clause" in facts["credit"] and facts["rows"] > 200


@pytest.mark.parametrize("data", ["/etc/passwd", "upload:../../etc/passwd", "upload:none.csv", "no-such-set"])
def test_what_may_not_be_read_is_refused(tmp_path, data):
    with pytest.raises(DataError):
        worked(TOOL, {"data": data}, tmp_path)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [(["question=None"], "no column 'None'"), (["nothing=Q", "question=Q", "answers=Q"], "'nothing'")],
)
def test_a_mapping_of_what_is_not_there_is_refused(tmp_path, mapping, words):
    with pytest.raises(DataError, match=words):
        look(tmp_path, "a.csv", BROKEN_CSV, record="question answering", mapping=[*mapping, "answers=Gold answer"])


def test_cells_are_shown_as_text_and_cut():
    assert [cell_text(value) for value in (None, "a", 1.5, ["x"])] == ["", "a", "1.5", "['x']"]
    assert len(cell_text("x" * 1_000)) == 600
