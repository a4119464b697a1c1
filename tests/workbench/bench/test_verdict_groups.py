"""Words, order and reach of verdicts, the same for page, terminal, JSON and report."""

from typing import get_args

import pytest

from tests.workbench.made_verdicts import verdict
from workbench.bench.verdict_groups import FAMILIES, WORDS, are_judged, basis, by_family, next_step, tally, words_of
from workbench.contract.claims import Family
from workbench.contract.runs import State
from workbench.statistics import Decision


def test_every_decision_and_family_has_its_words():
    assert set(WORDS) == set(get_args(Decision)) and set(FAMILIES) == set(get_args(Family))
    assert len({word.mark for word in WORDS.values()}) == len({word.letter for word in WORDS.values()}) == len(WORDS)


def test_headlines_come_first_and_empty_families_not_at_all():
    own, headline = verdict(family="own"), verdict(family="headline", headline=True)
    assert by_family([own, headline, own]) == [("headline", [headline]), ("own", [own, own])]


def test_only_a_failed_run_has_no_verdicts():
    assert [state for state in get_args(State) if not are_judged(state)] == ["failed"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("finished", "From all rows"),
        ("running", "may change"),
        ("queued", "may change"),
        ("stopped", "Partial: the run was stopped"),
        ("interrupted", "Partial: the run was interrupted"),
        ("failed", "no claim is judged. What it wrote before is in Rows."),
    ],
)
def test_from_what_verdicts_were_made(state: State, words: str):
    assert words in basis(state)


def test_counted_is_said_where_something_was_decided():
    assert words_of(verdict(counted=True)) == "Holds here (counted)"
    assert words_of(verdict(counted=True, verdict="does not hold")) == "Does not hold here (counted)"
    assert words_of(verdict(counted=True, verdict="undecided")) == "Undecided" and words_of(verdict()) == "Holds here"


def test_decisions_are_counted_in_the_order_of_the_words():
    many = [verdict(verdict=name) for name in ("undecided", "holds", "undecided", "not asked here")]
    assert tally(many) == [("holds", 1), ("undecided", 2), ("not asked here", 1)]


@pytest.mark.parametrize(
    ("seeds", "items", "words"),
    [
        (1, None, "About 1 more seed would decide it, if the estimate stayed where it is."),
        (None, 1, "About 1 more item would"),
        (2, 1200, "About 2 more seeds or 1,200 more items would"),
        (None, None, ""),
    ],
)
def test_what_would_decide_an_open_claim(seeds: int | None, items: int | None, words: str):
    open_claim = verdict(verdict="undecided", more_seeds=seeds, more_items=items)
    assert next_step(open_claim, {}).startswith(words) and bool(next_step(open_claim, {})) == bool(words)
    assert next_step(verdict(more_seeds=seeds, more_items=items), {}) == ""


def test_what_was_not_asked_names_the_box_to_tick():
    missing = verdict(verdict="not asked here", missing={"arms": ["plain", "own_arm"]})
    assert next_step(missing, {"plain": "Plain"}) == "To ask it, tick “Plain” and “own_arm” under “Arms”."
    assert next_step(verdict(verdict="not asked here", missing={"slices": ["x"]}, reason="Why."), {}) == "Why."
