"""What a model folder holds, checked before any library opens it.

Refused, each with its reason: pickle weights, code that comes with a model, kernels fetched by a config field, adapters
that point to another model, links that leave the folder, configs and headers that contradict each other.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.parts.models.safetensors_header import TensorEntry, read_header
from engines.parts.registry.json_store import KeptFacts
from engines.parts.registry.packages import sha256_of
from workbench.contract.errors import ModelError
from workbench.storage.home import place

PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".pkl", ".ckpt", ".pickle"})
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
BESIDE_TOKENIZER = ("merges.txt", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja")
CONFIG_LIMIT = 10_000_000
TOKENIZER_LIMIT = 200_000_000
MOST_FILES = 20_000
REMOTE_CODE_KEYS = frozenset({"auto_map", "custom_pipelines", "trust_remote_code"})
REDIRECTING_KEYS = frozenset({"transformers_weights", "quantization_config", "base_model_name_or_path"})
SIZES: Sequence[tuple[re.Pattern[str], int, int]] = (
    (re.compile(r"^(hidden_size|n_embd|d_model)$"), 1, 1 << 17),
    (re.compile(r"^(intermediate_size|n_inner|ffn_dim|d_ff)$"), 1, 1 << 20),
    (re.compile(r"^(num_hidden_layers|n_layers?)$"), 1, 1_000),
    (re.compile(r"^(num_attention_heads|num_key_value_heads|n_heads?|head_dim)$"), 1, 1 << 16),
    (re.compile(r"^vocab_size$"), 1, 1 << 23),
    (re.compile(r"^(max_position_embeddings|n_positions)$"), 1, 1 << 24),
    (re.compile(r"^(.*_)?(layers|blocks)$"), -1_000, 1_000),
    (re.compile(r"^(.*_)?experts$"), -1, 4_096),
)
"""Names of config fields with the smallest and largest whole number each may have; the first that fits counts."""
LAYER = re.compile(r"(?:^|\.)(?:layers?|h|blocks)\.(\d+)\.")


@dataclass(frozen=True)
class ModelFolder:
    """A folder that passed the checks.

    Attributes:
        config: config.json.
        tensors: name -> entry over all safetensors files.
        fingerprint: 16 hex digits over config, weights and tokenizer; "" from `check_folder` where nobody has read
            these weights yet.
    """

    path: Path
    config: Mapping[str, Any]
    tensors: Mapping[str, TensorEntry]
    fingerprint: str

    @property
    def name(self) -> str:
        """How messages call it: the folder's name, or owner/name for a snapshot of the hub."""
        return name_of(self.path)

    @property
    def parameters(self) -> int:
        """Number of stored weights."""
        return sum(math.prod(entry.shape) for entry in self.tensors.values())


def name_of(folder: Path) -> str:
    """Return a model folder's name for messages; a snapshot of the hub is called owner/name, not by its commit."""
    if folder.parent.name == "snapshots":
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.name


def inspect_folder(folder: Path) -> ModelFolder:
    """Check a model folder without loading it; its files are read once, for the fingerprint.

    Raises:
        ModelError: the folder is not a complete, plain safetensors model; says what is wrong with which file.
    """
    return _inspected(folder, _kept_hash)


def check_folder(folder: Path) -> ModelFolder:
    """Return the same checks without reading the weights, for lists.

    Raises:
        ModelError: as `inspect_folder`.
    """
    return _inspected(folder, _known_hash)


