"""Training examples that fill a budget of tokens."""

from collections.abc import Sequence

from engines.parts.records.splits import lot


def within_budget(lengths: Sequence[int], budget: int, keys: Sequence[str], seed: int) -> list[int]:
    """Draw the examples that fill a budget of tokens by seed, and again from the start where they are too few.

    Pure: positions in the order they are taken. The sum of their lengths is at most the budget, and less than the
    budget by no more than the shortest example that would not fit.
    """
    taken: list[int] = []
    left, turn = budget, 0
    while lengths and left >= min(lengths):
        for at in sorted(range(len(lengths)), key=lambda at: lot(seed, f"{turn} {keys[at]}")):
            if lengths[at] <= left:
                taken.append(at)
                left -= lengths[at]
        turn += 1
    return taken
