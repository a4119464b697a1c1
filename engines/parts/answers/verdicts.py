"""Whether final answers are right, by the kind of the right answer; and the final answer as it is read."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from engines.parts.answers.answers import final_number, stated_answer
from engines.parts.answers.golds import matches_plainly
from engines.parts.answers.maths_answers import maths_verdicts

LONGEST_SHOWN = 80


def is_right(gold: str, response: str) -> bool:
    """Return whether the final answer of a response is right (`verdicts`)."""
    return bool(verdicts([(gold, response)])[0])


def verdicts(pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return whether each (gold, response) is right, shape (n,), bool.

    A gold that is a number is compared exactly with the number that the response ends on, numbers as a set, an option
    by its letter, words as plain words (`golds.gold_kind`). Any other is read as mathematics, in a process of its own
    that a hostile answer cannot hang.
    """
    plain = [matches_plainly(gold, response) for gold, response in pairs]
    symbolic = [at for at, verdict in enumerate(plain) if verdict is None]
    found = np.array([bool(verdict) for verdict in plain], bool)
    for at, verdict in zip(symbolic, maths_verdicts([pairs[at] for at in symbolic]), strict=True):
        found[at] = verdict.equal
    return found


def final_of(response: str) -> str:
    """Return the final answer of a response as the verifier reads it, for the reader: its number, else what it states.

    "" where it names no number and marks no answer.
    """
    number = final_number(response)
    if number is None:
        return stated_answer(response)[:LONGEST_SHOWN]
    return str(number.numerator) if number.denominator == 1 else _plain(number)


def _plain(number: Fraction) -> str:
    exact = Fraction(f"{float(number):.12g}") == number
    return f"{float(number):.12g}" if exact else f"{number.numerator}/{number.denominator}"
