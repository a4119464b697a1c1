"""Robustness, win and lose rates of a reader whose answers were judged before and after a change of form."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.contract import DataError

Changes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rates:
    """What became of n pairs; the three shares add up to 1.

    Attributes:
        robust: RR, the share of pairs as right, or as wrong, as before (C = 0).
        win: WR, wrong became right (C = -1).
        lose: LR, right became wrong (C = 1).
    """

    pairs: int
    robust: float
    win: float
    lose: float


def changes(before: npt.ArrayLike, after: npt.ArrayLike) -> Changes:
    """Take C = Y(before) - Y(after) of each pair, in {-1, 0, 1}; Y is 1 where the answer is right.

    Raises:
        DataError: the two differ in length.
    """
    right, then = np.asarray(before, dtype=np.int64), np.asarray(after, dtype=np.int64)
    if right.shape != then.shape:
        raise DataError(f"{len(right)} answers before the change and {len(then)} after it make no pairs.")
    return right - then


def rates(change: Changes) -> Rates:
    """Count RR, WR and LR.

    Args:
        change: as `changes` gives it, shape (n,).

    Raises:
        DataError: there are no pairs.
    """
    if not len(change):
        raise DataError("There are no pairs to take rates of.", "Give more questions, or more forms.")
    robust, win, lose = (float((change == kind).mean()) for kind in (0, -1, 1))
    return Rates(len(change), robust, win, lose)
