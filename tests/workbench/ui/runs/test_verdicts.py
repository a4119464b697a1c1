"""Cards of verdicts: the answer first, then the interval, the doubts, and the numbers behind a disclosure."""

import re
from dataclasses import replace
from typing import get_args

import pandas as pd
import pytest

from tests.rooms.counting import COUNTING
from tests.rooms.picturing import PICTURING
from tests.workbench.made_verdicts import CLAIM, verdict
from workbench.contract.claims import Claim
from workbench.statistics import Decision, arm_intervals, judge
from workbench.ui.runs.verdicts import arms_html, promised_html, summary_html, verdicts_html

HOSTILE = "<script>alert(1)</script>"


def outcomes(gap: float, items: int = 30) -> pd.DataFrame:
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


def card(**changed: object) -> str:
    return verdicts_html(COUNTING, [verdict(**changed)], "finished")


def test_a_card_opens_with_the_answer_and_ends_with_the_numbers():
    told = card()
    order = [
        "Holds here",
        "<h4>On this data the shift finds 8 more of 100 sentences.</h4>",
        CLAIM.sentence,
        "<svg",
        "How this could be wrong",
        "Paper</strong>: ",
        "<summary>The numbers</summary>",
        "p, this claim alone",
    ]
    places = [told.index(part) for part in order]
    assert places == sorted(places)
    assert "0.5 -&gt; 0.7" in told and "low confidence" in told and "From all rows" in told


def test_numbers_stand_behind_a_disclosure_in_readable_form():
    numbers = card().partition("<details")[2]
    for part in (
        "8 points",
        "3 to 13 points",
        "1 to 15 points",
        "99.17 %",
        "0.0012",
        "0.0072",
        "The paper&#39;s other claims",
        "1,200",
        "1 of 5",
        "The interval lies above 0.",
    ):
        assert part in numbers, part
    assert not re.search(r"\de[-+]\d|0\.08|\*", card())


@pytest.mark.parametrize("decision", get_args(Decision))
def test_every_verdict_has_a_mark_and_words(decision: str):
    assert re.search(r'<span aria-hidden="true" class="bw-mark">[✓✕?–○]</span> \w+', card(verdict=decision))


def test_counted_and_scale_are_said_and_explained():
    told = card(counted=True, scale="toy", low=None, high=None, deciding_low=None, deciding_high=None, p=None)
    assert "Holds here (counted)" in told
    assert re.search(r'<span class="bw-chip" title="[^"]*planted[^"]*">toy</span>', told) and "toy: Settled" in told
    assert "p, this claim alone" not in told and "bw-svg-interval" not in told
    assert "bw-chip" not in card(scale="")


def test_ratios_are_shown_as_ratios():
    told = card(log=True, unit="log ratio", estimate=1.131, low=0.794, high=1.468)
    assert "3.1 times" in told and "2.21 to 4.34 times" in told and "1.13" not in told


def test_what_would_decide_it_and_which_box_to_tick():
    assert "About 1 more seed would decide it" in card(verdict="undecided", more_seeds=1)
    told = card(verdict="not asked here", missing={"arms": ["halved"]}, estimate=None)
    assert "tick “Half the bonus” under “Arms”" in told and "<svg" not in told


def test_families_stand_apart_headlines_first():
    engine = replace(COUNTING, claims=tuple(replace(CLAIM, name=name) for name in "abc"))
    many = [verdict(claim=c, family=f) for c, f in zip("abc", ("own", "paper", "headline"), strict=True)]
    told = verdicts_html(engine, many, "finished")
    assert re.findall(r"<h3>(.*?)</h3>", told) == ["Headline", "The paper&#39;s other claims", "Our own checks"]
    assert told.index('id="claim-c"') < told.index('id="claim-b"') < told.index('id="claim-a"')
    two = verdicts_html(engine, [*many[:2], verdict(claim="c", family="own")], "finished")
    assert "p values are corrected for these 2 claims." in two and "these 1" not in two


def test_cards_of_one_metric_and_unit_share_an_axis():
    engine = replace(COUNTING, claims=tuple(replace(CLAIM, name=name) for name in "abc"))
    wide = verdict(claim="b", estimate=0.8, low=0.6, high=1.0, deciding_low=0.5, deciding_high=1.1)

    def drawing(*others):
        return verdicts_html(engine, [verdict(claim="a"), *others], "finished").partition("</svg>")[0].partition("<svg")

    alone, shared, other = drawing(), drawing(wide), drawing(wide.model_copy(update={"unit": "share"}))
    assert ">100</text>" in shared[2] and ">100</text>" not in alone[2]
    assert other[2] == alone[2]


@pytest.mark.parametrize(
    ("state", "words"), [("running", "may change"), ("stopped", "Partial"), ("finished", "From all")]
)
def test_from_what_verdicts_were_made_is_said(state, words):
    assert words in verdicts_html(COUNTING, [verdict()], state)


def test_a_failed_run_shows_no_verdict():
    told = verdicts_html(COUNTING, [verdict()], "failed")
    assert "no claim is judged" in told and "Rows" in told and "bw-verdict" not in told


def test_hostile_text_is_text():
    told = card(
        sentence=HOSTILE, answer=HOSTILE, reason=HOSTILE, note=HOSTILE, cautions=(HOSTILE,), sides=(HOSTILE, HOSTILE)
    ) + summary_html([verdict(answer=HOSTILE, headline=True)])
    assert "<script" not in told


def test_missing_numbers_draw_nothing():
    assert "<svg" not in card(estimate=None, low=None, high=None)
    assert "<svg" not in card(estimate=float("nan"))


def test_real_verdicts_of_a_toy_become_cards():
    told = verdicts_html(COUNTING, judge(COUNTING, outcomes(0.2)), "finished")
    assert "Holds here" in told and "<svg" in told and "30" in told


def test_the_card_shows_its_claims_before_any_row():
    told = promised_html(PICTURING)
    assert "It walks beyond two." in told and "the paper makes none" in told and "By construction." in told
    doubtful = Claim("far", "It walks.", PICTURING.claims[0].kind, headline=True, toy=True, cautions=("One doubt.",))
    told = promised_html(replace(PICTURING, claims=(doubtful,)))
    assert "<h3>Headline</h3>" in told and "One doubt." in told and ">toy</span>" in told


def test_the_summary_tells_headlines_and_counts_the_others():
    headline = verdict(headline=True, family="headline")
    told = summary_html([headline, verdict(), verdict(verdict="undecided"), verdict(verdict="undecided")])
    assert told.index("8 more of 100 sentences") < told.index("Holds here: 1 further claim")
    assert "Undecided: 2 further claims" in told and "Not measurable" not in told
    assert "Holds here: 2 claims" in summary_html([verdict(), verdict()])
    assert summary_html([]) == "" and "<ul" not in summary_html([headline])


def test_arms_are_a_table_behind_a_disclosure():
    frame = arm_intervals(COUNTING, outcomes(0.2))
    told = arms_html(COUNTING, frame)
    assert told.startswith("<details") and "Shifted" in told and "Score" in told and "One seed" not in told
    assert arms_html(COUNTING, frame.head(0)) == ""
    broken = arms_html(COUNTING, frame.assign(low=float("nan"), caution=HOSTILE))
    assert "<td>–</td>" in broken and "<script" not in broken
