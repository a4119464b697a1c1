"""Verdicts in words."""

import numpy as np
import pytest

from tests.workbench.test_findings import A, B, answers, examine, run
from workbench.claims import Cell, Equivalence, Share, Superiority
from workbench.statistics.findings import Finding
from workbench.statistics.verdict_text import (
    decided_because,
    number,
    proposal,
    shown_interval,
    undecided_because,
    unmeasurable_because,
)

CLEAR = examine(run(a=answers(0.9), b=answers(0.5)), Superiority(A, B))


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(0.4567, "share", "45.7 %"), (3.14159, "nats", "3.14 nats"), (-2.0, "", "-2")]
)
def test_numbers_carry_their_unit(value: float, unit: str, text: str):
    assert number(value, unit) == text


def test_a_decided_claim_names_estimate_interval_and_bar():
    text = decided_because(CLEAR, 0.95)
    assert text.startswith("The estimate is 40 %; its 95 % interval, ") and text.endswith("lies above 0 %.")


def test_a_share_below_its_bar_is_shown_as_it_is():
    found = examine(run(a=answers(0.1)), Share(A, 0.5, "below"))
    low, high = shown_interval(found, 0.95)
    assert low is not None and high is not None and 0 < low < 0.1 < high < 0.5
    assert decided_because(found, 0.95).endswith("lies below 50 %.")
    refuted = examine(run(a=answers(0.9)), Share(A, 0.5, "below"))
    assert decided_because(refuted, 0.95).endswith("lies above 50 %.")


def test_an_equivalence_names_both_bars():
    score = np.random.default_rng(0).normal(size=(1, 50))
    loss = Cell("loss", "a"), Cell("loss", "b")
    inside = examine(run("loss", a=score, b=score[:, ::-1]), Equivalence(*loss, 9.0))
    assert decided_because(inside, 0.95).endswith("lies between -9 nats and 9 nats.")
    outside = examine(run("loss", a=score, b=score + 5 + 0.1 * score**2), Equivalence(*loss, 1.0))
    assert decided_because(outside, 0.95).endswith("lies outside -1 nats and 1 nats.")


def test_an_open_claim_says_what_keeps_it_open():
    unclear = examine(run(a=answers(0.5), b=answers(0.5)[:, ::-1]), Superiority(A, B))
    assert "does not settle 0 %" in undecided_because(unclear, 0.95, 1.0)
    assert undecided_because(Finding(problem="Nothing there."), 0.95, None) == "Nothing there."
    corrected = undecided_because(CLEAR, 0.95, 0.2)
    assert "only the correction keeps it open" in corrected and "(Holm) p is 0.2, and 0.05 is needed" in corrected


def test_an_exact_test_that_disagrees_with_the_interval_is_named():
    rare = np.zeros((1, 300))
    rare[0, :5] = 1.0
    found = examine(run(a=0.5 + rare / 2 > 0.6, b=np.zeros((1, 300))), Superiority(A, B))
    assert "McNemar's exact test gives p = 0.062" in undecided_because(found, 0.95, 0.06)


def test_an_unmeasurable_claim_names_the_level():
    found = examine(run(a=answers(1.0), b=answers(1.0)), Superiority(A, B))
    assert unmeasurable_because(found) == "All arms lie within three standard errors of the ceiling 1."


def test_what_was_left_out_is_said():
    frame = run(a=answers(0.9, seeds=2), b=answers(0.5, seeds=3))
    frame = frame[~((frame.arm == "a") & (frame.item == "i7"))]
    text = decided_because(examine(frame, Superiority(A, B)), 0.95)
    assert "202 outcomes had no partner in every arm" in text


@pytest.mark.parametrize(
    ("seeds", "items", "text"),
    [
        (3, 120, "About 3 more seeds, or 120 more items would settle it at this estimate."),
        (None, 120, "About 120 more items would settle it at this estimate."),
        (None, None, ""),
    ],
)
def test_a_proposal_names_what_is_known_to_help(seeds: int | None, items: int | None, text: str):
    assert proposal(seeds, items) == text
