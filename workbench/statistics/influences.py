"""What each unit and each cluster does to a contrast: the raw material of its standard error.

Design decisions:
- A mean is linear: a unit's influence is its deviation over the number of observations, exact and cheap. Whatever else
  (a logarithm, a corpus metric) is left-one-out: minus the shift that leaving the unit or cluster out causes, scaled as
  the jackknife does.
- Influences of the terms add up: a cluster that several terms share carries their covariance.
- Seeds change nothing where every unit that was seen under several seeds has one value there, and at least 20 units
  (all, where they are fewer) were seen twice. Without that condition seeds that judge different units would pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.contract.errors import DataError
from workbench.messages import noted, say
from workbench.statistics.observations import Codes, Floats, Sums

Curve = Callable[[Floats], Floats]
"""From sums of sufficient statistics, (..., K), to the number, (...)."""

SEEN_TWICE = 20
"""Units that must have been seen under two seeds before seeds count as changing nothing."""

_MORE = noted("Give each cell more items, or compare without the logarithm.")
_ALONE = noted("One item (or cluster) holds all outcomes of a cell, so nothing says how the cell varies.")


@dataclass(frozen=True)
class Term:
    """One weighted number of a contrast.

    Attributes:
        linear: the number is the mean of plain values: its sums are (sum, count).
        limits: least and greatest value of the number, None where it has none.
    """

    weight: float
    curve: Curve
    linear: bool = True
    limits: tuple[float, float] | None = None


def term_values(terms: Sequence[Term], sums: Sums) -> Floats:
    """Return weighted number of each term under each seed, (T, S).

    Raises:
        DataError: a number is not finite (logarithm of zero).
    """
    values = np.array([term.weight * term.curve(total) for term, total in zip(terms, sums.totals, strict=True)])
    if not np.isfinite(values).all():
        raise DataError(say("The metric is not a finite number on these outcomes."), say(_MORE))
    return values


def unit_influences(terms: Sequence[Term], sums: Sums) -> Floats:
    """Return influence of each unit on the whole contrast under each seed, (S, n)."""
    assert sums.parts is not None and sums.counts is not None
    found = np.zeros(sums.parts[0].shape[:2])
    for term, total, part, counts in zip(terms, sums.totals, sums.parts, sums.counts, strict=True):
        found += _deviations(term, total, part) if term.linear else _left_out(term, total, part, counts > 0)
    return found


def cluster_influences(terms: Sequence[Term], sums: Sums) -> Floats:
    """Return influence of each cluster on each term under each seed, (T, S, G).

    Raises:
        DataError: leaving one cluster out leaves nothing to judge a term by.
    """
    assert sums.parts is not None and sums.counts is not None and sums.cluster is not None
    found: list[Floats] = []
    for term, total, part, counts in zip(terms, sums.totals, sums.parts, sums.counts, strict=True):
        held = by_cluster(counts, sums.cluster) > 0
        if term.linear:
            each = by_cluster(_deviations(term, total, part), sums.cluster)
            if held.any(axis=0).sum() < 2:
                raise DataError(say(_ALONE), say(_MORE))
        else:
            gathered = [by_cluster(part[..., k], sums.cluster) for k in range(part.shape[-1])]
            each = _left_out(term, total, np.stack(gathered, axis=-1), held)
        if not np.isfinite(each).all():
            raise DataError(say(_ALONE), say(_MORE))
        found.append(each)
    return np.stack(found)


def by_cluster(values: Floats, cluster: Codes) -> Floats:
    """Return sums over the units of each cluster, (S, n) to (S, G)."""
    size = int(cluster.max()) + 1
    return np.stack([np.bincount(cluster, row, size) for row in values]).astype(np.float64)


def seen_once(sums: Sums) -> Sums | None:
    """Return the sums with each unit once, under one seed, if seeds change nothing (see above); else None."""
    if sums.parts is None or sums.counts is None or len(sums.seeds) < 2:
        return None
    present = sums.counts > 0
    again = int((present.sum(axis=1) > 1).any(axis=0).sum())
    if again < min(SEEN_TWICE, sums.units):
        return None
    parts: list[Floats] = []
    counts: list[Floats] = []
    for there, many, part in zip(present, sums.counts, sums.parts, strict=True):
        first = there.argmax(axis=0)[None]
        taken = np.take_along_axis(part, first[..., None], axis=0)
        often = np.take_along_axis(many, first, axis=0)
        if not (((part == taken).all(axis=-1) & (many == often)) | ~there).all():
            return None
        parts.append(taken)
        counts.append(often)
    totals = tuple(part.sum(axis=1) for part in parts)
    return replace(sums, totals=totals, parts=tuple(parts), counts=np.stack(counts), seeds=sums.seeds[:1])


def _deviations(term: Term, total: Floats, part: Floats) -> Floats:
    mean = total[:, :1] / total[:, 1:]
    return term.weight * (part[..., 0] - mean * part[..., 1]) / total[:, 1:]


def _left_out(term: Term, total: Floats, part: Floats, held: npt.NDArray[np.bool_]) -> Floats:
    many = held.sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        shifts = term.weight * (term.curve(total[:, None] - part) - term.curve(total)[:, None])
        return np.where(held, -shifts * (many - 1) / many, 0.0)
