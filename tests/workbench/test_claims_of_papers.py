"""The contract carries all fourteen methods: each claim reduces, holds where planted and fails where reversed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.workbench.claims_of_papers import METHODS
from tests.workbench.claims_of_papers.method_claims import MethodClaims
from tests.workbench.claims_of_papers.planting import planted
from tests.workbench.statistics.null_runs import card
from workbench.claims import Cell, Claim, Conjunction, contrast_of
from workbench.engine import Engine
from workbench.statistics import judge

CLAIMS = [
    pytest.param(method, claim, id=f"{method.method}-{claim.name}") for method in METHODS for claim in method.claims
]


def _engine(method: MethodClaims, *claims: Claim) -> Engine:
    return replace(card({}), arms=method.arms, metrics=method.metrics, claims=claims)


def _cells(claim: Claim, method: MethodClaims) -> Iterator[Cell]:
    for part in claim.kind.parts if isinstance(claim.kind, Conjunction) else (claim.kind,):
        slices = [f"{name}/{x}" for name in ("layer", "step") for x in (1, 2)]
        yield from (cell for _, cell in contrast_of(part, method.metrics, slices).terms)


def test_all_fourteen_methods_are_written_down():
    names = "bpo codwoe cofitune contrastive_definition cor dac_rl guilomo persyn script_characters shifcon simpdefiner"
    assert sorted(method.method for method in METHODS) == [*names.split(), "sure", "tldg", "treereview"]


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
    (verdict,) = judge(_engine(method, claim), planted(method, claim, holds=True))
    assert verdict.verdict == "holds", verdict.reason


@pytest.mark.parametrize(("method", "claim"), CLAIMS)
def test_a_reversed_claim_does_not_hold(method: MethodClaims, claim: Claim):
    (verdict,) = judge(_engine(method, claim), planted(method, claim, holds=False))
    assert verdict.verdict == "does not hold", verdict.reason


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.method)
def test_a_run_without_outcomes_leaves_every_claim_open(method: MethodClaims):
    empty = planted(method, method.claims[0], holds=True).iloc[:0]
    verdicts = judge(_engine(method, *method.claims), empty)
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in method.claims]
    assert {verdict.verdict for verdict in verdicts} == {"undecided"}
    assert all(verdict.reason for verdict in verdicts)
