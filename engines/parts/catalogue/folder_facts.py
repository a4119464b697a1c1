"""What a list tells of a model folder or an adapter: read from configs and headers alone, once for each state of it."""

import os
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engines.parts.models.adapters import read_adapter
from engines.parts.models.model_files import ModelFolder, check_folder
from workbench.contract.errors import ModelError
from workbench.storage.home import place

CONTEXT_NAMES = ("max_position_embeddings", "n_positions", "max_seq_len")
CARD_BYTES = 20_000
MOST_KEPT = 2_000

_WRITES = re.compile(r"ForCausalLM|LMHead|ForConditionalGeneration")
_LICENCE = re.compile(r"^license(?:_name)?:\s*['\"]?([^'\"\n]{1,60})", re.MULTILINE)
_FORMATS = {8: "float64", 4: "float32", 2: "16 bit", 1: "8 bit"}

_kept: dict[Hashable, "FolderFacts"] = {}


@dataclass(frozen=True)
class FolderFacts:
    """What a list tells of a model that lies on this disk.

    Attributes:
        fingerprints: of the weights, then of adapters; equal to what `models.joined_fingerprint` takes. Empty where the
            weights were not read yet.
        base: the model that an adapter changes, "" for a whole model.
        context: most tokens read at once; None where the config does not tell.
        problem: why it cannot be used, "" where it can.
    """

    disk_bytes: int
    role: Literal["causal", "encoder", "adapter"] = "causal"
    parameters: int | None = None
    dtype: str = ""
    context: int | None = None
    licence: str = ""
    base: str = ""
    fingerprints: tuple[str, ...] = field(default=())
    problem: str = ""


def model_folder_facts(folder: Path) -> FolderFacts:
    """Return what is known of a model folder; never raises for what is wrong with it, but tells it as `problem`."""
    state = _state(folder)
    return _once(("folder", state), lambda: _of_folder(folder, _bytes(state)))


def adapter_facts(path: Path) -> FolderFacts:
    """Return the same of an adapter, a file or a folder as PEFT saves it."""
    state = _state(path)
    return _once(("adapter", state), lambda: _of_adapter(path, _bytes(state)))


def _once(key: Hashable, read: Callable[[], FolderFacts]) -> FolderFacts:
    # A folder whose weights nobody has read yet gets its fingerprint when somebody does, and looks the same then.
    unread = (key, _state(place("models") / "hashes.json"))
    kept = _kept.get(key) or _kept.get(unread)
    if kept is not None:
        return kept
    found = read()
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[key if found.problem or found.fingerprints else unread] = found
    return found


def _of_folder(folder: Path, disk_bytes: int) -> FolderFacts:
    try:
        found = check_folder(folder)
    except ModelError as error:
        return FolderFacts(disk_bytes, problem=f"{error} {error.hint}".strip())
    except OSError as error:
        return FolderFacts(disk_bytes, problem=f"It cannot be read: {error.strerror}.")
    return FolderFacts(
        disk_bytes,
        role="causal" if _writes(found.config) else "encoder",
        parameters=found.parameters,
        dtype=_dtype(found),
        context=_context(found.config),
        licence=_licence(folder / "README.md"),
        fingerprints=(found.fingerprint,) if found.fingerprint else (),
    )


def _of_adapter(path: Path, disk_bytes: int) -> FolderFacts:
    try:
        adapter = read_adapter(path)
    except ModelError as error:
        return FolderFacts(disk_bytes, "adapter", problem=f"{error} {error.hint}".strip())
    return FolderFacts(
        disk_bytes,
        "adapter",
        parameters=adapter.parameters,
        base=adapter.base,
        fingerprints=(adapter.fingerprint,),
    )


def _writes(config: Mapping[str, Any]) -> bool:
    kinds = config.get("architectures")
    return not isinstance(kinds, list) or not kinds or any(_WRITES.search(str(kind)) for kind in kinds)


def _dtype(found: ModelFolder) -> str:
    said = found.config.get("dtype") or found.config.get("torch_dtype")
    if isinstance(said, str) and re.fullmatch(r"[a-z0-9_]{1,20}", said):
        return said
    largest = max(found.tensors.values(), key=lambda entry: entry.end - entry.begin)
    return _FORMATS.get((largest.end - largest.begin) // max(1, _product(largest.shape)), "")


def _context(config: Mapping[str, Any]) -> int | None:
    inner = config.get("text_config")
    for said in (config, inner if isinstance(inner, dict) else {}):
        for name in CONTEXT_NAMES:
            if isinstance(said.get(name), int) and said[name] > 0:
                return said[name]
    return None


def _licence(card: Path) -> str:
    try:
        with card.open(encoding="utf-8", errors="replace") as file:
            head = file.read(CARD_BYTES)
    except OSError:
        return ""
    found = _LICENCE.search(head.split("\n---", 1)[0]) if head.startswith("---") else None
    return found[1].strip() if found else ""


def _product(shape: Sequence[int]) -> int:
    whole = 1
    for side in shape:
        whole *= side
    return whole


def _state(path: Path) -> tuple[tuple[str, int, int], ...]:
    """(path, bytes, time of change) of a file, or of every file that lies directly in a folder."""
    try:
        files = [Path(entry.path) for entry in os.scandir(path)] if path.is_dir() else [path]
        states = [(str(file), file.stat()) for file in sorted(files)]
    except OSError:
        return ((str(path), 0, 0),)
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


def _bytes(state: tuple[tuple[str, int, int], ...]) -> int:
    return sum(size for _, size, _ in state)
