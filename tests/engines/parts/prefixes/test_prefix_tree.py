"""The prefix tree: by hand, and its promises on any sequences."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from engines.parts.prefixes.prefix_tree import PrefixNode, common_prefix, prefix_tree


def _nodes(node: PrefixNode) -> Iterator[PrefixNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def test_a_tree_by_hand():
    document, question, other = [1] * 4, [2] * 3, [3] * 3
    sequences = [
        [*document, *question, 7],
        [9, 9],
        [*document, *question, 8, 8],
        [*document, *other],
        [*document, *question, 8, 8],
    ]
    tree = prefix_tree(sequences, least=2)
    assert (tree.start, tree.end, tree.leaves) == (0, 0, (1,))
    (read,) = tree.children
    assert (read.start, read.end, read.leaves) == (0, 4, (3,))
    (asked,) = read.children
    assert (asked.start, asked.end, asked.leaves) == (4, 7, (0,))
    (twice,) = asked.children
    assert (twice.start, twice.end, set(twice.leaves), twice.children) == (7, 9, {2, 4}, ())
    assert sorted(tree.members()) == [0, 1, 2, 3, 4]


def test_short_common_beginnings_are_not_worth_a_node():
    assert prefix_tree([[1, 2, 3], [1, 2, 4]], least=3).children == ()
    assert prefix_tree([], least=1) == PrefixNode(0, 0, (), ())


@given(st.lists(st.lists(st.integers(0, 2), max_size=12), max_size=9), st.integers(1, 3))
def test_every_sequence_hangs_below_what_it_shares(sequences: list[list[int]], least: int):
    tree = prefix_tree(sequences, least)
    assert sorted(tree.members()) == list(range(len(sequences)))
    for node in _nodes(tree):
        below = [sequences[member] for member in node.members()]
        assert len({tuple(sequence[: node.end]) for sequence in below}) <= 1
        assert all(len(sequence) >= node.end for sequence in below)
        for child in node.children:
            assert child.start == node.end
            assert child.end - child.start >= least
            assert len(child.members()) >= 2
        for a, b in zip(node.leaves, node.leaves[1:], strict=False):
            assert common_prefix(sequences[a], sequences[b]) < node.end + least


@given(st.lists(st.integers(0, 1), max_size=6), st.lists(st.integers(0, 1), max_size=6))
def test_common_prefix_is_the_longest(first: list[int], second: list[int]):
    shared = common_prefix(first, second)
    assert first[:shared] == second[:shared]
    assert shared == min(len(first), len(second)) or first[shared] != second[shared]
