"""What a reader may set in the views of a run."""

from typing import Annotated, Literal

from annotated_types import Ge

from workbench.contract import Config


class RouterControl(Config):
    """Which arm's router is shown."""

    arm: str = "persyn"
    """An arm of the run that has a router."""


class CostControl(Config):
    """Which cost is compared."""

    measure: Literal["responses", "tokens", "seconds"] = "responses"
    """Responses that teachers give, tokens that they write, or seconds that they take."""


class RewardControl(Config):
    """Whose choices are coloured, and which rewards stand on the axes."""

    arm: str = "persyn"
    """An arm of the run."""
    scale: Literal["raw", "normalised"] = "raw"
    """Rewards as measured, or as normalised among the teachers of a prompt."""


class PlaceControl(Config):
    """Which prompt is shown."""

    place: Annotated[int, Ge(0)] = 0
    """Its place in the data, from 0. A click on a point of the reward picture sets it."""


class StudentControl(Config):
    """Whose answers are shown."""

    arm: str = "persyn"
    """An arm of the run."""
