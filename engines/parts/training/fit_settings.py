"""Settings of `fit`: how an optimiser steps, how its rate moves, and when a training's state is saved."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from workbench.contract import ConfigError

Schedule = Literal["linear", "cosine", "constant"]


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that are stepped differently from the others.

    Attributes:
        pattern: regular expression searched in a parameter's name; the first group that matches takes it.
        learning_rate: peak rate of the group.
        weight_decay: of the group.
    """

    pattern: str
    learning_rate: float
    weight_decay: float = 0.0


@dataclass(frozen=True)
class FitSettings:
    """How to fit parameters to a loss.

    Attributes:
        steps: updates; 0 goes through a sequence of batches once.
        learning_rate: peak rate, reached at the end of the warm-up.
        betas, eps: of AdamW.
        momentum: of SGD.
        schedule: of the rate after `warmup_steps` of linear rise; linear and cosine end near 0.
        max_grad_norm: gradients of all parameters together are scaled down to this length; 0 leaves them.
        accumulate: batches of one update.
        groups: parameters with a rate and a decay of their own.
        arm: whose training it is, for its rows.
        seed: decides random numbers of every step (dropout).
        key: digest of what is learned from; a saved state of another one is not used.
        save_every: the state is saved after so many updates; 0 goes by time alone.
        checkpoint_seconds: the state is saved after this time; what a kill may cost at most, apart from one update.

    Raises:
        ConfigError: a value is out of its range.
    """

    steps: int = 0
    learning_rate: float = 1e-3
    optimiser: Literal["adamw", "sgd"] = "adamw"
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: Schedule = "constant"
    warmup_steps: int = 0
    max_grad_norm: float = 1.0
    accumulate: int = 1
    groups: tuple[ParameterGroup, ...] = ()
    arm: str = ""
    seed: int = 0
    key: str = ""
    save_every: int = 0
    checkpoint_seconds: float = 60.0

    def __post_init__(self) -> None:
        least = {"steps": 0, "warmup_steps": 0, "accumulate": 1, "max_grad_norm": 0, "seed": 0, "save_every": 0}
        problems = {
            name: f"{getattr(self, name)}; at least {low}." for name, low in least.items() if getattr(self, name) < low
        }
        rates = [self.learning_rate, *(group.learning_rate for group in self.groups)]
        if not all(rate > 0 for rate in rates):
            problems["learning_rate"] = f"{min(rates)}; above 0."
        if problems:
            raise ConfigError(problems, "Correct the settings of the training.")

    def group_of(self, name: str) -> ParameterGroup:
        """Return the group of a parameter: the first whose pattern its name holds, else that of all others."""
        for group in self.groups:
            if re.search(group.pattern, name):
                return group
        return ParameterGroup("", self.learning_rate, self.weight_decay)


def rate_factor(step: int, steps: int, settings: FitSettings) -> float:
    """Return the share of the peak learning rate at an update.

    It rises linearly to 1 at the last update of the warm-up; from the next one on it falls linearly to 1 / (updates
    left) or by half a cosine, or stays.

    Args:
        step: counted from 1.
        steps: updates of the whole training.
    """
    warmup = settings.warmup_steps
    if step <= warmup:
        return step / warmup
    if settings.schedule == "constant":
        return 1.0
    passed = (step - 1 - warmup) / max(1, steps - warmup)
    return 1.0 - passed if settings.schedule == "linear" else 0.5 * (1.0 + math.cos(math.pi * passed))
