import pandas as pd

from engines.guilomo.allocation import Allocation
from engines.guilomo.arm_allocations import Plain
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.final_training import answer_outcomes, trained_row, training_settings
from engines.guilomo.rows import TaskAnswer
from engines.parts.training import TrainingRecord

SHAPES = {"model.layers.0.q_proj": (8, 8)}


def test_experts_are_trained_with_their_layout():
    settings = training_settings(GuilomoConfig(balance=0.5), Allocation({"model.layers.0.q_proj": (2, 1)}), SHAPES, 3)
    assert settings.experts and settings.experts.ranks == {"model.layers.0.q_proj": (2, 1)} and settings.seed == 3
    assert settings.experts.settings.balance == 0.5 and settings.experts.settings.by_experts


def test_plain_adapters_are_trained_on_the_same_layers():
    settings = training_settings(GuilomoConfig(), Plain(6, 4.0, dora=True), SHAPES, 0)
    assert settings.experts is None and settings.dora
    assert (settings.rank, settings.alpha, settings.targets) == (6, 24, tuple(SHAPES))


def test_a_training_is_told_by_its_first_and_last_quarter():
    losses = (4.0, 2.0, 3.0, 3.0, 3.0, 3.0, 1.0, 0.0)
    record = TrainingRecord(losses=losses, tokens=1, seconds=2.0, examples=8, dropped=0, cut=0, parameters=5)
    row = trained_row(("glosses", "plain", 1), "run:x/y", record, (5, 6), 0.25)
    assert (row.first_loss, row.last_loss, row.updates, row.parameters, row.budget) == (3.0, 0.5, 8, 5, 6)


def test_answers_become_outcomes_by_item_and_task():
    answers = pd.DataFrame([("glosses", "plain", 1, "7", "q", "g", "g", True)], columns=list(TaskAnswer.model_fields))
    found = answer_outcomes(answers).iloc[0]
    assert (found["metric"], found["value"], found["item"], found["slice"]) == ("correct", 1.0, "glosses/7", "glosses")
