"""The tree of prefixes that a set of token sequences shares: what is common is computed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEAST_SHARED = 32
"""Tokens that must be shared before a node of its own pays for itself."""


@dataclass(frozen=True)
class PrefixNode:
    """A stretch of tokens that all `members` below it share.

    Attributes:
        start, end: positions of the stretch in each member's sequence; the root's is empty.
        leaves: members whose further tokens are their own.
        children: nodes that share more.
    """

    start: int
    end: int
    leaves: tuple[int, ...]
    children: tuple["PrefixNode", ...]

    def members(self) -> list[int]:
        """Return every sequence below this node."""
        return [*self.leaves, *(member for child in self.children for member in child.members())]


def prefix_tree(sequences: Sequence[Sequence[int]], least: int = LEAST_SHARED) -> PrefixNode:
    """Return the tree over all sequences; its root has an empty stretch.

    Args:
        sequences: token ids.
        least: a node's stretch is at least that long, and at least two sequences share it.
    """
    order = sorted(range(len(sequences)), key=lambda member: list(sequences[member]))
    shared = [common_prefix(sequences[a], sequences[b]) for a, b in pairwise(order)]
    return _node(order, shared, 0, 0, least)


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens two sequences share from their beginning."""
    shorter = min(len(first), len(second))
    if list(first[:shorter]) == list(second[:shorter]):
        return shorter
    return next(at for at in range(shorter) if first[at] != second[at])


def _node(order: Sequence[int], shared: Sequence[int], start: int, end: int, least: int) -> PrefixNode:
    """The node of neighbours in sorted order that share `end` tokens; `shared[i]` joins order[i] and order[i + 1]."""
    leaves: list[int] = []
    children: list[PrefixNode] = []
    first = 0
    for last in range(len(order)):
        if last < len(order) - 1 and shared[last] >= end + least:
            continue
        if last == first:
            leaves.append(order[first])
        else:
            inner = shared[first:last]
            children.append(_node(order[first : last + 1], inner, end, min(inner), least))
        first = last + 1
    return PrefixNode(start, end, tuple(leaves), tuple(children))
