"""Every study can decide its headline claims, or its card says which size would."""

import re
from collections.abc import Iterator

import pytest

from engines import ENGINES
from workbench.contract.claims import Claim, Design
from workbench.contract.engine import Engine, Preset
from workbench.statistics.power import ENOUGH, needed, power

SIMULATION_ERROR = 0.03
HEADLINES = [
    pytest.param(card, claim, id=f"{card.name}-{claim.name}")
    for card in ENGINES.values()
    for claim in card.claims
    if claim.headline
]
NUMBER = re.compile(r"\b\d{1,3}(?:,\d{3})+\b|\b\d+\b")
DECIDES = re.compile(r"\bdecid", re.IGNORECASE)


def _sizes_said(card: Engine) -> set[int]:
    """Numbers in those sentences of the card's honesty that speak of deciding."""
    sentences = re.split(r"(?<=[.;:])\s", card.honesty)
    return {
        int(number.replace(",", ""))
        for sentence in sentences
        if DECIDES.search(sentence)
        for number in NUMBER.findall(sentence)
    }


def _enough(card: Engine, claim: Claim, preset: Preset) -> Iterator[str]:
    """Sizes named in the card's honesty that would decide the claim: as items, as clusters, or as seeds."""
    needs = needed(card, claim, preset)
    for size in sorted(_sizes_said(card)):
        for what, least in (("items", needs.items), ("clusters", needs.clusters), ("seeds", needs.seeds)):
            if least is not None and 0.75 * least <= size <= 4 * least:
                yield f"{size} {what}"


@pytest.mark.parametrize("card", ENGINES.values(), ids=lambda card: card.name)
def test_a_method_stands_or_falls_with_one_or_two_claims(card: Engine):
    assert 1 <= sum(claim.headline for claim in card.claims) <= 2


@pytest.mark.parametrize(("card", "claim"), HEADLINES)
def test_a_headline_has_a_design_for_every_preset(card: Engine, claim: Claim):
    """A preset that leaves the claim out has no items for it."""
    assert claim.smallest is not None and claim.smallest > 0
    assert claim.design is not None
    for preset in card.presets.values():
        design = claim.design(preset.config)
        assert isinstance(design, Design)
        assert 0 <= design.clusters <= design.items


@pytest.mark.parametrize(("card", "claim"), HEADLINES)
def test_a_study_can_decide_its_headlines_or_says_what_would(card: Engine, claim: Claim):
    study = card.presets["study"]
    found = power(card, claim, study)
    if found >= ENOUGH - SIMULATION_ERROR:
        return
    assert list(_enough(card, claim, study)), (
        f"The study decides {claim.name} in {found:.0%} of runs with its smallest effect. Enlarge it, or say in a "
        f"sentence of `honesty` that has the word decide: {needed(card, claim, study).sentence}"
    )
