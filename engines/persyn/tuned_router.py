"""The router with a tuned backbone: an encoder or a small causal model with LoRA, and a linear head of width N.

The head reads the last token of a causal model (the paper replaces the language-model head of Qwen2.5-1.5B by such a
"coefficient head"; where it reads is our inference) and the mean over the tokens of an encoder. One forward a prompt
gives all scores; all pairs of a batch are expanded on them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from engines.parts.hidden_states import token_batches
from engines.parts.models import DtypeName, ModelSource, model_loading, resolve_model
from engines.persyn.bradley_terry import PairTensors, expanded_loss
from engines.persyn.rewards import Pairs
from workbench.contract import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BATCH_TOKENS = 2048
LONGEST = 512
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
        """pi(x) of a padded batch, shape (B, N), float32."""
        states = self.body(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
        if self.kind == "causal":
            read = states[torch.arange(len(ids), device=ids.device), mask.long().sum(1) - 1]
        else:
            weight = mask[..., None].float()
            read = (states * weight).sum(1) / weight.sum(1)
        return self.head(read)

    def scores(self, texts: Sequence[str], tell: Tell | None = None) -> np.ndarray:
        """pi(x) of each prompt, shape (P, N), float32, in batches of similar length."""
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
        """The token that fills a batch up."""
        pad = self.tokenizer.pad_token_id
        return pad if isinstance(pad, int) else 0

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids, of long prompts the last ones for a causal model and the first ones for an encoder."""
        side = slice(-self.context, None) if self.kind == "causal" else slice(self.context)
        ids = [list(self.tokenizer(text.encode("utf-8", "replace").decode())["input_ids"])[side] for text in texts]
        return [each or [self.pad] for each in ids]

    def arrays(self) -> dict[str, np.ndarray]:
        """What was trained, by name, float32."""
        return {
            name: value.detach().float().cpu().numpy()
            for name, value in self.named_parameters()
            if value.requires_grad or name.startswith("head.")
        }

    def restore(self, arrays: dict[str, np.ndarray]) -> "TunedRouter":
        """Put back what `arrays` gave.

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
    """An untrained router on the backbone that a reference names; its head is zero, so that all teachers are equal.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError, ResourceError: as `models.load_own`.
    """
    return TunedRouter(resolve_model(ref), kind, teachers, rank, dtype)


def tune(
    router: TunedRouter,
    texts: Sequence[str],
    pairs: Pairs,
    settings: tuple[int, int, float, int],
    tell: Tell | None = None,
) -> list[float]:
    """Train adapter and head on the pairs; the losses of all updates.

    Args:
        texts: the prompts that the pairs number.
        settings: epochs, prompts of an update, learning rate, seed.
        tell: hears how many updates of how many are done.

    Raises:
        ModelError: the training diverged.
    """
    epochs, batch, rate, seed = settings
    encoded = router.encoded(texts)
    trained = [value for value in router.parameters() if value.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.01)
    batches = list(_batches(np.unique(pairs.prompt), epochs, batch, np.random.default_rng(seed)))
    losses: list[float] = []
    router.train()
    for chosen in batches:
        loss = _batch_loss(router, [encoded[at] for at in chosen], pairs.of(chosen))
        if not torch.isfinite(loss):
            raise ModelError("The training of the router diverged.", "Lower router_learning_rate.")
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if tell:
            tell(len(losses), len(batches))
    router.eval()
    return losses


def _batches(prompts: np.ndarray, epochs: int, batch: int, draw: np.random.Generator) -> Iterator[np.ndarray]:
    """The prompts of every update, each prompt once an epoch in an order drawn anew."""
    for _ in range(epochs):
        order = draw.permutation(prompts)
        yield from (order[start : start + batch] for start in range(0, len(order), batch))


def _batch_loss(router: TunedRouter, encoded: list[list[int]], pairs: Pairs) -> Tensor:
    width = max(map(len, encoded))
    ids = torch.tensor([each + [router.pad] * (width - len(each)) for each in encoded], device=router.device)
    mask = torch.tensor([[1] * len(each) + [0] * (width - len(each)) for each in encoded], device=router.device)
    # one forward a prompt, all of its pairs on the scores
    return expanded_loss(router(ids, mask), PairTensors.of(pairs))
