"""Scores by a linear head on frozen sentence embeddings: pi(x) = W^T (e(x) - m) + b, for processors.

e is the unit embedding of the prompt and m its mean over the prompts that are learned from. The loss of the pairs is
convex in W and b, so that L-BFGS finds its only minimum and no seed matters. The penalty on W is that of a normal
prior: decay / (2 prompts) |W|^2 beside the mean loss; b, who is better on the whole, is free but for a trace that
keeps it finite.
"""

from dataclasses import dataclass

import numpy as np
import torch

from engines.parts.bradley_terry.pair_loss import PairTensors, expanded_loss
from engines.parts.ranking.pairs import Pairs

STEPS = 200
TRACE = 1e-3
"""Penalty on b: without it a candidate that always wins would have an endless score."""


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


def solve_head(vectors: np.ndarray, pairs: Pairs, candidates: int, decay: float) -> LinearHead:
    """Solve for the head of least loss on some pairs.

    Args:
        vectors: embeddings of the prompts that the pairs number, of unit length, shape (P, D).
        candidates: N.
    """
    centre = vectors.mean(0)
    known = torch.as_tensor(vectors - centre, dtype=torch.float64)
    weight = torch.zeros(known.shape[1], candidates, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(candidates, dtype=torch.float64, requires_grad=True)
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
