"""Weights and tokenizer of a checked folder into memory: no remote code, no pickle, an attention of our choice."""

import math
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, cast

import psutil

from engines.parts.models.dtype import DtypeName, chosen_dtype
from engines.parts.models.model_files import ModelFolder
from workbench.contract.errors import ModelError, ResourceError

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

Attention = Literal["sdpa", "eager"]

ROOM = 1.15
"""Peak memory of loading over the size of the weights in the chosen type."""

UNKNOWN_CONTEXT = 2048


class _Reading(AbstractContextManager[None]):
    """Turns what a library raises while it reads a model's files into a ModelError that names the model.

    The tokenizers library raises bare `Exception`; that very type is taken too, and no other unknown one.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from huggingface_hub.errors import StrictDataclassError
        from safetensors import SafetensorError

        said_by_libraries = (SafetensorError, StrictDataclassError, AssertionError, ArithmeticError, LookupError)
        of_python = (OSError, ValueError, RuntimeError, TypeError, AttributeError, ImportError)
        if kind is Exception or isinstance(error, (*said_by_libraries, *of_python)):
            raise ModelError(f"{self.what}: {_first_lines(error)}", self.remedy) from error


def load_weights(
    folder: ModelFolder, asked: DtypeName, attention: Attention, body: bool = False
) -> "tuple[PreTrainedModel, str, torch.device]":
    """Load the model in evaluation mode, the name of its dtype, and its device.

    Args:
        body: load the body of any architecture, encoders included, without a language-model head.

    Raises:
        ModelError: the architecture is not a causal language model of transformers (or, for a body, none of
            transformers at all), or config and weights disagree.
        ResourceError: it does not fit in memory.
    """
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = chosen_dtype(asked, device)
    config = _config_of_same_shapes(folder, attention, body)
    _require_memory(folder, dtype.itemsize, device)
    with _reading_model(folder):
        try:
            loaded: Any = _architectures(body).from_pretrained(
                folder.path,
                config=config,
                dtype=dtype,
                attn_implementation=attention,
                trust_remote_code=False,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
            model, info = loaded[0].to(device).eval(), loaded[1]
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise _too_large(folder, 0, device) from error
    _require_complete(folder, info)
    return model, str(dtype).removeprefix("torch."), device


def load_tokenizer(folder: ModelFolder, model: "PreTrainedModel") -> "PreTrainedTokenizerBase":
    """Load the tokenizer, with a padding token (its end token where it has none of its own).

    Raises:
        ModelError: it cannot be read, or it makes ids that the model does not embed.
    """
    from transformers import AutoTokenizer

    remedy = "Save the tokenizer again with save_pretrained (a tokenizer.json is read best)."
    with _Reading(f"The tokenizer of {folder.name} cannot be read", remedy):
        tokenizer = AutoTokenizer.from_pretrained(folder.path, trust_remote_code=False, local_files_only=True)
    embeddings = cast("torch.Tensor", model.get_input_embeddings().weight).shape[0]
    highest = max(tokenizer.get_vocab().values(), default=0)
    if highest >= embeddings:
        raise ModelError(
            f"The tokenizer of {folder.name} makes ids up to {highest:,}; the model embeds {embeddings:,}.",
            "Use the tokenizer that belongs to the model.",
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def context_of(config: "PretrainedConfig") -> int:
    """Return the most tokens that the model reads at once, by its config."""
    for name in ("max_position_embeddings", "n_positions", "max_seq_len"):
        length = getattr(config, name, None)
        if isinstance(length, int) and length > 0:
            return length
    return UNKNOWN_CONTEXT


def _config_of_same_shapes(folder: ModelFolder, attention: Attention, body: bool) -> "PretrainedConfig":
    # On the meta device a model of any claimed size costs nothing, so a lying config is caught before memory is taken.
    import torch
    from transformers import AutoConfig

    with _reading_model(folder), torch.device("meta"):
        config = AutoConfig.from_pretrained(folder.path, trust_remote_code=False, local_files_only=True)
        planned = _architectures(body).from_config(config, attn_implementation=attention, trust_remote_code=False)
    for name, weight in planned.named_parameters():
        stored = folder.tensors.get(name)
        if stored and tuple(weight.shape) != stored.shape:
            raise ModelError(
                f"config.json implies {name} of shape {tuple(weight.shape)}, the weights hold {stored.shape}.",
                "Config and weights belong to different models; copy both again.",
            )
    implied = sum(weight.numel() for weight in planned.parameters())
    if implied > 1.5 * folder.parameters:
        raise ModelError(
            f"config.json implies {implied:,} weights, the files hold {folder.parameters:,}.",
            "Config and weights belong to different models; copy both again.",
        )
    return planned.config


def _architectures(body: bool) -> Any:
    from transformers import AutoModel, AutoModelForCausalLM

    return AutoModel if body else AutoModelForCausalLM


def _require_memory(folder: ModelFolder, item_bytes: int, device: "torch.device") -> None:
    import torch

    needed = math.ceil(folder.parameters * item_bytes * ROOM)
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else psutil.virtual_memory().available
    if needed > free:
        raise _too_large(folder, free, device)


def _require_complete(folder: ModelFolder, info: dict[str, Any]) -> None:
    # Sentence encoders are often saved without the pooler, whose answer nobody reads.
    missing = sorted(key for key in info.get("missing_keys", ()) if not key.startswith("pooler."))
    if missing:
        raise ModelError(
            f"The weights of {folder.name} lack {len(missing)} tensors, {missing[0]} first; they would be random.",
            "Use the complete causal language model (one with its output head).",
        )


def _too_large(folder: ModelFolder, free: int, device: "torch.device") -> ResourceError:
    return ResourceError(
        f"{folder.name} has {folder.parameters / 1e6:,.0f} million weights; {free / 1e9:.1f} GB of {device.type} "
        "memory are free, which is too little.",
        "Choose a smaller model, dtype bfloat16, or end other programs.",
    )


def _reading_model(folder: ModelFolder) -> _Reading:
    kind = str(folder.config.get("model_type"))[:60]
    remedy = "Use a causal language model whose architecture is part of transformers."
    return _Reading(f"{folder.name} (model type {kind!r}) cannot be read as a causal language model", remedy)


def _first_lines(error: BaseException | None) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:300] or type(error).__name__
