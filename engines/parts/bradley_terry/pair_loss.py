"""The prompt-conditional Bradley-Terry model: one vector of scores a prompt, all pairs expanded on it.

P(B beats A | x) = sigmoid(pi(x)_B - pi(x)_A) (Frick et al., arXiv 2502.14855). One forward gives all N scores of a
prompt, and its N (N - 1) / 2 pairs cost a subtraction each; `one_pair_loss` is the same loss with one forward a pair.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engines.parts.ranking.pairs import Pairs


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
    """Return mean probability of each candidate to beat each of the others, shape (P, N)."""
    gaps = scores[:, :, None] - scores[:, None, :]
    beats = 1 / (1 + np.exp(-gaps))
    count = scores.shape[1]
    return (beats.sum(2) - 0.5) / max(1, count - 1)
