"""Whether final answers are right: as numbers exactly, else as mathematics; and the final answer as it is read."""

import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from engines.parts.answers.answers import final_number, numbers_equal
from engines.parts.answers.maths_answers import maths_verdicts


def is_right(gold: str, response: str) -> bool:
    """Return whether the final answer of a response is right: as numbers exactly, else as mathematics."""
    return bool(verdicts([(gold, response)])[0])


def verdicts(pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return whether each (gold, response) is right, shape (n,), bool.

    A gold that is a plain number is compared exactly with the number that the response ends on; any other is read as
    mathematics, in a process of its own that a hostile answer cannot hang.
    """
    found = np.zeros(len(pairs), bool)
    symbolic = [at for at, (gold, _) in enumerate(pairs) if not _is_number(gold)]
    asked = set(symbolic)
    for at, (gold, response) in enumerate(pairs):
        if at not in asked:
            found[at] = numbers_equal(gold, response)
    for at, verdict in zip(symbolic, maths_verdicts([pairs[at] for at in symbolic]), strict=True):
        found[at] = verdict.equal
    return found


def final_of(response: str) -> str:
    """Return the final answer of a response as the verifier reads it, for the reader; "" where it names no number."""
    number = final_number(response)
    if number is None:
        return ""
    return str(number.numerator) if number.denominator == 1 else _plain(number)


def _plain(number: Fraction) -> str:
    exact = Fraction(f"{float(number):.12g}") == number
    return f"{float(number):.12g}" if exact else f"{number.numerator}/{number.denominator}"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*\$?-?\d[\d,]*(\.\d+)?(/\d+)?\s*%?\s*", text) is not None
