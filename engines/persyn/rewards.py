"""Rewards of responses: made comparable within a prompt, and combined.

Arrays have one row a prompt and one column a teacher, shape (P, N); NaN marks a response that cannot be used. It stays
NaN all the way, takes part in no pair, and is never ranked.
"""

import warnings
from typing import Literal

import numpy as np

from engines.parts.ranking import Pairs
from workbench.contract import DataError

SAME = 1e-12
"""A spread below this is none, whatever rounding left of it."""


Scaling = Literal["minmax", "z", "pool"]


def normalised(values: np.ndarray, how: Scaling, yardstick: np.ndarray | None = None) -> np.ndarray:
    """Return rewards within each prompt, across its teachers: the paper's section on the reward names no formula.

    Of two teachers "minmax" and "z" keep the sign of a difference alone; "pool" keeps its size.

    Args:
        values: shape (P, N).
        how: "minmax" maps the lowest to 0 and the highest to 1; "z" subtracts the mean and divides by the standard
            deviation (of all, not of a sample); "pool" subtracts the prompt's mean and divides by the root mean square
            of what is left over the prompts of the yardstick.
        yardstick: which prompts give the scale of "pool", shape (P,); all without it.

    Returns:
        Shape (P, N), float64. Where all responses of a prompt are equal, one half (minmax) or 0 (z, pool).
    """
    values = np.asarray(values, np.float64)
    if how == "pool":
        return _of_pool(values, np.ones(len(values), bool) if yardstick is None else yardstick)
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a prompt without one usable response
        low, high = np.nanmin(values, 1, keepdims=True), np.nanmax(values, 1, keepdims=True)
        flat = (high - low) <= SAME * np.maximum(1, np.abs(high))
        if how == "minmax":
            found, constant = (values - low) / (high - low), 0.5
        else:
            found, constant = (values - np.nanmean(values, 1, keepdims=True)) / np.nanstd(values, 1, keepdims=True), 0.0
    return np.where(known, np.where(flat, constant, found), np.nan)


def _of_pool(values: np.ndarray, yardstick: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a prompt without one usable response
        gaps = values - np.nanmean(values, 1, keepdims=True)
        scale = np.sqrt(np.nanmean(np.square(gaps[yardstick]))) if yardstick.any() else np.nan
    return gaps / scale if scale > SAME else np.where(np.isnan(gaps), np.nan, 0.0)


def combined(quality: np.ndarray, learnability: np.ndarray, alpha: float) -> np.ndarray:
    """Return r = (1 - alpha) r_q + alpha r_l: equation 2 of the paper, on normalised rewards.

    At the ends the other reward is left out altogether; a response that lacks either stays unusable.
    """
    return (1.0 - alpha) * np.asarray(quality) + alpha * np.asarray(learnability)


def require_different(pairs: Pairs) -> None:
    """Refuse rewards from which nothing can be learned.

    Raises:
        DataError: no pair can be used, or all of them are ties.
    """
    if not len(pairs) and pairs.excluded and not pairs.ties:
        raise DataError(
            f"Not one of {pairs.excluded:,} pairs of responses can be compared: in each of them a response failed.",
            "See the list of what was left out; give the teachers longer answers, or other teachers.",
        )
    if not len(pairs) or (pairs.label == 0.5).all():
        raise DataError(
            f"The rewards of all {pairs.ties:,} pairs of responses are equal, so there is nothing to choose by.",
            "Choose teachers that differ, a quality scorer that tells their responses apart, or another alpha.",
        )


def car(quality: np.ndarray, learnability: np.ndarray, beta: float) -> np.ndarray:
    """Return compatibility-adjusted reward of each teacher: CAR = mean r / (1 + beta L), L the student's mean loss.

    Source: arXiv 2411.07133; beta = 3 could not be verified. One teacher, the highest, is taken for all prompts.

    Args:
        quality: raw, shape (P, N).
        learnability: raw mean log-likelihood of a token, shape (P, N); the loss is its negative.

    Returns:
        Shape (N,); NaN for a teacher without one usable response.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(quality, 0) / (1.0 + beta * -np.nanmean(learnability, 0))
