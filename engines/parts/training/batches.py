"""Batches of token ids, padded, and the order in which a training takes them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from engines.parts.training.training_examples import IGNORED

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Batch = TypeVar("Batch")


def place_of(count: int, at: int, seed: int) -> int:
    """Return which of `count` batches is taken at a place, from 0 on: each pass takes all of them in a fresh order."""
    turn, place = divmod(at, count)
    return int(np.random.default_rng((seed, turn)).permutation(count)[place])


def shuffled(batches: Sequence[Batch], seed: int) -> Callable[[int], Batch]:
    """Return the batch of each number from 0 on, every pass in a fresh order that the seed decides."""
    return lambda at: batches[place_of(len(batches), at, seed)]


def padded_batch(
    rows: Sequence[Mapping[str, Sequence[int]]], padding: int, device: "torch.device | str" = "cpu"
) -> dict[str, "Tensor"]:
    """Return "input_ids", "attention_mask" and "labels" [B, T] of encoded examples, padded on the right.

    Args:
        rows: "input_ids" and "labels" of each, as `encode_examples` makes them.
        padding: the token that fills a row up; its label is ignored.
    """
    import torch

    longest = max(len(row["input_ids"]) for row in rows)

    def filled(name: str, filler: int) -> "Tensor":
        return torch.tensor([[*row[name], *[filler] * (longest - len(row[name]))] for row in rows], device=device)

    lengths = torch.tensor([len(row["input_ids"]) for row in rows], device=device)
    mask = (torch.arange(longest, device=device) < lengths[:, None]).long()
    return {"input_ids": filled("input_ids", padding), "attention_mask": mask, "labels": filled("labels", IGNORED)}
