"""Fixed blocks of questions in the order of their draw, so that more questions leave untouched what was read.

Design decisions:
- Block n holds questions 8n to 8n + 7 of the draw, whatever the total is: what a block is read in is never another
  batch, and rounding in batches cannot tell a run that grew from one that was asked for all at once. (A model that
  runs here therefore answers a block from the cache as a whole or not at all.)
- What was computed for a block is kept under a digest of all that it was computed from. Of a run that goes on, only
  the last block, where it was not full, and the new ones are read.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

import pandas as pd

from engines.sure.perturbations import PERTURBATIONS, PLAIN

QUESTIONS = 8
"""In a block."""

Thing = TypeVar("Thing")

_PLACES = {PLAIN: -1} | {name: place for place, name in enumerate(PERTURBATIONS)}


def blocks_of(things: Sequence[Thing], size: int = QUESTIONS) -> list[Sequence[Thing]]:
    """Cut a draw into blocks; the last one may be smaller."""
    return [things[start : start + size] for start in range(0, len(things), size)]


def digest(*values: object) -> str:
    """Take 16 hex digits of what values say: texts, numbers, dataclasses, models, sequences of them, frames by rows."""
    said = repr([value.to_numpy().tolist() if isinstance(value, pd.DataFrame) else value for value in values])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def joined(frames: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Put the frames of all blocks together, by form in the order of the taxonomy and by the draw within a form.

    Args:
        columns: of the result where there is not one row.
    """
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    whole = pd.concat(filled, ignore_index=True)
    if "perturbation" not in whole:
        return whole
    # Forms that a data file brought along have no place in the taxonomy and come last.
    return whole.sort_values("perturbation", key=lambda names: names.map(_PLACES), kind="stable", ignore_index=True)
