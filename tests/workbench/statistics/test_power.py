"""Power before a run: known sample sizes are met, nulls are not decided, every kind of claim can be planted."""

from dataclasses import replace

import pytest

from tests.workbench.statistics.null_runs import card
from workbench.contract.claims import (
    Cell,
    Claim,
    ClaimKind,
    Conjunction,
    Design,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Share,
    Superiority,
    Trend,
)
from workbench.contract.engine import Engine, Preset
from workbench.contract.schema import Config
from workbench.statistics.power import needed, power

RIGHT = Metric("right", "share", "higher", "")
LOST = Metric("lost", "share", "lower", "")
SCORE = Metric("score", "", "higher", "")
TOKENS = Metric("tokens", "tokens", "lower", "", counted=True)
OWN = Design(items=130, clusters=130, likeness=0.0)


def _of(metric: str, arm: str, path: str = "", log: bool = False) -> Cell:
    return Cell(metric, arm, path, log)


ABOVE = Superiority(_of("right", "a"), _of("right", "b"))
SCORES = Superiority(_of("score", "a"), _of("score", "b"))


def _claim(kind: ClaimKind, smallest: float, design: Design) -> Claim:
    return Claim("claim", "a beats b", kind, smallest=smallest, design=lambda config: design)


def _engine(*claims: Claim, trained: bool = False) -> Engine:
    return replace(card({}, (RIGHT, LOST, SCORE, TOKENS), trained), claims=claims)


def _power(kind: ClaimKind, smallest: float, design: Design, seeds: int = 1, trained: bool = False) -> float:
    claim = _claim(kind, smallest, design)
    return power(_engine(claim, trained=trained), claim, _preset(seeds))


def _preset(seeds: int = 1, arms: tuple[str, ...] = ("a", "b")) -> Preset:
    return Preset(Config(), arms, tuple(range(seeds)), "")


@pytest.mark.parametrize(("effect", "items"), [(0.20, 80), (0.15, 130), (0.10, 290)])
def test_shares_of_items_of_their_own_need_the_numbers_of_the_study(effect: float, items: int):
    assert 0.7 <= _power(ABOVE, effect, Design(items, items, 0.0)) <= 0.92


@pytest.mark.parametrize(("effect", "clusters"), [(0.20, 12), (0.15, 18), (0.10, 40)])
def test_shares_in_clusters_of_ten_need_the_numbers_of_the_study(effect: float, clusters: int):
    # Answers that are alike by 0.1, three fifths of it under both arms, have differences that are alike by 0.035.
    assert 0.68 <= _power(ABOVE, effect, Design(10 * clusters, clusters, 0.035)) <= 0.92


def test_a_mean_has_the_power_of_a_t_test():
    # Noncentral t, 31 degrees of freedom, 0.5 standard deviations: 0.78.
    assert _power(SCORES, 0.5, Design(32, 32, 0.0, spread=1.0)) == pytest.approx(0.78, abs=0.07)


@pytest.mark.parametrize(("spread", "seeds"), [(0.5, 5), (0.75, 8), (1.0, 10)])
def test_seeds_that_differ_need_the_numbers_of_the_study(spread: float, seeds: int):
    design = Design(1000, 1000, 0.0, seed_spread=spread, spread=1.0)
    assert 0.7 <= _power(SCORES, 0.4, design, seeds, trained=True) <= 0.97


@pytest.mark.parametrize("kind", [ABOVE, Superiority(_of("lost", "a"), _of("lost", "b")), SCORES])
def test_an_effect_of_nothing_is_not_found(kind: ClaimKind):
    assert _power(kind, 0.0, OWN) <= 0.06


