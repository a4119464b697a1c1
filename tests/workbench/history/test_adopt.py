"""A run folder from elsewhere is taken in whole, or refused with a reason; never trusted."""

import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.workbench.history.speech import SPEC, START, begin, finished, new_history, take_up
from workbench.contract.errors import HistoryError
from workbench.contract.runs import RUN_ID
from workbench.contract.schema import Outcome
from workbench.history import RunFilter

VECTORS = b"some vectors"


@pytest.fixture
def source(tmp_path) -> Path:
    """The folder of a finished run of another home, with everything a run leaves."""
    elsewhere = new_history(tmp_path / "elsewhere")
    run, speech = begin(elsewhere, run="a-run")
    folder = elsewhere.folder(run)
    folder.artifact("vectors.bin").write_bytes(VECTORS)
    folder.artifact("unsaid.bin").write_bytes(b"never announced")
    for name in ("checkpoints/step-1.bin", "once/model.bin", "worker.json", "stop", "log.txt"):
        (folder.path / name).write_text("left by the run")
    speech.row("judge", value=0.5).say("closed", "judge")
    speech.say("artifact", name="vectors.bin", bytes=len(VECTORS), sha256=hashlib.sha256(VECTORS).hexdigest())
    speech.say("finished", seconds=3.0)
    elsewhere.close()
    return folder.path


def test_an_imported_run_shows_the_same_and_cannot_be_resumed(history, source):
    run = history.import_folder(source)
    record = history.record(run)
    assert run == "a-run"
    assert (record.state, record.origin, record.created, record.spec) == ("finished", "imported", START, SPEC)
    assert history.table(run, Outcome)["value"].tolist() == [0.5]
    assert history.folder(run).artifact("vectors.bin").read_bytes() == VECTORS
    inside = {path.relative_to(history.folder(run).path).as_posix() for path in history.folder(run).path.rglob("*.*")}
    assert inside == {"spec.json", "events.jsonl", "log.txt", "origin.json", "artifacts/vectors.bin"}
    assert not record.resumable


def test_an_unfinished_run_comes_in_as_interrupted(history, tmp_path):
    elsewhere = new_history(tmp_path / "elsewhere")
    run, speech = begin(elsewhere)
    speech.row(value=1.0)
    elsewhere.close()
    taken = history.import_folder(speech.folder.path, origin="example")
    record = history.record(taken)
    assert (taken, record.state, record.origin, record.resumable) == (run, "interrupted", "example", False)
    assert record.ended is not None
    assert [found.run for found in history.listing(RunFilter(origin="example")).records] == [run]
    assert history.queue() == []


def test_importing_twice_is_one_run(history, source):
    assert history.import_folder(source) == history.import_folder(source)
    assert len(history.listing().records) == 1


def test_another_run_of_that_name_gets_a_fresh_one(history, source):
    finished(history, [9.0], run="a-run")
    taken = history.import_folder(source)
    assert taken != "a-run" and RUN_ID.match(taken)
    assert history.import_folder(source) == taken
    assert history.table("a-run", Outcome)["value"].tolist() == [9.0]
    assert history.table(taken, Outcome)["value"].tolist() == [0.5]


def test_the_half_copy_of_a_killed_import_goes_with_a_later_one(history, source):
    for name, age in ((".import-old", 90_000), (".import-young", 10)):
        half = history.runs_root / name
        half.mkdir(parents=True)
        (half / "spec.json").write_text("{}")
        os.utime(half / "spec.json", (time.time() - age,) * 2)
    history.import_folder(source)
    assert sorted(path.name for path in history.runs_root.iterdir()) == [".import-young", "a-run"]


def test_a_folder_of_any_name_can_be_imported(history, source):
    renamed = source.rename(source.with_name("My Run (copy)"))
    assert RUN_ID.match(history.import_folder(renamed))


def test_an_imported_run_stays_imported_when_the_history_is_lost(tmp_path, source):
    history = new_history(tmp_path)
    run = history.import_folder(source)
    history.close()
    history.path.unlink()
    again = new_history(tmp_path)
    assert (again.record(run).origin, again.record(run).state) == ("imported", "finished")
    assert again.import_folder(source) == run
    again.close()


def link_artifact(folder: Path) -> None:
    (folder / "artifacts" / "vectors.bin").unlink()
    os.symlink("/etc/passwd", folder / "artifacts" / "vectors.bin")


def link_events(folder: Path) -> None:
    (folder / "events.jsonl").rename(folder / "real")
    os.symlink(folder / "real", folder / "events.jsonl")


def link_tables(folder: Path) -> None:
    shutil.rmtree(folder / "tables")
    os.symlink("/etc", folder / "tables")


