"""A search on text made ready: the model with its chosen layers, and examples as padded batches."""

from collections.abc import Sequence
from typing import Any

import torch

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.layers import chosen_layers, within
from engines.guilomo.problems import Problem
from engines.guilomo.search import Search
from engines.guilomo.searching import Searched, search_settings
from engines.guilomo.tasks import Task, examples_of
from engines.parts.experts import shapes_of
from engines.parts.models import LoadedModel, load_own, resolve_model
from engines.parts.training import IGNORED, Encoded, encode_examples


def ready_search(task: Task, config: GuilomoConfig, seed: int) -> Searched:
    """Load the model and lay out the batches.

    Raises:
        ConfigError: the model lacks a chosen block, or a layer is smaller than the highest rank.
        DataError: no example is short enough.
        ModelError: the model cannot be used, or a target matches no layer that can have experts.
    """
    base = load_own(resolve_model(config.model), config.dtype)
    encoded = [encoded_problems(part, base, config) for part in (task.train, task.validation)]
    train, validation = (batches_of(part, base, config.search_batch) for part in encoded)
    paths = adapted_paths(base, config)
    search = Search(base.model, search_settings(config, seed), paths)
    return Searched(search, train, validation, tuple(filter(None, (part.note() for part in encoded))))


def adapted_paths(base: LoadedModel, config: GuilomoConfig) -> list[str]:
    """Paths of the layers that get experts.

    Raises:
        ConfigError: the model lacks a chosen block.
        ModelError: a target matches no layer that can have experts.
    """
    shapes = shapes_of(base.model, config.targets)
    return list(within(shapes, chosen_layers(config.layers, base.layers)))


def encoded_problems(problems: Sequence[Problem], base: LoadedModel, config: GuilomoConfig) -> Encoded:
    """Token ids of problems and responses, those left out counted.

    Raises:
        DataError: no example is short enough.
    """
    return encode_examples(base.tokenizer, examples_of(problems, config), min(config.longest, base.context))


def batches_of(encoded: Encoded, base: LoadedModel, size: int) -> list[dict[str, Any]]:
    """Batches of "input_ids", "attention_mask" and "labels" [B, T]; only responses are labelled."""
    batches = (encoded.rows[at : at + size] for at in range(0, len(encoded.rows), size))
    padding: Any = base.tokenizer.pad_token_id
    return [_padded(batch, int(padding or 0), base.device) for batch in batches]


def _padded(rows: Sequence[dict[str, list[int]]], padding: int, device: torch.device) -> dict[str, Any]:
    longest = max(len(row["input_ids"]) for row in rows)

    def filled(name: str, filler: int) -> torch.Tensor:
        return torch.tensor([row[name] + [filler] * (longest - len(row[name])) for row in rows], device=device)

    lengths = torch.tensor([len(row["input_ids"]) for row in rows], device=device)
    mask = (torch.arange(longest, device=device) < lengths[:, None]).long()
    return {"input_ids": filled("input_ids", padding), "attention_mask": mask, "labels": filled("labels", IGNORED)}
