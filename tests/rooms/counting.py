"""Counting: arms and seeds, phases, once, map, bulk tables, artifacts; slow if asked, and the same rows every time."""

import json
import random
import time
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
from annotated_types import Ge, Le
from pydantic import BaseModel

from tests.rooms.room import TOY_FIDELITY, TOY_PAPER
from workbench.contract.claims import Cell, Claim, Metric, Reported, Superiority
from workbench.contract.engine import Arm, Ask, Engine, Equation, Preset, Tab
from workbench.contract.probe import Asked, Probe
from workbench.contract.run_log import Parent, RunCell, RunLog
from workbench.contract.schema import MEASURED, Config, Outcome, Row
from workbench.contract.views import Chart, Listing, Tables
from workbench.contract.vocabulary import BASIC, PER_ARM, Unit

if TYPE_CHECKING:
    import plotly.graph_objects as go


class CountingConfig(Config):
    """What the counting toy is asked."""

    items: Annotated[int, Ge(1), Le(1_000_000), BASIC] = 12
    """How many items each arm counts under each seed."""
    pause: Annotated[float, Ge(0), Le(60), Unit("seconds"), BASIC] = 0.0
    """How long to wait after each item."""
    bonus: Annotated[float, Ge(-10), Le(10), PER_ARM] = 0.0
    """Added to every score of the arm."""
    rounds: Annotated[int, Ge(1), Le(100), PER_ARM] = 1
    """How often the items are counted; every round is a phase."""


class Step(Row):
    """One counted item."""

    arm: str
    seed: int
    round: int
    number: int
    score: float
    seconds: Annotated[float, MEASURED]


class Tally(Row):
    """The sum over the items of an arm under a seed."""

    arm: str
    seed: int
    total: float


class Answer(Row):
    """The scores of one item."""

    item: int
    arm: str
    score: float


class ItemQuestion(Config):
    """Which item to look up."""

    item: Annotated[int, Ge(0)] = 0
    """Number of the item."""


class Sums(BaseModel):
    """What a cell leaves behind."""

    arm: str
    seed: int
    total: float


def score(seed: int, item: int, round_: int, bonus: float) -> float:
    """Score of an item: random, the same for the same arguments."""
    return random.Random(f"{seed}/{item}/{round_}").random() + bonus


def run(config: CountingConfig, log: RunLog) -> None:
    """Count every item in every arm under every seed."""
    with log.phase("Choose items"):
        order = log.once("order", pd.DataFrame, lambda: pd.DataFrame({"item": list(range(config.items))}))
        log.record("items", len(order))
        log.note(f"{len(order)} items were chosen.")

    def count(cell: RunCell, log: RunLog) -> Sums:
        arm = log.arms[cell.arm]
        assert isinstance(arm, CountingConfig)
        total = 0.0
        for round_ in range(arm.rounds):
            with log.phase("Count"):
                total += sum(_steps(arm, cell, round_, order["item"].tolist(), log))
        return Sums(arm=cell.arm, seed=cell.seed, total=total)

    sums = log.map(log.cells(), count, Sums)
    with log.phase("Sum up"):
        log.table(Tally, pd.DataFrame([entry.model_dump() for entry in sums]))
        log.artifact("sums.json").write_text(json.dumps([entry.model_dump() for entry in sums]), encoding="utf-8")


def _steps(config: CountingConfig, cell: RunCell, round_: int, items: list[int], log: RunLog) -> list[float]:
    scores = []
    for done, item in enumerate(items, start=1):
        begun = time.perf_counter()
        value = score(cell.seed, item, round_, config.bonus)
        if config.pause:
            time.sleep(config.pause)
        seconds = time.perf_counter() - begun
        log.row(Step(arm=cell.arm, seed=cell.seed, round=round_, number=item, score=value, seconds=seconds))
        if round_ == 0:
            log.row(Outcome(arm=cell.arm, metric="score", seed=cell.seed, value=value, item=f"item-{item}"))
        log.progress(done, len(items), "items")
        scores.append(value)
    return scores


def probe(config: CountingConfig, probe: Probe) -> None:
    """Count one item in every arm, and estimate from the pause asked for."""

    def items(asked: Asked[CountingConfig]) -> int:
        return asked.config.items * asked.config.rounds * len(asked.arms) * len(asked.seeds)

    with probe.part("Count", items, unit="items"):
        score(0, 0, 0, config.bonus)
    probe.seconds("Count", config.pause, items, "the pause asked for")
    probe.disk(1_000_000)


def ask(question: ItemQuestion, parent: Parent, log: RunLog) -> None:
    """Look the item's scores up in the finished run."""
    steps = parent.table(Step)
    for step in steps[steps["number"] == question.item].itertuples():
        log.row(Answer(item=question.item, arm=str(step.arm), score=float(step.score)))


def _draw(tables: Tables, controls: Any) -> "go.Figure":
    import plotly.graph_objects as go

    figure = go.Figure()
    for arm, steps in tables[Step].groupby("arm"):
        figure.add_scatter(x=steps["number"], y=steps["score"], mode="markers", name=str(arm))
    return figure.update_layout(xaxis_title="item", yaxis_title="score")


def _describe(tables: Tables, controls: Any) -> str:
    steps = tables[Step]
    return f"{len(steps)} items were counted." if len(steps) else "No item has been counted yet."


_QUICK = CountingConfig()
COUNTING = Engine(
    name="counting",
    module=__name__,
    title="Counting",
    tab=Tab.PROBE,
    question="How much do the items sum up to?",
    idea="Every item has a score that depends on the seed. The shifted arm adds a bonus to it. The toy sums them up.",
    paper=TOY_PAPER,
    config=CountingConfig,
    presets={
        "quick": Preset(_QUICK, ("shifted", "plain"), (0,), "A dozen items, at once."),
        "study": Preset(CountingConfig(items=60), ("shifted", "plain"), (0, 1, 2), "Sixty items under three seeds."),
        "paper": Preset(CountingConfig(items=1000), ("shifted", "plain"), (0, 1, 2, 3, 4), "A thousand items."),
    },
    arms=(
        Arm("shifted", "Shifted", "method", "Adds a fifth to every score.", {"bonus": 0.2}),
        Arm("plain", "Plain", "baseline", "Leaves the scores as they are."),
        Arm("halved", "Half the bonus", "ablation", "Adds a tenth to every score.", {"bonus": 0.1}, on=False),
    ),
    metrics=(Metric("score", "", "higher", "The item's score."),),
    claims=(
        Claim(
            "shift_helps",
            "The shift raises the score.",
            Superiority(Cell("score", "shifted"), Cell("score", "plain")),
            Reported("0.5 -> 0.7", "none", "low"),
        ),
    ),
    fidelity=TOY_FIDELITY,
    rows=(Step, Tally),
    views=(
        Chart("scores", "Scores by item", (Step,), _draw, _describe, help="Each dot is an item."),
        Listing("tallies", "Sums", (Tally,), lambda tables, controls: tables[Tally]),
    ),
    equations=(Equation(r"S = \sum_i (x_i + b)", "Sum of the scores $x_i$ with the bonus $b$."),),
    probe={"items": 4},
    shrink=({"items": 2},),
    ask=Ask(
        "Look an item up",
        ItemQuestion,
        (Listing("answers", "Scores of the item", (Answer,), lambda tables, controls: tables[Answer]),),
        (Answer,),
    ),
)
