"""Printing: writes megabytes to standard output and error, from Python and past it, while it reports rows."""

import os
import sys
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


class PrintingConfig(Config):
    """What the printing toy is asked."""

    megabytes: Annotated[int, Ge(0), Le(10_000), BASIC] = 1
    """How much to print."""
    text: str = "All work and no play."
    """What to print first."""


class Printed(Row):
    """How much was printed so far."""

    megabytes: int


def run(config: PrintingConfig, log: RunLog) -> None:
    """Print and report."""
    sys.stdout.write(config.text + "\n")
    line = ("x" * 127 + "\n").encode()
    with log.phase("Print"):
        for done in range(1, config.megabytes + 1):
            os.write(1, line * 4096)
            sys.stderr.write(line.decode() * 4096)
            log.row(Printed(megabytes=done))
            log.progress(done, config.megabytes, "MB")
    sys.stdout.write("The last line.\n")
    for arm, seed in ((arm, seed) for arm in log.arms for seed in log.seeds):
        log.row(Outcome(arm=arm, metric="printed", seed=seed, value=float(config.megabytes)))


def probe(config: PrintingConfig, probe: Probe) -> None:
    """A thousandth of a second per megabyte."""
    probe.seconds("Print", 0.001, config.megabytes, "as asked")
    probe.disk(10_000_000)


_PRESET = Preset(PrintingConfig(), ("loud",), (0,), "A megabyte, at once.")
PRINTING = Engine(
    name="printing",
    module=__name__,
    title="Printing",
    tab=Tab.DEFINE,
    question="How much can be printed?",
    idea="The toy prints a lot. Its rows come through all the same. Its log stays small.",
    paper=TOY_PAPER,
    config=PrintingConfig,
    presets={"quick": _PRESET, "study": _PRESET, "paper": _PRESET},
    arms=(Arm("loud", "Loud", "method", "Prints."),),
    metrics=(Metric("printed", "MB", None, "How much was printed."),),
    claims=(Claim("prints", "Something is printed.", Share(Cell("printed", "loud"), 0.0)),),
    fidelity=TOY_FIDELITY,
    rows=(Printed,),
    views=(Listing("printed", "Printed", (Printed,), lambda tables, controls: tables[Printed]),),
)
