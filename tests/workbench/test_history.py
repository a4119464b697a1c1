"""The history as the bench, the page and the command line use it."""

import subprocess
import sys
from pathlib import Path

from tests.workbench.history.speech import SPEC, begin, take_up
from workbench.contract.schema import Outcome
from workbench.history import History, RunFilter, RunRecord


def test_a_run_lives_through_the_history(tmp_path: Path):
    with_default_root = History(tmp_path / "history.db")
    assert with_default_root.runs_root == tmp_path / "runs"
    run, speech = begin(with_default_root, title="First")
    speech.row(value=0.25).say("finished", seconds=1.5)
    assert take_up(with_default_root, run) == 3
    with_default_root.close()
    reopened = History(tmp_path / "history.db")
    record = reopened.record(run)
    assert isinstance(record, RunRecord)
    assert (record.state, record.title, record.seconds, record.spec) == ("finished", "First", 1.5, SPEC)
    assert reopened.table(run, Outcome)["value"].tolist() == [0.25]
    assert reopened.listing(RunFilter(text="first")).records == (record,)
    reopened.close()


def test_importing_the_history_loads_no_model_library():
    heavy = {"torch", "transformers", "scipy", "plotly"}
    code = f"import sys, workbench.history; print({heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
