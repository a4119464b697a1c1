"""Tables: the fields of the type, nothing more, nothing less, in the order of report."""

import math
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from pydantic import Field

from tests.workbench.history.speech import begin, take_up
from workbench.contract.errors import HistoryError, RunNotFound
from workbench.contract.schema import Outcome, Row


class Spectrum(Row):
    layer: int
    name: str
    kind: Literal["area", "edge"] = "area"
    share: float = 0.5
    angles: tuple[float, ...] = ()
    chosen: bool = False
    parent: int | None = None
    extra: dict[str, float] = Field(default_factory=dict)


def test_no_rows_give_the_right_columns_and_types(history):
    run, _ = begin(history)
    frame = history.table(run, Spectrum)
    assert list(frame.columns) == list(Spectrum.model_fields)
    assert len(frame) == 0
    assert [str(dtype) for dtype in frame.dtypes[:4]] == ["int64", "str", "str", "float64"]
    assert str(history.table(run, Outcome)["value"].dtype) == "float64"
    with pytest.raises(RunNotFound):
        history.table("nobody", Spectrum)


def test_rows_become_typed_columns(history):
    run, speech = begin(history)
    full = {"layer": 3, "name": "fr", "kind": "edge", "share": 1, "angles": [0.5, 1], "chosen": True, "parent": 2}
    speech.row(table="Spectrum", **full, extra={"a": 1.0}).row(table="Spectrum", layer=4, name="de")
    take_up(history, run)
    frame = history.table(run, Spectrum)
    assert frame["layer"].tolist() == [3, 4]
    assert frame["angles"].tolist() == [(0.5, 1), ()]
    assert frame["share"].tolist() == [1.0, 0.5]
    assert frame["kind"].tolist() == ["edge", "area"]
    assert frame["chosen"].dtype == bool
    assert frame["parent"][0] == 2 and math.isnan(frame["parent"][1])
    assert frame["extra"].tolist() == [{"a": 1.0}, {}]


def test_rows_of_another_version_are_read_as_far_as_they_go(history):
    run, speech = begin(history)
    speech.row(table="Spectrum", layer="three", name=None, unknown=1).row(table="Spectrum", share="half")
    take_up(history, run)
    frame = history.table(run, Spectrum)
    assert list(frame.columns) == list(Spectrum.model_fields)
    assert frame["layer"].tolist() == ["three", None]
    assert frame["share"].tolist() == [0.5, "half"]


def test_outcomes_are_numbers_where_they_can_be(history):
    run, speech = begin(history)
    speech.row(value=1).row(value=0.5).row(value=float("nan"))
    take_up(history, run)
    value = history.table(run, Outcome)["value"]
    assert str(value.dtype) == "float64"
    assert value.tolist()[:2] == [1.0, 0.5] and math.isnan(value[2])
    speech.row(value=[1.0, 2.0])
    take_up(history, run)
    assert history.table(run, Outcome)["value"].tolist()[3] == (1.0, 2.0)


def chunk(speech, name: str, frame: pd.DataFrame, scope: str = "") -> None:
    frame.to_parquet(speech.folder.path / "tables" / name.removeprefix("tables/"), index=False)
    speech.say("chunk", scope, table="Spectrum", file=name, rows=len(frame))


def test_chunks_and_rows_come_in_the_order_of_report(history):
    run, speech = begin(history)
    speech.row(table="Spectrum", layer=0, name="fr")
    angles = [np.array([1.0, 2.0]), np.array([])]
    chunk(
        speech, "Spectrum-1.parquet", pd.DataFrame({"layer": [1, 2], "name": ["de", "it"], "angles": angles, "old": 1})
    )
    speech.row(table="Spectrum", layer=3, name="es")
    chunk(speech, "tables/Spectrum-2.parquet", pd.DataFrame({"layer": [4], "name": ["pt"]}))
    take_up(history, run)
    frame = history.table(run, Spectrum)
    assert frame["layer"].tolist() == [0, 1, 2, 3, 4]
    assert frame["angles"].tolist() == [(), (1.0, 2.0), (), (), ()]
    assert list(frame.columns) == list(Spectrum.model_fields)
    assert str(frame["layer"].dtype) == "int64"
    assert history.versions(run) == {"Spectrum": 5}
    first = history.rows_after(run, "Spectrum", limit=2)
    assert [row["layer"] for row in first.rows] == [0, 1, 2] and first.more
    assert first.rows[1] == {"layer": 1, "name": "de", "angles": [1.0, 2.0], "old": 1}
    rest = history.rows_after(run, "Spectrum", after=first.next)
    assert [row["layer"] for row in rest.rows] == [3, 4] and not rest.more
    assert history.rows_after(run, "Spectrum", after=rest.next).rows == ()


def test_stored_columns_of_the_right_type_are_those_that_single_rows_give(history):
    run, speech = begin(history)
    rows = {"layer": [1, 2], "name": ["de", ""], "share": [0.25, math.nan], "chosen": [True, False], "parent": [7, 8]}
    for at in range(2):
        speech.row(table="Spectrum", **{name: values[at] for name, values in rows.items()})
    chunk(speech, "Spectrum-1.parquet", pd.DataFrame(rows, index=[5, 9]))
    chunk(speech, "Spectrum-2.parquet", pd.DataFrame({**rows, "layer": [1.0, 2.0], "share": [1, 2]}))
    take_up(history, run)
    frame = history.table(run, Spectrum)
    single, bulk, other = (frame.iloc[at : at + 2].reset_index(drop=True) for at in (0, 2, 4))
    pd.testing.assert_frame_equal(single, bulk)
    assert other["layer"].tolist() == [1, 2] and other["share"].tolist() == [1.0, 2.0]
    assert [str(frame[name].dtype) for name in ("layer", "share", "parent")] == ["int64", "float64", "float64"]


def test_only_committed_chunks_survive_a_resume(history):
    run, speech = begin(history)
    chunk(speech, "Spectrum-1.parquet", pd.DataFrame({"layer": [1], "name": ["de"]}), scope="once:a")
    speech.say("closed", "once:a")
    chunk(speech, "Spectrum-2.parquet", pd.DataFrame({"layer": [2], "name": ["it"]}), scope="train")
    pd.DataFrame({"layer": [9], "name": ["xx"]}).to_parquet(speech.folder.path / "tables" / "Spectrum-3.parquet")
    speech.start()
    take_up(history, run)
    assert history.table(run, Spectrum)["layer"].tolist() == [1]
    assert history.versions(run) == {"Spectrum": 1}


@pytest.mark.parametrize(
    "file", ["gone.parquet", "../up.parquet", "/etc/passwd", "artifacts/x.parquet", "torn.parquet"]
)
def test_a_chunk_that_is_gone_torn_or_outside_is_told(history, file):
    run, speech = begin(history)
    (speech.folder.path / "tables" / "torn.parquet").write_bytes(b"PAR1 torn")
    speech.say("chunk", table="Spectrum", file=file, rows=1)
    take_up(history, run)
    with pytest.raises(HistoryError):
        history.table(run, Spectrum)
    with pytest.raises(HistoryError):
        history.rows_after(run, "Spectrum")
