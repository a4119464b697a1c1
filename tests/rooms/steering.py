"""Steering: runs until it is told to finish, and does what the page asks meanwhile."""

import time
from typing import Annotated

from annotated_types import Ge, Le

from tests.rooms.room import TOY_FIDELITY, TOY_PAPER
from workbench.contract.claims import Cell, Claim, Metric, Share
from workbench.contract.engine import Arm, Engine, Preset, Tab
from workbench.contract.probe import Probe
from workbench.contract.run_log import RunLog
from workbench.contract.schema import Config, Outcome, Row
from workbench.contract.views import Listing
from workbench.contract.vocabulary import BASIC


class SteeringConfig(Config):
    """What the steered toy is asked."""

    patience: Annotated[float, Ge(0.1), Le(600), BASIC] = 120.0
    """Seconds after which it finishes by itself."""


class Add(Config):
    """Add to the sum."""

    amount: Annotated[int, Ge(-1000), Le(1000), BASIC] = 1
    """How much to add."""


class Finish(Config):
    """Finish the run."""


class Addition(Row):
    """One command that was followed."""

    amount: int
    total: int


def run(config: SteeringConfig, log: RunLog) -> None:
    """Follow commands until told to finish."""
    total, deadline = 0, time.monotonic() + config.patience
    with log.phase("Listen"):
        while time.monotonic() < deadline:
            for command in log.commands():
                if isinstance(command.body, Finish):
                    deadline = 0.0
                elif isinstance(command.body, Add):
                    total += command.body.amount
                    log.row(Addition(amount=command.body.amount, total=total))
            time.sleep(0.01)
    for arm, seed in ((arm, seed) for arm in log.arms for seed in log.seeds):
        log.row(Outcome(arm=arm, metric="total", seed=seed, value=float(total)))


def probe(config: SteeringConfig, probe: Probe) -> None:
    """As long as its patience."""
    probe.seconds("Listen", config.patience, basis="as asked")


_PRESET = Preset(SteeringConfig(), ("listening",), (0,), "Until you say so, two minutes at most.")
STEERING = Engine(
    name="steering",
    module=__name__,
    title="Steering",
    tab=Tab.REVIEW,
    question="What would you like to add?",
    idea="The toy waits for commands. It adds what it is told to. It finishes when asked.",
    paper=TOY_PAPER,
    config=SteeringConfig,
    presets={"quick": _PRESET, "study": _PRESET, "paper": _PRESET},
    arms=(Arm("listening", "Listening", "method", "Follows every command."),),
    metrics=(Metric("total", "", None, "The sum of what was added."),),
    claims=(Claim("positive", "The sum is positive.", Share(Cell("total", "listening"), 0.0)),),
    fidelity=TOY_FIDELITY,
    rows=(Addition,),
    views=(Listing("additions", "What was added", (Addition,), lambda tables, controls: tables[Addition]),),
    commands={"add": Add, "finish": Finish},
)
