import numpy as np
import pandas as pd
import pytest

from engines.persyn import ENGINE
from engines.persyn.claims import CLAIMS, ROUTER_CLAIMS, STUDENT_CLAIMS, router_design, student_design
from engines.persyn.config import PRESETS, PersynConfig
from engines.persyn.rows import COST, EXAMINED, HELD_OUT
from workbench.contract.schema import Outcome
from workbench.statistics import judge
from workbench.statistics.power import power


def outcomes(accuracies: dict[str, float], seeds=(0, 1, 2), items=120) -> pd.DataFrame:
    """Students whose items are right at random with that chance, an item being as hard for all of them."""
    draw = np.random.default_rng(0)
    hardness = draw.random(items)
    rows = [
        {"arm": arm, "metric": "accuracy", "seed": seed, "value": float(hardness[at] < share + noise),
         "item": f"i{at}", "cluster": None, "slice": EXAMINED}
        for arm, share in accuracies.items() for seed in seeds for noise in [draw.normal(0, 0.01 * (share > 0.05))]
        for at in range(items)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(Outcome.model_fields))


def verdicts(frame: pd.DataFrame) -> dict[str, str]:
    return {one.claim: one.verdict for one in judge(ENGINE, frame)}


def test_router_claims_and_student_claims_stand_apart():
    assert (*ROUTER_CLAIMS, *STUDENT_CLAIMS) == CLAIMS
    assert all(claim.sentence.startswith(("Router:", "Cost:")) for claim in ROUTER_CLAIMS)
    assert all(claim.sentence.startswith("Student:") for claim in STUDENT_CLAIMS)
    assert "proves little" in ROUTER_CLAIMS[0].note
    assert {HELD_OUT, COST, EXAMINED} == {"router/held_out", "cost", "student/examined"}


def test_headlines_are_what_the_method_stands_on():
    headlines = {claim.name: claim for claim in CLAIMS if claim.headline}
    assert set(headlines) == {"student_persyn_beats_car"}, "the paper's own"
    assert all(claim.smallest and claim.design and claim.paper for claim in headlines.values())
    assert all("{amount}" in claim.finding for claim in CLAIMS)
    assert any("this very reward" in caution for caution in ROUTER_CLAIMS[0].cautions)


def test_the_study_can_see_the_smallest_gain_of_interest():
    claim = next(claim for claim in CLAIMS if claim.headline)
    assert power(ENGINE, claim, PRESETS["study"], runs=100) >= 0.8
    assert power(ENGINE, claim, PRESETS["quick"], runs=10) == 0, "no student is taught"


def test_designs_by_hand():
    made = PersynConfig(held_out=240, train_student=True)
    assert (router_design(made).items, router_design(made).clusters) == (240, 24), "wordings of the problems"
    assert (
        router_design(made).seed_spread == 0 < router_design(made.model_copy(update={"router": "causal"})).seed_spread
    )
    assert (student_design(made).items, student_design(made).clusters) == (240, 24)
    capped = made.model_copy(update={"examined": 10})
    assert (student_design(capped).items, student_design(capped).clusters) == (10, 10)
    other = made.model_copy(update={"evaluation": "svamp"})
    assert (student_design(other).clusters, router_design(other).clusters) == (240, 24)
    given = made.model_copy(update={"responses": "upload:mine.jsonl"})
    assert router_design(given).clusters == student_design(given).clusters == 240


def test_what_is_counted_is_compared_as_a_number():
    rows = [
        {"arm": arm, "metric": "responses", "seed": seed, "value": value, "item": None, "cluster": None, "slice": COST}
        for arm, value in (("persyn", 500.0), ("oracle", 1000.0)) for seed in (0, 1)
    ]  # fmt: skip
    found = next(one for one in judge(ENGINE, pd.DataFrame(rows)) if one.claim == "fewer_responses")
    assert found.counted and found.verdict == "holds" and "2 times fewer responses" in found.answer
    turned = pd.DataFrame(rows).assign(value=lambda frame: 1500 - frame["value"])
    assert next(one for one in judge(ENGINE, turned) if one.claim == "fewer_responses").verdict == "does not hold"


def test_a_linear_router_is_judged_by_its_prompts_alone():
    draw = np.random.default_rng(1)
    gain = draw.normal(0.1, 0.1, 60)
    rows = [
        {"arm": arm, "metric": "reward", "seed": seed, "value": 0.5 + (gain[at] if arm == "persyn" else 0.0),
         "item": f"i{at}", "cluster": f"c{at % 12}", "slice": HELD_OUT}
        for arm in ("persyn", "car") for seed in (0, 1) for at in range(60)
    ]  # fmt: skip
    found = next(one for one in judge(ENGINE, pd.DataFrame(rows)) if one.claim == "router_beats_one_teacher")
    assert found.verdict == "holds", "equal under both seeds: seeds are no luck here"


def test_every_preset_trains_enough_seeds_to_be_judged():
    assert all(len(preset.seeds) >= (3 if preset.config.train_student else 2) for preset in PRESETS.values())
    assert "smollm2" in PRESETS["study"].config.student


def test_the_papers_order_is_confirmed_and_refuted():
    found = verdicts(outcomes({"persyn": 0.9, "car": 0.65, "mix": 0.4, "strong": 0.15, "oracle": 0.9}))
    order = ("student_persyn_beats_car", "student_car_beats_mix", "student_mix_beats_strong")
    assert [found[name] for name in order] == ["holds"] * 3
    turned = verdicts(outcomes({"persyn": 0.1, "car": 0.6, "mix": 0.3, "strong": 0.7, "oracle": 0.9}))
    assert turned["student_persyn_beats_car"] == turned["student_is_close_to_oracle"] == "does not hold"


@pytest.mark.parametrize("share", [0.0, 0.01])
def test_students_on_the_floor_are_not_measurable(share):
    found = verdicts(outcomes(dict.fromkeys(("persyn", "car", "mix", "strong", "oracle"), share)))
    assert found["student_persyn_beats_car"] == "not measurable here"


def test_without_students_nothing_is_said_about_them():
    rows = [
        {"arm": arm, "metric": "reward", "seed": 0, "value": value + 0.01 * (at % 5), "item": f"i{at}",
         "cluster": f"c{at % 9}", "slice": HELD_OUT}
        for arm, value in (("persyn", 0.8), ("car", 0.5), ("oracle", 0.82)) for at in range(60)
    ]  # fmt: skip
    found = verdicts(pd.DataFrame(rows, columns=list(Outcome.model_fields)))
    assert found["student_persyn_beats_car"] == "not asked here"
