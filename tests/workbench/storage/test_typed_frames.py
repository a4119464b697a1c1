"""Columns have the dtype that their field says, wherever the rows come from."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import pytest
from pydantic import Field

from workbench.contract.errors import HistoryError
from workbench.contract.runs import RunFolder
from workbench.contract.schema import Row
from workbench.storage.typed_frames import chunk_path, chunk_rows, joined, table_frame


class Hue(Enum):
    RED = "red"


class Every(Row):
    whole: Annotated[int, Field(ge=0)]
    number: float = 0.0
    word: str = ""
    sure: bool = False
    choice: Literal["a", "b"] = "a"
    level: Literal[1, 2] = 1
    whole_or_none: int | None = None
    number_or_none: float | None = None
    word_or_none: str | None = None
    sure_or_none: bool | None = None
    vector: tuple[float, ...] = ()
    pairs: tuple[tuple[str, float], ...] = ()
    named: dict[str, float] = Field(default_factory=dict)
    hue: Hue | None = None
    value: float | tuple[float, ...] = 0.0


DTYPES = [
    "int64", "float64", "str", "bool", "str", "int64", "float64", "float64", "str", "object", "object", "object",
    "object", "object", "float64",
]  # fmt: skip
ROW = '{"whole":3,"sure":true,"pairs":[["x",0.5]],"vector":[1,2],"whole_or_none":7,"sure_or_none":true,"value":1}'


def dtypes(frame: pd.DataFrame) -> list[str]:
    return [str(dtype) for dtype in frame.dtypes]


@pytest.mark.parametrize("rows", [[], [(0, '{"whole":1}')], [(0, ROW)], [(0, ROW), (1, '{"whole":1}')]])
def test_the_field_gives_the_dtype(rows: list[tuple[int, str]]) -> None:
    assert dtypes(table_frame(Every, rows, [])) == DTYPES


def test_rows_and_chunks_are_the_same_frame(tmp_path: Path) -> None:
    rows = table_frame(Every, [(0, ROW), (1, '{"whole":1}')], [])
    rows.drop(columns=["pairs", "named"]).to_parquet(tmp_path / "c.parquet", index=False)
    chunk = table_frame(Every, [], [(5, tmp_path / "c.parquet")])
    assert rows["pairs"].tolist() == [(("x", 0.5),), ()]
    pd.testing.assert_frame_equal(chunk.drop(columns=["pairs", "named"]), rows.drop(columns=["pairs", "named"]))
    both = table_frame(Every, [(0, ROW), (9, '{"whole":9}')], [(5, tmp_path / "c.parquet")])
    assert both["whole"].tolist() == [3, 3, 1, 9]
    assert dtypes(both) == DTYPES


def test_what_no_longer_fits_is_kept_as_it_is() -> None:
    frame = table_frame(Every, [(0, '{"whole":"three","sure":"no","number":null}')], [])
    assert frame["whole"].tolist() == ["three"]
    assert frame["sure"].tolist() == ["no"]
    assert frame["number"].isna().all()


def test_a_vector_among_numbers_makes_objects_of_them() -> None:
    parts = [table_frame(Every, [(0, body)], []) for body in ('{"whole":1,"value":2}', '{"whole":1,"value":[1,2]}')]
    assert joined(parts)["value"].tolist() == [2.0, (1, 2)]


def test_a_chunk_that_is_gone_or_elsewhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"gone\.parquet of run a-run cannot be read"):
        chunk_rows(chunk_path(RunFolder(tmp_path, "a-run"), "gone.parquet"))
    with pytest.raises(HistoryError, match="not the name of a chunk"):
        chunk_path(RunFolder(tmp_path, "a-run"), "../gone.parquet")
