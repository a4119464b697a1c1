"""Rows as Parquet files that give them back, and the event log that names them."""

import json
import math
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.export.example_tables import event_lines, write_tables

CELL = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=4) | st.lists(st.floats())


def _read(folder: Path, example) -> dict[str, list]:
    found: dict[str, list] = {name: list(example.tables[name]) for name in example.said}
    for table, file, count in example.chunks:
        rows = pq.read_table(folder / file).to_pylist()
        assert len(rows) == count
        found.setdefault(table, []).extend(rows)
    return found


@given(rows=st.lists(st.fixed_dictionaries({"a": CELL, "b": CELL}), min_size=1, max_size=6))
def test_every_table_comes_back_value_for_value(rows: list, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("tables")
    example = write_tables({"Thing": rows}, folder)
    assert sorted(map(repr, example.tables["Thing"])) == sorted(map(repr, rows))
    assert repr(_read(folder, example)["Thing"]) == repr(example.tables["Thing"])


def test_numbers_and_vectors_of_one_column_are_two_files(tmp_path: Path):
    rows = [{"value": 0.5}, {"value": [1.0, 2.0]}, {"value": 0.25}]
    example = write_tables({"Outcome": rows}, tmp_path)
    assert [(file, count) for _, file, count in example.chunks] == [("Outcome-0.parquet", 2), ("Outcome-1.parquet", 1)]
    assert example.tables["Outcome"] == [rows[0], rows[2], rows[1]] and not example.said


@pytest.mark.parametrize("rows", [[{"a": {"x": 1}}, {"a": {"y": 2}}], [{"a": 1}, {"a": 1.5}], [{"a": 1}, {"b": 2}]])
def test_what_parquet_would_change_stays_in_the_log(rows: list, tmp_path: Path):
    example = write_tables({"Thing": rows}, tmp_path)
    assert example.said == ["Thing"] and not list(tmp_path.iterdir())


def test_many_numbers_take_little_room(tmp_path: Path):
    smooth = [{"step": step, "loss": math.exp(-step / 1000)} for step in range(20_000)]
    few = [{"loss": float(step % 7)} for step in range(20_000)]
    write_tables({"Smooth": smooth, "Few": few}, tmp_path)
    pd.DataFrame(smooth).to_parquet(tmp_path / "plain.parquet")
    plain = (tmp_path / "plain.parquet").stat().st_size
    assert (tmp_path / "Smooth-0.parquet").stat().st_size < 0.75 * plain
    assert (tmp_path / "Few-0.parquet").stat().st_size < 2_000


def test_the_log_keeps_all_but_rows_and_progress(tmp_path: Path):
    head = {"attempt": 1, "at": 5.0, "scope": ""}
    events = [
        {"seq": 0, **head, "kind": "started", "pid": 1, "process_started": 1.0},
        {"seq": 1, **head, "kind": "row", "table": "Step", "row": {"a": 1}},
        {"seq": 2, **head, "kind": "note", "text": "kept"},
        {"seq": 3, **head, "kind": "progress", "done": 1, "total": 2, "unit": "items"},
        {"seq": 9, **head, "kind": "finished", "seconds": 3.0},
    ]
    log = tmp_path / "events.jsonl"
    log.write_text("".join(json.dumps(event) + "\n" for event in events) + '{"seq": 10, "kin')
    odd = [{"b": {"x": float("nan")}}, {"b": {"y": 1}}]
    example = write_tables({"Step": [{"a": 1}], "Odd": odd}, tmp_path)
    told = [json.loads(line) for line in event_lines(log, example, ["said later"])]
    assert [event["kind"] for event in told] == ["started", "note", "note", "chunk", "row", "row", "finished"]
    assert [event["seq"] for event in told] == list(range(7)) and told[2]["text"] == "said later"
    assert math.isnan(told[4]["row"]["b"]["x"])
