"""Tables read on from their revision are those read anew, and what was read once is not read again."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.history.speech import Speech, begin, new_history, take_up
from workbench.contract.schema import Outcome, Row
from workbench.history import History
from workbench.history.table_cache import TableCache


class Seen(Row):
    number: int
    value: float | tuple[float, ...] = 0.0
    word: str | None = None


STEPS = st.lists(
    st.tuples(st.sampled_from(["row", "row", "chunk", "closed", "reopened", "started", "look"]), st.sampled_from("ab")),
    max_size=40,
)


def say(speech: Speech, kind: str, scope: str) -> None:
    number = speech.seq
    if kind == "row":
        word = {"word": "x"} if number % 3 else {}
        speech.row(scope, "Seen", number=number, value=[1.0, 2.0] if number % 7 == 0 else 0.5, **word)
    elif kind == "chunk":
        pd.DataFrame({"number": [number] * 3}).to_parquet(speech.folder.path / "tables" / f"S-{number}.parquet")
        speech.say("chunk", scope, table="Seen", file=f"S-{number}.parquet", rows=3)
    elif kind == "started":
        speech.start()
    else:
        speech.say(kind, scope)


@given(STEPS)
def test_a_table_read_on_is_the_table_read_anew(tmp_path_factory, steps):
    history = new_history(tmp_path_factory.mktemp("read-on"))
    run, speech = begin(history)
    for kind, scope in steps:
        if kind != "look":
            say(speech, kind, scope)
            continue
        take_up(history, run)
        anew = TableCache().table(history._store, history.folder(run), Seen)
        pd.testing.assert_frame_equal(history.table(run, Seen), anew)
    history.close()


def reads(history: History, run: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """(cursor read from, rows read) of every read of a table from now on."""
    import workbench.history.table_cache as table_cache

    seen: list[tuple[int, int]] = []
    read = table_cache.frame_after

    def counted(*args):
        frame = read(*args)
        seen.append((args[-1], len(frame)))
        return frame

    monkeypatch.setattr(table_cache, "frame_after", counted)
    return seen


def test_only_rows_reported_since_are_read(history, monkeypatch):
    run, speech = begin(history)
    seen = reads(history, run, monkeypatch)
    for _ in range(2):
        speech.row("a").row("a")
        take_up(history, run)
        assert len(history.table(run, Outcome)) == len(history.table(run, Outcome))
    speech.say("progress", "a", done=1, total=2, unit="steps")
    take_up(history, run)
    history.rename(run, "Another name")
    assert len(history.table(run, Outcome)) == 4
    assert seen == [(-1, 2), (2, 2)]


def test_a_table_that_lost_rows_is_read_anew(history, monkeypatch):
    run, speech = begin(history)
    seen = reads(history, run, monkeypatch)
    speech.row("a", value=1.0).say("closed", "a").row("b", value=2.0).row("b", table="Seen", number=1)
    take_up(history, run)
    before = history.record(run)
    assert len(history.table(run, Outcome)) == 2
    speech.start().row("b", value=3.0)
    take_up(history, run)
    record = history.record(run)
    assert record.tables == {"Outcome": 2}, "as many rows as before"
    assert record.revision("Outcome", "Seen", "None") == (6, 5, -1)
    assert before.revision("Outcome", "Seen") == (3, 4)
    assert history.table(run, Outcome)["value"].tolist() == [1.0, 3.0]
    assert history.table(run, Seen).empty
    assert seen == [(-1, 2), (-1, 2), (-1, 0)]


def test_what_a_caller_writes_no_other_sees(history):
    run, speech = begin(history)
    speech.row(value=1.0)
    take_up(history, run)
    mine = history.table(run, Outcome)
    mine.loc[0, "value"] = 9.0
    mine["more"] = 1
    assert history.table(run, Outcome)["value"].tolist() == [1.0]
    assert list(history.table(run, Outcome).columns) == list(Outcome.model_fields)


def test_two_histories_on_one_file_see_what_the_other_took_up(history):
    run, speech = begin(history)
    other = History(history.path, history.runs_root)
    for value in (1.0, 2.0):
        speech.row(value=value)
        take_up(other if value == 2.0 else history, run)
        assert len(other.table(run, Outcome)) == len(history.table(run, Outcome)) == int(value)
    other.close()


def test_old_tables_make_room(history):
    cache, runs = TableCache(most_bytes=1), []
    for _ in range(3):
        run, speech = begin(history)
        speech.row()
        take_up(history, run)
        cache.table(history._store, history.folder(run), Outcome)
        runs.append(run)
    assert len(cache._kept) == 1


def test_several_tables_are_read_as_of_one_moment(tmp_path, monkeypatch):
    import workbench.history.table_cache as table_cache

    history = new_history(tmp_path)
    run, speech = begin(history)
    speech.row(value=1.0).row(table="Seen", number=1)
    take_up(history, run)
    read = table_cache.frame_after

    def meanwhile(*given):
        frame = read(*given)
        speech.row(value=2.0).row(table="Seen", number=2)
        take_up(history, run)
        return frame

    monkeypatch.setattr(table_cache, "frame_after", meanwhile)
    found = history.tables(run, (Outcome, Seen))
    assert [len(found[name]) for name in ("Outcome", "Seen")] == [1, 1], "what came in meanwhile is in neither"
    monkeypatch.setattr(table_cache, "frame_after", read)
    assert [len(frame) for frame in history.tables(run, (Outcome, Seen)).values()] == [3, 3]
    history.close()
