"""Scores by a tuned backbone: an encoder or a small causal model with LoRA, and a linear head of width N.

It reads the last token of a causal model and the mean over the tokens of an encoder.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from engines.parts.bradley_terry.pair_loss import PairTensors, expanded_loss
from engines.parts.hidden_states.hidden_states import token_batches
from engines.parts.models import model_loading
from engines.parts.models.dtype import DtypeName
from engines.parts.models.models import ModelSource, resolve_model
from engines.parts.ranking.pairs import Pairs
from engines.parts.training.batches import padded_batch
from engines.parts.training.fit import fit
from engines.parts.training.fit_settings import FitSettings
from workbench.contract.errors import ModelError
from workbench.contract.run_log import RunCell, RunLog

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


BATCH_TOKENS = 2048
LONGEST = 512
DECAY = 0.01
"""Weight decay of adapter and head."""
Kind = Literal["encoder", "causal"]
Tell = Callable[[int, int], None]


class TunedScorer(nn.Module):
    """Backbone, adapter and head.

    Args:
        kind: what the backbone is, and so which state the head reads.
        candidates: N.
        rank: of the adapter.
    """

    def __init__(
        self, source: ModelSource, kind: Kind, candidates: int, rank: int, dtype: DtypeName = "float32"
    ) -> None:
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
        self.head = nn.Linear(config.hidden_size, candidates).to(self.device)
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
            raise ModelError(f"A scorer on {self.source.name} gives no finite scores.", "Load it with dtype float32.")
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

    def restore(self, arrays: dict[str, np.ndarray]) -> "TunedScorer":
        """Restore what `arrays` gave.

        Raises:
            ModelError: they belong to another backbone or rank.
        """
        own = dict(self.named_parameters())
        for name, value in arrays.items():
            if name not in own or tuple(own[name].shape) != value.shape:
                raise ModelError(
                    f"The scorer's weight {name[:80]!r} does not fit {self.source.name}.", "Train it again."
                )
            own[name].data.copy_(torch.as_tensor(value))
        return self.eval()


def open_tuned(ref: str, kind: Kind, candidates: int, rank: int, dtype: DtypeName) -> TunedScorer:
    """Open an untrained scorer on a backbone; its head is zero, so that all candidates are equal.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError, ResourceError: as `models.load_own`.
    """
    return TunedScorer(resolve_model(ref), kind, candidates, rank, dtype)


@dataclass(frozen=True)
class TuningSettings:
    """How a scorer is tuned: passes over the prompts, prompts of an update, learning rate."""

    epochs: int
    batch: int
    learning_rate: float


def tune(
    scorer: TunedScorer, texts: Sequence[str], pairs: Pairs, settings: TuningSettings, cell: RunCell, log: RunLog
) -> tuple[float, ...]:
    """Train adapter and head on the pairs (`training.fit`); return the losses of all updates.

    Args:
        texts: the prompts that the pairs number.

    Raises:
        ModelError: the training diverged.
        ResourceError, RunStopped: as `training.fit`.
    """
    encoded = scorer.encoded(texts)
    draw = np.random.default_rng(cell.seed)
    batches = list(_batches(np.unique(pairs.prompt), settings.epochs, settings.batch, draw))
    fitting = FitSettings(
        steps=len(batches),
        learning_rate=settings.learning_rate,
        weight_decay=DECAY,
        arm=cell.arm,
        seed=cell.seed,
        key=_digest(texts, pairs),
    )

    def batch(at: int) -> dict[str, Any]:
        rows = [{"input_ids": encoded[one], "labels": []} for one in batches[at]]
        return padded_batch(rows, scorer.pad, scorer.device) | {"pairs": PairTensors.of(pairs.of(batches[at]))}

    def loss(batch: dict[str, Any]) -> Tensor:
        # one forward a prompt, all of its pairs on the scores
        return expanded_loss(scorer(batch["input_ids"], batch["attention_mask"]), batch["pairs"])

    scorer.train()
    record = fit(scorer.named_parameters(), batch, loss, fitting, log, f"router-{cell.arm}-{cell.seed}")
    scorer.eval()
    return record.losses


def _batches(prompts: np.ndarray, epochs: int, batch: int, draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the prompts of every update, each prompt once an epoch in an order drawn anew."""
    for _ in range(epochs):
        order = draw.permutation(prompts)
        yield from (order[start : start + batch] for start in range(0, len(order), batch))


def _digest(texts: Sequence[str], pairs: Pairs) -> str:
    told = hashlib.sha256(str(pairs.label.tolist()).encode())
    for text in texts:
        told.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return told.hexdigest()[:16]
