"""Routed experts' updates with tokens grouped by expert: fewer sums than the concatenated form at large ranks."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

LEAST_RANK = 192
LEAST_TOKENS = 64
"""From this total rank and this many tokens on, with at most half the experts chosen, groups measured faster on a CPU
(layers of 576 to 1536 features, 512 tokens: 0.8 times at 8 experts of rank 32, 0.6 at 32 of rank 16; even at 128)."""


def groups_pay(tokens: int, ranks: tuple[int, ...], top_k: int) -> bool:
    """Return whether grouping the tokens is the faster way for a layer."""
    return sum(ranks) >= LEAST_RANK and tokens >= LEAST_TOKENS and 2 * top_k <= len(ranks)


def grouped_update(x: Tensor, gates: Tensor, weights: tuple[Tensor, Tensor, Tensor], ranks: tuple[int, ...]) -> Tensor:
    """Sum over the experts of gate * B (factor * A x), each expert on its own tokens only: [N, in] to [N, out].

    Args:
        gates: [N, E], 0 for experts not chosen.
        weights: all A [R, in] and all B [out, R], expert after expert, and the factors of the rank components [R].
    """
    expert, rows = (gates.detach().t() != 0).nonzero(as_tuple=True)
    sizes = torch.bincount(expert, minlength=len(ranks)).tolist()
    given = x.index_select(0, rows).split(sizes)
    chosen = gates[rows, expert, None].split(sizes)
    down, up, factors = weights
    own = zip(given, chosen, down.split(ranks), up.split(ranks, dim=1), factors.split(ranks), strict=True)
    updates = [F.linear(F.linear(one, a) * (gate * factor), b) for one, gate, a, b, factor in own if len(one)]
    empty = x.new_zeros(len(x), len(up))
    return empty.index_add(0, rows, torch.cat(updates)) if updates else empty
