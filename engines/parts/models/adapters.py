"""LoRA adapters in one file, NAME.adapter.zip: written by a training, checked before use; `adapter_use` puts them on.

Layout: a ZIP without compression of adapter_config.json (PEFT's, with the base's reference), adapter_model.safetensors
(its metadata hold the base's fingerprint) and README.md; of routed experts also allocation.json. Unpacked, it is a
folder that PEFT itself loads.

Design decisions:
- Nothing is unpacked to the disk: members are read by name, with limits, and only plain LoRA, DoRA and routed experts
  are accepted.
"""

import hashlib
import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engines.parts.experts.expert_layout import ALLOCATION, ExpertLayout, read_layout
from engines.parts.models.model_files import require_contained
from engines.parts.models.safetensors_header import TensorEntry, read_header_of
from workbench.contract.errors import ModelError

SUFFIX = ".adapter.zip"
CONFIG, WEIGHTS, README = "adapter_config.json", "adapter_model.safetensors", "README.md"
CONFIG_LIMIT = 1_000_000
WEIGHTS_LIMIT = 8_000_000_000
PREFIX = "base_model.model."
MAGNITUDE = "lora_magnitude_vector"
"""DoRA's length of each row of a weight."""
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that equal adapters are equal files."""

NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "bias": ("none",),
    "use_dora": (False, True),
    "fan_in_fan_out": (False, True),
    "lora_bias": (False,),
    "modules_to_save": (None, []),
    "alpha_pattern": (None, {}),
    "layer_replication": (None, []),
    "target_parameters": (None, []),
    "alora_invocation_tokens": (None, []),
    "use_qalora": (False,),
    "auto_mapping": (None,),
    "peft_type": ("LORA",),
}
"""Fields of PEFT's config that would mean something else than plain LoRA or DoRA, with the values that do not."""

AGAIN = "Use an adapter that a training of this workbench, or PEFT's LoRA without extras, has saved."
OTHER_BASE = "Use the base model that the adapter was trained on."
UNREADABLE = (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError)
"""What reading a damaged ZIP raises."""


@dataclass(frozen=True)
class Adapter:
    """An adapter file that passed the checks.

    Attributes:
        base: reference of the model it belongs to.
        base_fingerprint: of that model as it was in training; empty where the file does not say.
        scale: of the update B A.
        layers: names of the adapted weights, with the shapes of A [rank, in] and B [out, rank].
        parameters: numbers that were trained.
        dora: the updated weight's rows are scaled to trained lengths.
        experts: the layout of routed experts; None where the update is one product, which can be merged.
        fingerprint: 16 hex digits over config and weights.
    """

    path: Path
    base: str
    base_fingerprint: str
    scale: float
    layers: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
    fingerprint: str
    parameters: int = 0
    dora: bool = False
    experts: ExpertLayout | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.path.name


def is_adapter(path: Path) -> bool:
    """Return whether a path is meant as an adapter: such a file, or a folder of PEFT's without a model of its own."""
    return path.name.endswith(SUFFIX) or ((path / CONFIG).is_file() and not (path / "config.json").exists())


