"""The bilevel search: weights learn on training batches, selection vectors on validation batches through the weights.

Each step, with learning rate eta (as the released code; the second order of DARTS, Liu et al. 2019):

    w' = w after one step on L_train(w, g)
    grad_g = grad_g L_val(w', g) - eta * (grad_g L_train(w+, g) - grad_g L_train(w-, g)) / (2 eps)
    w+- = w +- eps v,  v = grad_w' L_val(w', g),  eps = 0.01 / ||v||
    g takes an AdamW step on grad_g, then w one on L_train(w, g)

Differs from the release: the step to w' leaves the optimiser's moments alone, both sides of the difference see the same
dropout, and experts that saw no token count as gradient 0.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engines.guilomo.batches import order_of, require_apart
from engines.guilomo.search_settings import Outcome, SearchResult, SearchSettings, SearchStep
from engines.guilomo.search_state import read_state, write_state
from engines.guilomo.selection import SelectionVectors, lift
from engines.guilomo.unrolling import (
    adamw_next,
    descent_next,
    joint_norm,
    mixed_product,
    scaled_down,
    seeded,
    standing_at,
)
from engines.parts.expert_layers import expert_layers
from engines.parts.experts import ExpertSettings, attach_experts, shapes_of
from workbench.contract import ModelError

Batch = Mapping[str, Any]
"""Keyword arguments of the model, tensors [B, T], "labels" among them."""
Loss = Callable[[Any, Batch], Tensor]


def next_token_loss(model: Any, batch: Batch) -> Tensor:
    """The model's own mean cross-entropy over the labels that are not -100."""
    return model(**batch, use_cache=False).loss


