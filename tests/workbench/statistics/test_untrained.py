"""A claim about trained arms is not measurable where none of them beats the model before training."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.workbench.statistics.null_runs import card
from tests.workbench.statistics.test_findings import run
from workbench.contract.claims import Cell, Metric, NonInferiority
from workbench.statistics import judge

AS_GOOD = NonInferiority(Cell("score", "a"), Cell("score", "b"), 1.0)
NOISE = np.random.default_rng(3).normal(size=(3, 60))


def verdict(untrained: str = "untrained", better: str = "higher", **gains: float):
    score = Metric("score", "", better, "The simulated metric.")  # type: ignore[arg-type]
    engine = card({"as_good": AS_GOOD}, (score,))
    engine = replace(engine, claims=tuple(replace(claim, untrained=untrained) for claim in engine.claims))
    own = {arm: np.roll(NOISE, at, axis=1) * 0.5 + gain for at, (arm, gain) in enumerate(gains.items())}
    frame = run(**own, untrained=np.zeros((3, 60))) if untrained else run(**own)
    return judge(engine, frame)[0]


def test_where_no_arm_learned_anything_as_good_as_is_not_measurable():
    found = verdict(a=0.02, b=0.03)
    assert found.verdict == "not measurable here"
    assert "all arms sit at the level of the untrained model or worse" in found.answer
    assert verdict(a=-2.0, b=-2.1).verdict == "not measurable here", "training that only harms shows nothing either"


@pytest.mark.parametrize("gains", [{"a": 2.0, "b": 2.0}, {"a": 0.0, "b": 0.5}, {"a": 2.0, "b": 0.0}])
def test_where_one_of_the_arms_learned_the_claim_is_judged(gains):
    assert verdict(**gains).verdict in ("holds", "does not hold", "undecided")


def test_less_is_better_where_the_metric_says_so():
    assert verdict(better="lower", a=2.0, b=2.0).verdict == "not measurable here"
    assert verdict(better="lower", a=-2.0, b=-2.0).verdict == "holds"


def test_a_claim_or_run_without_the_untrained_arm_is_judged_as_before():
    assert verdict(untrained="", a=0.02, b=0.03).verdict == "holds"
    frame = pd.concat([run(a=NOISE, b=NOISE)])
    engine = card({"as_good": AS_GOOD})
    engine = replace(engine, claims=tuple(replace(claim, untrained="untrained") for claim in engine.claims))
    assert judge(engine, frame)[0].verdict != "not measurable here"
