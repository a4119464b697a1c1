import numpy as np
import pandas as pd
import pytest

from engines.persyn import ENGINE
from engines.persyn.claims import CLAIMS, ROUTER_CLAIMS, STUDENT_CLAIMS
from engines.persyn.slices import COST, EXAMINED, HELD_OUT
from workbench.schema import Outcome
from workbench.statistics import judge


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
    assert found["student_persyn_beats_car"] not in ("holds", "does not hold")
