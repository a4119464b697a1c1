"""The data folder opened for one command."""

import os
from pathlib import Path

import pytest

from tests.rooms import ENGINES, WORKER
from workbench.bench.session import ROOTS, open_history, open_session, settle
from workbench.contract.fields import read_spec
from workbench.contract.runs import LIVE


def test_runs_may_read_what_the_user_may_read(fresh_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(ROOTS, raising=False)
    with open_session(ENGINES, WORKER):
        assert os.environ[ROOTS] == os.path.sep
    assert ROOTS not in os.environ


def test_named_roots_stay(fresh_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(ROOTS, str(fresh_home))
    with open_session(ENGINES, WORKER):
        assert os.environ[ROOTS] == str(fresh_home)
    assert os.environ[ROOTS] == str(fresh_home)


def test_a_run_outlives_the_session_and_is_taken_up_again(fresh_home: Path):
    spec = read_spec(ENGINES["counting"], settings={"items": 20, "pause": 0.02})
    with open_session(ENGINES, WORKER) as session:
        run = session.bench.start(spec)
        while session.history.record(run).state in ("queued", "starting"):
            session.bench.wait(run, 0.1)
    with open_history() as history:
        assert history.record(run).state in LIVE
    with open_session(ENGINES, WORKER) as session:
        settle(session, [run])
        assert session.bench.wait(run, 120).state == "finished"
        assert len(session.result(run).outcomes) == 40
