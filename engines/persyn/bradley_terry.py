"""The prompt-conditional Bradley-Terry model: one vector of scores a prompt, all pairs expanded on it.

P(B beats A | x) = sigmoid(pi(x)_B - pi(x)_A), equation 3 of the paper. One forward gives all N scores of a prompt, and
its N (N - 1) / 2 pairs cost a subtraction each; `one_pair_loss` is the same loss with one forward a pair, as printed.

The linear head for processors stands on frozen sentence embeddings: pi(x) = W^T (e(x) - m) + b, with e the unit
embedding of the prompt and m its mean over the calibration prompts. The loss of the pairs is convex in W and b, so that
L-BFGS finds its only minimum and no seed matters. The penalty on W is that of a normal prior: decay / (2 prompts) |W|^2
beside the mean loss; b, who is better on the whole, is free but for a trace that keeps it finite. The paper tunes a
backbone of 1.5 B; this one is ours.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engines.persyn.rewards import Pairs


@dataclass(frozen=True)
class PairTensors:
    """Pairs as tensors, shape (K,) each: row of the scores, columns a and b, label."""

    prompt: Tensor
    a: Tensor
    b: Tensor
    label: Tensor

    @classmethod
    def of(cls, pairs: Pairs) -> "PairTensors":
        """Return the tensors of some pairs."""
        prompt, a, b = (torch.as_tensor(part, dtype=torch.long) for part in (pairs.prompt, pairs.a, pairs.b))
        return cls(prompt, a, b, torch.as_tensor(pairs.label, dtype=torch.float32))


def expanded_loss(scores: Tensor, pairs: PairTensors) -> Tensor:
    """Return mean binary cross-entropy of all pairs, from one vector of scores a prompt.

    Args:
        scores: pi(x), shape (P, N).
    """
    logits = scores[pairs.prompt, pairs.b] - scores[pairs.prompt, pairs.a]
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, pairs.label.to(logits.dtype))


def one_pair_loss(score: Tensor, a: int, b: int, label: float) -> Tensor:
    """Return the loss of one pair as printed: sigmoid(z^T pi(x)), z being +1 at B and -1 at A.

    Args:
        score: pi(x) of one prompt, shape (N,).
    """
    two_hot = torch.zeros_like(score)
    two_hot[b], two_hot[a] = 1.0, -1.0
    chance = torch.sigmoid(two_hot @ score)
    return -(label * torch.log(chance) + (1 - label) * torch.log1p(-chance))


def centred(scores: np.ndarray) -> np.ndarray:
    """Return scores with mean 0 within each prompt: they are defined up to a constant of the prompt."""
    return scores - scores.mean(1, keepdims=True)


def chances_to_win(scores: np.ndarray) -> np.ndarray:
    """Return mean probability of each teacher to beat each of the others, shape (P, N)."""
    gaps = scores[:, :, None] - scores[:, None, :]
    beats = 1 / (1 + np.exp(-gaps))
    count = scores.shape[1]
    return (beats.sum(2) - 0.5) / max(1, count - 1)


STEPS = 200
TRACE = 1e-3
"""Penalty on b: without it a teacher that always wins would have an endless score."""


@dataclass(frozen=True)
class LinearHead:
    """A solved head.

    Attributes:
        weight: shape (D, N), float32.
        bias: shape (N,).
        centre: mean embedding, shape (D,).
        first_loss, last_loss: mean cross-entropy of a pair in nats, without the penalty.
    """

    weight: np.ndarray
    bias: np.ndarray
    centre: np.ndarray
    first_loss: float
    last_loss: float

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """Return pi(x) of each embedding, shape (P, N), float32."""
        return (vectors - self.centre) @ self.weight + self.bias


def solve_head(vectors: np.ndarray, pairs: Pairs, teachers: int, decay: float) -> LinearHead:
    """Solve for the head of least loss on some pairs.

    Args:
        vectors: embeddings of the prompts that the pairs number, of unit length, shape (P, D).
        teachers: N.
    """
    centre = vectors.mean(0)
    known = torch.as_tensor(vectors - centre, dtype=torch.float64)
    weight = torch.zeros(known.shape[1], teachers, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(teachers, dtype=torch.float64, requires_grad=True)
    tensors = PairTensors.of(pairs)
    solver = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, tolerance_grad=1e-7, tolerance_change=1e-10, line_search_fn="strong_wolfe"
    )

    def fit() -> torch.Tensor:
        return expanded_loss(known @ weight + bias, tensors)

    def penalised() -> torch.Tensor:
        solver.zero_grad()
        loss = fit() + decay / (2 * len(vectors)) * weight.square().sum() + TRACE * bias.square().sum()
        loss.backward()
        return loss

    with torch.no_grad():
        first = float(fit())
    solver.step(penalised)  # pyright: ignore[reportArgumentType]
    with torch.no_grad():
        last = float(fit())
    solved = [part.detach().numpy().astype(np.float32) for part in (weight, bias)]
    return LinearHead(solved[0], solved[1], centre.astype(np.float32), first, last)
