from typing import Annotated

from annotated_types import Ge, Gt

from engines.parts.training.training_fields import LoraFields, TrainingFields
from engines.parts.training.training_setup import TrainingSettings
from workbench.contract import Config, InPaper
from workbench.contract.fields import settings_of


class Own(Config):
    """What a room asks before its training."""

    model: Annotated[int, Ge(0)] = 1
    """Comes first on the page."""


class Room(LoraFields, Own):
    """A room that writes over one field."""

    learning_rate: Annotated[float, Gt(0), InPaper("3e-4", "Table 1")] = 3e-4
    """The paper's."""
    beta: float = 0.1
    """Comes last."""


def test_settings_become_those_of_the_trainer():
    asked = Room(epochs=2.5, accumulation=3, rank=4, dropout=0.1, warmup_steps=7, schedule="cosine")
    found = asked.training_settings(5, beta=0.2)
    assert found == TrainingSettings(
        epochs=2.5, batch=8, accumulate=3, learning_rate=3e-4, schedule="cosine", warmup_steps=7, longest=512,
        rank=4, alpha=16, dropout=0.1, beta=0.2, seed=5,
    )  # fmt: skip


def test_epochs_become_updates_of_a_fit():
    asked = TrainingFields(epochs=2.5, accumulation=4)
    assert asked.fit_settings(10, 0).steps == 7 and asked.fit_settings(10, 0, steps=3).steps == 3
    assert TrainingFields(epochs=0.01).fit_settings(10, 0).steps == 1


def test_the_form_begins_with_the_rooms_own_fields_and_every_field_is_explained():
    shown = settings_of(Room)
    assert shown[0].name == "model" and shown[-1].name == "beta"
    assert all(len(setting.help) > 8 for setting in shown)
    assert next(one for one in shown if one.name == "learning_rate").paper == InPaper("3e-4", "Table 1")
