"""Planted truth: a student must learn low-rank changes whose number and rank per module are known. Synthetic.

A tiny random model is the base. The teacher is the base plus, in each module, `n` low-rank deltas of known rank, of
which the text's task t switches delta t mod n on. The student starts at the base and learns the teacher's next-token
distribution. A good search gives more experts to modules with more deltas, and higher ranks to modules whose deltas
have a higher rank.

So that the truth is rewarded, half of the modules have the fewest deltas and half the most, the same of ranks, each
rank of a delta is as large as any other, and every arm has the parameters of the truth: what equal shares waste on
small modules they lack in large ones. Each seed has a planting of its own.

Every token carries its task (the embedding is the sum of one for the task and one for the letter), so that a router,
which reads one position, can know it in every layer.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from engines.guilomo.allocation import Allocation
from engines.parts.experts import shapes_of

MOST_NUMBER = 4
"""Most changes that are planted in a layer; no more than the experts that a search may find. Routers tell four tasks
apart within some hundred updates, eight they do not."""
EVEN_RANK = 4
"""Rank of which a delta has the asked strength."""
FRESH_SEED = 1000
"""Number of the first training batch among all batches."""


@dataclass(frozen=True)
class PlantedSettings:
    """Size of the planted task.

    Attributes:
        tasks: the most deltas of a module.
        letters: tokens of each task.
        most_rank: of a delta.
        strength: size of a delta of rank 4 relative to its base weight (Frobenius norms); it grows as the rank's root.
        length, batch: tokens of a text, texts of a batch.
    """

    layers: int = 2
    hidden: int = 64
    heads: int = 4
    tasks: int = MOST_NUMBER
    letters: int = 16
    most_rank: int = 8
    strength: float = 0.5
    length: int = 16
    batch: int = 16
    seed: int = 0


@dataclass(frozen=True)
class Planted:
    """The planted task: its base model and its truth.

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
        """Return a fresh copy of the base model."""
        return copy.deepcopy(self.base)

    def oracle(self) -> Allocation:
        """Return the truth as an allocation: as many experts as deltas, of their rank."""
        return Allocation({path: (self.ranks[path],) * number for path, number in self.numbers.items()})

    def batches(self, count: int, seed: int) -> list[dict[str, Tensor]]:
        """Return batches of "input_ids" [B, T] with the teacher's "targets" [B, T, V] (probabilities).

        Each row is one task. Batches of different seeds share no row but by accident.
        """
        asked, draw = self.settings, torch.Generator().manual_seed(1_000_003 * (self.settings.seed + 1) + seed)
        shape = (count, asked.batch)
        tasks = torch.randint(asked.tasks, shape, generator=draw)
        letters = torch.randint(asked.letters, (*shape, asked.length), generator=draw)
        ids = tasks[..., None] * asked.letters + letters
        return [{"input_ids": one, "targets": self.teacher(one, two)} for one, two in zip(ids, tasks, strict=True)]

    def fresh(self, number: int) -> dict[str, Tensor]:
        """Return the training batch of a number, from 0 on: no text comes twice but by accident."""
        return self.batches(1, FRESH_SEED + number)[0]

    @torch.no_grad()
    def teacher(self, ids: Tensor, tasks: Tensor) -> Tensor:
        """Return the teacher's next-token probabilities [B, T, V] for texts [B, T] of the tasks [B]."""
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
    """Make base and deltas from the seed; numbers are 2 or `tasks` and ranks 1 or `most_rank`, each dealt apart."""
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
    """Deal low and high numbers, half of each, in random order."""
    both = torch.tensor([low, high]).repeat((count + 1) // 2)[:count]
    return both[torch.randperm(count, generator=draw)].tolist()


def _deltas(module: Any, number: int, rank: int, how: tuple[float, torch.Generator]) -> Tensor:
    strength, draw = how
    features_out, features_in = module.weight.shape
    left = torch.randn(number, features_out, rank, generator=draw) / features_out**0.5
    right = torch.randn(number, rank, features_in, generator=draw) / features_in**0.5
    return left @ right * (strength * module.weight.norm() / EVEN_RANK**0.5)


def planted_loss(model: Any, batch: Mapping[str, Any]) -> Tensor:
    """Return the mean divergence KL(teacher || student) over the positions: 0 where the student equals the teacher."""
    logits = model(input_ids=batch["input_ids"], use_cache=False).logits
    return F.kl_div(logits.log_softmax(-1).flatten(0, 1), batch["targets"].flatten(0, 1), reduction="batchmean")


def text_losses(model: Any, batches: Sequence[dict[str, Any]]) -> list[float]:
    """Return KL(teacher || student) of each text, mean over its positions."""
    found: list[float] = []
    with torch.inference_mode():
        for batch in batches:
            logits = model(input_ids=batch["input_ids"], use_cache=False).logits
            targets = batch["targets"]
            apart = torch.xlogy(targets, targets) - targets * logits.log_softmax(-1)
            found += apart.sum(-1).mean(-1).tolist()
    return found
