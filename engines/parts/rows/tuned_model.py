"""Models that a run tuned, one row a training."""

from typing import Annotated

from workbench.contract import MEASURED, Row


class TunedModel(Row):
    """A model after its training: what it learned from, how its loss fell, and where its adapter is."""

    arm: str
    seed: int
    adapter: str
    """Name of the training; the adapter is the run's artifact of that name."""
    model: str
    """Reference of the tuned model, usable in this run and later ones."""
    parameters: int
    """Trained numbers."""
    examples: int
    """Examples learned from."""
    left_out: int
    """Examples that were too long."""
    cut: int
    """Examples of which a part was cut off."""
    updates: int
    first_loss: float
    """Mean of the first quarter of the updates."""
    last_loss: float
    """Mean of the last quarter."""
    tokens: int
    """Tokens read in training, padding apart."""
    seconds: Annotated[float, MEASURED]
