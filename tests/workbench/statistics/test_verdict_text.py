"""Verdicts in words."""

from dataclasses import replace

import numpy as np
import pytest

from tests.workbench.statistics.test_findings import ACCURACY, COUNTED, LOSS, A, B, answers, examine, run
from workbench.contract.claims import Cell, Claim, Equivalence, NonInferiority, Share, Superiority
from workbench.statistics.findings import Finding
from workbench.statistics.verdict_text import (
    Words,
    answer,
    decided_because,
    not_asked_because,
    proposal,
    sides,
    undecided_because,
    unmeasurable_because,
)

SCORE = replace(ACCURACY, title="Right answers", things="questions")
WORDS = Words({"a": "The method", "b": "The baseline"}, {"score": SCORE, "loss": LOSS, "parameters": COUNTED})
BETTER = Superiority(A, B)
CLEAR = examine(run(a=answers(0.9), b=answers(0.5)), BETTER)
CLAIM = Claim("claim", "A is better.", BETTER, finding="the method answers {amount} than the baseline")


def test_a_decided_claim_is_answered_in_natural_units():
    said = answer(CLAIM, CLEAR, "holds", WORDS)
    assert said.startswith("On this data the method answers 40 more of 100 questions than the baseline (")
    assert said.endswith("points); chance alone would give as much in fewer than 1 of 1,000 runs.")


def test_without_a_finding_the_titles_make_the_sentence():
    said = answer(replace(CLAIM, finding=""), CLEAR, "holds", WORDS)
    assert "The method has 40 more of 100 questions than The baseline (right answers)" in said
    share = examine(run(a=answers(0.9)), Share(A, 0.5))
    told = answer(Claim("claim", "", share.kind), share, "holds", WORDS)
    assert "The method has 90 of 100 questions (right answers)" in told and ", against 50 %;" in told


def test_a_worse_method_is_told_as_worse_with_its_interval_turned():
    worse = examine(run(a=answers(0.5), b=answers(0.9)), BETTER)
    said = answer(CLAIM, worse, "does not hold", WORDS)
    assert "40 fewer of 100 questions" in said and "−" not in said


def test_open_claims_say_how_often_chance_does_as_much():
    unclear = examine(run(a=answers(0.5), b=answers(0.5)[:, ::-1]), BETTER)
    assert "too often to decide." in answer(CLAIM, unclear, "undecided", WORDS)
    one_seed = examine(run(a=answers(0.9), b=answers(0.5)), BETTER, trained=True)
    assert answer(CLAIM, one_seed, "undecided", WORDS).endswith("; one seed of a trained arm decides nothing.")


def test_a_margin_is_named():
    kind = NonInferiority(A, B, 0.05)
    found = examine(run(a=answers(0.9), b=answers(0.9)[:, ::-1]), kind)
    assert "where 5 points worse is allowed; a true value at that limit" in answer(CLAIM, found, "holds", WORDS)


def test_counted_unmeasurable_and_not_asked():
    frame = run("parameters", a=np.full((1, 1), 10.0), b=np.full((1, 1), 30.0)).assign(item=None)
    counted = examine(frame, Superiority(Cell("parameters", "a"), Cell("parameters", "b")))
    plain = replace(CLAIM, finding="the method has {amount} parameters")
    assert answer(plain, counted, "holds", WORDS) == (
        "On this data the method has 20 less parameters: counted, without chance."
    )
    assert decided_because(counted, 0.95) == "Counted: 20 against 0."
    level = examine(run(a=answers(1.0), b=answers(1.0)), BETTER)
    assert "all arms sit at the ceiling 1" in answer(CLAIM, level, "not measurable here", WORDS)
    absent = examine(run(a=answers(0.5)), BETTER)
    assert answer(CLAIM, absent, "not asked here", WORDS) == (
        "This run did not ask it: it lacks the arm “The baseline”."
    )
    assert not_asked_because(absent, WORDS) == "Switch on the arm “The baseline”."


def test_globs_are_not_shown():
    found = Finding(BETTER, missing={"slices": ["*-G/style", "*"]})
    assert not_asked_because(found, WORDS).startswith("Nothing was judged under style, any slice:")


def test_a_decided_claim_names_estimate_interval_and_bar():
    text = decided_because(CLEAR, 0.95)
    assert text.startswith("The estimate is 40 points; its 95 % interval, ") and text.endswith("lies above 0 points.")


def test_a_share_below_its_bar_is_shown_as_it_is():
    found = examine(run(a=answers(0.1)), Share(A, 0.5, "below"))
    low, high = found.interval(0.05) or (0.0, 1.0)
    assert 0 < low < 0.1 < high < 0.5
    assert decided_because(found, 0.95).endswith("lies below 50 %.")
    refuted = examine(run(a=answers(0.9)), Share(A, 0.5, "below"))
    assert decided_because(refuted, 0.95).endswith("lies above 50 %.")
    assert sides(found) == ("less", "more")


def test_an_equivalence_names_both_bars():
    score = np.random.default_rng(0).normal(size=(1, 50))
    loss = Cell("loss", "a"), Cell("loss", "b")
    inside = examine(run("loss", a=score, b=score[:, ::-1]), Equivalence(*loss, 9.0))
    assert decided_because(inside, 0.95).endswith("lies between −9 nats and 9 nats.")
    outside = examine(run("loss", a=score, b=score + 5 + 0.1 * score**2), Equivalence(*loss, 1.0))
    assert decided_because(outside, 0.95).endswith("lies outside −1 nats and 1 nats.")


def test_an_open_claim_says_what_keeps_it_open():
    unclear = examine(run(a=answers(0.5), b=answers(0.5)[:, ::-1]), BETTER)
    assert "does not settle 0 points" in undecided_because(unclear, 0.05, 1.0)
    assert undecided_because(Finding(BETTER, problem="Nothing there."), 0.05, None) == "Nothing there."
    corrected = undecided_because(CLEAR, 0.05, 0.2)
    assert "the correction keeps it open" in corrected and "(Holm) p is 0.2, and 0.05 is needed" in corrected


def test_an_exact_test_that_disagrees_with_the_interval_is_named():
    a = np.zeros((1, 300))
    a[0, :5] = 1.0
    found = examine(run("loss", a=a, b=np.zeros((1, 300))), Superiority(Cell("loss", "b"), Cell("loss", "a")))
    assert found.p is not None and found.p >= 0.0625


def test_an_unmeasurable_claim_names_the_level():
    found = examine(run(a=answers(1.0), b=answers(1.0)), BETTER)
    assert unmeasurable_because(found) == "All arms lie within three standard errors of the ceiling 1."


def test_what_was_left_out_is_said():
    frame = run(a=answers(0.9, seeds=2), b=answers(0.5, seeds=3))
    frame = frame[~((frame.arm == "a") & (frame.item == "i7"))]
    text = decided_because(examine(frame, BETTER), 0.95)
    assert "202 outcomes had no partner in every arm" in text


@pytest.mark.parametrize(
    ("seeds", "items", "text"),
    [
        (3, 120, "About 3 more seeds, or 120 more items would settle it at this estimate."),
        (1, None, "About 1 more seed would settle it at this estimate."),
        (None, 1200, "About 1,200 more items would settle it at this estimate."),
        (None, None, ""),
    ],
)
def test_a_proposal_names_what_is_known_to_help(seeds: int | None, items: int | None, text: str):
    assert proposal(seeds, items) == text
