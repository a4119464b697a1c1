"""The next token of an answer: the likeliest one, or one drawn by a random number that belongs to that answer alone.

Design decisions:
- One generator per (seed, prompt, sample index), one number per token: a sample does not depend on the batch, on how
  many samples were asked for, or on what was asked before.
- The number is looked up in the cumulative probabilities in the order of the token ids. In the order of probability a
  rounding error that swaps two tokens would move all that lie between.
"""

import hashlib
import json

import numpy as np
import torch
from torch import Tensor

from engines.parts.completions.generation import Sampling
from engines.parts.completions.prompts import Prompt
from workbench.contract.errors import ModelError

NEAR = 256
"""Likeliest tokens that are looked at first for `top_p`; the whole vocabulary is sorted only where they hold less."""


def random_numbers(seed: int, prompt: Prompt, sample: int) -> np.random.Generator:
    """Return the random generator that belongs to one sample of one prompt."""
    said = prompt if isinstance(prompt, str) else [[turn.role, turn.content] for turn in prompt]
    digest = hashlib.sha256(json.dumps([seed, said, sample]).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))


def next_tokens(logits: Tensor, numbers: np.ndarray, sampling: Sampling) -> Tensor:
    """Choose the next token of each row, int64, shape (B,).

    Args:
        logits: float32, shape (B, V); -inf forbids a token.
        numbers: one random number of each row, in [0, 1), shape (B,); greedy answers do not use them.

    Raises:
        ModelError: the logits of a row are no numbers.
    """
    highest, likeliest = logits.max(-1)
    if not torch.isfinite(highest).all():
        raise ModelError(
            "The model gives no finite probabilities for the next token.",
            "Load it with dtype float32; if that fails too, its weights are damaged.",
        )
    if sampling.temperature == 0:
        return likeliest
    chances = probabilities(logits - highest[:, None], sampling)
    cumulative = chances.double().cumsum(-1)
    whole = cumulative[:, -1]
    wanted = torch.from_numpy(numbers).to(logits.device) * whole
    # Rounding may lift a number just below 1 to the whole, beyond the last token.
    wanted = torch.minimum(wanted, torch.nextafter(whole, torch.zeros_like(whole)))
    return torch.searchsorted(cumulative, wanted[:, None], right=True)[:, 0]


def probabilities(logits: Tensor, sampling: Sampling) -> Tensor:
    """Return what is sampled from: tempered, cut to `top_k`, then to `top_p` (not normalised again), shape (B, V).

    Tokens as likely as the last one kept are kept too, so that the cut does not depend on an order among equals.
    """
    tempered = logits / sampling.temperature
    if 0 < sampling.top_k < logits.shape[-1]:
        least = tempered.topk(sampling.top_k).values[:, -1:]
        tempered = tempered.masked_fill(tempered < least, -torch.inf)
    chances = tempered.softmax(-1)
    return _nucleus(chances, sampling.top_p) if sampling.top_p < 1 else chances


def _nucleus(chances: Tensor, top_p: float) -> Tensor:
    likeliest = chances.topk(min(NEAR, chances.shape[-1])).values
    if (likeliest.sum(-1) < top_p).any():
        likeliest = chances.sort(descending=True).values
    before = likeliest.cumsum(-1) - likeliest
    least = likeliest.masked_fill(before >= top_p, torch.inf).amin(-1, keepdim=True)
    return chances.masked_fill(chances < least, 0.0)
