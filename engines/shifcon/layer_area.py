"""The layer area: where the languages lie closest, and the layers at which to shift toward and back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from engines.shifcon.rows import ShiftSpan
from workbench.contract import ModelError

ENOUGH_SPLITS = 10


class LayerArea(NamedTuple):
    """The low-distance area of a network.

    Attributes:
        inside: whether each layer belongs to the lowest beta percent, shape (L,), bool.
        toward, back: first and last layer of its longest unbroken stretch: L_to and L_bk.
        contiguous: whether the stretch is the whole area, as the paper observed.
    """

    inside: np.ndarray
    toward: int
    back: int
    contiguous: bool

    def shift_layer(self, at: Literal["toward", "middle", "back"]) -> int:
        """Return the layer whose states the arms shift."""
        return {"toward": self.toward, "middle": (self.toward + self.back) // 2, "back": self.back}[at]


def layer_area(distance: np.ndarray, beta: float) -> LayerArea:
    """Find the lowest `beta` percent of the layers by distance.

    The embedding and the final norm are no outputs of a block where states could be shifted, so they never belong.

    Args:
        distance: mean over languages at each layer, shape (L,).
        beta: percent of the candidate layers; at least one layer is taken.

    Raises:
        ModelError: a network of one block has no layer between its embedding and its end.
    """
    if len(distance) < 3:
        raise ModelError(
            f"The model has {len(distance) - 1} block; a layer area needs at least 2.", "Choose a deeper model."
        )
    candidates = np.arange(1, len(distance) - 1)
    count = max(1, round(beta / 100 * len(candidates)))
    lowest = candidates[np.argsort(distance[candidates], kind="stable")[:count]]
    inside = np.zeros(len(distance), dtype=bool)
    inside[lowest] = True
    stretch = _longest_stretch(np.sort(lowest))
    return LayerArea(inside, int(stretch[0]), int(stretch[-1]), len(stretch) == count)


def _longest_stretch(layers: np.ndarray) -> np.ndarray:
    parts = np.split(layers, np.flatnonzero(np.diff(layers) > 1) + 1)
    return max(parts, key=len)


def distance_by_layer(distances: pd.DataFrame, dominant: str, by: Literal["riemannian", "total"]) -> np.ndarray:
    """Return the mean over languages of the distance from the dominant one, shape (L,).

    Args:
        distances: `SubspaceDistance` rows of one seed.
        dominant: the dominant language.
        by: the Riemannian term alone, or with the means' distance in standard deviations of the dominant language.
    """
    rows = distances[(distances["other"] == dominant) & (distances["language"] != dominant)]
    value = rows["riemannian"] + (rows["mean_spreads"] if by == "total" else 0.0)
    return value.groupby(rows["layer"]).mean().sort_index().to_numpy()


def area_rows(seed: int, distance: np.ndarray, area: LayerArea) -> pd.DataFrame:
    """Return `LayerInArea` rows of one seed."""
    layers = np.arange(len(distance))
    return pd.DataFrame({"seed": seed, "layer": layers, "distance": distance, "inside": area.inside})


def span_row(seed: int, area: LayerArea, at: Literal["toward", "middle", "back"], sentences: int) -> ShiftSpan:
    """Return the `ShiftSpan` row of one seed."""
    return ShiftSpan(
        seed=seed,
        toward=area.toward,
        back=area.back,
        contiguous=area.contiguous,
        shift_layer=area.shift_layer(at),
        judged=sentences - sentences // 2,
    )


def doubts_of_splits(spans: Sequence[ShiftSpan]) -> Iterator[str]:
    """Tell what the splits leave open: too few, judged at different layers, areas in several parts."""
    if len(spans) < ENOUGH_SPLITS:
        times = "once" if len(spans) == 1 else f"{len(spans)} times"
        yield f"The sentences were split into halves {times}; {ENOUGH_SPLITS} splits cost little more and tell more."
    layers = Counter(span.shift_layer for span in spans)
    if len(layers) > 1:
        found = ", ".join(f"{layer} ({count} of {len(spans)} splits)" for layer, count in sorted(layers.items()))
        yield f"Each split found the layer of the shift by itself: {found}."
    parted = sum(not span.contiguous for span in spans)
    if parted:
        yield (
            f"Under {parted} of {len(spans)} splits the layers of lowest distance were not one stretch, as the paper "
            "observed; the longest stretch was taken."
        )
