import datetime
import decimal
import json
import sys
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from engines.parts.files import parquet_text
from engines.parts.files.parquet_text import lines_of, plain


@pytest.mark.parametrize(
    ("value", "as_json"),
    [
        ({1: [b"\xc3\xa9", b"\xff"]}, {"1": ["é", "/w=="]}),
        (datetime.datetime(2024, 5, 1, 12), "2024-05-01T12:00:00"),
        (decimal.Decimal("2.5"), 2.5),
        (float("inf"), None),
        (float("nan"), None),
        (True, True),
        (None, None),
    ],
)
def test_every_value_is_one_that_json_knows(value, as_json):
    assert plain(value) == as_json
    json.dumps(plain(value), allow_nan=False)


@pytest.mark.parametrize("most", [1, 63, 64, 65, 200])
def test_no_more_rows_are_read_than_asked_for(tmp_path, most):
    parquet.write_table(pyarrow.table({"a": list(range(130))}), tmp_path / "a.parquet")
    rows = [json.loads(line)["a"] for line in lines_of(tmp_path / "a.parquet", most)]
    assert rows == list(range(min(most, 130)))


def test_the_script_loads_nothing_of_the_project():
    lines = Path(parquet_text.__file__).read_text("utf-8").splitlines()
    names = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert names <= sys.stdlib_module_names
