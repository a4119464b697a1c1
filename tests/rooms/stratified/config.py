"""What is asked: how the random points of an integral are drawn."""

from typing import Annotated, Literal

from annotated_types import Ge, Le

from workbench.contract import BASIC, PER_ARM, Config, InPaper


class StratifiedConfig(Config):
    """Settings of the integration; all arms integrate the same functions."""

    integrals: Annotated[int, Ge(1), Le(10_000), BASIC] = 30
    """How many integrals are estimated: sines of random frequency, over the unit interval."""
    points: Annotated[int, Ge(4), Le(1_000_000), BASIC, InPaper("unknown", "a textbook method", "reconstruction")] = 256
    """How many points each estimate may use."""
    drawing: Annotated[Literal["plain", "stratified"], PER_ARM] = "stratified"
    """Anywhere in the interval, or one in each of as many equal strata. The arms set this."""