@pytest.mark.parametrize(
    ("kind", "smallest"),
    [
        (Superiority(_of("lost", "a"), _of("lost", "b"), 0.1), 0.3),
        (NonInferiority(_of("right", "a"), _of("right", "b"), 0.3), 0.3),
        (Equivalence(_of("score", "a"), _of("score", "b"), 0.5), 0.5),
        (Share(_of("right", "a"), 0.4), 0.2),
        (Share(_of("score", "a"), 0.0, "below"), 0.5),
        (Trend(along=_of("score", "a", "layer/*")), 0.3),
        (Trend(tuple((x, _of("right", arm)) for x, arm in ((1.0, "b"), (2.0, "a")))), 0.3),
        (Trend(tuple((x, _of("score", "a", f"s/{x:g}")) for x in (1.0, 2.0, 3.0)), direction="falling"), 0.5),
        (
            DifferenceOfDifferences(
                (_of("right", "a", "x"), _of("right", "b", "x")), (_of("right", "a", "y"), _of("right", "b", "y"))
            ),
            0.4,
        ),
        (Superiority(_of("score", "a", log=True), _of("score", "b", log=True)), 0.3),
        (Conjunction((ABOVE, NonInferiority(_of("score", "a"), _of("score", "b"), 0.5))), 0.4),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, float) else "",
)
def test_every_kind_of_claim_is_found_where_it_is_plain_and_lost_where_items_are_few(kind: ClaimKind, smallest: float):
    assert _power(kind, smallest, replace(OWN, items=400, clusters=400)) >= 0.9
    assert _power(kind, smallest, replace(OWN, items=4, clusters=4)) <= 0.5


def test_what_a_run_cannot_decide_has_no_power():
    claim = _claim(ABOVE, 0.4, OWN)
    assert power(_engine(claim), claim, _preset(arms=("a",))) == 0.0
    assert power(_engine(claim, trained=True), claim, _preset(1)) == 0.0
    assert _power(ABOVE, 0.4, replace(OWN, clusters=1)) == 0.0
    assert _power(ABOVE, 0.4, replace(OWN, items=0, clusters=0)) == 0.0
    assert _power(SCORES, 5.0, replace(OWN, clusters=3)) == 0.0
    many = replace(_claim(ABOVE, 0.4, replace(OWN, clusters=8)), clusters_needed=9)
    assert power(_engine(many), many, _preset()) == 0.0


def test_a_counted_claim_needs_no_luck():
    claim = Claim("claim", "", Superiority(_of("tokens", "a"), _of("tokens", "b")))
    assert power(_engine(claim), claim, _preset()) == 1.0


def test_a_second_headline_costs_power_and_a_counted_one_does_not():
    one = replace(_claim(ABOVE, 0.13, OWN), headline=True)
    other = replace(one, name="other")
    counted = replace(one, name="counted", kind=Superiority(_of("tokens", "a"), _of("tokens", "b")))
    alone = power(_engine(one), one, _preset())
    assert power(_engine(one, other), one, _preset()) < alone
    assert power(_engine(one, counted), one, _preset()) == alone


def test_two_arms_that_share_most_answers_are_told_apart_sooner():
    alike = replace(OWN, spread=0.3)
    assert _power(ABOVE, 0.08, alike) > _power(ABOVE, 0.08, OWN) + 0.2


def test_what_a_study_would_need_is_said_and_is_enough():
    claim = _claim(ABOVE, 0.15, Design(40, 40, 0.0))
    engine = _engine(claim)
    found = needed(engine, claim, _preset(), runs=150)
    assert found.items is not None and 130 <= found.items <= 200 and found.clusters == found.items
    assert found.seeds is None
    assert f"{found.items:,} items" in found.sentence and claim.sentence in found.sentence
    enough = replace(claim, design=lambda config: Design(found.items or 0, found.clusters or 0, 0.0))
    assert power(engine, enough, _preset(), seed=1) >= 0.76


def test_seeds_are_named_where_they_are_what_is_lacking():
    claim = _claim(SCORES, 0.4, Design(500, 500, 0.0, seed_spread=0.75, spread=1.0))
    found = needed(_engine(claim, trained=True), claim, _preset(3), runs=60)
    assert found.items is None and found.seeds is not None and 5 <= found.seeds <= 10
    assert f"{found.seeds} seeds" in found.sentence


def test_a_design_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="planted shares"):
        _power(ABOVE, 0.3, replace(OWN, level=0.9))
    with pytest.raises(ValueError, match="names no design"):
        claim = Claim("claim", "", ABOVE)
        power(_engine(claim), claim, _preset())
