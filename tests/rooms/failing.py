"""Failing: goes wrong in every way that a method can."""

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Annotated, Literal

from tests.rooms.room import TOY_FIDELITY, TOY_PAPER
from workbench.contract.claims import Cell, Claim, Metric, Share
from workbench.contract.engine import Arm, Engine, Preset, Tab
from workbench.contract.errors import DataError
from workbench.contract.probe import Probe
from workbench.contract.run_log import RunLog
from workbench.contract.schema import Config, Outcome, Row
from workbench.contract.views import Listing
from workbench.contract.vocabulary import BASIC

Way = Literal[
    "data",
    "memory",
    "greedy",
    "package",
    "diverged",
    "disk",
    "unknown",
    "secret",
    "undeclared",
    "arm",
    "exit",
    "killed",
    "deaf",
]


class FailingConfig(Config):
    """What the failing toy is asked."""

    way: Annotated[Way, BASIC] = "unknown"
    """In which way to go wrong."""


class Before(Row):
    """Reported before it goes wrong."""

    number: int


class Undeclared(Row):
    """Not on the card."""

    number: int


def run(config: FailingConfig, log: RunLog) -> None:
    """Report a little, then go wrong."""
    with log.phase("Go well"):
        for number in range(3):
            log.row(Before(number=number))
    with log.phase("Go wrong"):
        log.row(Before(number=99))
        _WAYS[config.way](log)


def probe(config: FailingConfig, probe: Probe) -> None:
    """No time at all."""


def _raise(error: Exception) -> Callable[[RunLog], None]:
    def go_wrong(log: RunLog) -> None:
        raise error

    return go_wrong


def _kill(log: RunLog) -> None:
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)


def _ignore(log: RunLog) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(0.05)


def _take_all(log: RunLog) -> None:
    """Ask for two gigabytes that are never touched, so that only a limit of the process refuses them."""
    taken = [bytearray(1 << 26) for _ in range(32)]
    raise RuntimeError(f"{len(taken)} blocks were granted")


_WAYS: Mapping[str, Callable[[RunLog], None]] = {
    "data": _raise(DataError("Column 'fr' is missing.", "Add it.", row=3, field="fr")),
    "memory": _raise(MemoryError()),
    "greedy": _take_all,
    "package": lambda log: import_module("surely_not_installed") and None,
    "diverged": _raise(FloatingPointError("loss is nan")),
    "disk": _raise(OSError(errno.ENOSPC, "No space left on device")),
    "unknown": _raise(RuntimeError("nobody expected this")),
    "secret": _raise(RuntimeError("refused: api_key=abcdef1234567890")),
    "undeclared": lambda log: log.row(Undeclared(number=1)),
    "arm": lambda log: log.row(Outcome(arm="nobody", metric="success", seed=0, value=1.0)),
    "exit": lambda log: sys.exit(3),
    "killed": _kill,
    "deaf": _ignore,
}
_PRESET = Preset(FailingConfig(), ("failing",), (0,), "It goes wrong at once.")
FAILING = Engine(
    name="failing",
    module=__name__,
    title="Failing",
    tab=Tab.TRAIN,
    question="What can go wrong?",
    idea="The toy goes wrong in the way it is asked to. What it reported before stays.",
    paper=TOY_PAPER,
    config=FailingConfig,
    presets={"quick": _PRESET, "study": _PRESET, "paper": _PRESET},
    arms=(Arm("failing", "Failing", "method", "Goes wrong."),),
    metrics=(Metric("success", "share", "higher", "Whether it went well.", floor=0.0, ceiling=1.0),),
    claims=(Claim("never", "It goes well.", Share(Cell("success", "failing"), 0.5)),),
    fidelity=TOY_FIDELITY,
    rows=(Before,),
    views=(Listing("before", "Before it went wrong", (Before,), lambda tables, controls: tables[Before]),),
)
