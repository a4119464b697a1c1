import re

import pandas as pd
import pytest

from tests.rooms.counting import COUNTING
from tests.rooms.picturing import PICTURING
from workbench.claims import Cell, Claim, Conjunction, Share
from workbench.statistics import Verdict, judge
from workbench.ui.verdicts import arms_html, bars_of, promised_html, verdicts_html


def outcomes(gap, items=30):
    rows = [
        {
            "arm": arm,
            "metric": "score",
            "seed": 0,
            "value": base + (n % 7) / 10,
            "item": f"i{n}",
            "cluster": None,
            "slice": "",
        }
        for arm, base in (("plain", 0.0), ("shifted", gap))
        for n in range(items)
    ]
    return pd.DataFrame(rows)


def test_a_verdict_tells_claim_word_interval_basis_and_paper():
    told = verdicts_html(COUNTING, judge(COUNTING, outcomes(0.2)), partial=False)
    for part in (
        "Holds here",
        "✓",
        "The shift raises the score.",
        "1 seed",
        "30 items",
        "Paper: ",
        "0.5 -&gt; 0.7",
        "low confidence",
    ):
        assert part in told
    assert "<svg" in told and "From all rows" in told


def test_a_live_run_says_that_its_verdict_may_change():
    assert "may change" in verdicts_html(COUNTING, judge(COUNTING, outcomes(0.2)), partial=True)


@pytest.mark.parametrize("kind", ["holds", "does not hold", "undecided", "not measurable here"])
def test_every_verdict_has_a_mark_and_a_word(kind):
    verdict = judge(COUNTING, outcomes(0.2))[0].model_copy(update={"verdict": kind})
    told = verdicts_html(COUNTING, [verdict], partial=False)
    assert re.search(r'<span aria-hidden="true" class="bw-mark">[✓✕?–]</span> \w+', told)


def test_what_would_decide_it_is_said():
    verdict = judge(COUNTING, outcomes(0.2))[0].model_copy(update={"more_seeds": 3, "more_items": 40})
    assert "about 3 more seeds or 40 more items could decide it" in verdicts_html(COUNTING, [verdict], partial=False)


def test_hostile_sentences_are_text():
    verdict = judge(COUNTING, outcomes(0.2))[0].model_copy(
        update={"sentence": "<script>", "reason": "<b>", "note": "<i>"}
    )
    told = verdicts_html(COUNTING, [verdict], partial=False)
    assert "<script>" not in told and "<b>" not in told and "<i>" not in told


def test_missing_numbers_draw_nothing():
    verdict = judge(COUNTING, outcomes(0.2))[0].model_copy(update={"estimate": None, "low": None, "high": None})
    assert isinstance(verdict, Verdict)
    assert "<svg" not in verdicts_html(COUNTING, [verdict], partial=False)


def test_bars_follow_the_kind_of_claim():
    far, alike = PICTURING.claims
    assert bars_of(far, PICTURING.metrics) == (2.0,)
    assert bars_of(alike, PICTURING.metrics) == (-0.5, 0.5)
    both = Claim("both", "Both.", Conjunction((Share(Cell("size", "walk"), 1.0),) * 2))
    assert bars_of(both, PICTURING.metrics) == ()


def test_the_card_shows_its_claims_before_any_row():
    told = promised_html(PICTURING)
    assert "It walks beyond two." in told and "the paper makes none" in told and "By construction." in told


def test_arms_are_listed_with_intervals_and_units():
    frame = pd.DataFrame(
        [
            {
                "arm": "walk",
                "metric": "size",
                "slice": "",
                "estimate": 0.5,
                "low": 0.25,
                "high": None,
                "seeds": 2,
                "items": 1200,
                "clusters": 3,
            }
        ]
    )
    told = arms_html(PICTURING, frame)
    for part in ("Walking", "50.0 %", "25.0 % to –", "1,200"):
        assert part in told
    assert arms_html(PICTURING, frame.head(0)) == ""
