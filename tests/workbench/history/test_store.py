"""The file itself: old, new, damaged, full, read-only, on a strange disk, used by many at once."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.workbench.history.speech import SPEC, begin, finished, new_history, take_up
from workbench.contract.errors import HistoryError
from workbench.contract.schema import Outcome
from workbench.history import History, RunFilter
from workbench.history.schema import MIGRATIONS, known_migrations
from workbench.history.store import Store

ROOT = Path(__file__).resolve().parents[3]


def child(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_writes_ahead_and_is_sound(history):
    finished(history, [1.0])
    with closing(sqlite3.connect(history.path)) as beside:
        assert beside.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert history.check() == []
    assert history.notices == ()


def test_an_older_history_is_copied_and_brought_up_to_date(tmp_path):
    path = tmp_path / "history.db"
    db = Database(path)
    MIGRATIONS.apply(db, stop_before="m002_state_counts")
    db.execute(
        "INSERT INTO runs (run, engine, purpose, state, title, created) "
        "VALUES ('old-run', 'counting', 'run', 'finished', 'Sun over Sète', 5.0)"
    )
    db.execute("INSERT INTO specs VALUES (1, ?)", (SPEC.model_dump_json(),))
    db.close()
    history = History(path)
    assert history.record("old-run").title == "Sun over Sète"
    assert [found.run for found in history.listing(RunFilter(text="sete")).records] == ["old-run"]
    assert history.counts() == {"finished": 1}
    (backup,) = tmp_path.glob("history.before-*.db")
    assert backup.name in history.notices[0]
    with closing(sqlite3.connect(backup)) as kept:
        assert kept.execute("SELECT title FROM runs").fetchone() == ("Sun over Sète",)
        assert not kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'search'").fetchall()
    history.close()
    again = History(path)
    assert again.notices == ()
    again.close()


def test_a_run_taken_up_by_an_older_version_goes_on(tmp_path):
    path = tmp_path / "history.db"
    _, speech = begin(history := new_history(tmp_path), run="old-run")
    speech.row("a", value=1.0).say("closed", "a").row("b", value=2.0).say("note", "c", text="cut")
    take_up(history, "old-run")
    history.close()
    with closing(sqlite3.connect(path)) as older, older:
        older.execute("DROP TABLE uncommitted")
        older.execute("ALTER TABLE counters DROP COLUMN revision")
        older.execute("ALTER TABLE counters DROP COLUMN shrunk")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = 'm006_revisions'")
    history = new_history(tmp_path)
    record = history.record("old-run")
    assert (record.tables, record.revision("Outcome")) == ({"Outcome": 2}, (4,))
    assert history.table("old-run", Outcome)["value"].tolist() == [1.0, 2.0]
    speech.row("b", value=3.0)
    take_up(history, "old-run")
    assert history.table("old-run", Outcome)["value"].tolist() == [1.0, 2.0, 3.0]
    speech.start()
    take_up(history, "old-run")
    assert history.table("old-run", Outcome)["value"].tolist() == [1.0]
    assert history.notes("old-run") == []
    history.close()


def test_a_newer_history_is_refused_and_left_alone(history):
    finished(history, [1.0])
    history.close()
    with closing(sqlite3.connect(history.path)) as newer, newer:
        newer.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('history', 'm999_from_tomorrow')")
    before = history.path.read_bytes()
    with pytest.raises(HistoryError, match="newer version"):
        History(history.path)
    assert history.path.read_bytes() == before


def test_migrations_are_numbered_without_gaps():
    assert [name[:4] for name in known_migrations()] == [f"m{n:03d}" for n in range(1, len(known_migrations()) + 1)]


@pytest.mark.parametrize("harm", ["header", "all", "middle", "cut"])
def test_a_damaged_file_is_set_aside_and_made_anew_from_disk(tmp_path, harm):
    history = new_history(tmp_path)
    first = finished(history, [1.0, 2.0])
    history.rename(first, "Kept name")
    history.set_tags(first, ["keep"])
    second, speech = begin(history)
    speech.row("judge", value=3.0)
    take_up(history, second)
    history.close()
    whole = history.path.read_bytes()
    damaged = {
        "header": b"x" * 100 + whole[100:],
        "all": os.urandom(len(whole)),
        "middle": whole[: 4096 * 3] + b"\xa5" * (len(whole) - 4096 * 4) + whole[-4096:],
        "cut": whole[: len(whole) // 2],
    }[harm]
    history.path.write_bytes(damaged)
    again = new_history(tmp_path)
    (aside,) = [path for path in tmp_path.glob("history.damaged-*.db")]
    assert aside.read_bytes() == damaged
    assert any(aside.name in notice for notice in again.notices)
    assert "2 runs were taken up again from disk." in again.notices
    assert again.table(first, Outcome)["value"].tolist() == [1.0, 2.0]
    assert (again.record(first).state, again.record(second).state) == ("finished", "running")
    assert [found.run for found in again.listing().records] == [second, first]
    assert again.check() == []
    again.close()


def test_names_tags_and_owners_are_saved_from_what_is_readable(tmp_path):
    history = new_history(tmp_path)
    run = finished(history, [1.0], owner="ada")
    history.rename(run, "Kept name")
    history.set_tags(run, ["keep", "me"])
    history.star(run)
    history.close()
    with closing(sqlite3.connect(history.path)) as beside:
        (page,) = beside.execute("SELECT rootpage FROM sqlite_master WHERE name = 'facts'").fetchone()
    whole = bytearray(history.path.read_bytes())
    whole[4096 * (page - 1) : 4096 * page] = b"\xa5" * 4096
    history.path.write_bytes(whole)
    again = new_history(tmp_path)
    record = again.record(run)
    assert (record.title, record.tags, record.starred, record.owner) == ("Kept name", ("keep", "me"), True, "ada")
    assert [found.run for found in again.listing(RunFilter(text="kept keep")).records] == [run]
    again.close()


def test_damage_met_later_is_told_and_mended_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.history.store.CHECKED_BYTES", 0)
    history = new_history(tmp_path)
    run = finished(history, [1.0])
    history.close()
    with closing(sqlite3.connect(history.path)) as beside:
        (page,) = beside.execute("SELECT rootpage FROM sqlite_master WHERE name = 'result_rows'").fetchone()
    whole = bytearray(history.path.read_bytes())
    whole[4096 * (page - 1) : 4096 * page] = b"\xa5" * 4096
    history.path.write_bytes(whole)
    history = new_history(tmp_path)
    with pytest.raises(HistoryError, match="damaged"):
        history.table(run, Outcome)
    history.close()
    history = new_history(tmp_path)
    assert history.table(run, Outcome)["value"].tolist() == [1.0]
    history.close()


def test_a_lost_file_is_made_anew(tmp_path):
    history = new_history(tmp_path)
    run = finished(history, [4.0])
    (tmp_path / "runs" / "no-run").mkdir()
    history.close()
    history.path.unlink()
    again = new_history(tmp_path)
    assert again.table(run, Outcome)["value"].tolist() == [4.0]
    assert any("no-run" in notice for notice in again.notices)
    again.close()


def test_a_disk_without_write_ahead_logging_works_and_says_so(tmp_path):
    # the dot-file locks of SQLite have no shared memory, as on a network disk
    store = Store(tmp_path / "history.db", vfs="unix-dotfile")
    assert "without write-ahead logging" in store.notices[0]
    with store.writing() as connection:
        connection.execute("INSERT INTO tags VALUES (1, 'x')")
    with store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM tags").fetchone() == (1,)
    store.close()


def test_a_place_that_is_no_folder_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="cannot be used") as told:
        History(tmp_path / "file" / "history.db")
    assert "BENCHWRIGHT_HOME" in told.value.hint
    with pytest.raises(HistoryError, match="folder"):
        History(tmp_path)


UNWRITABLE = """
import os, sys
from pathlib import Path
from workbench.contract.errors import HistoryError
from workbench.history import History
if os.geteuid() == 0:
    os.setuid(65534)
