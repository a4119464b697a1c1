"""A small table of readings, and pictures of it drawn."""

import pandas as pd

from tests.workbench.statistics.null_runs import card
from workbench.contract.engine import Engine
from workbench.contract.pictures import Curves, Source
from workbench.contract.schema import Row
from workbench.contract.views import Chart, Tables
from workbench.figures.pictures import made


class Reading(Row):
    """One number of an arm at a layer."""

    arm: str
    seed: int
    layer: int
    """Block of the network."""
    language: str
    loss: float
    share: float


ENGINE: Engine = card({})
ROWS = pd.DataFrame(
    [
        {"arm": arm, "seed": seed, "layer": layer, "language": language, "loss": layer + seed + 10 * (arm == "b"),
         "share": 0.1 * layer}
        for arm in "ab"
        for seed in (0, 1)
        for layer in (3, 1, 2)
        for language in ("fr", "de")
    ]
)  # fmt: skip
LOSSES = Curves("losses", "Losses", Source(Reading), "layer", "loss", by="arm", axes=("Layer", "Loss (nats)"))


def tables(rows: pd.DataFrame = ROWS) -> Tables:
    return Tables(lambda kind: rows.reindex(columns=list(kind.model_fields)), (Reading,))


def drawn(picture, **controls):
    view = made(picture, ENGINE)
    assert isinstance(view, Chart)
    chosen = view.controls(**controls)
    return view.draw(tables(), chosen), view.describe(tables(), chosen)
