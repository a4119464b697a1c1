"""A problem of a task: what is asked, what is to be learned, and when an answer is right."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from engines.parts.answers import exact_match, numbers_equal, option_letter

Verifier = Literal["options", "number", "letter", "text"]
"""How an answer is judged: the likeliest of the problem's options, its final number, its option letter, its words."""


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        item: unique in its task.
        question: as a user would ask it.
        response: what is learned as its answer.
        gold: what an answer is compared with; of a choice, the right option itself.
        options: of a choice, the right one among them.
        cluster: what it shares with others (a document); empty for one that stands alone.
    """

    item: str
    question: str
    response: str
    gold: str
    options: tuple[str, ...] = ()
    cluster: str = ""


def digest_of(problems: Sequence[Problem]) -> str:
    """Return 16 hex digits over all that the problems say: equal means the same problems in the same order."""
    # A problem without a cluster says nothing of it, as before there were any: kept answers stay.
    told = [{name: value for name, value in asdict(one).items() if name != "cluster" or value} for one in problems]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def same_letter(gold: str, answer: str) -> bool:
    """Return whether an answer chooses the option letter that the gold names; among the letters A to Z."""
    wanted = option_letter(gold, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") or gold.strip()[:1].upper()
    letters = "".join(chr(at) for at in range(ord("A"), max(ord("E"), ord(wanted or "A")) + 1))
    return bool(re.fullmatch("[A-Z]", wanted)) and option_letter(answer, letters) == wanted


VERIFIERS: Mapping[Verifier, Callable[[str, str], bool]] = {
    "options": lambda gold, answer: gold == answer,
    "number": numbers_equal,
    "letter": same_letter,
    "text": exact_match,
}
"""Whether an answer is right, from the gold and the answer."""
