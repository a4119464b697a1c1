"""The language-model head by itself: logits only where they are asked for, a chunk of positions at a time."""

from typing import Any

import torch
from torch import Tensor

HEAD_POSITIONS = 128
"""Positions whose logits exist at once: 25 MB at a vocabulary of 49,152."""


class LanguageModelHead:
    """The head of a causal language model, with what some architectures do behind it (scaling, soft capping)."""

    def __init__(self, model: Any) -> None:
        self.projection = model.get_output_embeddings()
        config = model.config.get_text_config()
        self.scale = (getattr(config, "logit_scale", None) or 1.0) / (getattr(config, "logits_scaling", None) or 1.0)
        self.cap: float | None = getattr(config, "final_logit_softcapping", None)

    def logits(self, states: Tensor) -> Tensor:
        """Logits from last hidden states, shape (N, D) to (N, V), float32."""
        logits = self.projection(states).float()
        if self.scale != 1.0:
            logits = logits * self.scale
        return torch.tanh(logits / self.cap) * self.cap if self.cap else logits

    def log_probabilities(self, states: Tensor, targets: Tensor) -> Tensor:
        """log p(target), float32, shape (N,).

        Args:
            states: last hidden states, shape (N, D).
            targets: token ids, shape (N,).
        """
        found = [states.new_zeros(0, dtype=torch.float32)]
        for start in range(0, len(targets), HEAD_POSITIONS):
            logits = self.logits(states[start : start + HEAD_POSITIONS])
            chosen = logits.gather(-1, targets[start : start + HEAD_POSITIONS, None])[:, 0]
            found.append(chosen - logits.logsumexp(-1))
        return torch.cat(found)
