"""Verdicts of a whole engine: correction over claims, conjunctions, incomplete runs, intervals of arms."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.workbench.statistics.null_runs import A_ABOVE_B, card
from tests.workbench.statistics.test_findings import run
from workbench.contract.circumstances import Circumstances, Look
from workbench.contract.claims import Cell, ClaimKind, Conjunction, Equivalence, Metric, Reported, Share, Superiority
from workbench.contract.engine import Engine
from workbench.statistics import Verdict, judge
from workbench.statistics.verdicts import holm

RNG = np.random.default_rng(11)
A, B = Cell("score", "a"), Cell("score", "b")


def inference(**claims: ClaimKind) -> Engine:
    """A card whose arms train nothing."""
    return card(claims, trained=False)


def verdict(frame: pd.DataFrame, kind: ClaimKind, *, trained: bool = False) -> Verdict:
    return judge(card({"claim": kind}, trained=trained), frame)[0]


def shifted(effect: float, seeds: int = 3, items: int = 40, metric: str = "score", slice: str = "") -> pd.DataFrame:
    """Arm a lies above arm b by an effect of that many standard errors, or nearly."""
    noise = RNG.normal(size=(seeds, items))
    noise -= noise.mean()
    return run(metric, slice=slice, a=noise + effect * noise.std() / np.sqrt(noise.size), b=np.zeros((seeds, items)))


def test_a_clear_difference_holds_and_its_opposite_does_not():
    frame = shifted(12.0)
    assert verdict(frame, A_ABOVE_B).verdict == "holds"
    assert verdict(frame, Superiority(B, A)).verdict == "does not hold"
    assert verdict(frame, A_ABOVE_B, trained=True).verdict == "holds"


def test_nothing_is_undecided_with_a_proposal():
    found = verdict(shifted(0.5, seeds=1), A_ABOVE_B)
    assert found.verdict == "undecided"
    assert found.more_items is not None and found.more_items > 100
    assert f"{found.more_items:,} more items" in found.reason
    assert "too often to decide" in found.answer


def test_one_seed_is_the_paired_t_test():
    noise = RNG.normal(size=(1, 20))
    a, b = 0.2 + np.concatenate([noise, -noise], axis=1), np.zeros((1, 40))
    found = verdict(run(a=a, b=b), A_ABOVE_B)
    scipy = stats.ttest_rel(a[0], b[0])
    assert (found.low, found.high) == pytest.approx(tuple(scipy.confidence_interval(0.95)))
    assert found.p == pytest.approx(scipy.pvalue, rel=1e-4)
    assert (found.seeds, found.items, found.clusters) == (1, 40, 40)


def test_one_seed_never_decides_about_a_trained_arm():
    found = verdict(shifted(50.0, seeds=1), A_ABOVE_B, trained=True)
    assert (found.verdict, found.p, found.more_seeds) == ("undecided", None, 2)
    assert found.low is not None and found.low > 0


def test_the_run_may_know_better_than_the_card_what_is_trained():
    frame = shifted(50.0, seeds=1)
    engine = inference(claim=A_ABOVE_B)
    assert judge(engine, frame)[0].verdict == "holds"
    assert judge(engine, frame, Circumstances(trained={"a": True}))[0].verdict == "undecided"


def test_claims_are_corrected_for_by_holm():
    """Three claims with p near 0.03: alone each is decided, together none is."""
    frame = pd.concat([shifted(2.3, seeds=1, slice=f"s{k}") for k in range(3)])
    kinds = {f"s{k}": Superiority(Cell("score", "a", f"s{k}"), Cell("score", "b", f"s{k}")) for k in range(3)}
    alone = [judge(inference(**{name: kind}), frame)[0] for name, kind in kinds.items()]
    together = judge(inference(**kinds), frame)
    assert [v.verdict for v in alone] == ["holds"] * 3
    assert [v.verdict for v in together] == ["undecided"] * 3
    assert "the correction keeps it open" in together[0].reason
    ps = sorted(v.p for v in together if v.p is not None)
    assert max(v.p_corrected or 0 for v in together) == pytest.approx(max(3 * ps[0], 2 * ps[1], ps[2]))


def test_a_claim_that_cannot_be_tested_costs_the_others_nothing():
    frame = shifted(2.3, seeds=1)
    both = judge(inference(real=A_ABOVE_B, missing=Superiority(A, Cell("score", "absent"))), frame)
    assert [v.verdict for v in both] == ["holds", "not asked here"]
    assert both[0].p == both[0].p_corrected


def test_a_conjunction_is_as_sure_as_its_least_sure_part():
    frame = shifted(12.0)
    parts = (A_ABOVE_B, Share(A, -5.0), Equivalence(A, B, 9.0))
    whole = verdict(frame, Conjunction(parts))
    assert whole.verdict == "holds"
    assert whole.p == max(verdict(frame, part).p or 0 for part in parts)


def test_a_conjunction_is_refuted_by_one_part():
    found = verdict(shifted(12.0), Conjunction((A_ABOVE_B, Share(A, 50.0))))
    assert found.verdict == "does not hold"
    assert found.reason.endswith("lies below 50.")


def test_a_conjunction_with_a_part_missing_is_refuted_but_never_confirmed():
    absent = Superiority(A, Cell("score", "absent"))
    frame = shifted(12.0)
    open_, refuted = (
        verdict(frame, Conjunction((A_ABOVE_B, absent))),
        verdict(frame, Conjunction((absent, Share(A, 50.0)))),
    )
    assert (open_.verdict, refuted.verdict) == ("not asked here", "does not hold")
    assert open_.missing == {"arms": ["absent"]} and "absent" in open_.reason


def test_arms_at_the_ceiling_are_not_measurable():
    metric = Metric("score", "share", "higher", "", floor=0.0, ceiling=1.0)
    perfect = run(a=np.ones((3, 50)), b=np.ones((3, 50)))
    found = judge(card({"claim": A_ABOVE_B}, (metric,)), perfect)[0]
    assert found.verdict == "not measurable here" and "ceiling 1" in found.reason
    assert (found.more_seeds, found.more_items) == (None, None)


@pytest.mark.parametrize(
    ("gone", "said"),
    [("everything", "not asked here"), ("arm a", "not asked here"), ("values", "undecided"), ("seeds", "undecided")],
)
def test_incomplete_runs_say_what_is_missing(gone: str, said: str):
    frame = shifted(9.0)
    frame = {
        "everything": frame.iloc[:0],
        "arm a": frame[frame.arm != "a"],
        "values": frame.assign(value=np.nan),
        "seeds": frame[((frame.arm == "a") & (frame.seed == 0)) | ((frame.arm == "b") & (frame.seed == 1))],
    }[gone]
    found = verdict(frame, A_ABOVE_B)
    assert found.verdict == said and found.reason and found.answer
    assert (found.estimate, found.low, found.high, found.p) == (None, None, None, None)


def test_what_may_still_come_is_undecided():
    frame = shifted(9.0)
    live = Circumstances(arms=("a", "b"), complete=False)
    engine = inference(claim=A_ABOVE_B)
    assert judge(engine, frame[frame.arm == "b"], live)[0].verdict == "undecided"
    assert judge(engine, frame[frame.arm == "b"], replace(live, arms=("b",)))[0].verdict == "not asked here"


def test_columns_as_history_gives_them_are_understood():
    frame = shifted(12.0)
    stored = frame.assign(value=frame.value.astype(object), item=frame.item.astype("str"), cluster=np.nan)
    assert verdict(stored, A_ABOVE_B) == verdict(frame, A_ABOVE_B)


def test_a_verdict_repeats_the_claim_and_the_papers_number():
    engine = inference(claim=A_ABOVE_B)
    claim = replace(engine.claims[0], sentence="A is better.", paper=Reported("1 > 0", "table 1"), note="On toys.")
    found = judge(replace(engine, claims=(claim,)), shifted(9.0))[0]
    assert (found.claim, found.sentence, found.note) == ("claim", "A is better.", "On toys.")
    assert found.paper == {"value": "1 > 0", "source": "table 1", "confidence": "high"}
    assert Verdict.model_validate_json(found.model_dump_json()) == found


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), st.integers(1, 3), st.floats(0, 6))
def test_the_order_and_names_of_outcomes_do_not_matter(random, seeds: int, effect: float):
    frame = shifted(effect, seeds=seeds, items=12)
    rows = list(range(len(frame)))
    random.shuffle(rows)
    renamed = frame.assign(item="z" + frame.item.str[::-1], seed=100 - 7 * frame.seed).iloc[rows]
    one, other = verdict(frame, A_ABOVE_B), verdict(renamed, A_ABOVE_B)
    assert one.verdict == other.verdict
    assert (one.estimate, one.low, one.high, one.p) == pytest.approx((other.estimate, other.low, other.high, other.p))


def test_counted_claims_need_no_test():
    counted = Metric("score", "", "lower", "", counted=True)
    frame = run(a=np.full((1, 1), 420.0), b=np.full((1, 1), 960.0)).assign(item=None)
    engine = card({"fewer": A_ABOVE_B, "more": Superiority(B, A)}, (counted,))
    fewer, more = judge(engine, frame)
    assert (fewer.verdict, fewer.counted, fewer.p, fewer.low) == ("holds", True, None, None)
    assert (more.verdict, more.counted) == ("does not hold", True)
    assert fewer.answer.endswith("counted, without chance.")


def test_families_are_corrected_apart():
    """Three claims with p near 0.03: as headline, as the paper's and as our own each is decided."""
    frame = pd.concat([shifted(2.3, seeds=1, slice=f"s{k}") for k in range(3)])
    kinds = {f"s{k}": Superiority(Cell("score", "a", f"s{k}"), Cell("score", "b", f"s{k}")) for k in range(3)}
    engine = inference(**kinds)
    first, second, third = engine.claims
    said = Reported("1 > 0", "table 1")
    claims = (replace(first, headline=True, paper=said), replace(second, paper=said), third)
    found = judge(replace(engine, claims=claims), frame)
    assert [v.family for v in found] == ["headline", "paper", "own"]
    assert [v.verdict for v in found] == ["holds"] * 3
    assert all(v.p == v.p_corrected for v in found)


