from engines.guilomo.allocation import Allocation
from engines.guilomo.arm_allocations import Plain
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.final_training import ArmTraining, trained_row, training_settings

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
    trained = ArmTraining(arm="plain", seed=1, parameters=5, budget=6, losses=losses, seconds=2.0)
    row = trained_row("glosses", trained, 0.25)
    assert (row.first_loss, row.last_loss, row.updates, row.parameters, row.budget) == (3.0, 0.5, 8, 5, 6)
