"""Sentence embeddings: a small encoder by default, any encoder, or the mean hidden state of a causal model.

A folder that was made by sentence-transformers says how its states are pooled (`1_Pooling/config.json`) and how long a
text may be (`sentence_bert_config.json`); elsewhere the mean over all tokens is taken.
"""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from engines.parts.models import model_loading
from engines.parts.models.bundled_models import BUNDLED_MODELS
from engines.parts.models.dtype import DtypeName
from engines.parts.models.models import ModelSource, resolve_model
from engines.parts.registry.packages import ProgressCallback, no_progress
from workbench.contract.errors import ModelError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

DEFAULT_ENCODER = "all-minilm-l6-v2"
BATCH_TOKENS = 2048
Pooling = Literal["mean", "cls"]


@dataclass
class Encoder:
    """A model that turns texts into vectors.

    Attributes:
        context: most tokens of a text that are read; the rest is left out and counted.
        width: D.
        truncated: texts that were too long so far.
    """

    source: ModelSource
    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    device: "torch.device"
    pooling: Pooling
    context: int
    width: int
    truncated: int = field(default=0)

    @property
    def fingerprint(self) -> str:
        """16 hex digits over config, weights and tokenizer."""
        return self.source.fingerprint

    def embed(self, texts: Sequence[str], tell: Callable[[int, int], None] | None = None) -> np.ndarray:
        """Vectors of unit length, float32, shape (N, D); equal texts are read once.

        Args:
            texts: any; an empty one gets the vector of the special tokens alone, or of zeros where there are none.
            tell: hears how many different texts of how many are done.

        Raises:
            ModelError: the model gives no finite numbers.
        """
        import torch

        from engines.parts.hidden_states.hidden_states import token_batches

        different = list(dict.fromkeys(texts))
        encoded = [self._ids(text) for text in different]
        found = np.zeros((len(different), self.width), np.float32)
        full = [at for at, ids in enumerate(encoded) if ids]
        done = len(different) - len(full)
        pad = int(cast(int, self.tokenizer.pad_token_id) or 0)
        for batch in token_batches([encoded[at] for at in full], BATCH_TOKENS, pad):
            with torch.inference_mode():
                vectors = self._pooled(batch.ids.to(self.device), batch.mask.to(self.device))
            found[[full[at] for at in batch.sentences]] = vectors.cpu().numpy()
            done += len(batch.sentences)
            if tell:
                tell(done, len(different))
        if not np.isfinite(found).all():
            raise ModelError(f"{self.source.name} gives vectors that are not finite.", "Its weights may be damaged.")
        places = {text: at for at, text in enumerate(different)}
        return found[[places[text] for text in texts]]

    def _ids(self, text: str) -> list[int]:
        encodable = text.encode("utf-8", "replace").decode("utf-8")
        ids = list(self.tokenizer(encodable, truncation=True, max_length=self.context, verbose=False)["input_ids"])
        self.truncated += len(ids) == self.context
        return ids

    def _pooled(self, ids: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        import torch

        states: Any = self.model(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
        if self.pooling == "cls":
            vectors = states[:, 0]
        else:
            weight = mask[..., None].float()
            vectors = (states * weight).sum(1) / weight.sum(1)
        return torch.nn.functional.normalize(vectors, dim=-1)


_LAST: dict[tuple[object, ...], Encoder] = {}
_LOCK = threading.Lock()


def open_encoder(
    ref: str = DEFAULT_ENCODER, dtype: DtypeName = "float32", report: ProgressCallback = no_progress
) -> Encoder:
    """Return the encoder that a reference names; the process keeps the last one.

    Args:
        ref: as `models.resolve_model`; of a causal model the mean hidden state of the last layer is taken.
        dtype: float32 by default: encoders are small, and near neighbours stay in order.
        report: hears of a download.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError: the registry package of a bundled model cannot be had.
        ResourceError: it does not fit in memory.
    """
    source = resolve_model(ref, report)
    pooling, longest = pooling_of(source.path), _longest(source)
    key = (source.fingerprint, dtype, pooling, longest)
    with _LOCK:
        if key not in _LAST:
            _LAST.clear()
            _LAST[key] = _open(source, dtype, pooling, longest)
        return _LAST[key]


def _open(source: ModelSource, dtype: DtypeName, pooling: Pooling, longest: int) -> Encoder:
    model, _, device = model_loading.load_weights(source.folder, dtype, "sdpa", body=True)
    tokenizer = model_loading.load_tokenizer(source.folder, model)
    config = model.config.get_text_config()
    context = min(model_loading.context_of(config), int(min(tokenizer.model_max_length, longest)))
    return Encoder(source, model, tokenizer, device, pooling, context, config.hidden_size)


def _longest(source: ModelSource) -> int:
    if source.ref in BUNDLED_MODELS:
        return BUNDLED_MODELS[source.ref].context
    said = _said(source.path / "sentence_bert_config.json").get("max_seq_length")
    return said if isinstance(said, int) and said > 0 else 2**20


def pooling_of(folder: Path) -> Pooling:
    """Return how a folder says that states become a vector.

    Raises:
        ModelError: in a way other than by the mean or by the first token.
    """
    said = _said(folder / "1_Pooling" / "config.json")
    chosen = sorted(name for name, value in said.items() if name.startswith("pooling_mode_") and value is True)
    if not chosen or chosen == ["pooling_mode_mean_tokens"]:
        return "mean"
    if chosen == ["pooling_mode_cls_token"]:
        return "cls"
    raise ModelError(
        f"{folder.name} pools its states by {', '.join(chosen)}; known are mean_tokens and cls_token.",
        "Choose an encoder that takes the mean or the first token.",
    )


def _said(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name} of the encoder cannot be read.", "Copy the model's folder again.") from error
    return body if isinstance(body, dict) else {}