def _inspected(folder: Path, hash_of: Callable[[Path], str]) -> ModelFolder:
    if not folder.is_dir():
        raise ModelError(f"{folder} is not a folder.", "Give the folder that holds config.json and model.safetensors.")
    require_contained(folder)
    _refuse_adapter(folder)
    config = _read_json(folder / "config.json", "config.json is missing", "Save the model with save_pretrained.")
    for name in ("config.json", "tokenizer_config.json", "generation_config.json"):
        if (folder / name).is_file():
            _refuse_foreign_code(name, _read_json(folder / name, "", ""))
    _require_sane_sizes(config)
    weights = _weight_files(folder)
    tensors = _all_tensors(weights)
    _require_agreement(config, tensors)
    tokenizer = _tokenizer_files(folder)
    hashes = {path.name: hash_of(path) for path in [*weights, *tokenizer]}
    return ModelFolder(folder, config, tensors, _fingerprint(config, hashes) if all(hashes.values()) else "")


def require_contained(folder: Path) -> None:
    """Require that a folder is not endless and holds no link that leaves it, the hub's own cache layout apart.

    Raises:
        ModelError: a link leaves the folder, or there are more than 20,000 files.
    """
    real = folder.resolve()
    # The hub's cache keeps the bytes in ../../blobs and links to them from the snapshot: its own layout, not an escape.
    blobs = real.parent.parent / "blobs" if real.parent.name == "snapshots" else None
    for count, path in enumerate(real.rglob("*")):
        if count >= MOST_FILES:
            raise ModelError(f"{folder} holds more than {MOST_FILES:,} files.", "Give the model's own folder.")
        target = path.resolve()
        if not target.is_relative_to(real) and not (blobs and target.is_relative_to(blobs)):
            raise ModelError(
                f"{path.relative_to(real)} is a link that leaves the folder.", "Copy the file itself into the folder."
            )


def _refuse_adapter(folder: Path) -> None:
    if (folder / "adapter_config.json").exists():
        raise ModelError(
            f"{name_of(folder)} holds an adapter (adapter_config.json), which names its base model by itself.",
            "Merge the adapter into its base model and save that, or choose the base model.",
        )


def _read_json(path: Path, missing: str, remedy: str) -> dict[str, Any]:
    if not path.is_file():
        raise ModelError(f"{missing} in {name_of(path.parent)}.", remedy)
    if path.stat().st_size > CONFIG_LIMIT:
        raise ModelError(f"{path.name} has more than {CONFIG_LIMIT:,} bytes.", "This is not a model's config.")
    try:
        body = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path.name} is not JSON: {error}.", "Copy or download the file again.") from error
    if not isinstance(body, dict):
        raise ModelError(f"{path.name} is not a JSON object.", "Copy or download the file again.")
    return body


def _walk(body: Any) -> Iterator[tuple[str, Any]]:
    waiting = [body]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield from part.items()
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _refuse_foreign_code(file: str, body: dict[str, Any]) -> None:
    for name, value in _walk(body):
        if name in REMOTE_CODE_KEYS and value:
            raise ModelError(
                f"{file} asks to run code that comes with the model ({name}).",
                "Use a model whose architecture is part of transformers; code of models is never run here.",
            )
        if name in REDIRECTING_KEYS and value:
            raise ModelError(
                f"{file} sets {name}, which is not supported here.",
                "Use the plain, unquantized version of the model with its own weights.",
            )
        if ("implementation" in name or "kernel" in name) and _names_a_path(value):
            raise ModelError(
                f"{file} sets {name} to {str(value)[:80]!r}, which would fetch and run a kernel.",
                "Remove the field; the attention implementation is chosen here.",
            )


def _names_a_path(value: Any) -> bool:
    if isinstance(value, str):
        return "/" in value or "\\" in value
    if isinstance(value, dict):
        return any(_names_a_path(part) for part in (*value.keys(), *value.values()))
    return isinstance(value, list) and any(map(_names_a_path, value))


def _require_sane_sizes(config: Mapping[str, Any]) -> None:
    for key, value in _walk(dict(config)):
        low, high = next(((low, high) for name, low, high in SIZES if name.match(key)), (0, 0))
        if low == high or not isinstance(value, int | float | str):
            continue
        if type(value) is not int or not low <= value <= high:
            raise ModelError(
                f"config.json sets {key} to {str(value)[:40]}; allowed are whole numbers from {low:,} to {high:,}.",
                "Copy or download the model again; no usable model has such a size.",
            )


