import csv
import json

import pytest

from engines.parts.datasets.datasets import source_table
from engines.parts.datasets.fixed_files import FixedFiles, csv_cell, fixed_file
from engines.parts.datasets.records import read_records, records_of
from engines.parts.records.question_records import Question
from workbench.contract.errors import DataError
from workbench.storage.home import place

TABLE = 'id,Q,gold,line\na1,"=1+1 is?",2|two,x\na2,,3,y\nq,too many,1,2,3\na4,"-Why, ""so""?",4,z\n'


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    (place("uploads") / "t.csv").write_text(TABLE, "utf-8")


def test_usable_rows_read_back_as_the_same_records(tmp_path):
    records = read_records("upload:t.csv", Question)
    for name in ("out.jsonl", "out.csv"):
        files = fixed_file(records, place("uploads") / name)
        assert files == FixedFiles(place("uploads") / name, place("uploads") / name.replace("out", "out-broken"))
    assert read_records("upload:out.jsonl", Question).rows == records.rows
    again = read_records("upload:out.csv", Question).rows
    assert [row.answers for row in again] == [("2", "two"), ("4",)]
    assert [row.question for row in again] == ["'=1+1 is?", '\'-Why, "so"?']


def test_broken_rows_stand_beside_with_their_reasons(tmp_path):
    files = fixed_file(read_records("upload:t.csv", Question), tmp_path / "out.csv")
    with files.broken.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["line", "field", "problem", "remedy", "id", "Q", "gold", "row"]
    assert (rows[0]["line"], rows[0]["field"], rows[0]["id"], rows[0]["gold"]) == ("3", "question", "a2", "3")
    assert rows[0]["problem"] == "Row 3: 'Q' is empty." and rows[0]["remedy"]
    assert rows[1]["problem"].startswith("Row 4 has 5 cells")
    assert json.loads(rows[1]["row"]) == ["q", "too many", "1", "2", "3"]


def test_without_broken_rows_there_is_one_file(tmp_path):
    (place("uploads") / "t.csv").write_text("q,a\nWho?,x\n", "utf-8")
    assert fixed_file(read_records("upload:t.csv", Question), tmp_path / "out.csv").broken is None
    assert [path.name for path in tmp_path.glob("out*")] == ["out.csv"]


def test_another_ending_and_no_usable_row_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"neither \.csv nor \.jsonl"):
        fixed_file(read_records("upload:t.csv", Question), tmp_path / "out.xlsx")
    (place("uploads") / "t.csv").write_text("q,a\n,x\n", "utf-8")
    with pytest.raises(DataError, match="no usable row"):
        fixed_file(records_of(source_table("upload:t.csv"), Question), tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("a=1", "a=1"),
        (-1, -1),
        (None, ""),
        (("=a",), '["=a"]'),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_no_cell_is_a_formula(value, cell):
    assert csv_cell(value) == cell
