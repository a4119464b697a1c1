"""One-step word problems with small numbers, made by rule: what a model of 135 million weights can sometimes solve.

SVAMP's problems are worded to mislead, and GSM8K's have several steps; there such a model is nearly always wrong, so
that neither its teachers nor its student can be told apart. These problems are plain. Wording and numbers are drawn
from a fixed seed, and the right answer is computed, not looked up.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

NAME = "one-step"
"""What settings call the problems made from these wordings."""
NAMES = ("Ida", "Tom", "Lena", "Omar", "Mia", "Ravi", "Noor", "Ben", "Asha", "Piet", "Yuki", "Rosa")
THINGS = ("apples", "stamps", "books", "shells", "coins", "pens", "cards", "marbles", "plums", "ribbons", "nuts")
PLACES = ("box", "bag", "jar", "tray", "drawer", "basket")

ADDING = (
    "{n} has {a} {t} and finds {b} more. How many {t} does {n} have now?",
    "There are {a} {t} on the table and {b} {t} on the shelf. How many {t} are there in all?",
    "{n} bought {a} {t} on Monday and {b} {t} on Friday. How many {t} did {n} buy?",
    "{n} has {a} {t}. {m} has {b} {t}. How many {t} do they have together?",
    "A {p} holds {a} {t}. {n} puts {b} more {t} into it. How many {t} are in the {p}?",
    "{n} had {a} {t} and was given {b} {t} as a present. How many {t} does {n} have?",
)
TAKING = (
    "{n} had {a} {t} and gave away {b}. How many {t} are left?",
    "There were {a} {t} in the {p}. {n} took {b} of them. How many {t} are still in the {p}?",
    "{n} has {a} {t}. {m} has {b} {t}. How many more {t} does {n} have than {m}?",
    "{n} had {a} {t} and lost {b} of them. How many {t} does {n} have now?",
    "A shop had {a} {t} and sold {b}. How many {t} remain?",
    "{n} needs {a} {t} and has {b}. How many {t} are missing?",
)
TIMES = (
    "There are {a} {q} with {b} {t} in each. How many {t} are there in all?",
    "{n} buys {a} packs of {b} {t}. How many {t} does {n} get?",
    "{a} children have {b} {t} each. How many {t} do they have together?",
    "{n} collects {b} {t} every day. How many {t} does {n} have after {a} days?",
    "Each of {a} {q} holds {b} {t}. How many {t} do they hold?",
    "A row has {b} {t}. How many {t} are in {a} rows?",
)
SHARING = (
    "{n} shares {c} {t} equally among {b} friends. How many {t} does each friend get?",
    "{c} {t} are put into {b} {q}, the same number in each. How many {t} are in one of them?",
    "{n} packs {c} {t} in groups of {b}. How many groups are there?",
    "{b} children share {c} {t} fairly. How many {t} does each child get?",
    "{n} reads {c} pages in {b} days, the same number every day. How many pages is that a day?",
    "{c} {t} stand in {b} equal rows. How many {t} are in a row?",
)
KINDS: dict[str, tuple[tuple[str, ...], Callable[[int, int], int]]] = {
    "addition": (ADDING, lambda a, b: a + b),
    "subtraction": (TAKING, lambda a, b: a - b),
    "multiplication": (TIMES, lambda a, b: a * b),
    "division": (SHARING, lambda a, b: a),
}
"""By kind its wordings, and the right answer for the numbers a and b."""
WORDINGS = sum(len(wordings) for wordings, _ in KINDS.values())
"""How many there are; problems of one wording resemble each other."""

CREDIT = "1,200 plain word problems of one step, made by rule for this workbench, Apache-2.0."
COUNT = 1200
SEED = 20260


@dataclass(frozen=True)
class OneStepProblem:
    """A word problem of one step.

    Attributes:
        name: unique in the data set.
        answer: the right one, a whole number in digits.
        operation: one of `KINDS`.
        wording: name of the pattern that it was made from, shared by problems that resemble each other.
    """

    name: str
    text: str
    answer: str
    operation: str
    wording: str


def made_problems() -> list[OneStepProblem]:
    """Make all problems, each once: four kinds in turn, so that every sample has about as many of each."""
    draw = random.Random(SEED)
    found: dict[str, OneStepProblem] = {}
    kinds = list(KINDS)
    while len(found) < COUNT:
        kind = kinds[len(found) % len(kinds)]
        text, answer, wording = _problem(draw, kind)
        if text not in found:
            found[text] = OneStepProblem(f"one-step-{len(found)}", text, str(answer), kind, wording)
    return list(found.values())


def _problem(draw: random.Random, kind: str) -> tuple[str, int, str]:
    """Text, right answer, and the name of the wording."""
    wordings, result = KINDS[kind]
    small = kind in ("multiplication", "division")
    a, b = (draw.randint(2, 6), draw.randint(2, 5)) if small else (draw.randint(2, 12), draw.randint(1, 9))
    if kind == "subtraction":
        a = max(a, b + 1)
    n, m = draw.sample(NAMES, 2)
    place = draw.choice(PLACES)
    # "boxes", and "s" for the others
    several = f"{place}es" if place.endswith("x") else f"{place}s"
    wording = draw.choice(wordings)
    said = wording.format(a=a, b=b, c=a * b, n=n, m=m, p=place, q=several, t=draw.choice(THINGS))
    return said, result(a, b), f"{kind} {wordings.index(wording) + 1}"
