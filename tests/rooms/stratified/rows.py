"""What a run answers."""

from workbench.contract import Row


class IntegralEstimate(Row):
    """An integral as estimated from its first points."""

    arm: str
    seed: int
    integral: str
    points: int
    estimate: float
    truth: float
    error: float
    """|estimate - truth|."""
