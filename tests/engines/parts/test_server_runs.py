"""Runs that ask a server: killed in the middle, resumed from the cache, and never a word of the key."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from engines.parts.rows.token_use import TokenUse
from tests.engines.parts.fault_server import MODEL, Faults, fault_server
from tests.live import free_port
from tests.rooms.asking import ASKING, ENGINES, WORKER, Reply
from tests.source import ROOT
from workbench.bench.session import Session, open_session
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.export import export

KEY = "benchwright-test-key-0123456789"
QUESTIONS = 120


@pytest.fixture
def session(fresh_home: Path) -> Iterator[Session]:
    with open_session(ENGINES, WORKER) as session:
        yield session


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    port = free_port()
    monkeypatch.setenv(f"BENCHWRIGHT_KEY_127_0_0_1_{port}", KEY)
    return port


def asking(port: int, questions: int = QUESTIONS) -> RunSpec:
    model = f"openai:{MODEL}@http://127.0.0.1:{port}/v1"
    return read_spec(ASKING, settings={"model": model, "questions": questions})


@contextmanager
def server_process(port: int, pause: float) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [sys.executable, "-m", "tests.engines.parts.fault_server", str(port), str(pause), KEY]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(lambda: bool([c for c in psutil.Process(process.pid).net_connections() if c.status == "LISTEN"]))
        try:
            yield process
        finally:
            process.kill()


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def kept(home: Path) -> int:
    path = home / "responses" / "responses.db"
    # it is made in this moment
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT COUNT(*) FROM responses").fetchone()[0]
    return 0


def test_a_server_killed_in_the_middle_is_said_and_a_resumed_run_reuses_what_it_answered(
    session: Session, fresh_home: Path, port: int
):
    with server_process(port, 0.05) as server:
        run = session.bench.start(asking(port))
        until(lambda: kept(fresh_home) >= 10)
        server.kill()
        record = session.bench.wait(run, 60)
    assert (record.state, record.error_code) == ("failed", "model")
    assert f"127.0.0.1:{port} " in record.error and "Resume" in record.hint
    before = kept(fresh_home)
    assert 10 <= before < QUESTIONS
    with fault_server(faults := Faults(key=KEY), port):
        session.bench.resume(run)
        record = session.bench.wait(run, 60)
    assert record.state == "finished"
    asked = [body for path, _, body in faults.heard if path == "/v1/completions"]
    assert len(asked) == QUESTIONS - before
    (entry,) = session.history.table(run, TokenUse).to_dict("records")
    assert (entry["calls"], entry["reused"]) == (QUESTIONS, before)
    assert entry["completion_tokens"] == QUESTIONS * 6 and 0 < entry["computed_tokens"] < QUESTIONS * 11
    replies = session.history.table(run, Reply)
    assert [text.split(" seed")[0] for text in replies["text"]] == [
        f"question {n} of the toy" for n in range(QUESTIONS)
    ]


def test_the_key_is_nowhere_but_in_the_environment(session: Session, fresh_home: Path, port: int, tmp_path: Path):
    with fault_server(Faults(key=KEY, pause=0.03), port):
        run = session.bench.start(asking(port, 30))
        lines: set[str] = set()
        while session.history.record(run).state not in ("finished", "failed"):
            lines |= {" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])}
            time.sleep(0.05)
        assert session.bench.wait(run, 60).state == "finished"
    assert any("tests.rooms.asking" in line for line in lines)
    assert not [line for line in lines if KEY in line]
    export.write_csv(session, run, tmp_path / "csv")
    export.write_zip(session, run, tmp_path / "run.zip")
    export.write_html(session, run, tmp_path / "report.html")
    assert_nowhere(KEY, fresh_home, tmp_path)
    assert f"127.0.0.1:{port}" in str(session.history.facts(run))


def test_a_wrong_key_that_a_server_repeats_is_not_kept(
    session: Session, fresh_home: Path, port: int, monkeypatch: pytest.MonkeyPatch
):
    wrong = "another-key-altogether-987"
    monkeypatch.setenv(f"BENCHWRIGHT_KEY_127_0_0_1_{port}", wrong)
    with fault_server(Faults(key=KEY), port):
        run = session.bench.start(asking(port))
        record = session.bench.wait(run, 60)
    assert (record.state, record.error_code) == ("failed", "model")
    assert f"refuses the key in BENCHWRIGHT_KEY_127_0_0_1_{port} (401): Wrong key: Bearer ***" in record.error
    assert_nowhere(wrong, fresh_home)


def assert_nowhere(secret: str, *folders: Path) -> None:
    """No file under the folders holds the secret; models and data, which nobody wrote to, are passed over."""
    looked = 0
    for folder in folders:
        for place, names, files in os.walk(folder):
            names[:] = [name for name in names if not (Path(place) / name).is_symlink()]
            for name in files:
                assert secret.encode() not in (Path(place) / name).read_bytes(), f"{place}/{name}"
                looked += 1
    assert looked >= 3