def write_adapter(path: Path, model: Any, base: str, base_fingerprint: str) -> int:
    """Save the LoRA weights of a PEFT model as an adapter file; the number of weights.

    Args:
        base: reference of the model that was tuned.
        base_fingerprint: its fingerprint, which loading requires.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import save

    state = {name: weight.detach().cpu().contiguous() for name, weight in get_peft_model_state_dict(model).items()}
    config = {key: _plain(value) for key, value in model.peft_config["default"].to_dict().items()}
    config |= {"base_model_name_or_path": base, "inference_mode": True}
    members = {
        CONFIG: json.dumps(config, indent=1, sort_keys=True).encode(),
        WEIGHTS: save(state, {"base_fingerprint": base_fingerprint}),  # two keys would be written in random order
        **_described(model, base, base_fingerprint),
    }
    scratch = path.with_name(f".{path.name}.tmp")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_STORED) as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name, FIRST_MOMENT), content)
    scratch.replace(path)
    return sum(weight.numel() for weight in state.values())


def _described(model: Any, base: str, base_fingerprint: str) -> dict[str, bytes]:
    if getattr(model.peft_config["default"], "_custom_modules", None):
        from engines.parts.experts.expert_adapters import layout_of
        from engines.parts.experts.expert_card import card

        layout = layout_of(model)
        readme = card(layout, base, f"Its fingerprint in training was {base_fingerprint}.")
        return {ALLOCATION: layout.as_json().encode(), README: readme.encode()}
    readme = (
        f"# LoRA adapter\n\nBase model: {base} (fingerprint {base_fingerprint}).\n\n"
        "Unpack it and load the folder with PEFT, or name it as a model in Benchwright.\n"
    )
    return {README: readme.encode()}


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset | list | tuple):
        return sorted(map(str, value))  # PEFT keeps names in sets, whose order differs between processes
    return value if value is None or isinstance(value, str | int | float | dict) else str(value)


def read_adapter(path: Path) -> Adapter:
    """Check an adapter (a file, or a folder as PEFT saves it) without loading its weights.

    Raises:
        ModelError: not an adapter, damaged, too large, or not plain LoRA; the message says what is wrong.
    """
    try:
        config = _config(path, _content(path, CONFIG, CONFIG_LIMIT))
        with _opened(path, WEIGHTS, WEIGHTS_LIMIT) as (file, size):
            entries, told = read_header_of(file, size, f"{path.name}: {WEIGHTS}")
        with _opened(path, WEIGHTS, WEIGHTS_LIMIT) as (file, _):
            digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
    except UNREADABLE as error:
        raise ModelError(f"{path.name} cannot be read as an adapter: {error}", AGAIN) from error
    digest.update(json.dumps(config, sort_keys=True).encode())
    experts = _experts(path)
    dora = bool(config.get("use_dora"))
    layers = _expert_layers(path, entries, experts) if experts else _layers(path, entries, dora)
    if experts:
        digest.update(experts.as_json().encode())
    return Adapter(
        path=path,
        base=str(config.get("base_model_name_or_path") or ""),
        base_fingerprint=told.get("base_fingerprint", ""),
        scale=1.0 if experts else _scale(path, config, layers),
        layers=layers,
        fingerprint=digest.hexdigest()[:16],
        parameters=sum(math.prod(entry.shape) for entry in entries.values()),
        dora=dora,
        experts=experts,
    )


def stored_weights(adapter: Adapter) -> "dict[str, Any]":
    """Read the tensors of an adapter by their names in the file."""
    from safetensors.torch import load

    return load(_content(adapter.path, WEIGHTS, WEIGHTS_LIMIT))


def _experts(path: Path) -> ExpertLayout | None:
    if path.is_dir():
        there = (path / ALLOCATION).is_file()
    else:
        with zipfile.ZipFile(path) as packed:
            there = ALLOCATION in packed.namelist()
    return read_layout(_content(path, ALLOCATION, CONFIG_LIMIT), f"{ALLOCATION} of {path.name}") if there else None


@contextmanager
def _opened(path: Path, name: str, limit: int) -> Iterator[tuple[IO[bytes], int]]:
    """Read a member of an adapter, and its size in bytes."""
    if path.is_dir():
        require_contained(path)
        size = (path / name).stat().st_size
        _require_small(path, name, size, limit)
        with (path / name).open("rb") as file:
            yield file, size
        return
    with zipfile.ZipFile(path) as packed:
        found = [info for info in packed.infolist() if info.filename == name]
        if len(found) != 1 or found[0].compress_type != zipfile.ZIP_STORED or found[0].flag_bits & 1:
            raise ModelError(f"{path.name} does not hold {name} once, neither compressed nor encrypted.", AGAIN)
        _require_small(path, name, found[0].file_size, limit)
        with packed.open(name) as file:
            yield file, found[0].file_size


def _content(path: Path, name: str, limit: int) -> bytes:
    with _opened(path, name, limit) as (file, _):
        return file.read()


def _require_small(path: Path, name: str, size: int, limit: int) -> None:
    if size > limit:
        raise ModelError(f"{name} of {path.name} has {size:,} bytes; at most {limit:,} are read.", AGAIN)


def _config(path: Path, text: bytes) -> dict[str, Any]:
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{CONFIG} of {path.name} is not JSON.", AGAIN) from error
    if not isinstance(config, dict):
        raise ModelError(f"{CONFIG} of {path.name} is not a JSON object.", AGAIN)
    for field, allowed in NEUTRAL.items():
        if field in config and config[field] not in allowed:
            said = str(config[field])[:60]
            raise ModelError(f"{path.name} sets {field} to {said!r}, which is not plain LoRA.", AGAIN)
    return config


def _expert_layers(
    path: Path, entries: Mapping[str, TensorEntry], layout: ExpertLayout
) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """As `_layers`: A and B of all experts of a layer together; routers and scales must fit the allocation too."""
    parts = (
        "lora_A.weight",
        "lora_B.weight",
        "lora_router.weight",
        *(("lora_scale",) if layout.settings.scales else ()),
    )
    expected = {f"{PREFIX}{layer}.{part}" for layer in layout.ranks for part in parts}
    odd = sorted(set(entries) ^ expected)
    if odd:
        raise ModelError(f"{path.name}: {odd[0][:100]} does not fit its {ALLOCATION}.", AGAIN)
    layers = {}
    for layer, ranks in layout.ranks.items():
        a, b, router = (entries[f"{PREFIX}{layer}.{part}"].shape for part in parts[:3])
        total = sum(ranks)
        if len(a) != 2 or len(b) != 2 or a[0] != total or b[1] != total or router != (len(ranks), a[1]):
            raise ModelError(
                f"{path.name} holds A {a}, B {b}, router {router} for {layer[:80]} of ranks {ranks}.", AGAIN
            )
        layers[layer] = (a, b)
    return layers


def _layers(
    path: Path, entries: Mapping[str, TensorEntry], dora: bool
) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    layers: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    expected = set()
    for name, entry in entries.items():
        if name.startswith(PREFIX) and name.endswith(".lora_A.weight"):
            layer = name.removeprefix(PREFIX).removesuffix(".lora_A.weight")
            other = f"{PREFIX}{layer}.lora_B.weight"
            below = entries[other].shape if other in entries else ()
            if len(entry.shape) != 2 or len(below) != 2 or entry.shape[0] != below[1]:
                raise ModelError(f"{path.name} holds A {entry.shape} and B {below} for {layer[:80]}.", AGAIN)
            layers[layer] = (entry.shape, below)
            expected |= {name, other}
            lengths = f"{PREFIX}{layer}.{MAGNITUDE}"
            if dora and (lengths not in entries or entries[lengths].shape != below[:1]):
                raise ModelError(f"{path.name} lacks the lengths of {layer[:80]}, which DoRA needs.", AGAIN)
            expected |= {lengths} if dora else set()
    extra = sorted(set(entries) - expected)
    if extra or not layers:
        raise ModelError(f"{path.name} holds {extra[0][:80] if extra else 'no tensors'}: not plain LoRA.", AGAIN)
    return layers


def _scale(
    path: Path, config: Mapping[str, Any], layers: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
) -> float:
    ranks = {shape_a[0] for shape_a, _ in layers.values()}
    alpha = config.get("lora_alpha")
    if len(ranks) != 1 or 0 in ranks or not isinstance(alpha, int | float) or not math.isfinite(alpha):
        raise ModelError(f"{path.name} has ranks {sorted(ranks)} and lora_alpha {str(alpha)[:40]}.", AGAIN)
    rank = ranks.pop()
    return alpha / math.sqrt(rank) if config.get("use_rslora") else alpha / rank
