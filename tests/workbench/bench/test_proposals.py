"""What would settle open claims: steps as large as a look must be, what they take, in words."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.desks import add_run, finish, open_desk
from tests.rooms import ENGINES
from workbench.bench.extending import More, extended_spec
from workbench.bench.proposals import Proposal, more_words, proposal_words, proposals, seconds_for
from workbench.history.records import RunRecord
from workbench.statistics import Verdict, judge
from workbench.storage.extensions import Extension

GROWING, COUNTING = ENGINES["growing"], ENGINES["counting"]
ITEMS = int(GROWING.config().model_dump()[GROWING.items])
TITLES = {arm.name: arm.title for arm in GROWING.arms}


def record_of(tmp_path, engine: str = "growing", **changed: Any) -> RunRecord:
    from dataclasses import replace

    with open_desk(tmp_path) as desk:
        record = desk.history.record(finish(desk, add_run(desk, engine)))
    return replace(record, **{"seconds": 60.0, "attempt": 1, **changed})


def verdict(claim: str, **changed: Any) -> Verdict:
    import pandas as pd

    from workbench.contract.schema import Outcome

    empty = pd.DataFrame(columns=list(Outcome.model_fields))
    judged: Mapping[str, Verdict] = {each.claim: each for each in judge(GROWING, empty)}
    return judged[claim].model_copy(update={"verdict": "undecided", "missing": {}, "items": ITEMS, **changed})


def test_open_claims_get_steps_as_large_as_a_look_must_be(tmp_path) -> None:
    record = record_of(tmp_path)
    found = proposals(GROWING, record, [verdict("method_helps", more_seeds=2, more_items=2)], ())
    assert [(each.more, each.seconds, each.look) for each in found] == [
        (More(items=4), 30.0, 2),
        (More(seeds=2), 60.0, 2),
    ]
    assert found[0].claims == ("The method answers more items.",)


def test_a_step_is_in_what_the_setting_counts(tmp_path) -> None:
    """Eight items judged of four that the setting counts: six more judged ones are three more of the setting."""
    record = record_of(tmp_path)
    now = record.spec.settings[GROWING.items]
    (found,) = proposals(GROWING, record, [verdict("method_helps", more_items=6 * now, items=2 * now)], ())
    assert found.more == More(items=3 * now)


def test_one_step_names_all_claims_that_it_settles(tmp_path) -> None:
    open_claims = [verdict("method_helps", more_seeds=1), verdict("half_helps", more_seeds=1)]
    (found,) = proposals(GROWING, record_of(tmp_path), open_claims, ())
    assert found.claims == ("The method answers more items.", "Half of it does too.")
    assert proposal_words(found, TITLES).endswith(": “The method answers more items.” and 1 further claim")


def test_a_claim_that_was_not_asked_gets_its_arms_at_the_same_look(tmp_path) -> None:
    asked = verdict("half_helps", verdict="not asked here", missing={"arms": ["half"]})
    (found,) = proposals(GROWING, record_of(tmp_path), [asked], ())
    assert (found.more, found.seconds, found.look) == (More(arms=("half",)), 30.0, 1)
    assert proposal_words(found, TITLES) == (
        "Add the arm Half the method, about 30 s (look 1 of 5): “Half of it does too.”"
    )
    unknown = asked.model_copy(update={"missing": {"arms": ["half", "gone"]}})
    slices = asked.model_copy(update={"missing": {"slices": ["language/fr"]}})
    assert proposals(GROWING, record_of(tmp_path), [unknown, slices], ()) == []


def test_decided_claims_and_steps_that_are_refused_get_none(tmp_path) -> None:
    record, wanted = record_of(tmp_path), verdict("method_helps", more_seeds=1, more_items=93)
    assert [each.more for each in proposals(GROWING, record, [wanted], ())] == [More(seeds=1)], "more than 100 items"
    look = Extension(seeds=(0,), arms=("method",))
    assert proposals(GROWING, record, [wanted], [look] * 4) == [], "a sixth look"
    assert proposals(GROWING, record, [wanted.model_copy(update={"verdict": "holds"})], ()) == []


@pytest.mark.parametrize(
    ("attempt", "seconds", "before", "expected"),
    [(1, 60.0, [], 30.0), (2, 60.0, [40.0], 50.0), (2, 60.0, [], None), (1, None, [], None), (2, 60.0, [None], None)],
)
def test_time_is_told_where_all_of_it_is_known(tmp_path, attempt, seconds, before, expected) -> None:
    record = record_of(tmp_path, attempt=attempt, seconds=seconds)
    extensions = [Extension(seeds=(0,), arms=("method",), seconds=each) for each in before]
    spec = extended_spec(GROWING, record.spec, More(seeds=1), extensions)
    assert seconds_for(GROWING, record, spec, extensions) == expected


def test_a_method_without_a_number_of_items_grows_by_arms_and_seeds(tmp_path) -> None:
    record = record_of(tmp_path, "counting")
    spec = extended_spec(COUNTING, record.spec, More(seeds=1, arms=("halved",)), ())
    assert seconds_for(COUNTING, record, spec, ()) == pytest.approx(60.0 * 2)


def test_steps_in_words() -> None:
    assert more_words(More(2, 40), TITLES) == "2 more seeds and 40 more items"
    assert more_words(More(1, 0, ("half",)), TITLES) == "1 more seed and the arm Half the method"
    assert more_words(More(arms=("half", "mine")), TITLES) == "Add the arms Half the method, mine"
    assert (
        proposal_words(Proposal(More(1), ("It helps.",), None, 3), TITLES) == "1 more seed (look 3 of 5): “It helps.”"
    )
