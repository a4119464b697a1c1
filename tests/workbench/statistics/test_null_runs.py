"""The statistics must not decide wrongly: null runs stay undecided, intervals cover, and planted effects are found.

Every regime is judged through the outcomes table, at one, three and five seeds. The tables are printed (`pytest -s`).
"""

import sys

import pytest

from tests.workbench.statistics.null_runs import Judged, Regime, judged_runs
from tests.workbench.statistics.regimes import ITEMLESS, SEEDED, SEEDLESS, STRUCTURED

NAMED = {regime.name: regime for regime in (*SEEDLESS, *STRUCTURED, *SEEDED, *ITEMLESS)}
QUICK = [
    ("items dominate", 1),
    ("rare discordant pairs", 1),
    ("items dominate", 3),
    ("seeds dominate", 3),
    ("all alike", 3),
    ("all alike", 5),
    ("no items, normal", 5),
    ("forms of one question, shares", 1),
    ("trend of shares in clusters", 1),
    ("difference of differences of shares in clusters", 3),
    ("conjunction of shares in clusters", 3),
    ("log ratio in clusters", 1),
    ("corpus F1 in clusters", 1),
]
WIDE = [(name, seeds) for name in NAMED for seeds in (1, 3, 5) if (name, seeds) not in QUICK]
QUICK_RUNS, WIDE_RUNS = 300, 2000


def _judged(name: str, seeds: int, runs: int) -> Judged:
    found = judged_runs(NAMED[name], seeds, runs)
    _show(name, seeds, 0.0, found)
    return found


def _show(name: str, seeds: int, effect: float, found: Judged) -> None:
    covered = "" if found.covered is None else f"covered {found.covered:5.1f} %"
    sys.stdout.write(f"\n{name:48} {seeds} seeds  effect {effect:4.2f}  decided {found.decided:5.1f} %  {covered}")


@pytest.mark.parametrize(("name", "seeds"), QUICK)
def test_null_runs_stay_undecided(name: str, seeds: int):
    found = _judged(name, seeds, QUICK_RUNS)
    # 5 % and two and a half standard errors of so few runs.
    assert found.decided <= 8.2
    assert found.covered is None or found.covered >= 91.8


@pytest.mark.wide
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("name", "seeds"), WIDE)
def test_null_runs_stay_undecided_in_every_regime(name: str, seeds: int):
    found = _judged(name, seeds, WIDE_RUNS)
    assert found.decided <= 7.0
    # An interval from one seed of trained arms speaks of these very models; skewed values need forty clusters.
    apart = (NAMED[name].trained and seeds == 1) or name.startswith("skewed")
    assert found.covered is None or apart or found.covered >= 92.0


@pytest.mark.parametrize("regime", [*SEEDED, *ITEMLESS], ids=lambda regime: regime.name)
def test_one_seed_of_a_trained_arm_decides_nothing(regime: Regime):
    assert judged_runs(regime, 1, runs=20, effect=10.0).decided == 0.0


POWER = [
    ("items dominate", 1, 2**0.5, 4, 90),
    ("items dominate", 3, 2**0.5, 4, 90),
    ("seeds dominate", 5, 2.1**0.5, 4, 75),
    ("interaction dominates", 5, 2**0.5, 4, 70),
    ("all alike", 3, 6**0.5, 6, 85),
    ("all alike", 5, 6**0.5, 4, 80),
    ("no items, normal", 5, 0.4**0.5, 4, 70),
]
"""Regime, seeds, standard deviation of the contrast, planted effect in such deviations, percent to be found."""


@pytest.mark.parametrize(("name", "seeds", "deviation", "effect", "at_least"), POWER)
def test_a_planted_effect_is_found(name: str, seeds: int, deviation: float, effect: int, at_least: int):
    found = judged_runs(NAMED[name], seeds, runs=100, effect=effect * deviation)
    _show(name, seeds, effect, found)
    assert found.verdicts["holds"] >= at_least
    assert found.verdicts["does not hold"] == 0
