"""One-step word problems with small numbers, made by rule: what a model of 135 million weights can sometimes solve.

SVAMP's problems are worded to mislead, and GSM8K's have several steps; there such a model is nearly always wrong, so
that neither its teachers nor its student can be told apart. These problems are plain. Wording and numbers are drawn
from a fixed seed, and the right answer is computed, not looked up.
"""

import random

from engines.persyn.prompts import Asked
from engines.persyn.wordings import KINDS, NAMES, PLACES, THINGS

CREDIT = "1,200 plain word problems of one step, made by rule for this workbench, Apache-2.0."
COUNT = 1200
SEED = 20260


def one_step_problems() -> list[Asked]:
    """All problems, each once: four kinds in turn, so that every sample has about as many of each."""
    draw = random.Random(SEED)
    found: dict[str, Asked] = {}
    kinds = list(KINDS)
    while len(found) < COUNT:
        kind = kinds[len(found) % len(kinds)]
        text, answer, group = _problem(draw, kind)
        if text not in found:
            found[text] = Asked(f"one-step-{len(found)}", text, str(answer), kind, group=group)
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