class Search:
    """A search over a model; it owns the model from then on (experts are attached in place).

    Args:
        model: a loaded causal language model, not shared.
        targets: own names of the layers to adapt; none takes every linear layer but the output head.
        loss: of a model and a batch, a scalar tensor.

    Attributes:
        done: steps done.
        vectors: the selection vectors.
        model: the PEFT model.

    Raises:
        ModelError: as `expert_layout.shapes_of`.
        ConfigError: a layer is smaller than `most_rank`.
    """

    def __init__(
        self, model: Any, settings: SearchSettings, targets: Sequence[str] = (), loss: Loss = next_token_loss
    ) -> None:
        shapes = shapes_of(model, targets)
        most = (settings.most_experts, settings.most_rank)
        experts = ExpertSettings(
            settings.top_k, settings.alpha, settings.dropout, settings.balance, settings.by_experts, scales=True
        )
        self.settings, self.shapes, self.done = settings, shapes, 0
        self.model = attach_experts(model, dict.fromkeys(shapes, (most[1],) * most[0]), experts, settings.seed)
        self.model.train()
        self._layers = expert_layers(self.model)
        self._routing = next(iter(self._layers.values())).routing
        self._start_weights()
        device = next(self.model.parameters()).device
        self.vectors = SelectionVectors(shapes, most, settings.estimator, settings.learn, settings.seed).to(device)
        self._first = (self.vectors.expert_counts(), self.vectors.rank_counts())
        self.weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        self._loss = loss
        self._optimiser = torch.optim.AdamW(self.weights, lr=settings.learning_rate, weight_decay=settings.weight_decay)
        self._selection = torch.optim.AdamW(
            self.vectors.learned(),
            lr=settings.selection_rate,
            betas=settings.selection_betas,
            weight_decay=settings.selection_decay,
        )

    def _start_weights(self) -> None:
        if not self.settings.init_std:
            return
        draw = torch.Generator().manual_seed(self.settings.seed + 1)
        for layer in self._layers.values():
            for weight in (layer.lora_A["default"].weight, layer.lora_B["default"].weight):
                started = torch.randn(weight.shape, generator=draw) * self.settings.init_std
                with torch.no_grad():
                    weight.copy_(started)

    def step(self, train: Batch, validation: Batch) -> SearchStep:
        """One step of the search.

        Raises:
            ModelError: the loss or a gradient is not a number; weights and vectors are those before the step.
        """
        begun = time.monotonic()
        rate, vectors = self.settings.rate(self.done + 1), self.vectors.learned()
        train_loss, gradients = self._pass(train, self.weights, 0)
        validation_loss, grad_g, product = self._guidance(train, validation, gradients, rate)
        before = [vector.detach().clone() for vector in vectors]
        for vector, gradient in zip(vectors, grad_g, strict=True):
            vector.grad = gradient
        self._selection.step()
        try:
            _, gradients = self._pass(train, self.weights, 0)
        except ModelError:
            with torch.no_grad():
                torch._foreach_copy_(list(vectors), before)
            raise
        for weight, gradient in zip(self.weights, scaled_down(gradients, self.settings.max_grad_norm), strict=True):
            weight.grad = gradient
        self._optimiser.param_groups[0]["lr"] = rate
        self._optimiser.step()
        self._optimiser.zero_grad()
        self._selection.zero_grad()
        self.done += 1
        return SearchStep(
            step=self.done,
            train_loss=train_loss,
            validation_loss=validation_loss,
            learning_rate=rate,
            gradient=joint_norm(grad_g),
            product=product,
            seconds=time.monotonic() - begun,
            experts=self.vectors.expert_counts(),
            ranks=self.vectors.read_out(),
            expert_vectors=_numbers(self.vectors.experts),
            rank_vectors=_numbers(self.vectors.ranks),
        )

    def _guidance(
        self, train: Batch, validation: Batch, gradients: list[Tensor], rate: float
    ) -> tuple[float, list[Tensor], float]:
        """L_val(w', g), grad_g and the length of its second term."""
        vectors, second = self.vectors.learned(), self.settings.order == "second"
        gradients = scaled_down(gradients, self.settings.max_grad_norm)
        if self.settings.unroll == "adamw":
            moved = adamw_next(self.weights, gradients, self._optimiser, rate)
        else:
            moved = descent_next(self.weights, gradients, rate)
        with standing_at(self.weights, moved):
            loss, found = self._pass(validation, [*vectors, *(self.weights if second else ())], 1)
        grad_g, direction = found[: len(vectors)], found[len(vectors) :]
        if not second:
            return loss, grad_g, 0.0
        product = mixed_product(lambda: self._pass(train, vectors, 0)[1], self.weights, direction)
        return loss, [one - rate * two for one, two in zip(grad_g, product, strict=True)], rate * joint_norm(product)

    def _pass(self, batch: Batch, wanted: Sequence[Tensor], part: int) -> tuple[float, list[Tensor]]:
        """The loss of a batch and its gradient in the wanted tensors; dropout is decided by the step and the part."""
        mask = batch.get("attention_mask")
        self._routing.mask = None if mask is None else mask.bool()
        self.vectors.lay(self.model)
        with seeded(self.settings.seed, self.done, part):
            loss = self._loss(self.model, batch)
        found = torch.autograd.grad(loss, list(wanted), allow_unused=True)
        gradients = [torch.zeros_like(two) if one is None else one for one, two in zip(found, wanted, strict=True)]
        value = float(loss.detach())
        if not math.isfinite(value) or not math.isfinite(joint_norm(gradients)):
            what = "gradient" if math.isfinite(value) else "loss"
            raise ModelError(
                f"The {'validation' if part else 'training'} {what} of the search is not a number any more after "
                f"{self.done} steps (learning rate {self.settings.rate(self.done + 1):g}).",
                "Lower the learning rate, lengthen the warm-up, or use float32.",
            )
        return value, gradients

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
            DataError: a list is empty, or every row of the validation batches is one of the training batches.
        """
        require_apart(train, validation)
        while self.done < self.settings.steps:
            if stopping is not None and stopping():
                return self.result("stopped")
            seed, at = self.settings.seed, self.done
            batches = (train[order_of(len(train), at, seed)], validation[order_of(len(validation), at, seed + 1)])
            try:
                step = self.step(*batches)
            except ModelError as error:
                return self.result("not a number", str(error))
            if on_step is not None:
                on_step(step)
        return self.result("finished")

    def result(self, outcome: Outcome = "stopped", message: str = "") -> SearchResult:
        """What the search has found so far; its masks are taken off the model."""
        lift(self.model)
        self._routing.mask = None
        return SearchResult(
            outcome=outcome,
            steps=self.done,
            ranks=self.vectors.read_out(),
            first_experts=self._first[0],
            last_experts=self.vectors.expert_counts(),
            first_ranks=self._first[1],
            last_ranks=self.vectors.rank_counts(),
            message=message,
        )

    def save(self, folder: Path) -> None:
        """Write the state: state.safetensors and state.json. A search of the same settings goes on from it exactly."""
        write_state(folder, self._parts(), self.settings, self.shapes, self.done)

    def load(self, folder: Path) -> None:
        """Go on from a saved state.

        Raises:
            DataError: the files are missing, damaged, or of another search.
        """
        self.done = read_state(folder, self._parts(), self.settings, self.shapes)

    def _parts(self) -> dict[str, tuple[Sequence[nn.Parameter], torch.optim.Optimizer]]:
        return {"weights": (self.weights, self._optimiser), "vectors": (self.vectors.learned(), self._selection)}


def _numbers(vectors: Tensor) -> np.ndarray:
    return vectors.detach().cpu().numpy().copy()
