"""A finished run as an example: the same rows, artifacts and verdicts, and no path of the machine."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.rooms import ENGINES, WORKER
from workbench.bench.examples import take_up_examples
from workbench.bench.results import result_of
from workbench.bench.session import Session, open_session
from workbench.contract.errors import HistoryError, RunNotFound
from workbench.contract.fields import read_spec
from workbench.export.example_folder import MACHINE_PATH, write_example
from workbench.history import History


@pytest.fixture(scope="module")
def done() -> Iterator[tuple[Session, str]]:
    """A session with one finished run of the counting toy."""
    with open_session(ENGINES, WORKER) as session:
        run = session.bench.start(read_spec(ENGINES["counting"], settings={"items": 40}, seeds=[0, 1]))
        assert session.bench.wait(run, 120).state == "finished"
        yield session, run


def test_an_example_gives_back_the_run(done: tuple[Session, str], tmp_path: Path):
    session, run = done
    files = write_example(session, run, tmp_path / "examples")
    assert {path.parent for path in files} <= {
        tmp_path / "examples" / run / inner for inner in ("", "tables", "artifacts")
    }
    assert not [path for path in (tmp_path / "examples").iterdir() if path.name.startswith(".")]
    with closing(History(tmp_path / "home" / "history.db")) as history:
        assert take_up_examples(history, tmp_path / "examples") == [run]
        record, before = history.record(run), session.history.record(run)
        assert (record.origin, record.state, record.tables) == ("example", "finished", before.tables)
        assert (record.started, record.seconds, record.spec) == (before.started, before.seconds, before.spec)
        for name in ("facts", "notes", "artifacts"):
            assert getattr(history, name)(run) == getattr(session.history, name)(run), name
        again, first = result_of(history, ENGINES, run), session.result(run)
        assert again.document() == first.document()
        assert again.tables.keys() == first.tables.keys()
        for name, frame in first.tables.items():
            assert again.tables[name].equals(frame) and list(again.tables[name].dtypes) == list(frame.dtypes), name


def test_its_log_holds_no_rows(done: tuple[Session, str], tmp_path: Path):
    session, run = done
    write_example(session, run, tmp_path)
    kinds = [json.loads(line)["kind"] for line in (tmp_path / run / "events.jsonl").read_text().splitlines()]
    assert "row" not in kinds and "progress" not in kinds and kinds[0] == "started" and kinds[-1] == "finished"
    assert len(list((tmp_path / run / "tables").iterdir())) == kinds.count("chunk") > 0


def test_a_folder_is_not_written_over(done: tuple[Session, str], tmp_path: Path):
    session, run = done
    write_example(session, run, tmp_path)
    with pytest.raises(HistoryError, match="exists already"):
        write_example(session, run, tmp_path)


def test_only_a_finished_run_is_an_example(tmp_path: Path):
    with open_session(ENGINES, WORKER) as session:
        run = session.history.open_run(read_spec(ENGINES["counting"], seeds=[0]))
        with pytest.raises(HistoryError, match="is queued"):
            write_example(session, run, tmp_path)
        with pytest.raises(RunNotFound):
            write_example(session, "250101-0000-counting-0000000000", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_path_of_the_machine_is_refused_or_named(done: tuple[Session, str], tmp_path: Path):
    session, run = done
    with closing(History(tmp_path / "home" / "history.db")) as history:
        write_example(session, run, tmp_path / "one")
        source = tmp_path / "one" / run
        environment = json.loads((source / "environment.json").read_text())
        environment["command"] = ["/home/someone/models/m#worked"]
        (source / "environment.json").write_text(json.dumps(environment))
        run = history.import_folder(source)
        moved = Session(ENGINES, history, session.bench)
        with pytest.raises(HistoryError, match="names '/home/someone/models/m'"):
            write_example(moved, run, tmp_path / "two")
        write_example(moved, run, tmp_path / "three", {"/home/someone/models/m": "owner/model"}, ["Half of it."])
    text = (tmp_path / "three" / run / "environment.json").read_text()
    assert json.loads(text)["command"] == ["owner/model#worked"]
    notes = [
        json.loads(line).get("text", "")
        for line in (tmp_path / "three" / run / "events.jsonl").read_text().splitlines()
    ]
    assert any(note.startswith("owner/model stands for") for note in notes) and "Half of it." in notes


@pytest.mark.parametrize("text", ["/tmp/models/x", "'/home/a'", "(/work/main)", "file=/var/lib/x", "\n/root/.cache"])
def test_paths_are_seen(text: str):
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("text", ["https://a.b/tmp/x", "and/or/data", "a/tmp/b", "5/6", "/", "../tmp/x", "~/tmp/x"])
def test_other_slashes_are_none(text: str):
    assert not MACHINE_PATH.search(text)
