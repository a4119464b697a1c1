"""The prompt-conditional Bradley-Terry model: one vector of scores a prompt, all pairs expanded on it.

P(B beats A | x) = sigmoid(pi(x)_B - pi(x)_A), equation 3 of the paper. One forward gives all N scores of a prompt, and
its N (N - 1) / 2 pairs cost a subtraction each; `one_pair_loss` is the same loss with one forward a pair, as printed.

The linear head for processors stands on frozen sentence embeddings: pi(x) = W^T (e(x) - m) + b, with e the unit
embedding of the prompt and m its mean over the calibration prompts. The loss of the pairs is convex in W and b, so that
L-BFGS finds its only minimum and no seed matters. The penalty on W is that of a normal prior: decay / (2 prompts) |W|^2
beside the mean loss; b, who is better on the whole, is free but for a trace that keeps it finite. The paper tunes a
backbone of 1.5 B; this one is ours.

The router with a tuned backbone is an encoder or a small causal model with LoRA, and a linear head of width N. It reads
the last token of a causal model (the paper replaces the language-model head of Qwen2.5-1.5B by such a "coefficient
head"; where it reads is our inference) and the mean over the tokens of an encoder.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from engines.parts.hidden_states import token_batches
from engines.parts.models import DtypeName, ModelSource, model_loading, resolve_model
from engines.parts.training import FitSettings, fit, padded_batch
from engines.persyn.config import PersynConfig
from engines.persyn.rewards import Pairs
from engines.persyn.teacher_pool import digest_of
from workbench.contract import ModelError, RunCell, RunLog

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


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
    """Return mean probability of each teacher to beat each of the others, shape (P, N)."""
    gaps = scores[:, :, None] - scores[:, None, :]
    beats = 1 / (1 + np.exp(-gaps))
    count = scores.shape[1]
    return (beats.sum(2) - 0.5) / max(1, count - 1)


STEPS = 200
TRACE = 1e-3
"""Penalty on b: without it a teacher that always wins would have an endless score."""


@dataclass(frozen=True)
class LinearHead:
    """A solved head.

    Attributes:
        weight: shape (D, N), float32.
        bias: shape (N,).
        centre: mean embedding, shape (D,).
        first_loss, last_loss: mean cross-entropy of a pair in nats, without the penalty.
    """

    weight: np.ndarray
    bias: np.ndarray
    centre: np.ndarray
    first_loss: float
    last_loss: float

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """Return pi(x) of each embedding, shape (P, N), float32."""
        return (vectors - self.centre) @ self.weight + self.bias


def solve_head(vectors: np.ndarray, pairs: Pairs, teachers: int, decay: float) -> LinearHead:
    """Solve for the head of least loss on some pairs.

    Args:
        vectors: embeddings of the prompts that the pairs number, of unit length, shape (P, D).
        teachers: N.
    """
    centre = vectors.mean(0)
    known = torch.as_tensor(vectors - centre, dtype=torch.float64)
    weight = torch.zeros(known.shape[1], teachers, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(teachers, dtype=torch.float64, requires_grad=True)
    tensors = PairTensors.of(pairs)
    solver = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, tolerance_grad=1e-7, tolerance_change=1e-10, line_search_fn="strong_wolfe"
    )

    def fit() -> torch.Tensor:
        return expanded_loss(known @ weight + bias, tensors)

    def penalised() -> torch.Tensor:
        solver.zero_grad()
        loss = fit() + decay / (2 * len(vectors)) * weight.square().sum() + TRACE * bias.square().sum()
        loss.backward()
        return loss

    with torch.no_grad():
        first = float(fit())
    solver.step(penalised)  # pyright: ignore[reportArgumentType]
    with torch.no_grad():
        last = float(fit())
    solved = [part.detach().numpy().astype(np.float32) for part in (weight, bias)]
    return LinearHead(solved[0], solved[1], centre.astype(np.float32), first, last)


BATCH_TOKENS = 2048
LONGEST = 512
DECAY = 0.01
"""Weight decay of adapter and head."""
Kind = Literal["encoder", "causal"]
Tell = Callable[[int, int], None]


class TunedRouter(nn.Module):
    """Backbone, adapter and head.

    Args:
        kind: what the backbone is, and so which state the head reads.
        teachers: N.
        rank: of the adapter.
    """

    def __init__(self, source: ModelSource, kind: Kind, teachers: int, rank: int, dtype: DtypeName = "float32") -> None:
        from peft import LoraConfig, get_peft_model

        super().__init__()
        body, _, self.device = model_loading.load_weights(source.folder, dtype, "sdpa", body=True)
        self.tokenizer: PreTrainedTokenizerBase = model_loading.load_tokenizer(source.folder, body)
        config = body.config.get_text_config()
        self.context = min(LONGEST, model_loading.context_of(config))
        self.kind, self.source = kind, source
        self.cut = 0
        adapted = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules="all-linear")
        self.body: Any = get_peft_model(body, adapted)  # pyright: ignore[reportArgumentType]
        self.head = nn.Linear(config.hidden_size, teachers).to(self.device)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return pi(x) of a padded batch, shape (B, N), float32."""
        states = self.body(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
        if self.kind == "causal":
            read = states[torch.arange(len(ids), device=ids.device), mask.long().sum(1) - 1]
        else:
            weight = mask[..., None].float()
            read = (states * weight).sum(1) / weight.sum(1)
        return self.head(read)

    def scores(self, texts: Sequence[str], tell: Tell | None = None) -> np.ndarray:
        """Return pi(x) of each prompt, shape (P, N), float32, in batches of similar length."""
        encoded = self.encoded(texts)
        self.cut += sum(len(ids) == self.context for ids in encoded)
        found = np.zeros((len(texts), self.head.out_features), np.float32)
        done = 0
        self.eval()
        for batch in token_batches(encoded, BATCH_TOKENS, self.pad):
            with torch.inference_mode():
                scores = self(batch.ids.to(self.device), batch.mask.to(self.device))
            found[list(batch.sentences)] = scores.float().cpu().numpy()
            done += len(batch.sentences)
            if tell:
                tell(done, len(texts))
        if not np.isfinite(found).all():
            raise ModelError(f"A router on {self.source.name} gives no finite scores.", "Load it with dtype float32.")
        return found

    @property
    def pad(self) -> int:
        """Return the token that fills a batch up."""
        pad = self.tokenizer.pad_token_id
        return pad if isinstance(pad, int) else 0

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """Return token ids, of long prompts the last ones for a causal model and the first ones for an encoder."""
        side = slice(-self.context, None) if self.kind == "causal" else slice(self.context)
        ids = [list(self.tokenizer(text.encode("utf-8", "replace").decode())["input_ids"])[side] for text in texts]
        return [each or [self.pad] for each in ids]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what was trained, by name, float32."""
        return {
            name: value.detach().float().cpu().numpy()
            for name, value in self.named_parameters()
            if value.requires_grad or name.startswith("head.")
        }

    def restore(self, arrays: dict[str, np.ndarray]) -> "TunedRouter":
        """Restore what `arrays` gave.

        Raises:
            ModelError: they belong to another backbone or rank.
        """
        own = dict(self.named_parameters())
        for name, value in arrays.items():
            if name not in own or tuple(own[name].shape) != value.shape:
                raise ModelError(
                    f"The router's weight {name[:80]!r} does not fit {self.source.name}.", "Train the router again."
                )
            own[name].data.copy_(torch.as_tensor(value))
        return self.eval()


def open_tuned(ref: str, kind: Kind, teachers: int, rank: int, dtype: DtypeName) -> TunedRouter:
    """Open an untrained router on a backbone; its head is zero, so that all teachers are equal.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError, ResourceError: as `models.load_own`.
    """
    return TunedRouter(resolve_model(ref), kind, teachers, rank, dtype)


def tune(
    router: TunedRouter, texts: Sequence[str], pairs: Pairs, config: PersynConfig, cell: RunCell, log: RunLog
) -> tuple[float, ...]:
    """Train adapter and head on the pairs (`training.fit`); return the losses of all updates.

    Args:
        texts: the prompts that the pairs number.

    Raises:
        ModelError: the training diverged.
        ResourceError, RunStopped: as `training.fit`.
    """
    encoded = router.encoded(texts)
    draw = np.random.default_rng(cell.seed)
    batches = list(_batches(np.unique(pairs.prompt), config.router_epochs, config.router_batch, draw))
    settings = FitSettings(
        steps=len(batches),
        learning_rate=config.router_learning_rate,
        weight_decay=DECAY,
        arm=cell.arm,
        seed=cell.seed,
        key=digest_of([*texts, str(pairs.label.tolist())]),
    )

    def batch(at: int) -> dict[str, Any]:
        rows = [{"input_ids": encoded[one], "labels": []} for one in batches[at]]
        return padded_batch(rows, router.pad, router.device) | {"pairs": PairTensors.of(pairs.of(batches[at]))}

    def loss(batch: dict[str, Any]) -> Tensor:
        # one forward a prompt, all of its pairs on the scores
        return expanded_loss(router(batch["input_ids"], batch["attention_mask"]), batch["pairs"])

    router.train()
    record = fit(router.named_parameters(), batch, loss, settings, log, f"router-{cell.arm}-{cell.seed}")
    router.eval()
    return record.losses


def _batches(prompts: np.ndarray, epochs: int, batch: int, draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the prompts of every update, each prompt once an epoch in an order drawn anew."""
    for _ in range(epochs):
        order = draw.permutation(prompts)
        yield from (order[start : start + batch] for start in range(0, len(order), batch))
