"""Benchwright from Python: the same run, as DataFrames."""

import subprocess
import sys
from pathlib import Path

import pytest

import workbench
from tests.rooms import ENGINES, WORKER
from tests.source import ROOT
from workbench.bench import python_api
from workbench.bench.session import open_session
from workbench.contract.errors import ConfigError, RunNotFound, WorkbenchError


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch, fresh_home: Path) -> None:
    """The toy methods instead of the installed ones, in a fresh data folder."""
    monkeypatch.setattr(python_api, "engines", lambda: ENGINES)
    monkeypatch.setattr(python_api, "open_session", lambda known: open_session(known, WORKER))


def test_run_gives_frames_and_stays_in_the_history():
    result = python_api.run("counting", settings={"items": 4}, arms=["plain"], seeds=[0, 2], title="Mine")
    assert (result.state, result.seconds is not None, result.error) == ("finished", True, None)
    assert list(result.outcomes["seed"].unique()) == [0, 2] and len(result.outcomes) == 8
    assert result.tables["Tally"]["total"].between(0, 4).all()
    assert list(result.verdicts["claim"]) == ["shift_helps"]
    assert result.settings["items"] == 4
    listed = python_api.recent_runs()
    assert list(listed["run"]) == [result.run] and listed["title"][0] == "Mine"
    again = python_api.show(result.run)
    assert again.outcomes.equals(result.outcomes)
    assert python_api.recent_runs("printing").empty


def test_extend_goes_on_with_a_finished_run():
    first = python_api.run("growing")
    grown = python_api.extend(first.run, seeds=1, arms=["half"], own_arms={"mine": {"bonus": 0.2}})
    assert (grown.run, grown.spec.seeds) == (first.run, (0, 1, 2))
    assert grown.spec.arms == ("method", "baseline", "half", "mine")
    assert len(grown.outcomes) == 4 * 3 * 8 and set(grown.verdicts["look"]) == {2}
    with pytest.raises(ConfigError, match="half as large again"):
        python_api.extend(first.run, seeds=1)
    with pytest.raises(RunNotFound):
        python_api.extend("260101-0000-none", seeds=1)


def test_a_card_serves_as_well_as_its_name():
    assert python_api.run(ENGINES["counting"], settings={"items": 1}).state == "finished"


def test_a_failed_run_raises_and_keeps_its_rows():
    with pytest.raises(WorkbenchError, match="Column 'fr' is missing") as failed:
        python_api.run("failing", settings={"way": "data"})
    run = python_api.recent_runs()["run"][0]
    assert run in str(failed.value)
    assert len(python_api.show(run).tables["Before"]) >= 3


def test_refusals_start_nothing():
    with pytest.raises(ConfigError, match="at least 1"):
        python_api.run("counting", settings={"items": 0})
    with pytest.raises(ConfigError, match="Did you mean 'counting'"):
        python_api.run("conting")
    with pytest.raises(RunNotFound):
        python_api.show("260101-0000-none")
    assert python_api.recent_runs().empty


def test_the_package_offers_the_functions_and_nothing_by_accident():
    assert {"run", "extend", "show", "recent_runs", "engines"} == set(workbench.__all__)
    assert callable(workbench.run)
    with pytest.raises(AttributeError, match="nothing"):
        workbench.nothing  # noqa: B018


def test_importing_a_part_loads_no_frames():
    code = "import sys, workbench.contract.errors; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
