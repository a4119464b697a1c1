import math
from dataclasses import replace

import pytest

from engines.parts.tasks.tuning import quarter_means, tuned
from tests.engines.parts.tiny_model import make_tiny_model
from tests.engines.parts.training_runs import EXAMPLES, PAIRS, SETTINGS, attempt, run_folder, steps_of
from workbench.contract.run_log import RunCell
from workbench.storage.home import place


@pytest.mark.parametrize("data", [EXAMPLES, PAIRS], ids=["examples", "preferences"])
def test_a_training_is_one_row_with_its_adapter(tmp_path, monkeypatch, data):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    tiny = str(make_tiny_model(place("models") / "tiny"))
    with attempt(run_folder("r1")) as log:
        row = tuned(RunCell("method", 3, "own"), tiny, data, replace(SETTINGS, max_steps=4, seed=3), log)
    assert (row.arm, row.seed, row.adapter, row.updates, row.examples) == ("method", 3, "own-method-3", 4, len(data))
    assert row.model == "run:r1/own-method-3.adapter.zip" and row.parameters > 0 and row.tokens > 0
    losses = [step["loss"] for step in steps_of(run_folder("r1")) if "loss" in step]
    assert (row.first_loss, row.last_loss) == (losses[0], losses[-1]) and losses[-1] < losses[0]
    assert steps_of(run_folder("r1"))[-1]["model"] == row.model


def test_losses_are_told_by_their_first_and_last_quarter():
    assert quarter_means((4.0, 2.0, 3.0, 3.0, 3.0, 3.0, 1.0, 0.0)) == (3.0, 0.5)
    assert quarter_means((4.0, 2.0)) == (4.0, 2.0) and all(map(math.isnan, quarter_means(())))
