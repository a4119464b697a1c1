"""One answer at a time with whatever cache a model makes for itself: for models that allow nothing better."""

from typing import Any

import torch
from torch import Tensor

from engines.parts.models.models import LoadedModel

KEPT = ("past_key_values", "cache_params")
"""Names under which models of transformers give their cache and take it back."""


class PlainDecoding:
    """The model's own way, for one answer. A model that keeps nothing reads everything again for each token."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self._kept: dict[str, Any] = {}
        self._read: list[int] = []

    def logits(self, ids: list[int]) -> tuple[Tensor, int]:
        """Logits after further tokens, shape (1, V), float32; and how many tokens were run for it."""
        self._read += ids
        asked = ids if self._kept else self._read
        said = self.model.model(input_ids=torch.tensor([asked], device=self.model.device), use_cache=True, **self._kept)
        self._kept = {name: said[name] for name in KEPT if said.get(name) is not None}
        return said.logits[:, -1].float(), len(asked)
