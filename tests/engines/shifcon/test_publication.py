from engines.shifcon import ENGINE
from engines.shifcon.config import ShifConConfig
from engines.shifcon.publication import SMALLEST, sample
from workbench.contract.facts import Fact


def test_the_sample_is_the_judged_half_in_every_other_language():
    design = sample(ShifConConfig(languages=("en", "fr", "de", "fr"), sentences=21))
    assert (design.items, design.clusters) == (22, 2)
    study = sample(ENGINE.presets["study"].config)
    assert (study.items, study.clusters) == (30 * 80, 30)


def test_both_headlines_say_what_was_found_and_what_would_matter():
    assert round(SMALLEST, 6) == round(0.351 - 0.295, 6)
    assert all(claim.headline and claim.smallest == SMALLEST for claim in ENGINE.claims)
    assert all("{amount}" in claim.finding for claim in ENGINE.claims)


def test_seeds_draw_splits_and_nothing_is_trained():
    assert ENGINE.seeds_draw == "split"
    assert not any(arm.trained for arm in ENGINE.arms)
    assert ENGINE.items == "sentences"
    assert ENGINE.published[Fact.PARAMETERS] > 6e9
