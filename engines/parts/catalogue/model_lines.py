"""The lists of models: what is bundled, what lies under the models folder and in the hub's cache, what runs have made.

Nothing is loaded and no network is reached; a broken model is a line that says what is wrong with it.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.parts.catalogue.configured_folders import list_folders
from engines.parts.catalogue.folder_facts import FolderFacts, adapter_facts, model_folder_facts
from engines.parts.generation.speeds import speed_of
from engines.parts.models.adapters import SUFFIX, is_adapter
from engines.parts.models.bundled_models import BUNDLED_MODELS, BundledModel
from engines.parts.models.models import MOST_ADAPTERS, joined_fingerprint
from engines.parts.registry.local_files import hub_cache, local_path
from workbench.contract.catalogue import ModelLine
from workbench.contract.errors import ModelError
from workbench.storage.home import place

MOST_RUNS = 1_000
"""Newest runs that are looked through for models."""

MOST_SNAPSHOTS = 500
TAIL_BYTES = 4_000
FORMATS = ("bfloat16", "float32", "float16", "")

FOLDER = "folder:"


class ModelLines:
    """The lines as they stand, built once; adapters look their bases up among the others."""

    def __init__(self) -> None:
        self._facts: dict[str, FolderFacts] = {}
        self.lines = [*self._bundled(), *self._folders(), *self._hub(), *self._runs()]
        self.lines = [self._completed(line) for line in self.lines]

    def _bundled(self) -> Iterator[ModelLine]:
        for model in BUNDLED_MODELS.values():
            yield self._line(_of_bundled(model), model.folder() if model.is_fetched() else None)

    def _folders(self) -> Iterator[ModelLine]:
        ours = {model.folder() for model in BUNDLED_MODELS.values()}
        added = {path: f"{FOLDER}{path}" for path in list_folders()}
        there = [str(path) for path in sorted(place("models").resolve().iterdir()) if _is_model(path, ours)]
        for ref in dict.fromkeys([*there, *added]):
            line = ModelLine(ref, Path(ref).name.removesuffix(SUFFIX), "folder", "causal", entry=added.get(ref, ""))
            try:
                yield self._line(line, local_path(ref, ModelError))
            except ModelError as error:
                yield replace(line, ready=False, problem=f"{error} {error.hint}".strip())

    def _hub(self) -> Iterator[ModelLine]:
        for snapshot in list(_snapshots(hub_cache()))[:MOST_SNAPSHOTS]:
            ref = snapshot.parent.parent.name.removeprefix("models--").replace("--", "/")
            yield self._line(ModelLine(ref, ref, "hub cache", "causal"), snapshot)

    def _runs(self) -> Iterator[ModelLine]:
        for run, path in _made_by_runs(place("runs")):
            line = ModelLine(f"run:{run}/{path.name}", path.name.removesuffix(SUFFIX), "run", "adapter")
            yield self._line(line, path)

    def _line(self, line: ModelLine, path: Path | None) -> ModelLine:
        if path is None:
            return line
        facts = adapter_facts(path) if is_adapter(path) else model_folder_facts(path)
        self._facts[line.ref] = facts
        return replace(
            line,
            role=facts.role,
            parameters=facts.parameters,
            disk_bytes=facts.disk_bytes,
            dtype=facts.dtype,
            context=line.context or facts.context,
            licence=line.licence or facts.licence,
            problem=facts.problem,
        )

    def _completed(self, line: ModelLine) -> ModelLine:
        """The line with what its base tells of an adapter, and with its measured speed."""
        chain, missing = self._chain(line.ref)
        if missing:
            return replace(line, problem=line.problem or missing)
        base = next((each for each in self.lines if chain and each.ref == chain[-1]), None)
        if base is not None and base.ref != line.ref:
            facts: dict[str, Any] = {"dtype": base.dtype, "context": base.context, "licence": base.licence}
            line = replace(line, **facts, note=f"An adapter of {base.name}.", problem=line.problem or base.problem)
        return replace(line, tokens_per_second=self._speed(chain))

    def _chain(self, ref: str) -> tuple[list[str], str]:
        """The references from an adapter down to its plain base, and what is missing on the way."""
        chain: list[str] = []
        while ref in self._facts and ref not in chain and len(chain) <= MOST_ADAPTERS:
            chain.append(ref)
            if not self._facts[ref].base:
                return chain, ""
            ref = self._facts[ref].base
        return chain, f"Its base model, {ref[:200]}, is not on this machine." if chain else ""

    def _speed(self, chain: Iterable[str]) -> float | None:
        found = [self._facts[ref].fingerprints for ref in chain]
        if not found or not all(found):
            return None
        parts = [each for fingerprints in reversed(found) for each in fingerprints]
        fingerprint = joined_fingerprint(parts)
        return next((speed for dtype in FORMATS if (speed := speed_of(fingerprint, dtype))), None)


def _of_bundled(model: BundledModel) -> ModelLine:
    return ModelLine(
        model.name, model.name, "bundled", "causal" if model.kind == "gguf" else "encoder", ready=model.is_fetched(),
        disk_bytes=model.disk_bytes, context=model.context, licence=model.licence, note=model.note,
    )  # fmt: skip


def _is_model(path: Path, ours: set[Path]) -> bool:
    if path.name.startswith(".") or path in {each.resolve() for each in ours}:
        return False
    return path.name.endswith(SUFFIX) if path.is_file() else path.is_dir()


def _snapshots(cache: Path) -> Iterator[Path]:
    """The newest snapshot of each model in the hub's cache."""
    for kept in sorted(cache.glob("models--*--*")):
        try:
            named = kept / "snapshots" / (kept / "refs" / "main").read_text("utf-8").strip()[:64]
            found = [named] if named.is_dir() else []
        except (OSError, ValueError):
            found = []
        found = found or sorted((kept / "snapshots").glob("*"), key=lambda path: path.stat().st_mtime)
        yield from found[-1:]


def _made_by_runs(root: Path) -> Iterator[tuple[str, Path]]:
    """(run, adapter or model folder) of finished runs, the newest first; run ids begin with their date."""
    for name in sorted(os.listdir(root), reverse=True)[:MOST_RUNS]:
        folder = root / name / "artifacts"
        try:
            made = [path for path in sorted(folder.iterdir()) if is_adapter(path) or (path / "config.json").is_file()]
        except OSError:
            continue
        if made and _has_finished(root / name / "events.jsonl"):
            yield from ((name, path) for path in made)


def _has_finished(events: Path) -> bool:
    try:
        with events.open("rb") as file:
            file.seek(max(0, events.stat().st_size - TAIL_BYTES))
            last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
        return json.loads(last).get("kind") == "finished"
    except (OSError, ValueError, AttributeError):
        return False
