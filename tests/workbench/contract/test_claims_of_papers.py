"""The contract carries the methods to come: each claim reduces, holds where planted and fails where reversed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.planted_outcomes import Statistics, parts_of, planted
from tests.sufficient_statistics import counts_of_f1, matches, moments, ngrams, two_shares
from tests.workbench.claims_of_papers import corpus
from tests.workbench.claims_of_papers.method_claims import MethodClaims
from tests.workbench.claims_of_papers.to_come import METHODS
from tests.workbench.statistics.null_runs import card
from workbench.contract.claims import Cell, Claim, contrast_of
from workbench.contract.engine import Engine
from workbench.statistics import judge

CLAIMS = [
    pytest.param(method, claim, id=f"{method.method}-{claim.name}") for method in METHODS for claim in method.claims
]
STATISTICS: Statistics = {
    corpus.f1: counts_of_f1(1),
    corpus.macro_f1: counts_of_f1(3),
    corpus.match_f1: matches,
    corpus.bleu: ngrams,
    corpus.pearson: moments,
    corpus.mean_of_two: two_shares,
}


def _engine(method: MethodClaims, *claims: Claim) -> Engine:
    return replace(card({}), arms=method.arms, metrics=method.metrics, claims=claims)


def _cells(claim: Claim, method: MethodClaims) -> Iterator[Cell]:
    for part in parts_of(claim):
        slices = [f"{name}/{x}" for name in ("layer", "step") for x in (1, 2)]
        yield from (cell for _, cell in contrast_of(part, method.metrics, slices).terms)


def test_a_method_that_is_built_has_its_claims_in_its_card_alone():
    from engines import ENGINES

    assert not {method.method for method in METHODS} & set(ENGINES)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.method)
def test_names_are_unique(method: MethodClaims):
    for things in (method.metrics, method.arms, method.claims):
        names = [thing.name for thing in things]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(("method", "claim"), CLAIMS)
def test_a_claim_reduces_to_declared_metrics_and_arms(method: MethodClaims, claim: Claim):
    cells = list(_cells(claim, method))
    assert cells
    assert {cell.metric for cell in cells} <= {metric.name for metric in method.metrics}
    assert {cell.arm for cell in cells} <= {arm.name for arm in method.arms}


@pytest.mark.parametrize(("method", "claim"), CLAIMS)
def test_a_planted_claim_holds(method: MethodClaims, claim: Claim):
    (verdict,) = judge(_engine(method, claim), planted(method.metrics, claim, 1.0, STATISTICS))
    assert verdict.verdict == "holds", verdict.reason


@pytest.mark.parametrize(("method", "claim"), CLAIMS)
def test_a_reversed_claim_does_not_hold(method: MethodClaims, claim: Claim):
    (verdict,) = judge(_engine(method, claim), planted(method.metrics, claim, -1.0, STATISTICS))
    assert verdict.verdict == "does not hold", verdict.reason
