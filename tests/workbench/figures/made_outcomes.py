"""Outcomes of four arms in languages, drawn from a seeded generator, and the card that they belong to."""

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.rooms.counting import COUNTING
from workbench.contract.circumstances import Circumstances
from workbench.contract.claims import Cell, Claim, Metric, Superiority
from workbench.contract.engine import Arm, Engine
from workbench.contract.schema import Outcome
from workbench.contract.views import Tables

FOUND = Metric("found", "share", "higher", "Translations found.", chance=0.1, title="Translations found")
LENGTH = Metric("length", "tokens", "lower", "Tokens of an answer.", title="Length")
CARD: Engine = replace(
    COUNTING,
    metrics=(LENGTH, FOUND),
    arms=(
        Arm("shifted", "Mean-shifted", "method", "Shifts."),
        Arm("whitened", "Whitened", "ablation", "Whitens."),
        Arm("plain", "Untouched model", "baseline", "Does nothing."),
        Arm("random", "Random shift", "control", "Shifts at random."),
    ),
    claims=(
        Claim("short", "It is shorter.", Superiority(Cell("length", "shifted"), Cell("length", "plain"))),
        Claim("finds", "It finds more.", Superiority(Cell("found", "shifted"), Cell("found", "plain")), headline=True),
    ),
)
SHARES = {"shifted": 0.8, "whitened": 0.5, "plain": 0.4, "random": 0.4}
LANGUAGES = ("fr", "de", "zh")


def outcomes(arms: tuple[str, ...] = tuple(SHARES), items: int = 40, seeds: tuple[int, ...] = (0,)) -> pd.DataFrame:
    """Both metrics of every arm, items shared by all arms and dealt over the languages."""
    draw = np.random.default_rng(7)
    ease, rows = draw.random(items), []
    for arm in arms:
        for seed in seeds:
            for item in range(items):
                where = LANGUAGES[item % len(LANGUAGES)]
                named = {"arm": arm, "seed": seed, "item": f"i{item}", "cluster": None, "slice": f"language/{where}"}
                rows.append({**named, "metric": "found", "value": float(ease[item] < SHARES[arm])})
                rows.append({**named, "metric": "length", "value": 50 + 10 * ease[item] + draw.normal()})
    return pd.DataFrame(rows, columns=list(Outcome.model_fields))


def tables(frame: pd.DataFrame, known: Circumstances | None = None) -> Tables:
    """A run's tables that hold these outcomes."""
    empty = pd.DataFrame()
    circumstances = (lambda: known) if known else None
    return Tables(lambda kind: frame if kind is Outcome else empty, [Outcome], circumstances)
