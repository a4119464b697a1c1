"""Pairs of candidates with labels, as they are made of rewards.

Arrays have one row a prompt and one column a candidate, shape (P, N); NaN marks one that cannot be used. It takes part
in no pair.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Pairs:
    """Labels of pairs of candidates, each shape (K,).

    Attributes:
        prompt: row of the rewards.
        a, b: columns, a < b.
        label: C = 1 where b has the higher reward, 0 where a has, one half for a tie that is kept.
        ties: pairs with equal rewards, kept or dropped.
        excluded: pairs of which a response cannot be used.
    """

    prompt: np.ndarray
    a: np.ndarray
    b: np.ndarray
    label: np.ndarray
    ties: int
    excluded: int

    def __len__(self) -> int:
        return len(self.label)

    def of(self, prompts: np.ndarray) -> "Pairs":
        """Return the pairs of some prompts, numbered anew in their order; ties and excluded keep their counts."""
        places = np.full(int(max(self.prompt.max(initial=-1), prompts.max(initial=-1))) + 1, -1)
        places[prompts] = np.arange(len(prompts))
        kept = places[self.prompt] >= 0
        return Pairs(places[self.prompt[kept]], self.a[kept], self.b[kept], self.label[kept], self.ties, self.excluded)


def pairs_of(rewards: np.ndarray, ties: Literal["drop", "half"], margin: float) -> Pairs:
    """Return all pairs of candidates of every prompt with their labels C = 1 if r(B) > r(A).

    Args:
        rewards: combined, shape (P, N).
        ties: what becomes of equal rewards: dropped, or labelled one half.
        margin: rewards that differ by no more are equal.
    """
    first, second = np.triu_indices(rewards.shape[1], 1)
    gap = rewards[:, second] - rewards[:, first]
    usable = ~np.isnan(gap)
    tied = usable & (np.abs(np.where(usable, gap, np.inf)) <= margin)
    kept = usable if ties == "half" else usable & ~tied
    prompt, pair = np.nonzero(kept)
    label = np.where(tied, 0.5, (np.where(usable, gap, 0) > 0).astype(float))[prompt, pair]
    return Pairs(prompt, first[pair], second[pair], label, int(tied.sum()), int((~usable).sum()))