def test_the_deciding_interval_leaves_the_bar_out_exactly_where_it_is_decided():
    for effect in (1.5, 2.2, 2.6, 4.0):
        frame = pd.concat([shifted(effect, seeds=1, slice=f"s{k}") for k in range(3)])
        kinds = {f"s{k}": Superiority(Cell("score", "a", f"s{k}"), Cell("score", "b", f"s{k}")) for k in range(3)}
        for found in judge(inference(**kinds), frame):
            assert found.deciding_low is not None and found.low is not None
            assert found.deciding_low <= found.low
            assert (found.verdict == "holds") == (found.deciding_low > found.bars[0])


def test_a_later_look_may_spend_a_twelfth():
    frame = shifted(2.5, seeds=1)
    engine = inference(claim=A_ABOVE_B)
    assert judge(engine, frame)[0].verdict == "holds"
    later = Circumstances(looks=(Look(1, 20, ("a", "b"), {}),))
    found = judge(engine, frame, later)[0]
    assert (found.verdict, found.look) == ("undecided", 2)
    assert found.deciding_level == pytest.approx(1 - 0.05 / 12)
    assert any("Look 2 of 5" in caution for caution in found.cautions)
    beyond = Circumstances(looks=(Look(1, 20, ("a", "b"), {}),) * 5)
    assert judge(engine, shifted(99.0, seeds=1), beyond)[0].verdict == "undecided"


