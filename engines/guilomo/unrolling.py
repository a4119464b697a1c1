"""Pieces of the bilevel step: the optimiser's next step aside, the finite-difference product, seeded passes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

NEARNESS = 0.01
"""Length of the step that the finite difference takes to either side."""


def scaled_down(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
    """The gradients, all scaled alike so that their joint length is at most `most`."""
    length = joint_norm(gradients)
    return list(torch._foreach_mul(list(gradients), most / length)) if length > most else list(gradients)


def joint_norm(tensors: Sequence[Tensor]) -> float:
    """The Euclidean length of all the numbers together; nan or inf where one of them is."""
    norms = torch._foreach_norm([one.detach().float() for one in tensors])
    return float(torch.stack(list(norms)).norm())


def adamw_next(
    weights: Sequence[Tensor], gradients: Sequence[Tensor], optimiser: torch.optim.AdamW, rate: float
) -> list[Tensor]:
    """Where AdamW's next step would take the weights; neither they nor the optimiser's state are touched.

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
    """Where a step of plain gradient descent would take the weights."""
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
    """d^2 L / dg dw times v, by central differences: (grad_g L(w + eps v) - grad_g L(w - eps v)) / (2 eps).

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
