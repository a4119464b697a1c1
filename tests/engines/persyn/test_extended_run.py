"""A run that goes on with more seeds, items or arms has the rows of one that was asked for all at once."""

import pandas as pd
import pytest

from engines.parts.training import training
from engines.persyn import ENGINE, reward_matrix
from tests.engines.persyn.tiny_run import KINDS, file_spec, start, tiny_spec
from tests.engines.worked_runs import extend
from workbench.bench.extending import More
from workbench.contract.schema import Caution, Outcome
from workbench.storage.home import place

TABLES = (*(kind for kind in KINDS if not kind.__name__.startswith("Asked")), Caution)
RUN_NAMES = {"model"}
"""Columns that hold the name of the run: a student is `run:NAME/...`."""


def assert_same(extended, at_once) -> None:
    """Every table has the same rows but for their order, what a clock measured, and the run's name."""
    for kind in TABLES:
        frames = (extended.table(kind), at_once.table(kind))
        kept = [name for name in kind.model_fields if name not in {*kind.measured_fields(), *RUN_NAMES}]
        ordered = [frame[kept].map(str).sort_values(kept, ignore_index=True) for frame in frames]
        pd.testing.assert_frame_equal(*ordered, obj=kind.__name__)


class Counted:
    """What was computed: responses scored and students trained."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scored, self.trained = 0, 0
        learnable, tuned = reward_matrix.learnability_of, training._tuned

        def score(prompts, *asked):
            self.scored += len(prompts)
            return learnable(prompts, *asked)

        def train(*asked):
            self.trained += 1
            return tuned(*asked)

        monkeypatch.setattr(reward_matrix, "learnability_of", score)
        monkeypatch.setattr(training, "_tuned", train)


ARMS, SEEDS = ("persyn", "car"), (0, 1)
WHOLE = {"arms": ARMS, "seeds": SEEDS, "held_out": 12, "train_student": True, "token_budget": 250, "curve": 0}


@pytest.fixture(scope="module")
def at_once():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engines.persyn.teacher_pool.JUDGED_AT_ONCE", 5)
        return start(tiny_spec(**WHOLE), place("runs"), "persyn-at-once")


@pytest.mark.parametrize(
    ("fewer", "more", "trained", "scored"),
    [
        ({"seeds": (0,)}, More(seeds=1), 2, 0),
        # of blocks of 5 the first one, of 4, was not full: 12 prompts are scored anew
        ({"held_out": 4}, More(items=8), 0, 12 * 2),
        ({"arms": ("persyn",)}, More(arms=("car",)), 2, 0),
    ],
    ids=["seeds", "items", "arms"],
)
def test_an_extended_run_equals_one_asked_for_all_at_once(fewer, more, trained, scored, at_once, monkeypatch):
    monkeypatch.setattr("engines.persyn.teacher_pool.JUDGED_AT_ONCE", 5)
    run = f"persyn-fewer-{'-'.join(fewer)}".replace("_", "-")
    start(tiny_spec(**{**WHOLE, **fewer}), place("runs"), run)
    counted = Counted(monkeypatch)
    extended = extend(ENGINE, place("runs"), run, more)
    assert_same(extended, at_once)
    assert counted.trained <= trained and counted.scored == scored, "what was there is not computed again"


def test_a_run_extended_twice_equals_one_asked_for_all_at_once(monkeypatch):
    monkeypatch.setattr("engines.persyn.teacher_pool.JUDGED_AT_ONCE", 5)
    arms, more = ("persyn", "car"), ("random", "oracle", "untuned", "no_quality")
    start(tiny_spec(arms=arms, seeds=(0,), held_out=5), place("runs"), "persyn-twice")
    extend(ENGINE, place("runs"), "persyn-twice", More(seeds=1, items=3))
    counted = Counted(monkeypatch)
    extended = extend(ENGINE, place("runs"), "persyn-twice", More(items=5, arms=more))
    assert counted.scored == (10 + 5 + 3) * 2, "routed prompts for the oracle, and blocks that were not full"
    spec = tiny_spec(arms=(*arms, *more), seeds=(0, 1), held_out=13)
    assert_same(extended, start(spec, place("runs"), "persyn-twice-at-once"))
    items = extended.table(Outcome).query("metric == 'reward' and arm == 'random'")
    assert items.groupby("seed")["item"].nunique().tolist() == [13, 13]


def test_a_run_over_a_file_can_go_on():
    start(file_spec(arms=("persyn", "car"), held_out=4), place("runs"), "persyn-file")
    extended = extend(ENGINE, place("runs"), "persyn-file", More(items=8))
    assert_same(extended, start(file_spec(arms=("persyn", "car")), place("runs"), "persyn-file-at-once"))
