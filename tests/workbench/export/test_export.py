"""A run taken elsewhere: CSV, ZIP and the offline page, from one finished toy run."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rooms import ENGINES, WORKER
from workbench.bench.extending import More
from workbench.bench.results import Result
from workbench.bench.session import Session, open_session
from workbench.contract.errors import HistoryError, RunNotFound
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.export import export
from workbench.specs.run_forms import read_spec_file


@pytest.fixture(scope="module")
def done() -> Iterator[tuple[Session, str]]:
    """A session with one finished run of the counting toy."""
    spec = read_spec(ENGINES["counting"], settings={"items": 3}, seeds=[0, 1])
    with open_session(ENGINES, WORKER) as session:
        run = session.bench.start(spec, title="</script><b>hostile</b>")
        assert session.bench.wait(run, 120).state == "finished"
        yield session, run


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_csv_holds_every_row(done: tuple[Session, str], tmp_path: Path):
    session, run = done
    result = session.result(run)
    for path in export.write_csv(session, run, tmp_path / "deep" / "folder"):
        rows = _rows(path)
        wanted = {**result.tables, "Outcome": result.outcomes, "verdicts": result.verdicts}[path.stem]
        assert len(rows) == len(wanted)
    step = _rows(tmp_path / "deep" / "folder" / "Step.csv")
    assert [float(row["score"]) for row in step] == list(result.tables["Step"]["score"])


def test_the_zip_repeats_and_proves_the_run(done: tuple[Session, str], tmp_path: Path):
    session, run = done
    export.write_zip(session, run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        names = set(packed.namelist())
        sums = dict(reversed(line.split("  ")) for line in packed.read("SHA256SUMS").decode().splitlines())
        assert sums.keys() == names - {"SHA256SUMS"}
        assert all(hashlib.sha256(packed.read(name)).hexdigest() == digest for name, digest in sums.items())
        body = read_spec_file(packed.read("spec.yaml").decode())
        answer = json.loads(packed.read("result.json"))
    assert {"environment.json", "artifacts/sums.json", "CITATION.bib", "report.html", "tables/Step.csv"} <= names
    assert read_spec(ENGINES[body.pop("engine")], **body) == session.result(run).spec
    assert answer["run"] == run and answer["state"] == "finished"


def test_the_zip_tells_how_a_run_was_extended(done: tuple[Session, str], tmp_path: Path):
    session, _ = done
    run = session.bench.start(read_spec(ENGINES["growing"]))
    session.bench.wait(run, 120)
    session.bench.extend(run, More(seeds=1))
    session.bench.wait(run, 120)
    export.write_zip(session, run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        (looked,) = json.loads(packed.read("looks.json"))
        assert {verdict["look"] for verdict in json.loads(packed.read("result.json"))["verdicts"]} == {2}
    assert (looked["seeds"], looked["items"], looked["looks"]) == ([0, 1], 8, True)


def _come_in(session: Session, run: str, *events: dict[str, Any]) -> None:
    """Let a worker go on saying these events, and the history take them up."""
    folder = session.bench.folder(run)
    first = len(folder.events.read_text(encoding="utf-8").splitlines()) if folder.events.is_file() else 0
    with folder.events.open("a", encoding="utf-8") as said:
        for seq, event in enumerate(events, first):
            said.write(json.dumps({"seq": seq, "attempt": 1, "at": 5.0, "scope": "", **event}) + "\n")
    session.history.ingest(run, folder)


def _steps(*numbers: int) -> list[dict[str, Any]]:
    same = {"arm": "plain", "seed": 0, "round": 0, "score": 1.0, "seconds": 0.0}
    return [{"kind": "row", "table": "Step", "row": {**same, "number": number}} for number in numbers]


def test_rows_that_come_in_while_a_live_run_is_written_are_in_none_of_its_files(
    done: tuple[Session, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    session, _ = done
    run = session.history.open_run(read_spec(ENGINES["counting"]))
    RunFolder(session.history.runs_root, run).make(session.history.record(run).spec)
    _come_in(session, run, {"kind": "started", "pid": 1, "process_started": 1.0}, *_steps(0, 1))
    read = Session.result

    def then_more(self: Session, asked: str) -> Result:
        found = read(self, asked)
        _come_in(session, run, *_steps(7_001, 7_002))
        return found

    monkeypatch.setattr(Session, "result", then_more)
    export.write_zip(session, run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        text = {name: packed.read(name).decode() for name in ("tables/Step.csv", "result.json", "report.html")}
    rows = list(csv.DictReader(io.StringIO(text["tables/Step.csv"])))
    assert [row["number"] for row in rows] == ["0", "1"]
    assert [row["number"] for row in json.loads(text["result.json"])["tables"]["Step"]] == [0, 1]
    assert "2 items were counted" in text["report.html"]
    assert len(read(session, run).tables["Step"]) == 4, "they did come in"


def test_an_unknown_run_leaves_no_file(done: tuple[Session, str], tmp_path: Path):
    for write in (export.write_csv, export.write_zip, export.write_html):
        with pytest.raises(RunNotFound):
            write(done[0], "260101-0000-none", tmp_path / "none")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(done: tuple[Session, str], tmp_path: Path):
    (tmp_path / "file").write_text("")
    for write in (export.write_csv, export.write_zip, export.write_html):
        with pytest.raises(HistoryError, match="cannot be written"):
            write(*done, tmp_path / "file" / "x")