def link_spec(folder: Path) -> None:
    (folder / "spec.json").rename(folder / "real")
    os.symlink(folder / "real", folder / "spec.json")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "tables" / "rows.parquet")


def change_artifact(folder: Path) -> None:
    (folder / "artifacts" / "vectors.bin").write_bytes(VECTORS[::-1])


def cut_artifact(folder: Path) -> None:
    (folder / "artifacts" / "vectors.bin").write_bytes(VECTORS[:-1])


def lose_artifact(folder: Path) -> None:
    (folder / "artifacts" / "vectors.bin").unlink()


def name_hostile(folder: Path) -> None:
    (folder / "artifacts" / "=cmd 'calc' !A0").write_text("x")


def announce_outside(folder: Path) -> None:
    with (folder / "events.jsonl").open("a") as events:
        events.write(
            '{"seq":90,"attempt":1,"at":1.0,"scope":"","kind":"artifact","name":"../spec.json","bytes":1,"sha256":"a"}\n'
        )


def lose_spec(folder: Path) -> None:
    (folder / "spec.json").unlink()


def break_spec(folder: Path) -> None:
    (folder / "spec.json").write_text('{"engine": "../../etc", "settings": {}}')


def widen_spec(folder: Path) -> None:
    (folder / "spec.json").write_text('{"engine": "counting", "settings": {}, "hook": "rm -rf"}')


def bloat_spec(folder: Path) -> None:
    (folder / "spec.json").write_bytes(b" " * (5 << 20))


def link_looks(folder: Path) -> None:
    os.symlink(folder / "spec.json", folder / "looks.json")


def break_looks(folder: Path) -> None:
    (folder / "looks.json").write_text('[{"seeds": [0], "arms": [], "decided": {"claim": "certainly"}}]')


def bloat_looks(folder: Path) -> None:
    (folder / "looks.json").write_bytes(b" " * (5 << 20))


@pytest.mark.parametrize(
    "harm",
    [
        link_artifact,
        link_events,
        link_tables,
        link_spec,
        pipe,
        change_artifact,
        cut_artifact,
        lose_artifact,
        name_hostile,
        announce_outside,
        lose_spec,
        break_spec,
        widen_spec,
        bloat_spec,
        link_looks,
        break_looks,
        bloat_looks,
    ],
)
def test_what_is_not_as_a_run_left_it_is_refused_and_leaves_nothing(history, source, harm):
    harm(source)
    with pytest.raises(HistoryError):
        history.import_folder(source)
    assert history.listing().records == ()
    assert not history.runs_root.exists() or list(history.runs_root.iterdir()) == []


def test_how_a_run_was_extended_travels_with_it(history, source):
    first = history.import_folder(source)
    looks = '[{"seeds": [0], "arms": ["plain"], "items": 3, "decided": {"claim": "holds"}}]'
    (source / "looks.json").write_text(looks)
    with (source / "events.jsonl").open("a") as events:
        base = '"attempt":2,"at":1.0,"scope":""'
        events.write(f'{{"seq":90,{base},"kind":"started","pid":1,"process_started":1.0,"extension":1}}\n')
        events.write(f'{{"seq":91,{base},"kind":"finished","seconds":1.0}}\n')
    taken = history.import_folder(source)
    assert taken != first, "another run than the one before it was extended"
    (told,) = history.extensions(taken)
    assert (told.seeds, told.arms, told.items, told.decided) == ((0,), ("plain",), 3, {"claim": "holds"})
    assert (history.record(taken).state, history.record(taken).attempt) == ("finished", 2)
    assert history.extensions(first) == ()
    assert (history.folder(taken).path / "looks.json").read_text() == looks
    history.delete(taken)
    history.purge()
    again = history.import_folder(source)
    assert len(history.extensions(again)) == 1


def test_a_folder_too_large_is_refused(history, source, monkeypatch):
    monkeypatch.setattr("workbench.history.adopt.LARGEST_IMPORT", 10)
    with pytest.raises(HistoryError, match="more than"):
        history.import_folder(source)


def test_too_many_files_are_refused(history, source, monkeypatch):
    monkeypatch.setattr("workbench.history.adopt.MOST_FILES", 3)
    with pytest.raises(HistoryError, match="files"):
        history.import_folder(source)


def test_a_place_without_a_folder_is_refused(history, tmp_path):
    with pytest.raises(HistoryError, match="not a run folder"):
        history.import_folder(tmp_path / "nowhere")


def test_events_added_after_the_import_are_not_taken_from_the_source(history, source):
    run = history.import_folder(source)
    with (source / "events.jsonl").open("a") as events:
        events.write("more\n")
    assert take_up(history, run) == 0