@pytest.mark.parametrize("said", ["holds", "does not hold"])
def test_what_an_earlier_look_decided_stays_decided(said: str):
    looks = (Look(1, 20, ("a", "b"), {"claim": said}),)
    found = judge(inference(claim=A_ABOVE_B), shifted(0.1, seeds=1), Circumstances(looks=looks))[0]
    assert found.verdict == said and "earlier look" in found.reason
    assert (found.more_seeds, found.more_items) == (None, None)


def test_holm_by_hand():
    assert holm([0.01, None, 0.04, 0.03], 0.05) == [(0.03, 3), (None, 3), (0.06, 2), (0.06, 2)]
    assert holm([0.01, 0.012, 0.04], 0.05) == [(0.03, 3), (0.03, 3 - 1), (0.04, 1)]
    assert holm([], 0.05) == [] and holm([None], 0.05) == [(None, 1)]


def test_what_was_decided_before_further_arms_joined_stays_decided_at_the_same_look():
    known = Circumstances(decided={"claim": "holds"})
    found = judge(inference(claim=A_ABOVE_B), shifted(0.1, seeds=1), known)[0]
    assert (found.verdict, found.look, found.more_seeds, found.more_items) == ("holds", 1, None, None)


def test_items_that_bring_no_clusters_are_not_proposed():
    engine, frame = inference(claim=A_ABOVE_B), shifted(0.5, seeds=1)
    assert judge(engine, frame)[0].more_items is not None
    assert judge(replace(engine, items_bring_clusters=False), frame)[0].more_items is None
    own = replace(engine, claims=(replace(engine.claims[0], items_grow=False),))
    assert judge(own, frame)[0].more_items is None
