from dataclasses import replace

import pytest

from tests.rooms.counting import COUNTING
from tests.rooms.growing import GROWING
from workbench.contract.claims import Design
from workbench.contract.fields import read_spec
from workbench.statistics.claim_outlook import claim_outlooks, never_decided

CLAIM = COUNTING.claims[0]


def card(**changes):
    return replace(COUNTING, claims=(replace(CLAIM, **changes),))


def outlook(engine, runs=20, **asked):
    (found,) = claim_outlooks(engine, read_spec(engine, **asked), runs=runs)
    return found


def test_a_claim_whose_arm_is_not_chosen_is_never_decided():
    found = outlook(COUNTING, arms=["shifted"])
    assert not found.decidable and "the arm Plain, not chosen" in found.reason
    assert never_decided(COUNTING, read_spec(COUNTING, arms=["shifted"])) == {CLAIM.sentence: found.reason}
    assert never_decided(COUNTING, read_spec(COUNTING)) == {}


def test_one_seed_of_a_trained_arm_decides_nothing():
    claims = [claim.name for claim in GROWING.claims]
    alone = list(claim_outlooks(GROWING, read_spec(GROWING, seeds=[0]), runs=0))
    assert [each.claim for each in alone] == claims
    assert not any(each.decidable for each in alone) and "One seed" in alone[0].reason
    assert list(never_decided(GROWING, read_spec(GROWING, seeds=[0, 1]))) == ["Half of it does too."]


@pytest.mark.parametrize(
    ("design", "reason"),
    [
        (Design(items=0, clusters=0), "no items"),
        (
            Design(items=40, clusters=4),
            "at least 8 clusters of items (papers, documents, languages), and the run has 4 clusters.",
        ),
        (
            Design(items=40, clusters=1),
            "at least 8 clusters of items (papers, documents, languages), and the run has 1 cluster.",
        ),
    ],
)
def test_too_small_a_sample_is_told(design, reason):
    found = outlook(card(design=lambda config: design, clusters_needed=8))
    assert not found.decidable and reason in found.reason and found.power is None


@pytest.mark.parametrize(("unit", "decidable"), [("share", True), ("tokens", False)])
def test_a_mean_needs_four_clusters_and_a_share_two(unit, decidable):
    metrics = (replace(COUNTING.metrics[0], unit=unit), *COUNTING.metrics[1:])
    engine = replace(card(design=lambda config: Design(40, 3), clusters_needed=2), metrics=metrics)
    found = outlook(engine, runs=0)
    assert found.decidable == decidable
    assert decidable or "at least 4 clusters" in found.reason


def test_power_grows_with_the_items():
    engine = card(design=lambda config: Design(config.items, config.items), smallest=0.3)
    few, many = (outlook(engine, settings={"items": items}) for items in (8, 400))
    assert few.power is not None and many.power is not None and few.power < 0.5 < many.power
    assert "more seeds or items" in few.reason and "more seeds" not in many.reason
    assert outlook(engine, runs=0).power is None


def test_a_claim_that_cannot_be_simulated_says_why():
    share = replace(COUNTING.metrics[0], unit="share")
    engine = replace(card(design=lambda config: Design(50, 50), smallest=0.9), metrics=(share,))
    found = outlook(engine)
    assert found.decidable and found.power is None and "cannot be simulated" in found.reason
