"""What a run says arrives whole, once, in order, whatever else is in the file."""

import json
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.history.speech import START, begin, finished, new_history, take_up
from workbench.contract.errors import RunNotFound
from workbench.contract.runs import RunFolder
from workbench.contract.schema import Outcome
from workbench.history import History


def values(history: History, run: str) -> list[float]:
    return history.table(run, Outcome)["value"].tolist()


def test_a_run_from_start_to_finish(history):
    run, speech = begin(history)
    take_up(history, run)
    record = history.record(run)
    assert (record.state, record.attempt, record.started, record.ended) == ("running", 1, START, None)
    speech.say("phase", "judge", name="judge").say("progress", "judge", done=2, total=8, unit="items")
    take_up(history, run)
    record = history.record(run)
    assert (record.phase, record.done, record.total, record.unit) == ("judge", 2, 8, "items")
    assert record.progress_at == START + 2
    speech.row("judge", value=0.5).say("closed", "judge")
    speech.say("record", name="dtype", value="bfloat16").say("note", text="cut at 512 tokens")
    speech.say("artifact", name="vectors.npz", bytes=12, sha256="ab").say("finished", seconds=7.0)
    assert take_up(history, run) == 6
    record = history.record(run)
    assert (record.state, record.phase, record.done, record.seconds) == ("finished", "", 0, 7.0)
    assert record.ended == START + 8
    assert record.tables == {"Outcome": 1} == history.versions(run)
    assert history.facts(run) == {"dtype": "bfloat16"}
    assert history.notes(run) == ["cut at 512 tokens"]
    assert history.artifacts(run) == [("vectors.npz", 12, "ab")]


def test_nothing_new_changes_nothing(history):
    run = finished(history, [1.0])
    before = history.record(run)
    assert take_up(history, run) == 0
    assert history.record(run) == before


def test_a_run_without_events_file_has_said_nothing(history):
    run = history.open_run(begin(history)[1].folder.spec())
    assert take_up(history, run) == 0
    assert history.record(run).state == "queued"


def test_an_unknown_run_is_told(history, tmp_path):
    with pytest.raises(RunNotFound):
        history.ingest("nobody", RunFolder(tmp_path, "nobody"))


def test_a_reopened_scope_is_said_anew(history):
    run, speech = begin(history)
    speech.row("cell:a/0", value=1.0).say("note", "cell:a/0", text="old").say("closed", "cell:a/0")
    speech.row("sum", value=2.0).say("closed", "sum").row("sum/inner", value=3.0).say("closed", "sum/inner")
    speech.say("finished", seconds=1.0)
    for taken_up_between in (True, False):
        if taken_up_between:
            take_up(history, run)
        speech.start().say("reopened", "sum").row("sum", value=4.0).say("reopened", "cell:a/0")
        speech.row("cell:a/0", value=5.0).row("cell:a/0", value=6.0).say("reopened", "cell:a/0")
        speech.row("cell:a/0", value=7.0).say("closed", "cell:a/0").say("closed", "sum")
    take_up(history, run)
    assert sorted(values(history, run)) == [3.0, 4.0, 7.0]
    assert history.record(run).tables == {"Outcome": 3}
    assert history.notes(run) == []
    speech.start()
    take_up(history, run)
    assert sorted(values(history, run)) == [3.0, 4.0, 7.0], "what was closed again is committed again"


def test_a_scope_reopened_and_not_closed_again_is_dropped_by_the_next_attempt(history):
    run, speech = begin(history)
    speech.row("sum", value=1.0).say("closed", "sum").say("finished", seconds=1.0)
    speech.start().say("reopened", "sum").row("sum", value=2.0)
    take_up(history, run)
    assert values(history, run) == [2.0]
    speech.start()
    take_up(history, run)
    assert values(history, run) == []
    assert history.record(run).tables == {}


def test_failure_is_kept_and_cleared_by_the_next_attempt(history):
    run, speech = begin(history)
    speech.say("failed", code="data", message="No column 'fr'.", hint="Add it.", traceback="Traceback", seconds=1.0)
    take_up(history, run)
    record = history.record(run)
    assert (record.state, record.error_code, record.error, record.hint, record.traceback) == (
        "failed",
        "data",
        "No column 'fr'.",
        "Add it.",
        "Traceback",
    )
    speech.start()
    take_up(history, run)
    record = history.record(run)
    assert (record.state, record.error, record.traceback, record.seconds, record.attempt) == (
        "running",
        "",
        "",
        None,
        2,
    )
    assert record.started == START


def test_a_stop_asked_for_early_stays_asked_for(history):
    run, speech = begin(history)
    assert history.set_state(run, "stopping", expect={"queued"})
    take_up(history, run)
    assert history.record(run).state == "stopping"
    speech.say("stopped", seconds=0.1)
    take_up(history, run)
    assert history.record(run).state == "stopped"


def test_a_torn_last_line_waits_for_its_end(history):
    run, speech = begin(history)
    speech.row(value=1.0).write('{"seq":2,"attempt":1,"at":1.0,"scope":"","kind":"row","table":"Outcome","row":')
    assert take_up(history, run) == 2
    speech.write('{"arm":"plain","metric":"score","seed":0,"value":2.0}}\n')
    assert take_up(history, run) == 1
    assert values(history, run) == [1.0, 2.0]
    assert history.notes(run) == []


