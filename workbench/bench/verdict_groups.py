"""Verdicts as page, terminal, JSON and report tell them: in which words, which order, and where they are withheld.

Design decisions:
- Headlines first, then the paper's other claims, then our own: the families within which p values are corrected.
- A run that failed has no verdicts: what it wrote before it failed stays readable as rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from workbench.contract.claims import Claim, Family
from workbench.contract.runs import LIVE, State
from workbench.messages import noted, say, say_many

if TYPE_CHECKING:
    from workbench.statistics import Decision, Verdict

    Judged = TypeVar("Judged", Verdict, Claim)


@dataclass(frozen=True)
class Word:
    """How a decision is told: a mark that is no colour, one for terminals, the words, and the CSS tone."""

    mark: str
    letter: str
    words: str
    tone: str


WORDS: "dict[Decision, Word]" = {
    "holds": Word("✓", "+", noted("Holds here"), "good"),
    "does not hold": Word("✕", "-", noted("Does not hold here"), "bad"),
    "undecided": Word("?", "?", noted("Undecided"), "warn"),
    "not measurable here": Word("–", "o", noted("Not measurable here"), "calm"),
    "not asked here": Word("○", ".", noted("Not asked here"), "calm"),
}

FAMILIES: dict[Family, str] = {
    "headline": noted("Headline"),
    "paper": noted("The paper's other claims"),
    "own": noted("Our own checks"),
}
FAMILY_HELP: dict[Family, str] = {
    "headline": noted("What the method stands or falls with."),
    "paper": noted("Further claims that the paper makes."),
    "own": noted("Claims that the paper does not make, and that tell whether the run can be trusted."),
}
SCALES = {
    "toy": noted(
        "Settled on a planted or from-scratch task: it says that the mechanism works, not how large its effect is."
    ),
    "small": noted("A real model, smaller than the paper's by ten times or more: a larger one may behave otherwise."),
    "as published": noted("A model of about the size that the paper used."),
}


def by_family(judged: "Sequence[Judged]") -> "list[tuple[Family, list[Judged]]]":
    """Group verdicts, or the claims of a card, by family; families without any are left out."""
    groups: list[tuple[Family, list[Judged]]] = [
        (family, [each for each in judged if each.family == family]) for family in FAMILIES
    ]
    return [(family, members) for family, members in groups if members]


def are_judged(state: State) -> bool:
    """Return whether a run in this state has verdicts."""
    return state != "failed"


def basis(state: State) -> str:
    """From what a run's verdicts were made, or why there are none, in one or two sentences."""
    if state == "failed":
        return say("The run failed, so no claim is judged. What it wrote before is in Rows.")
    if state in LIVE:
        return say("From the rows so far; it may change until the run is done.")
    if state in ("stopped", "interrupted"):
        message = noted("Partial: the run was {state} before its end. From the rows that it had written.")
        return say(message, state=say(state))
    return say("From all rows of this run.")


def words_of(verdict: "Verdict") -> str:
    """Return the decision in words, with "(counted)" where the numbers have no chance in them."""
    words = say(WORDS[verdict.verdict].words)
    counted = verdict.counted and verdict.verdict in ("holds", "does not hold")
    return say("{verdict} (counted)", verdict=words) if counted else words


def tally(verdicts: "Sequence[Verdict]") -> "list[tuple[Decision, int]]":
    """Return how many claims got each word, in the order of the words; words that none got are left out."""
    counted: list[tuple[Decision, int]] = [
        (decision, sum(each.verdict == decision for each in verdicts)) for decision in WORDS
    ]
    return [(decision, many) for decision, many in counted if many]


def next_step(verdict: "Verdict", titles: dict[str, str]) -> str:
    """Return what would settle an open claim, or which box to tick so that the run asks it; "" where nothing is open.

    Args:
        verdict: on one claim.
        titles: of arms, by name.
    """
    if verdict.verdict == "not asked here":
        arms = [f"“{say(titles.get(name, name))}”" for name in verdict.missing.get("arms", ())]
        return say("To ask it, tick {arms} under “Arms”.", arms=say(" and ").join(arms)) if arms else verdict.reason
    if verdict.verdict != "undecided":
        return ""
    seeds, items = verdict.more_seeds, verdict.more_items
    needs = [say_many("{n} more seed", "{n} more seeds", seeds)] if seeds else []
    needs += [say_many("{n} more item", "{n} more items", items)] if items else []
    message = noted("About {sizes} would decide it, if the estimate stayed where it is.")
    return say(message, sizes=say(" or ").join(needs)) if needs else ""
