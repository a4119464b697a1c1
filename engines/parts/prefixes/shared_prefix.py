"""Keys and values of a prefix that many continuations share: computed once, read by any number of rows, never copied.

Design decisions:
- A prefix is either extended (a new one is made; the old one stays) or read. Reading appends the new tokens for the
  layer at hand alone and forgets them, so that memory does not grow with the rows that are read.
- It is a cache of transformers, so every architecture whose attention asks a cache for keys and values can use it.
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers.cache_utils import Cache, DynamicLayer

KeysValues = tuple[Tensor, Tensor]
"""Of one layer."""


class _PrefixLayer(DynamicLayer):
    """One layer's keys and values, shape (1, heads, T, width)."""

    extending = True

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Keys and values of prefix and new tokens; kept only while the prefix is being extended."""
        if self.extending:
            return super().update(key_states, value_states, *args, **kwargs)
        rows = key_states.shape[0]
        return (
            torch.cat([cast(Tensor, self.keys).expand(rows, -1, -1, -1), key_states], dim=-2),
            torch.cat([cast(Tensor, self.values).expand(rows, -1, -1, -1), value_states], dim=-2),
        )


class _ContinuedLayer(_PrefixLayer):
    """A layer that remembers what was appended to it last, and does not grow."""

    extending = False
    own: tuple[Tensor, Tensor] | None = None

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Keys and values of prefix and new tokens."""
        self.own = (key_states, value_states)
        return super().update(key_states, value_states, *args, **kwargs) if self.is_initialized else self.own


class SharedPrefix:
    """A prefix of `length` tokens under one model body.

    Attributes:
        states: last hidden states of the tokens by which it was last extended, shape (T, D).
    """

    def __init__(self, body: nn.Module) -> None:
        self.body = body
        self.length = 0
        self.states = torch.empty(0, 0)
        self._layers: list[_PrefixLayer] = []

    @property
    def bytes(self) -> int:
        """Memory that its keys and values take."""
        held = [tensor for layer in self._layers for tensor in (layer.keys, layer.values) if tensor is not None]
        return sum(tensor.numel() * tensor.element_size() for tensor in held)

    def extended(self, ids: list[int]) -> "SharedPrefix":
        """This prefix and further tokens, as a new one; the old one may go on being used.

        Args:
            ids: at least one token.
        """
        longer = SharedPrefix(self.body)
        longer._layers = [_copy(layer) for layer in self._layers]
        cache = _cache(longer._layers)
        longer.states = self._forward(torch.tensor([ids]), cache)[0]
        longer._layers = cast(list[_PrefixLayer], cache.layers)
        longer.length = self.length + len(ids)
        for layer in longer._layers:
            layer.extending = False
        return longer

    def read(self, ids: Tensor) -> Tensor:
        """Last hidden states of continuations, each right after the prefix, shape (B, T, D).

        Args:
            ids: shape (B, T), padded on the right; what stands at padding means nothing.
        """
        return self._forward(ids, _cache(self._layers) if self.length else None)

    def continued(self, ids: Tensor) -> tuple[Tensor, list[KeysValues]]:
        """As `read`, with the keys and values of the new tokens: one pair a layer, each of shape (B, heads, T, width).

        Args:
            ids: shape (B, T), padded on the right.
        """
        cache = _cache([_copy(layer, _ContinuedLayer) for layer in self._layers], _ContinuedLayer)
        states = self._forward(ids, cache)
        return states, [layer.own for layer in cast(list[Any], cache.layers)]

    def keys_values(self) -> list[KeysValues]:
        """Keys and values of the prefix: one pair a layer, each of shape (1, heads, T, width); none of an empty one."""
        return [cast(KeysValues, (layer.keys, layer.values)) for layer in self._layers]

    def _forward(self, ids: Tensor, cache: Cache | None) -> Tensor:
        device = next(self.body.parameters()).device
        positions = torch.arange(self.length, self.length + ids.shape[1], device=device).expand(ids.shape[0], -1)
        answer = self.body(
            input_ids=ids.to(device), position_ids=positions, past_key_values=cache, use_cache=cache is not None
        )
        return answer.last_hidden_state


def _cache(layers: Sequence[_PrefixLayer], kind: type[_PrefixLayer] = _PrefixLayer) -> Cache:
    return Cache(layers=cast(Any, list(layers))) if layers else Cache(layer_class_to_replicate=kind)


def _copy(layer: _PrefixLayer, kind: type[_PrefixLayer] = _PrefixLayer) -> _PrefixLayer:
    new = kind()
    if layer.is_initialized:
        new.lazy_initialization(cast(Tensor, layer.keys), cast(Tensor, layer.values))
        new.keys, new.values = layer.keys, layer.values
    return new
