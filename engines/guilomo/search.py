"""The bilevel search: weights learn on training batches, selection vectors on validation batches through the weights.

Each step, with learning rate eta (GuiLoMo, as released; DARTS' second order):

    w' = w after one step on L_train(w, g)
    grad_g = grad_g L_val(w', g) - eta * (grad_g L_train(w+, g) - grad_g L_train(w-, g)) / (2 eps)
    w+- = w +- eps v,  v = grad_w' L_val(w', g),  eps = 0.01 / ||v||
    g takes an AdamW step on grad_g, then w one on L_train(w, g)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engines.guilomo.selection import Estimator

Order = Literal["second", "first"]
Outcome = Literal["finished", "stopped", "not a number"]


@dataclass(frozen=True)
class SearchSettings:
    """How to search; the defaults are the released code's, but for `steps`.

    Attributes:
        most_experts, most_rank: of each module while searching.
        order: "first" leaves the second term of grad_g out.
        unroll: how w' is made: by the optimiser's own next step, computed aside, or by plain gradient descent.
        balance: weight of the load-balance loss.
        by_experts: that loss times the number of experts; the release does so in the final training only.
        warmup: steps of linear rise of the weights' learning rate.
        selection_rate: learning rate of the selection vectors' AdamW.
        learn: which vectors are learned; the others keep every expert, or every rank.
        init_std: A and B start normal with this deviation; 0 starts as LoRA does, with B at zero.
    """

    steps: int = 60
    most_experts: int = 8
    most_rank: int = 8
    top_k: int = 2
    alpha: int = 16
    dropout: float = 0.05
    balance: float = 0.001
    by_experts: bool = False
    learning_rate: float = 3e-4
    warmup: int = 100
    weight_decay: float = 0.0
    selection_rate: float = 3e-3
    selection_betas: tuple[float, float] = (0.5, 0.999)
    selection_decay: float = 0.0
    order: Order = "second"
    unroll: Literal["adamw", "descent"] = "adamw"
    estimator: Estimator = "released"
    learn: Literal["both", "experts", "ranks"] = "both"
    init_std: float = 0.02
    seed: int = 0


@dataclass(frozen=True)
class SearchStep:
    """One step of a search.

    Attributes:
        step: counted from 1.
        train_loss, validation_loss: of L_train(w, g) and L_val(w', g).
        product: length of the second term of grad_g; 0 at first order.
        experts: counts by module, after the step.
        ranks: counts by module and expert, after the step.
    """

    step: int
    train_loss: float
    validation_loss: float
    learning_rate: float
    gradient: float
    product: float
    seconds: float
    experts: Mapping[str, int]
    ranks: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes:
        outcome: why it ended. After "not a number" the ranks are those of the last good step.
        ranks: of each module's experts: the allocation.
        first_experts, last_experts: expert counts by the vectors at the start and at the end.
        first_ranks, last_ranks: rank counts of all `most_experts` experts of each module, kept or not.
        vectors: the expert vectors [steps + 1, M, E] as they were at the start and after each step, and "ranks" alike.
    """

    outcome: Outcome
    steps: int
    ranks: Mapping[str, tuple[int, ...]]
    first_experts: Mapping[str, int]
    last_experts: Mapping[str, int]
    first_ranks: Mapping[str, tuple[int, ...]]
    last_ranks: Mapping[str, tuple[int, ...]]
    message: str = ""
    records: Sequence[SearchStep] = field(default_factory=tuple)


Batch = Mapping[str, Any]
"""Keyword arguments of the model, tensors [B, T]; with "labels"."""
Loss = Callable[[Any, Batch], Any]


class Search:
    """A search over a model; it owns the model from then on (experts are attached in place).

    Args:
        model: a loaded causal language model, not shared.
        targets: own names of the layers to adapt; none takes every linear layer but the output head.
        loss: of a model and a batch, a scalar tensor; the default is the model's own next-token loss on "labels".

    Raises:
        ModelError: as `expert_layout.shapes_of`.
        ConfigError: a layer is smaller than `most_rank`, or fewer than two experts are asked for.
    """

    def __init__(
        self, model: Any, settings: SearchSettings, targets: Sequence[str] = (), loss: Loss | None = None
    ) -> None:
        raise NotImplementedError

    def step(self, train: Batch, validation: Batch) -> SearchStep:
        """One step of the search.

        Raises:
            ModelError: the loss or a gradient is not a number; weights and vectors are those before the step.
        """
        raise NotImplementedError

    def run(
        self,
        train: Sequence[Batch],
        validation: Sequence[Batch],
        on_step: Callable[[SearchStep], None] | None = None,
        stopping: Callable[[], bool] | None = None,
    ) -> SearchResult:
        """Search to the last step, going through both lists of batches in turn, each in an order of its own.

        After a loss that is not a number the search ends with the last good state and says so in the result.

        Args:
            on_step: hears each step; also the moment to `save`.
            stopping: whether to end after the step; the result then says "stopped".

        Raises:
            DataError: the validation set is empty, or holds the training set's batches; or there is no training batch.
        """
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """Write the state: state.safetensors and state.json. A search of the same settings goes on from it exactly."""
        raise NotImplementedError

    def load(self, folder: Path) -> None:
        """Go on from a saved state.

        Raises:
            DataError: the files are missing, damaged, or of another search.
        """
        raise NotImplementedError
