import pandas as pd
import pytest

from engines.guilomo.cautions import (
    arms_of,
    left_out_cautions,
    short_search_cautions,
    start_cautions,
    untrained_cautions,
)
from engines.guilomo.claims import CLAIMS, ON_ANSWERS
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.rows import SeedAgreement
from engines.guilomo.training_task import ArmTraining

BY_NAME = {claim.name: claim for claim in CLAIMS}


def answers(**rights: int) -> pd.DataFrame:
    """A hundred answers of each arm, so many of them right."""
    rows = [{"arm": arm, "right": at < right} for arm, right in rights.items() for at in range(100)]
    return pd.DataFrame(rows, columns=["arm", "right"])


def test_a_training_that_gains_nothing_is_said_for_claims_of_the_run_alone():
    found = untrained_cautions("glosses", answers(untrained=44, guilomo=46, uniform=43), ("guilomo", "uniform"))
    assert [caution.claim for caution in found] == ["as_good_as_uniform"]
    assert found[0].text.startswith("glosses: untrained, the model answers 44.0% rightly, trained 43.0% to 46.0%.")
    alike = untrained_cautions("glosses", answers(untrained=44, guilomo=46, uniform=46), ("guilomo", "uniform"))
    assert "trained 46.0%. No" in alike[0].text


@pytest.mark.parametrize("rights", [{"untrained": 44, "guilomo": 43, "uniform": 47}, {"guilomo": 43}, {}])
def test_a_training_that_shows_and_a_run_without_answers_say_nothing(rights):
    assert untrained_cautions("glosses", answers(**rights), ("guilomo", "uniform")) == []


def test_claims_name_the_arms_that_they_compare():
    assert arms_of(BY_NAME["both_parts_matter"]) == {"guilomo", "experts_only", "ranks_only"}


def trained(left_out: int) -> ArmTraining:
    given = {"arm": "plain", "seed": 0, "parameters": 1, "budget": 1, "updates": 1, "seconds": 1.0}
    return ArmTraining(examples=8, left_out=left_out, first_loss=1.0, last_loss=1.0, **given)


def test_examples_that_were_left_out_are_counted():
    assert left_out_cautions("own", []) == [] and left_out_cautions("own", [trained(0)]) == []
    found = left_out_cautions("own", [trained(0), trained(2)])
    assert len(found) == len(ON_ANSWERS) and found[0].text.startswith("own: 2 of 10 training examples")


def agreement(task: str, counts: str, way: str = "released, second", warning: str = "stayed.") -> SeedAgreement:
    given = {"seeds": 2, "exact": 0.5, "chance": 0.5, "spearman": 0.0}
    return SeedAgreement(task=task, search=way, counts=counts, warning=warning, **given)


def test_a_search_that_kept_its_start_is_said_where_a_claim_rests_on_it():
    rows = [
        agreement("planted", "ranks"),
        agreement("glosses", "experts"),
        agreement("glosses", "ranks", warning=""),
        agreement("glosses", "experts", way="every, second"),
    ]
    found = start_cautions(rows, "released, second")
    assert [(caution.claim, caution.text) for caution in found] == [
        ("search_recovers_ranks", "planted, ranks: stayed."),
        ("planted_beats_uniform", "planted, ranks: stayed."),
        ("as_good_as_uniform", "glosses, experts: stayed."),
        ("higher_layers_get_more_experts", "glosses, experts: stayed."),
    ]
    assert {caution.claim for caution in found} <= BY_NAME.keys()


def test_a_search_of_fewer_passes_than_released_is_said():
    found = short_search_cautions("glosses", 40, GuilomoConfig(search_steps=10, search_batch=4))
    assert [caution.claim for caution in found] == ["as_good_as_uniform", "higher_layers_get_more_experts"]
    assert "took 10 steps, 1 passes" in found[0].text
    assert short_search_cautions("glosses", 40, GuilomoConfig(search_steps=40, search_batch=4)) == []
