"""Verdicts of a whole engine: correction over claims, conjunctions, incomplete runs, intervals of arms."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.workbench.statistics.null_runs import A_ABOVE_B, SCORE, card
from tests.workbench.test_findings import run
from workbench.claims import Cell, ClaimKind, Conjunction, Equivalence, Metric, Reported, Share, Superiority
from workbench.engine import Engine
from workbench.statistics import Verdict, arm_intervals, judge

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
    assert f"{found.more_items} more items" in found.reason


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
    assert judge(engine, frame, trained={"a": True})[0].verdict == "undecided"


def test_claims_are_corrected_for_by_holm():
    """Three claims with p near 0.03: alone each is decided, together none is."""
    frame = pd.concat([shifted(2.3, seeds=1, slice=f"s{k}") for k in range(3)])
    kinds = {f"s{k}": Superiority(Cell("score", "a", f"s{k}"), Cell("score", "b", f"s{k}")) for k in range(3)}
    alone = [judge(inference(**{name: kind}), frame)[0] for name, kind in kinds.items()]
    together = judge(inference(**kinds), frame)
    assert [v.verdict for v in alone] == ["holds"] * 3
    assert [v.verdict for v in together] == ["undecided"] * 3
    assert "only the correction keeps it open" in together[0].reason
    ps = sorted(v.p for v in together if v.p is not None)
    assert max(v.p_corrected or 0 for v in together) == pytest.approx(max(3 * ps[0], 2 * ps[1], ps[2]))


def test_a_claim_that_cannot_be_tested_costs_the_others_nothing():
    frame = shifted(2.3, seeds=1)
    both = judge(inference(real=A_ABOVE_B, missing=Superiority(A, Cell("score", "absent"))), frame)
    assert [v.verdict for v in both] == ["holds", "undecided"]
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
    assert (open_.verdict, refuted.verdict) == ("undecided", "does not hold")
    assert "absent" in open_.reason


def test_arms_at_the_ceiling_are_not_measurable():
    metric = Metric("score", "share", "higher", "", floor=0.0, ceiling=1.0)
    perfect = run(a=np.ones((3, 50)), b=np.ones((3, 50)))
    found = judge(card({"claim": A_ABOVE_B}, (metric,)), perfect)[0]
    assert found.verdict == "not measurable here" and "ceiling 1" in found.reason
    assert (found.more_seeds, found.more_items) == (None, None)


@pytest.mark.parametrize("gone", ["everything", "arm a", "values", "seeds"])
def test_incomplete_runs_are_undecided_with_a_reason(gone: str):
    frame = shifted(9.0)
    frame = {
        "everything": frame.iloc[:0],
        "arm a": frame[frame.arm != "a"],
        "values": frame.assign(value=np.nan),
        "seeds": frame[((frame.arm == "a") & (frame.seed == 0)) | ((frame.arm == "b") & (frame.seed == 1))],
    }[gone]
    found = verdict(frame, A_ABOVE_B)
    assert found.verdict == "undecided" and found.reason
    assert (found.estimate, found.low, found.high, found.p) == (None, None, None, None)


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


def test_intervals_of_arms():
    frame = shifted(3.0, seeds=1)
    rows = arm_intervals(inference(), frame)
    assert list(rows.columns) == [
        "arm", "metric", "slice", "estimate", "low", "high", "seeds", "items", "clusters",
    ]  # fmt: skip
    assert rows.arm.tolist() == ["a", "b"]
    a = frame[frame.arm == "a"].value
    assert rows.estimate[0] == pytest.approx(a.mean())
    assert rows.low[0] <= a.mean() - stats.t.isf(0.025, 39) * stats.sem(a) + 1e-9
    assert rows.loc[0, ["seeds", "items", "clusters"]].tolist() == [1, 40, 40]


def test_intervals_by_slice_and_of_nothing():
    frame = pd.concat([shifted(3.0, slice="x"), shifted(3.0, slice="y")])
    assert arm_intervals(inference(), frame, by_slice=True).slice.tolist() == ["x", "y", "x", "y"]
    assert arm_intervals(inference(), frame.iloc[:0]).empty
    broken = arm_intervals(inference(), frame.assign(value=np.nan))
    assert broken.estimate.isna().all() and (broken.seeds == 0).all()


def test_intervals_leave_out_what_the_card_does_not_declare():
    frame = pd.concat([shifted(3.0), shifted(3.0, metric="undeclared")])
    assert set(arm_intervals(card({}, (SCORE,)), frame).metric) == {"score"}
