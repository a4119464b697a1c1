"""Updates of the weights, as every training reports them."""

from typing import Annotated

from workbench.contract.schema import MEASURED, Row


class TrainingStep(Row):
    """One update of the weights."""

    arm: str
    seed: int
    adapter: str
    """What is being trained."""
    step: int
    """Counted from 1."""
    loss: float
    """Mean over the learned tokens (supervised) or over the pairs (preference) of the step, before its update."""
    learning_rate: float
    tokens: int
    """Tokens that the step read, padding apart."""
    seconds: Annotated[float, MEASURED]
