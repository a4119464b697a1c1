"""Whether a model allows its answers to be written side by side, and how one that does not is asked: one at a time.

Whether it does is tried on a few tokens, not looked up in a list of names.
"""

import threading
import weakref
from typing import Any

import torch
from torch import Tensor

from engines.parts.decoding.decoding import Decoder
from engines.parts.hidden_states.hidden_states import padded_batch
from engines.parts.models.models import LoadedModel
from engines.parts.prefixes.batch_kv_cache import RowCache
from engines.parts.prefixes.shared_prefix import SharedPrefix

SAME = 2e-2
"""Nats by which log-probabilities may differ from the model's own, in float32."""
KEPT = ("past_key_values", "cache_params")
"""Names under which models of transformers give their cache and take it back."""
PREFIX, OWN, NEXT = 3, (6, 2), 2
"""Tokens of the trial: shared, of each of two rows, and written to both one by one."""


def writes_side_by_side(model: LoadedModel) -> bool:
    """Return whether `Decoder` gives this model's own log-probabilities; tried once for each model in memory."""
    with _LOCK:
        if model.model not in _TRIED:
            _TRIED[model.model] = _tried(model)
        return _TRIED[model.model]


_TRIED: "weakref.WeakKeyDictionary[Any, bool]" = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


@torch.inference_mode()
def _tried(model: LoadedModel) -> bool:
    embedded: Any = model.model.get_input_embeddings().weight
    ids = [1 + 7 * at % (len(embedded) - 1) for at in range(PREFIX + sum(OWN) + NEXT)]
    rows = [[*ids[:PREFIX], *ids[-length:]] for length in OWN]
    written = ids[:NEXT]
    try:
        found = _side_by_side(Decoder(model), rows, written)
    except (TypeError, AttributeError, ValueError, RuntimeError, KeyError, IndexError, NotImplementedError):
        return False
    return all(_agrees(model, [*row, *written], found[at]) for at, row in enumerate(rows))


def _side_by_side(decoder: Decoder, rows: list[list[int]], written: list[int]) -> Tensor:
    """Return the logits after each row and after each token written to it, shape (B, 1 + NEXT, V)."""
    prefix = SharedPrefix(decoder.body).extended(rows[0][:PREFIX])
    batch = padded_batch([row[PREFIX:] for row in rows], range(len(rows)))
    logits, own = decoder.read(prefix, batch)
    cache = RowCache(len(rows), max(map(len, rows)), decoder.device)
    for at, row in enumerate(rows):
        cache.add(prefix.keys_values(), own, at, len(row) - PREFIX)
    return torch.stack([logits, *(decoder.step([token] * len(rows), cache) for token in written)], dim=1)


def _agrees(model: LoadedModel, ids: list[int], found: Tensor) -> bool:
    whole = model.model(input_ids=torch.tensor([ids], device=model.device), use_cache=False).logits[0].float()
    usual = whole[-len(found) :].log_softmax(-1)
    spread = 1 + usual.abs().max() if model.dtype == "bfloat16" else 1
    return bool((found.log_softmax(-1) - usual).abs().max() <= SAME * spread)


class PlainDecoding:
    """Writes one answer in the model's own way. A model that keeps nothing reads everything again for each token."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self._kept: dict[str, Any] = {}
        self._read: list[int] = []

    def logits(self, ids: list[int]) -> tuple[Tensor, int]:
        """Return the logits after further tokens, shape (1, V), float32, and how many tokens were run for it."""
        self._read += ids
        asked = ids if self._kept else self._read
        said = self.model.model(input_ids=torch.tensor([asked], device=self.model.device), use_cache=True, **self._kept)
        self._kept = {name: said[name] for name in KEPT if said.get(name) is not None}
        return said.logits[:, -1].float(), len(asked)
