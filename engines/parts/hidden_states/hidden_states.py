"""Hidden states of every layer of a transformer, pooled while the model runs.

Design decisions:
- One index convention everywhere, that of transformers' `hidden_states`: 0 is the embedding, k the output of block
  k - 1, and the last one the output of the body, after its final norm.
- Hooks hand one layer's states to a visitor and forget them, so the peak is one layer of one batch whatever the number
  of layers and sentences; the language-model head is never run.
- Sentences are padded on the right and sorted by length, longest first: a budget of padded tokens bounds memory, and a
  batch that does not fit fails at once instead of at the end. Where batches end is chosen for the least padding.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workbench.contract.errors import ModelError

BATCH_PRICE = 48
"""What starting a batch costs, in tokens of the default model on a CPU."""

Visit = Callable[[int, Tensor], None]
"""Takes a layer index and its states, shape (B, T, D); must not keep them."""


@dataclass(frozen=True)
class TokenBatch:
    """Sentences of similar length, padded on the right.

    Attributes:
        sentences: their positions in the list they came from, shape (B,).
        ids: token ids, shape (B, T).
        mask: true at tokens, false at padding, shape (B, T).
    """

    sentences: np.ndarray
    ids: Tensor
    mask: Tensor


def token_batches(encoded: Sequence[Sequence[int]], budget: int, pad: int = 0) -> list[TokenBatch]:
    """Length-sorted batches, longest first, of least cost: padded tokens, and a fixed price per batch.

    Args:
        encoded: token ids of the sentences.
        budget: most padded tokens of a batch; a longer sentence stands alone.
        pad: id that fills.
    """
    order = sorted(range(len(encoded)), key=lambda position: (-len(encoded[position]), position))
    widths = [max(1, len(encoded[position])) for position in order]
    least, starts = [0.0], [0]
    for end in range(1, len(order) + 1):
        costs = {end - 1: least[end - 1] + widths[end - 1] + BATCH_PRICE}
        for start in range(end - 2, -1, -1):
            padded = (end - start) * widths[start]
            if padded > budget:
                break
            costs[start] = least[start] + padded + BATCH_PRICE
        starts.append(min(costs, key=lambda start: (costs[start], start)))
        least.append(costs[starts[-1]])
    batches, end = [], len(order)
    while end:
        batches.append(padded_batch(encoded, order[starts[end] : end], pad))
        end = starts[end]
    return batches[::-1]


def padded_batch(encoded: Sequence[Sequence[int]], chosen: Sequence[int], pad: int = 0) -> TokenBatch:
    """Return the `chosen` sentences as one batch, in the order given."""
    width = max(1, *(len(encoded[position]) for position in chosen))
    ids = torch.full((len(chosen), width), pad, dtype=torch.long)
    mask = torch.zeros((len(chosen), width), dtype=torch.bool)
    for row, position in enumerate(chosen):
        length = len(encoded[position])
        ids[row, :length] = torch.as_tensor(encoded[position], dtype=torch.long)
        mask[row, :length] = True
    return TokenBatch(np.array(chosen), ids, mask)


def counted_tokens(mask: Tensor, keep_first: bool) -> Tensor:
    """Return which tokens are pooled, shape (B, T).

    All, or all but each sentence's first; a single token always counts.
    """
    counted = mask.clone()
    if not keep_first:
        counted[:, 0] = ~mask[:, 1:].any(dim=1)
    return counted


def without_sinks(states: Tensor, counted: Tensor, longest: float) -> Tensor:
    """Of the counted tokens those whose state is at most `longest` long, shape (B, T).

    A sentence of sinks alone keeps them all: a mean of nothing is worse than a mean of sinks.

    Args:
        states: one layer, shape (B, T, D).
        counted: shape (B, T), on any device.
        longest: in the units of the states.
    """
    short = counted & (states.float().norm(dim=-1) <= longest).to(counted.device)
    return torch.where(short.any(dim=1, keepdim=True), short, counted)


class LayerReader:
    """Runs the body of a model and shows each layer's states to a visitor.

    Attributes:
        layers: number of hidden states, blocks + 1.
        width: D.

    Raises:
        ModelError: the blocks cannot be told apart, as in encoder-decoder models.
    """

    def __init__(self, model: nn.Module) -> None:
        self.body: nn.Module = getattr(model, "base_model", model)
        self._blocks = _blocks(self.body)
        self.layers = len(self._blocks) + 1
        self.width = int(_text_config(self.body).hidden_size)
        accepted = inspect.signature(self.body.forward).parameters
        self._switches = {name: False for name in ("use_cache",) if name in accepted}

    def read(self, batch: TokenBatch, visit: Visit) -> None:
        """Return one forward pass; `visit(layer, states)` is called once per layer, in order."""
        handles = [self._blocks[0].register_forward_pre_hook(_input_hook(visit), with_kwargs=True)]
        for layer, block in enumerate(self._blocks[:-1], start=1):
            handles.append(block.register_forward_hook(_output_hook(visit, layer)))
        device = next(self.body.parameters()).device
        try:
            with torch.inference_mode():
                ids, mask = batch.ids.to(device), batch.mask.to(device)
                answer = self.body(input_ids=ids, attention_mask=mask.long(), **self._switches)
                visit(self.layers - 1, answer.last_hidden_state)
        finally:
            for handle in handles:
                handle.remove()


def _input_hook(visit: Visit) -> Callable[..., None]:
    def show(_: nn.Module, args: tuple, kwargs: dict) -> None:
        visit(0, args[0] if args else kwargs["hidden_states"])

    return show


def _output_hook(visit: Visit, layer: int) -> Callable[..., None]:
    def show(_: nn.Module, __: tuple, output: Tensor | tuple) -> None:
        visit(layer, output if isinstance(output, Tensor) else output[0])

    return show


def _text_config(body: nn.Module) -> Any:
    config: Any = body.config
    return config.get_text_config() if hasattr(config, "get_text_config") else config


def _blocks(body: nn.Module) -> list[nn.Module]:
    depth = int(_text_config(body).num_hidden_layers)
    stacks = [module for module in body.modules() if isinstance(module, nn.ModuleList) and len(module) == depth]
    kind = type(body).__name__
    if getattr(body.config, "is_encoder_decoder", False):
        raise ModelError(
            f"{kind} has an encoder and a decoder; hidden states of one stack of blocks are needed.",
            "Choose a decoder-only or an encoder-only model.",
        )
    if not stacks or depth < 1:
        raise ModelError(
            f"No stack of {depth} blocks was found in {kind}.",
            "Choose a model of an ordinary transformer architecture.",
        )
    return list(stacks[0])


class SentenceMeans:
    """Mean of each sentence's tokens at every layer, filled batch by batch.

    Attributes:
        means: shape (n, L, D), float32.
    """

    def __init__(self, sentences: int, layers: int, width: int) -> None:
        self.means = torch.zeros((sentences, layers, width), dtype=torch.float32)

    def add(self, layer: int, states: Tensor, batch: TokenBatch, pooled: Tensor) -> None:
        """Take up one layer of one batch; `pooled` (B, T) marks the tokens that count."""
        weights = pooled.to(torch.float32) / pooled.sum(dim=1, keepdim=True).clamp(min=1)
        pooled_states = torch.bmm(weights[:, None].to(states.device), states.float())[:, 0]
        self.means[torch.from_numpy(batch.sentences), layer] = pooled_states.cpu()
