"""Settings of a bilevel search and what a step of it reports. No torch."""

from dataclasses import dataclass
from typing import Literal

from workbench.contract import ConfigError

Order = Literal["second", "first"]
Estimator = Literal["released", "selected", "every"]
Learn = Literal["both", "experts", "ranks"]


@dataclass(frozen=True)
class SearchSettings:
    """How to search; the defaults are the released code's, but for `steps`.

    Attributes:
        most_experts, most_rank: of each module while searching, E and R.
        order: "first" leaves the second term of the vectors' gradient out.
        unroll: how w' is made: by the optimiser's own next step, computed aside, or by plain gradient descent.
        balance: weight of the load-balance loss.
        pooled_balance: that loss is of all modules of a block together, as released.
        by_experts: that loss times the number of experts; the release does so in the final training only.
        warmup: steps of linear rise of the weights' learning rate.
        schedule: of that rate afterwards; "linear" falls to zero, as released.
        max_grad_norm: gradients of the weights are scaled down to this length.
        selection_rate, selection_betas, selection_decay: of the selection vectors' AdamW.
        estimator: of the vectors' gradient through the argmax, see `selection`.
        learn: which vectors are learned; modules keep all experts, or all ranks, of the others.
        init_std: A and B start normal with this deviation; 0 starts as LoRA does, with B at zero.
        seed: decides the vectors' and weights' start, the order of the batches and the dropout.

    Raises:
        ConfigError: a value is out of its range.
    """

    steps: int = 60
    most_experts: int = 8
    most_rank: int = 8
    top_k: int = 2
    alpha: int = 16
    dropout: float = 0.05
    balance: float = 0.001
    pooled_balance: bool = False
    by_experts: bool = False
    learning_rate: float = 3e-4
    warmup: int = 100
    schedule: Literal["constant", "linear"] = "constant"
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    selection_rate: float = 3e-3
    selection_betas: tuple[float, float] = (0.5, 0.999)
    selection_decay: float = 0.0
    order: Order = "second"
    unroll: Literal["adamw", "descent"] = "adamw"
    estimator: Estimator = "released"
    learn: Learn = "both"
    init_std: float = 0.02
    seed: int = 0

    def __post_init__(self) -> None:
        least = {"steps": 1, "most_experts": 2, "most_rank": 1, "top_k": 1, "warmup": 0, "seed": 0, "init_std": 0}
        problems = {
            name: f"{getattr(self, name)}; at least {low}." for name, low in least.items() if getattr(self, name) < low
        }
        positive = ("alpha", "learning_rate", "selection_rate", "max_grad_norm")
        problems |= {name: f"{getattr(self, name)}; above 0." for name in positive if not getattr(self, name) > 0}
        if problems:
            raise ConfigError(problems, "Correct the settings of the search.")

    def rate(self, step: int) -> float:
        """Return the weights' learning rate at a step, counted from 1: warm-up, then constant or falling to zero."""
        if step <= self.warmup:
            return self.learning_rate * step / self.warmup
        left = (self.steps - step + 1) / max(1, self.steps - self.warmup)
        return self.learning_rate * (max(0.0, left) if self.schedule == "linear" else 1.0)


@dataclass(frozen=True)
class SearchStep:
    """One step of a search.

    Attributes:
        step: counted from 1.
        train_loss, validation_loss: L_train(w, g) and L_val(w', g), the load balance apart.
        gradient: length of the vectors' gradient.
        product: length of its second term, eta times the Hessian-vector product; 0 at first order.
        seconds: measured.
        zero_sum: how far the gradient of a router's experts is from adding up to zero, see `SelectionVectors.zero_sum`.
    """

    step: int
    train_loss: float
    validation_loss: float
    learning_rate: float
    gradient: float
    product: float
    seconds: float
    zero_sum: float = float("nan")
