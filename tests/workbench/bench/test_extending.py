"""What an extended run is asked, and how large a step must be."""

import pytest

from tests.rooms import ENGINES
from workbench.bench.extending import More, extended_spec, items_of
from workbench.contract.circumstances import least_step
from workbench.contract.errors import ConfigError, StateError
from workbench.contract.fields import read_spec
from workbench.storage.extensions import Extension

GROWING, COUNTING = ENGINES["growing"], ENGINES["counting"]
SPEC = read_spec(GROWING, seeds=[3, 0])
LOOK = Extension(seeds=(0,), arms=("method",))


def test_more_seeds_are_the_next_after_the_greatest() -> None:
    assert extended_spec(GROWING, SPEC, More(seeds=2)).seeds == (3, 0, 4, 5)


def test_more_items_raise_the_setting_that_counts_them() -> None:
    spec = extended_spec(GROWING, SPEC, More(items=4))
    assert (items_of(GROWING, SPEC), items_of(GROWING, spec)) == (8, 12)
    assert spec.settings == {**SPEC.settings, "items": 12}
    assert spec.model_copy(update={"settings": SPEC.settings}) == SPEC


def test_more_arms_join_the_others() -> None:
    spec = extended_spec(GROWING, SPEC, More(arms=["half", "method"], own_arms={"mine": {"bonus": "0.2"}}))
    assert spec.arms == ("method", "baseline", "half", "mine")
    assert spec.own_arms == {"mine": {"bonus": 0.2}}


def test_an_extended_run_is_one_that_was_asked_for_at_once() -> None:
    more = More(seeds=1, items=4, arms=["half"])
    at_once = read_spec(GROWING, settings={"items": 12}, arms=["method", "baseline", "half"], seeds=[3, 0, 4])
    assert extended_spec(GROWING, SPEC, more) == at_once


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (More(), "Nothing was asked for"),
        (More(arms=["method"]), "Nothing was asked for"),
        (More(seeds=-1), "seeds: -1 was given; it must be 0 or more"),
        (More(items=93), "101"),
        (More(arms=["tiny"]), "There is no arm named 'tiny'"),
        (More(seeds=999), "1001 seeds"),
        (More(own_arms={"half": {}}), "name of a declared arm"),
        (More(own_arms={"Mine!": {}}), "not a name for an arm"),
    ],
)
def test_what_cannot_be_is_refused(more: More, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        extended_spec(GROWING, SPEC, more)


def test_a_method_that_counts_no_items_says_so() -> None:
    with pytest.raises(ConfigError, match="no number of items that can be raised") as refused:
        extended_spec(COUNTING, read_spec(COUNTING), More(items=4))
    assert "seeds" in refused.value.hint


@pytest.mark.parametrize(("size", "least"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (100, 50)])
def test_a_step_is_half_as_much_again(size: int, least: int) -> None:
    assert least_step(size) == least
    assert (size + least) >= 1.5 * size > size + least - 1


def test_too_small_a_step_is_refused_with_the_least_that_does() -> None:
    with pytest.raises(ConfigError, match="half as large again") as refused:
        extended_spec(GROWING, SPEC, More(items=3))
    assert "1 more seed or 4 more items" in refused.value.hint
    assert extended_spec(GROWING, SPEC, More(seeds=1, items=3)).settings["items"] == 11


def test_a_run_is_looked_at_five_times_and_arms_are_no_look() -> None:
    arms = LOOK.model_copy(update={"looks": False})
    extended_spec(GROWING, SPEC, More(seeds=1), [LOOK] * 3 + [arms] * 5)
    with pytest.raises(StateError, match="judged 5 times"):
        extended_spec(GROWING, SPEC, More(seeds=1), [LOOK] * 4)
    assert "half" in extended_spec(GROWING, SPEC, More(arms=["half"]), [LOOK] * 4).arms
    with pytest.raises(StateError, match="extended 100 times"):
        extended_spec(GROWING, SPEC, More(arms=["half"]), [arms] * 100)
