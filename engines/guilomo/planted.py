"""Planted truth: a student must learn low-rank changes whose number and rank per module are known. Synthetic.

A tiny random model is the base. The teacher is the base plus, in each module, `n` low-rank deltas of known rank, of
which the text's task t switches delta t mod n on. The student starts at the base and learns the teacher's next-token
distribution. A good search gives more experts to modules with more deltas, and higher ranks to modules whose deltas
have a higher rank.

Every token carries its task (the embedding is the sum of one for the task and one for the letter), so that a router,
which reads one position, can know it in every layer.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from engines.guilomo.agreement import correlation
from engines.parts.experts import shapes_of


@dataclass(frozen=True)
class PlantedSettings:
    """Size of the task.

    Attributes:
        tasks: the most deltas of a module.
        letters: tokens of each task.
        most_rank: of a delta.
        strength: size of a delta relative to its base weight (Frobenius norms).
        length, batch: tokens of a text, texts of a batch.
    """

    layers: int = 2
    hidden: int = 64
    heads: int = 4
    tasks: int = 8
    letters: int = 16
    most_rank: int = 8
    strength: float = 0.5
    length: int = 16
    batch: int = 16
    seed: int = 0


@dataclass(frozen=True)
class Planted:
    """The task.

    Attributes:
        numbers, ranks: deltas and their rank by module path: the truth.
        base: the model that a student starts from.
        deltas: [out, in] of each module, by number.
    """

    settings: PlantedSettings
    numbers: Mapping[str, int]
    ranks: Mapping[str, int]
    base: nn.Module = field(repr=False)
    deltas: Mapping[str, Tensor] = field(repr=False)

    def student(self) -> Any:
        """A fresh copy of the base model."""
        return copy.deepcopy(self.base)

    def batches(self, count: int, seed: int) -> list[dict[str, Tensor]]:
        """Batches of "input_ids" [B, T] with the teacher's "targets" [B, T, V] (probabilities); each row is one task.

        Batches of different seeds share no row but by accident.
        """
        asked, draw = self.settings, torch.Generator().manual_seed(1_000_003 * (self.settings.seed + 1) + seed)
        shape = (count, asked.batch)
        tasks = torch.randint(asked.tasks, shape, generator=draw)
        letters = torch.randint(asked.letters, (*shape, asked.length), generator=draw)
        ids = tasks[..., None] * asked.letters + letters
        return [{"input_ids": one, "targets": self.teacher(one, two)} for one, two in zip(ids, tasks, strict=True)]

    @torch.no_grad()
    def teacher(self, ids: Tensor, tasks: Tensor) -> Tensor:
        """The teacher's next-token probabilities [B, T, V] for texts [B, T] of the tasks [B]."""
        hooks = [
            self.base.get_submodule(path).register_forward_hook(partial(_changed, deltas[tasks % len(deltas)]))
            for path, deltas in self.deltas.items()
        ]
        try:
            return self.base(input_ids=ids, use_cache=False).logits.softmax(-1)
        finally:
            for hook in hooks:
                hook.remove()


def _changed(chosen: Tensor, module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
    return out + given[0] @ chosen.transpose(1, 2)  # [B, T, in] @ [B, in, out]


def plant(settings: PlantedSettings) -> Planted:
    """Make base and deltas from the seed; numbers cover 2 to `tasks` and ranks 1 to `most_rank`, each on its own."""
    from transformers import LlamaConfig, LlamaForCausalLM

    asked = settings
    config = LlamaConfig(
        vocab_size=asked.tasks * asked.letters,
        hidden_size=asked.hidden,
        intermediate_size=2 * asked.hidden,
        num_hidden_layers=asked.layers,
        num_attention_heads=asked.heads,
        num_key_value_heads=asked.heads,
        max_position_embeddings=asked.length,
        initializer_range=asked.hidden**-0.5,  # keeps the size of what passes through, so that deltas matter
        tie_word_embeddings=False,
        pad_token_id=None,
    )
    draw = torch.Generator().manual_seed(asked.seed)
    with torch.random.fork_rng():
        torch.manual_seed(asked.seed)
        base = LlamaForCausalLM(config).eval()
    base.requires_grad_(False)
    own = torch.randn(asked.tasks, 1, asked.hidden, generator=draw)
    letters = torch.randn(1, asked.letters, asked.hidden, generator=draw)
    embedding: Any = base.get_input_embeddings()
    embedding.weight.copy_(((own + letters) / 2**0.5).flatten(0, 1))
    paths = list(shapes_of(base))
    numbers = dict(zip(paths, _dealt(2, asked.tasks, len(paths), draw), strict=True))
    ranks = dict(zip(paths, _dealt(1, asked.most_rank, len(paths), draw), strict=True))
    deltas = {
        path: _deltas(base.get_submodule(path), numbers[path], ranks[path], (asked.strength, draw)) for path in paths
    }
    return Planted(asked, numbers, ranks, base, deltas)


def _dealt(low: int, high: int, count: int, draw: torch.Generator) -> list[int]:
    """Whole numbers spread evenly from low to high, in random order."""
    even = torch.linspace(low, high, count).round().long()
    return even[torch.randperm(count, generator=draw)].tolist()


def _deltas(module: Any, number: int, rank: int, how: tuple[float, torch.Generator]) -> Tensor:
    strength, draw = how
    features_out, features_in = module.weight.shape
    left = torch.randn(number, features_out, rank, generator=draw)
    raw = left @ torch.randn(number, rank, features_in, generator=draw)
    return raw * (strength * module.weight.norm() / raw.flatten(1).norm(dim=1)[:, None, None])


def planted_loss(model: Any, batch: Mapping[str, Any]) -> Tensor:
    """Mean divergence KL(teacher || student) over the positions: 0 where the student equals the teacher."""
    logits = model(input_ids=batch["input_ids"], use_cache=False).logits
    return F.kl_div(logits.log_softmax(-1).flatten(0, 1), batch["targets"].flatten(0, 1), reduction="batchmean")


@dataclass(frozen=True)
class Recovery:
    """Spearman correlation of found with planted numbers and ranks over modules; nan where it is undefined."""

    numbers: float
    ranks: float


def recovery(planted: Planted, found: Mapping[str, tuple[int, ...]]) -> Recovery:
    """How well found ranks (by module) recover the planted truth; a module's rank is the mean of its experts'."""
    paths = list(planted.numbers)
    numbers = correlation([planted.numbers[path] for path in paths], [len(found[path]) for path in paths])
    means = [sum(found[path]) / len(found[path]) for path in paths]
    return Recovery(numbers, correlation([planted.ranks[path] for path in paths], means))
