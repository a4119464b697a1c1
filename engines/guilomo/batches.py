"""The order in which a search takes its batches, and what keeps training and validation apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.contract import DataError


def order_of(count: int, step: int, seed: int) -> int:
    """Which of `count` batches is taken at a step, from 0 on: every pass goes through all of them in a fresh order."""
    round_, place = divmod(step, count)
    return int(np.random.default_rng((seed, round_)).permutation(count)[place])


def require_apart(train: Sequence[Mapping[str, Any]], validation: Sequence[Mapping[str, Any]]) -> None:
    """Refuse batches that a search cannot learn from.

    Raises:
        DataError: a list is empty, or every row of the validation batches is one of the training batches.
    """
    if not train:
        raise DataError("The training set of the search is empty.", "Use more examples.")
    if not validation:
        raise DataError(
            "The validation set of the search is empty.", "Use more examples, or give the validation a larger share."
        )
    seen = {row for batch in train for row in _rows(batch)}
    if all(row in seen for batch in validation for row in _rows(batch)):
        raise DataError(
            "The validation set of the search is a part of its training set.", "Split the examples into two sets."
        )


def _rows(batch: Mapping[str, Any]) -> list[tuple[int, ...]]:
    return [tuple(row) for row in batch["input_ids"].tolist()]
