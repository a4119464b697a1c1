"""Integer codes of names and keys: numbered, made distinct, and values summed by them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def coded(outcomes: pd.DataFrame, column: str) -> tuple[Any, Codes]:
    """Number the values of a column by first appearance, -1 where there is none; returns the values and the codes."""
    codes, names = pd.factorize(pd.Index(outcomes[column] if len(outcomes) else []))
    return names, np.asarray(codes, dtype=np.int64)


def named_codes(outcomes: pd.DataFrame, column: str) -> tuple[list[str], Codes]:
    """Number the values of a column, given as text."""
    names, codes = coded(outcomes, column)
    return [str(name) for name in names], codes


def positions(arm: Codes, metric: Codes, arms: list[str], metrics: list[str]) -> Mapping[tuple[str, str], Codes]:
    """Find the rows of each arm and metric."""
    pair = arm * max(1, len(metrics)) + metric
    order = np.argsort(pair, kind="stable")
    found, starts = np.unique(pair[order], return_index=True)
    pieces = np.split(order, starts[1:]) if len(found) else []
    named: list[int] = found.tolist()
    pairs = [divmod(code, len(metrics)) for code in named]
    return {(arms[a], metrics[m]): at for (a, m), at in zip(pairs, pieces, strict=True)}


def renumbered(codes: Codes) -> Codes:
    """Number codes from 0 without gaps, in their order."""
    return (np.cumsum(np.bincount(codes) > 0) - 1)[codes]


def common_keys(keys: Sequence[Codes]) -> Codes:
    """Find the distinct keys that all have, in order."""
    common = ordered(keys[0])
    for other in keys[1:]:
        common = np.intersect1d(common, ordered(other), assume_unique=True)
    return common


def distinct(codes: Codes) -> Codes:
    """Find the distinct codes from -1 on, in order; for codes that are small."""
    return np.flatnonzero(np.bincount(codes + 1)) - 1


def ordered(keys: Codes) -> Codes:
    """Find the distinct keys, in order; numpy's own hashing is many times slower on keys as regular as these."""
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])]


def summed(place: Codes, values: Floats, length: int) -> Floats:
    """Sum rows of values, (N, K), by their place, to (length, K)."""
    columns = [np.bincount(place, weights=column, minlength=length).astype(np.float64) for column in values.T]
    return np.stack(columns, axis=-1)
