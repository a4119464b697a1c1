"""The bilevel search: weights learn on training batches, selection vectors on validation batches through the weights.

Each step, with learning rate eta (as the released code; the second order of DARTS, Liu et al. 2019):

    w' = w after one step on L_train(w, g)
    grad_g = grad_g L_val(w', g) - eta * (grad_g L_train(w+, g) - grad_g L_train(w-, g)) / (2 eps)
    w+- = w +- eps v,  v = grad_w' L_val(w', g),  eps = 0.01 / ||v||
    g takes an AdamW step on grad_g, then w one on L_train(w, g)

Differs from the release: the step to w' leaves the optimiser's moments alone, both sides of the difference see the same
dropout, and experts that saw no token count as gradient 0.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from engines.guilomo.search_settings import SearchSettings, SearchStep
from engines.guilomo.selection import SelectionVectors, lift
from engines.parts.expert_layers import expert_layers
from engines.parts.experts import ExpertSettings, attach_experts, shapes_of
from engines.parts.training import Diverged, TrainingState

Batch = Mapping[str, Any]
"""Keyword arguments of the model, tensors [B, T], "labels" among them."""
Loss = Callable[[Any, Batch], Tensor]
NEARNESS = 0.01
"""Length of the step that the finite difference takes to either side."""


def next_token_loss(model: Any, batch: Batch) -> Tensor:
    """Return the model's own mean cross-entropy over the labels that are not -100."""
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
        self.weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        self._routing.pooled = settings.pooled_balance
        self._told = torch.zeros(3, dtype=torch.float64)
        """Sums over steps of `zero_sum` and of the second order's share, and how many steps."""
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
        """Do one step of the search.

        Raises:
            Diverged: the loss or a gradient is not a number; weights and vectors are those before the step.
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
        except Diverged:
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
        length = joint_norm(grad_g)
        told = (self.vectors.zero_sum, product / length if length else 0.0, 1.0)
        self._told += torch.tensor(told, dtype=torch.float64)
        return SearchStep(
            step=self.done,
            train_loss=train_loss,
            validation_loss=validation_loss,
            learning_rate=rate,
            gradient=length,
            product=product,
            zero_sum=told[0],
            seconds=time.monotonic() - begun,
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
            whose = "validation" if part else "training"
            rate = self.settings.rate(self.done + 1)
            raise Diverged(f"{whose} {what} of the search is not a number any more", self.done + 1, rate)
        return value, gradients

    def state(self) -> TrainingState:
        """Return what a search changes, to be saved while it runs."""
        parameters = {name: one for name, one in self.model.named_parameters() if one.requires_grad}
        vectors = {f"vectors.{name}": one for name, one in self.vectors.named_parameters() if one.requires_grad}
        told = json.dumps([asdict(self.settings), self.shapes])
        key = hashlib.sha256(told.encode()).hexdigest()[:16]
        return TrainingState(parameters | vectors | {"told": self._told}, (self._optimiser, self._selection), key)

    def measured(self) -> tuple[float, float]:
        """Return means over steps: how far experts' gradients are from zero-sum, and the second order's share."""
        zero_sum, second, steps = self._told.tolist()
        return (zero_sum / steps, second / steps) if steps else (float("nan"), float("nan"))

    def end(self) -> None:
        """Take the masks off the model."""
        lift(self.model)
        self._routing.mask = None


def scaled_down(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
    """Return the gradients, all scaled alike so that their joint length is at most `most`."""
    length = joint_norm(gradients)
    return list(torch._foreach_mul(list(gradients), most / length)) if length > most else list(gradients)


def joint_norm(tensors: Sequence[Tensor]) -> float:
    """Return the Euclidean length of all the numbers together; nan or inf where one of them is."""
    norms = torch._foreach_norm([one.detach().float() for one in tensors])
    return float(torch.stack(list(norms)).norm())


def adamw_next(
    weights: Sequence[Tensor], gradients: Sequence[Tensor], optimiser: torch.optim.AdamW, rate: float
) -> list[Tensor]:
    """Return where AdamW's next step would take the weights; neither they nor the optimiser's state are touched.

    Args:
        weights: all of the optimiser's single group.
        rate: learning rate of the step.
    """
    group = optimiser.param_groups[0]
    (beta1, beta2), moved = group["betas"], []
    for weight, gradient in zip(weights, gradients, strict=True):
        state = optimiser.state.get(weight, {})
        step = float(state.get("step", 0)) + 1
        first = gradient * (1 - beta1)
        second = gradient * gradient * (1 - beta2)
        if state:
            first.add_(state["exp_avg"], alpha=beta1)
            second.add_(state["exp_avg_sq"], alpha=beta2)
        root = second.sqrt_().div_((1 - beta2**step) ** 0.5).add_(group["eps"])
        start = weight.detach() * (1 - rate * group["weight_decay"])
        moved.append(start.addcdiv_(first, root, value=-rate / (1 - beta1**step)))
    return moved


def descent_next(weights: Sequence[Tensor], gradients: Sequence[Tensor], rate: float) -> list[Tensor]:
    """Return where a step of plain gradient descent would take the weights."""
    return list(torch._foreach_add([weight.detach() for weight in weights], list(gradients), alpha=-rate))


@contextmanager
def standing_at(weights: Sequence[Tensor], places: Sequence[Tensor]) -> Iterator[None]:
    """Let the weights have other values inside the block; they get their own, to the bit, back at its end."""
    own = [weight.detach().clone() for weight in weights]
    try:
        with torch.no_grad():
            torch._foreach_copy_(list(weights), list(places))
        yield
    finally:
        with torch.no_grad():
            torch._foreach_copy_(list(weights), own)


def mixed_product(
    gradient_at: Callable[[], Sequence[Tensor]], weights: Sequence[Tensor], direction: Sequence[Tensor]
) -> list[Tensor]:
    """Return d^2 L / dg dw times v by central differences: (grad_g L(w + eps v) - grad_g L(w - eps v)) / (2 eps).

    eps = 0.01 / ||v||, v being the direction in the weights; zeros where v is zero.

    Args:
        gradient_at: grad_g L at the weights' present values.
    """
    length = joint_norm(direction)
    if length == 0:
        return [torch.zeros_like(one) for one in gradient_at()]
    eps = NEARNESS / length
    here = [weight.detach() for weight in weights]
    with standing_at(weights, torch._foreach_add(here, list(direction), alpha=eps)):
        ahead = gradient_at()
    with standing_at(weights, torch._foreach_add(here, list(direction), alpha=-eps)):
        behind = gradient_at()
    return [(one - two) / (2 * eps) for one, two in zip(ahead, behind, strict=True)]


@contextmanager
def seeded(*parts: int) -> Iterator[None]:
    """Random numbers of their own inside the block, decided by the parts; the global ones stay as they were.

    Both sides of a finite difference need the same dropout: else its noise is divided by the tiny step between them.
    """
    with torch.random.fork_rng():
        torch.manual_seed(hash(parts) & 0x7FFFFFFF)
        yield