GARBAGE = [
    b"not json\n",
    b"[1, 2]\n",
    b'"text"\n',
    b"\xff\xfe\x00\n",
    b'{"seq":"9","kind":"row"}\n',
    b'{"kind":"row"}\n',
    b'{"seq":99,"attempt":1,"at":0,"scope":"","kind":"unheard_of"}\n',
    b'{"seq":99,"attempt":1,"at":0,"scope":7,"kind":"row","table":"Outcome","row":{}}\n',
    b'{"seq":99,"attempt":-1,"at":0,"scope":"","kind":"row","table":"Outcome","row":{}}\n',
    b'{"seq":99,"attempt":1,"at":0,"scope":"","kind":"row","table":"Outcome","row":[1]}\n',
    b'{"seq":99999999999999999999999,"attempt":1,"at":0,"scope":"","kind":"row","table":"Outcome","row":{}}\n',
    b'{"seq":99,"attempt":1,"at":0,"scope":"","kind":"progress","done":1e30,"total":2,"unit":"x"}\n',
    b"[" * 100_000 + b"\n",
    b'{"seq":0,"attempt":1,"at":0,"scope":"","kind":"row","table":"Outcome","row":{}}\n',
    b'{"a":"\\ud800"}\r\n',
]


@pytest.mark.parametrize("line", GARBAGE)
def test_a_garbage_line_is_left_out_with_a_note(history, line):
    run, speech = begin(history)
    at = speech.folder.events.stat().st_size
    speech.write(line).row(value=3.0).write(b"\n  \n")
    assert take_up(history, run) == 2
    assert values(history, run) == [3.0]
    assert history.notes(run) == [
        f"1 line of the run's events could not be read and were left out (the first at byte {at})."
    ]


def test_a_line_beyond_all_measure_is_skipped(history, monkeypatch):
    monkeypatch.setattr("workbench.history.ingest.PIECE_BYTES", 1000)
    monkeypatch.setattr("workbench.history.ingest.LONGEST_LINE", 4000)
    run, speech = begin(history)
    speech.row(value=1.0, item="x" * 1500)
    speech.write(b"x" * 9000 + b"\n").row(value=2.0)
    take_up(history, run)
    assert values(history, run) == [1.0, 2.0]
    assert "3 lines" in history.notes(run)[-1]


def test_many_stretches_are_one_run(history, monkeypatch):
    monkeypatch.setattr("workbench.history.ingest.PIECE_BYTES", 400)
    run, speech = begin(history)
    for value in range(50):
        speech.row(value=float(value))
    assert take_up(history, run) == 51
    assert values(history, run) == [float(value) for value in range(50)]


def test_hostile_numbers_survive(history):
    run, speech = begin(history)
    for value in (math.nan, math.inf, -math.inf, 1e308):
        speech.row(value=value)
    speech.write(
        '{"seq":9,"attempt":1,"at":NaN,"scope":"","kind":"row","table":"Outcome",'
        '"row":{"arm":"plain","metric":"score","seed":0,"value":1e999}}\n'
    )
    speech.write('{"seq":10,"attempt":1,"at":NaN,"scope":"","kind":"finished","seconds":NaN}\n')
    take_up(history, run)
    found = values(history, run)
    assert math.isnan(found[0])
    assert found[1:] == [math.inf, -math.inf, 1e308, math.inf]
    assert (history.record(run).ended, history.record(run).seconds) == (None, None)


def test_resume_drops_what_never_closed(history):
    run, speech = begin(history)
    speech.row("once:a", value=1.0).say("closed", "once:a")
    speech.row("train", value=2.0).say("note", "train", text="lost").say("note", "once:a", text="late")
    speech.row("", value=3.0).say("chunk", "train", table="Outcome", file="Outcome-00000001.parquet", rows=5)
    take_up(history, run)
    assert history.versions(run) == {"Outcome": 8}
    speech.start().row("train", value=4.0)
    take_up(history, run)
    assert values(history, run) == [1.0, 4.0]
    assert history.versions(run) == {"Outcome": 2}
    assert history.notes(run) == ["late"]


def test_resume_in_one_stretch_equals_resume_in_many(tmp_path):
    whole, pieces = new_history(tmp_path / "whole"), new_history(tmp_path / "pieces")
    run, speech = begin(whole)
    begin(pieces, run=run)
    speech.row("a", value=1.0).say("closed", "a").row("b", value=2.0).start()
    speech.row("b", value=2.5).say("closed", "b").say("finished", seconds=1.0)
    take_up(whole, run)
    text = speech.folder.events.read_bytes()
    target = pieces.folder(run).events
    for end in range(0, len(text), 37):
        target.write_bytes(text[:end])
        take_up(pieces, run)
    target.write_bytes(text)
    take_up(pieces, run)
    pd.testing.assert_frame_equal(whole.table(run, Outcome), pieces.table(run, Outcome))
    assert values(pieces, run) == [1.0, 2.5]
    assert whole.record(run).tables == pieces.record(run).tables == {"Outcome": 2}
    whole.close()
    pieces.close()


def test_a_finished_run_keeps_its_outermost_rows(history):
    run, speech = begin(history)
    speech.row("", value=1.0).say("finished", seconds=1.0).start()
    take_up(history, run)
    assert values(history, run) == [1.0]


@settings(max_examples=30)
@given(
    rows=st.lists(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.floats() | st.text())),
)
def test_any_row_comes_back_as_it_was(tmp_path_factory, rows):
    history = new_history(tmp_path_factory.mktemp("any"))
    run, speech = begin(history)
    for row in rows:
        speech.say("row", table="Anything", row=row)
    take_up(history, run)
    assert repr(list(history.rows_after(run, "Anything", limit=10_000).rows)) == repr(rows)
    assert json.dumps(history.versions(run)) == json.dumps({"Anything": len(rows)} if rows else {})
    history.close()