try:
    History(Path(sys.argv[1]))
except HistoryError as error:
    print(error, "|", error.hint)
"""


def test_an_unwritable_folder_is_told():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        done = child(UNWRITABLE, f"{folder}/history.db")
        assert "BENCHWRIGHT_HOME" in done.stdout, done.stderr
        assert not os.listdir(folder)


DISK_FULL = """
import resource, sys
from pathlib import Path
from tests.workbench.history.speech import begin, new_history, take_up
from workbench.contract.errors import HistoryError
history = new_history(Path(sys.argv[1]))
run, speech = begin(history, run="full")
speech.row(value=1.0)
take_up(history, run)
for _ in range(3000):
    speech.row(value=2.0, item="x" * 200)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    take_up(history, run)
except HistoryError as error:
    print("told:", error, "|", error.hint)
print("still readable:", history.record(run).tables)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print("afterwards:", take_up(history, run), history.check())
"""


def test_a_full_disk_is_told_and_loses_nothing(tmp_path):
    done = child(DISK_FULL, str(tmp_path))
    assert "told:" in done.stdout and "nothing" in done.stdout, done.stderr
    assert "still readable: {'Outcome': 1}" in done.stdout
    assert "afterwards: 3000 []" in done.stdout
    history = new_history(tmp_path)
    assert history.versions("full") == {"Outcome": 3001}
    history.close()


def test_a_closed_history_says_so(tmp_path):
    history = new_history(tmp_path)
    history.close()
    with pytest.raises(HistoryError):
        history.listing()
    with pytest.raises(HistoryError):
        history.open_run(SPEC)


def test_a_snapshot_is_whole_and_apart(history, tmp_path):
    run = finished(history, [1.0])
    history.snapshot(tmp_path / "copy.db")
    history.rename(run, "later")
    copy = History(tmp_path / "copy.db", history.runs_root)
    assert (copy.record(run).title, copy.check()) == ("", [])
    copy.close()
    with pytest.raises(HistoryError):
        history.snapshot(tmp_path / "nowhere" / "copy.db")


def test_thirty_two_readers_never_wait_for_the_writer(history):
    run, speech = begin(history)
    take_up(history, run)
    seen: list[list[int]] = [[] for _ in range(32)]
    writing, waits = threading.Event(), []
    writing.set()

    def read(mine: list[int]) -> None:
        while writing.is_set():
            mine.append(len(history.table(run, Outcome)))
            assert history.record(run).tables.get("Outcome", 0) >= mine[-1]

    threads = [threading.Thread(target=read, args=(mine,)) for mine in seen]
    for thread in threads:
        thread.start()
    for value in range(60):
        speech.row(value=float(value))
        take_up(history, run)
    with history._store.writing():
        before = time.monotonic()
        assert history.versions(run) == {"Outcome": 60}
        waits.append(time.monotonic() - before)
    writing.clear()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) and mine for mine in seen)
    assert len(history.table(run, Outcome)) == 60
    assert max(waits) < 5.0