def _weight_files(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        return [folder / "model.safetensors"]
    if index.is_file():
        return _shards(folder, _read_json(index, "", ""))
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in PICKLE_SUFFIXES)
    if pickles:
        raise ModelError(
            f"{name_of(folder)} holds its weights as {pickles[0]}, a pickle file, which can run code when opened.",
            "Use the safetensors version of the model, or convert it on a machine that you can lose.",
        )
    raise ModelError(f"{name_of(folder)} holds no weights (model.safetensors).", "Give the folder of a complete model.")


def _shards(folder: Path, index: Mapping[str, Any]) -> list[Path]:
    placed = index.get("weight_map")
    names = sorted(set(map(str, placed.values()))) if isinstance(placed, dict) else []
    for name in names:
        if Path(name).name != name or not name.endswith(".safetensors") or not (folder / name).is_file():
            raise ModelError(
                f"The weights' index names {name[:80]!r}, which is not a safetensors file of {name_of(folder)}.",
                "Copy or download all parts of the model.",
            )
    if not names:
        raise ModelError("model.safetensors.index.json names no weights.", "Copy or download the file again.")
    return [folder / name for name in names]


def _all_tensors(weights: list[Path]) -> dict[str, TensorEntry]:
    tensors: dict[str, TensorEntry] = {}
    for path in weights:
        tensors.update(read_header(path))
    if not tensors:
        raise ModelError(f"{weights[0].name} holds no tensors.", "Give the folder of a complete model.")
    return tensors


def _require_agreement(config: Mapping[str, Any], tensors: Mapping[str, TensorEntry]) -> None:
    layers = config.get("num_hidden_layers") or config.get("n_layer")
    stored = {int(found[1]) for name in tensors if (found := LAYER.search(name))}
    # Layers that predict further tokens may be stored after the ordinary ones.
    extra = config.get("num_nextn_predict_layers") or 0
    if layers and stored and max(stored) + 1 not in (layers, layers + extra):
        raise ModelError(
            f"config.json says {layers} layers, the weights hold {max(stored) + 1}.",
            "Config and weights belong to different models; copy both again.",
        )


def _tokenizer_files(folder: Path) -> list[Path]:
    found = [folder / name for name in TOKENIZER_FILES if (folder / name).is_file()]
    if not found:
        raise ModelError(
            f"{name_of(folder)} has no tokenizer ({', '.join(TOKENIZER_FILES)}).",
            "Save the tokenizer into the same folder with save_pretrained.",
        )
    for path in found:
        if path.stat().st_size > TOKENIZER_LIMIT:
            raise ModelError(f"{path.name} has more than {TOKENIZER_LIMIT:,} bytes.", "This is not a tokenizer.")
    return [*found, *(folder / name for name in BESIDE_TOKENIZER if (folder / name).is_file())]


def _fingerprint(config: Mapping[str, Any], hashes: Mapping[str, str]) -> str:
    # The writer's version and name say nothing about what the model computes.
    said = {key: value for key, value in config.items() if key not in ("transformers_version", "_name_or_path")}
    whole = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name, found in hashes.items():
        whole.update(f"\n{name} {found}".encode())
    return whole.hexdigest()[:16]


def _kept_hash(path: Path) -> str:
    known = _known_hash(path)
    if known:
        return known
    facts, key = _hash_place(path)
    found = sha256_of(path)
    facts.put(key, found)
    return found


def _known_hash(path: Path) -> str:
    facts, key = _hash_place(path)
    known = facts.get(key)
    return known if isinstance(known, str) else ""


def _hash_place(path: Path) -> tuple[KeptFacts, str]:
    state = path.stat()
    key = f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"
    return KeptFacts(place("models") / "hashes.json"), key
