"""Growing: trains in every cell, judges items in blocks, sums up over all seeds; made to be extended."""

import hashlib
import random
import time
from collections.abc import Callable
from typing import Annotated

import pandas as pd
from annotated_types import Ge, Le
from pydantic import BaseModel

from tests.rooms.room import TOY_FIDELITY, TOY_PAPER
from workbench.contract.claims import Cell, Claim, Metric, Superiority
from workbench.contract.engine import Arm, Engine, Preset, Tab
from workbench.contract.errors import DataError
from workbench.contract.probe import Asked, Probe
from workbench.contract.run_log import RunCell, RunLog
from workbench.contract.schema import Caution, Config, Outcome, Row
from workbench.contract.views import Listing
from workbench.contract.vocabulary import BASIC, PER_ARM, Unit

BLOCK = 5
"""Items that are judged together: blocks never depend on how many items there are."""


class GrowingConfig(Config):
    """What the growing toy is asked."""

    items: Annotated[int, Ge(1), Le(100), BASIC] = 8
    """How many items each arm answers."""
    pause: Annotated[float, Ge(0), Le(60), Unit("seconds"), BASIC] = 0.0
    """How long a training or a block of items takes."""
    available: Annotated[int, Ge(1)] = 100
    """How many items there are; to ask for more fails."""
    bonus: Annotated[float, Ge(-1), Le(1), PER_ARM] = 0.0
    """What the arm adds to the share of right answers."""


class Trained(Row):
    """One step of a training."""

    arm: str
    seed: int
    step: int
    loss: float


class Answered(Row):
    """An answer to an item."""

    arm: str
    seed: int
    item: int
    right: bool


class Standing(Row):
    """The share of right answers of an arm, over all seeds and items."""

    arm: str
    cells: int
    share: float


class Weights(BaseModel):
    """What a training leaves behind."""

    bias: float


class Share(BaseModel):
    """What a cell leaves behind."""

    arm: str
    right: int
    items: int


def run(config: GrowingConfig, log: RunLog) -> None:
    """Train every cell once, answer the items in blocks, sum up."""
    items = list(range(config.items))
    with log.phase("Draw"):
        log.note(f"{len(items)} items were drawn.")
        log.record("items", len(items))
        if len(log.seeds) < 3:
            log.row(Caution(text=f"Only {len(log.seeds)} seeds.", claim="method_helps"))

    if len(items) > config.available:
        raise DataError(f"Only {config.available} items there are.", "Ask for fewer.")

    def work(cell: RunCell, log: RunLog) -> Share:
        weights = log.once("training", Weights, lambda: _train(cell, log, config.pause), key="training")
        assert isinstance(weights, Weights)
        right = 0
        with log.phase("Answer"):
            for start in range(0, len(items), BLOCK):
                block = items[start : start + BLOCK]
                answers = log.once(f"block-{start}", pd.DataFrame, _answering(cell, weights, block, log), digest(block))
                right += int(answers["right"].sum())
                log.progress(start + len(block), len(items), "items")
        return Share(arm=cell.arm, right=right, items=len(items))

    with log.phase("Cells"):
        kept = log.map(log.cells(), work, Share, key=str(len(items)))
        shares = [share for share in kept if isinstance(share, Share)]
    with log.phase("Sum up"):
        for arm in log.arms:
            own = [share for share in shares if share.arm == arm]
            share = sum(each.right for each in own) / sum(each.items for each in own)
            log.row(Standing(arm=arm, cells=len(own), share=share))
    log.row(Standing(arm="all", cells=len(shares), share=sum(each.right for each in shares) / len(shares)))


def digest(items: list[int]) -> str:
    """A short name for exactly these items."""
    return hashlib.sha256(repr(items).encode()).hexdigest()[:12]


def _train(cell: RunCell, log: RunLog, pause: float) -> Weights:
    time.sleep(pause)
    drawn = random.Random(f"{cell.arm}/{cell.seed}")
    with log.phase("Train"):
        for step in range(3):
            log.row(Trained(arm=cell.arm, seed=cell.seed, step=step, loss=drawn.random()))
    return Weights(bias=drawn.uniform(-0.05, 0.05))


def _answering(cell: RunCell, weights: Weights, block: list[int], log: RunLog) -> Callable[[], pd.DataFrame]:
    arm = log.arms[cell.arm]
    assert isinstance(arm, GrowingConfig)

    def answer() -> pd.DataFrame:
        time.sleep(arm.pause)
        found = []
        for item in block:
            right = random.Random(f"{cell.seed}/{item}").random() < 0.5 + arm.bonus + weights.bias
            log.row(Answered(arm=cell.arm, seed=cell.seed, item=item, right=right))
            log.row(Outcome(arm=cell.arm, metric="right", seed=cell.seed, value=float(right), item=f"item-{item}"))
            found.append({"item": item, "right": right})
        return pd.DataFrame(found)

    return answer


def probe(config: GrowingConfig, probe: Probe) -> None:
    """Estimate from the pause asked for."""

    def blocks(asked: Asked[GrowingConfig]) -> float:
        return len(asked.arms) * len(asked.seeds) * (1 + asked.config.items / BLOCK)

    probe.seconds("Answer", config.pause, blocks, "the pause asked for")
    probe.disk(1_000_000)


_QUICK = GrowingConfig()
GROWING = Engine(
    name="growing",
    module=__name__,
    title="Growing",
    tab=Tab.REASON,
    question="Does the method answer better than the baseline?",
    idea="Every cell trains, then answers items. The method answers more often right. The toy is made to be extended.",
    paper=TOY_PAPER,
    config=GrowingConfig,
    presets={
        "quick": Preset(_QUICK, ("method", "baseline"), (0, 1), "Eight items under two seeds."),
        "study": Preset(GrowingConfig(items=60), ("method", "baseline"), (0, 1, 2), "Sixty items under three seeds."),
        "paper": Preset(GrowingConfig(items=100), ("method", "baseline"), (0, 1, 2, 3, 4), "A hundred items."),
    },
    arms=(
        Arm("method", "Method", "method", "Answers better.", {"bonus": 0.3}, trained=True),
        Arm("baseline", "Baseline", "baseline", "Answers as it can.", trained=True),
        Arm("half", "Half the method", "ablation", "Answers a little better.", {"bonus": 0.1}, on=False, trained=True),
    ),
    metrics=(Metric("right", "", "higher", "Whether the item was answered."),),
    claims=(
        Claim(
            "method_helps",
            "The method answers more items.",
            Superiority(Cell("right", "method"), Cell("right", "baseline")),
        ),
        Claim("half_helps", "Half of it does too.", Superiority(Cell("right", "half"), Cell("right", "baseline"))),
    ),
    fidelity=TOY_FIDELITY,
    rows=(Trained, Answered, Standing),
    views=(Listing("standings", "Shares", (Standing,), lambda tables, controls: tables[Standing]),),
    items="items",
)
