import datetime
import decimal

import pyarrow
import pytest
from pyarrow import parquet

from engines.parts.files import parquet_rows as module
from engines.parts.files.parquet_rows import parquet_rows
from engines.parts.files.table_files import read_table
from workbench.contract.errors import DataError


def write(path, **columns):
    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_values_come_back_as_plain_values(tmp_path):
    path = write(
        tmp_path / "a.parquet",
        text=["a", "é"],
        list=[["x", "y"], []],
        nested=[{"k": "v"}, None],
        day=[datetime.date(2024, 5, 1), None],
        money=[decimal.Decimal("1.50"), None],
        number=[1.5, float("nan")],
    )
    assert list(parquet_rows(path, 10)) == [
        (1, {"text": "a", "list": ["x", "y"], "nested": {"k": "v"}, "day": "2024-05-01", "money": 1.5, "number": 1.5}),
        (2, {"text": "é", "list": [], "nested": None, "day": None, "money": None, "number": None}),
    ]


def test_only_the_first_rows_are_read_where_that_is_enough(tmp_path):
    path = write(tmp_path / "a.parquet", a=list(range(10_000)))
    table = read_table(path, first=5)
    assert [cells["a"] for _, cells in table.rows] == [0, 1, 2, 3, 4] and not table.complete
    assert read_table(path).complete


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"a,b\n1,2"])
def test_what_is_no_parquet_is_refused(tmp_path, content):
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(DataError, match="is not a sound Parquet file"):
        list(parquet_rows(tmp_path / "a.parquet", 10))


def test_a_truncated_file_is_refused(tmp_path):
    path = write(tmp_path / "a.parquet", a=list(map(str, range(10_000))))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="sound Parquet file"):
        list(parquet_rows(path, 100_000))


def test_too_many_rows_and_columns_are_refused_by_the_footer(tmp_path):
    with pytest.raises(DataError, match="has 11 rows; at most 10 are read"):
        list(parquet_rows(write(tmp_path / "a.parquet", a=list(range(11))), 10))
    wide = write(tmp_path / "b.parquet", **{f"c{number}": [1] for number in range(4_097)})
    with pytest.raises(DataError, match="has 4,097 columns"):
        list(parquet_rows(wide, 10))


@pytest.mark.parametrize("nested", [False, True])
def test_a_kilobyte_that_stands_for_gigabytes_is_refused(tmp_path, nested):
    """The footer tells the size of the one large value; rows name it again and again, in lists too."""
    names = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 4_000, pyarrow.int32()), ["x" * 2_000_000])
    column = pyarrow.ListArray.from_arrays([0, 4_000], names) if nested else names
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"a": column}), path, compression="zstd", dictionary_pagesize_limit=10_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(DataError, match=r"unpacks to more than is read|within 2 GB of memory|cannot be read") as caught:
        list(parquet_rows(path, 10_000))
    assert caught.value.hint


def test_a_file_whose_footer_names_too_much_is_not_read(tmp_path, monkeypatch):
    path = write(tmp_path / "a.parquet", a=[[number] * 50 for number in range(5_000)])
    monkeypatch.setattr(module, "LARGEST_UNPACKED", 10_000)
    with pytest.raises(DataError, match=r"bytes unpacked; at most 10,000"):
        list(parquet_rows(path, 10_000))
