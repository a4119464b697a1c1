"""Searches of a run: each is made once, shows its counts while it runs, and goes on where a kill left it."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from pydantic import BaseModel

from engines.guilomo.agreement import following, initialisation_warning
from engines.guilomo.allocation import Allocation, Shapes, layer_of, module_of
from engines.guilomo.config import SEARCH_FIELDS, GuilomoConfig
from engines.guilomo.rows import ExpertCount, ExpertRank, SearchEnd, SearchProgress, SelectionEntry, VectorMove
from engines.guilomo.search_settings import SearchResult, SearchSettings, SearchStep
from workbench.contract import ModelError, Row, RunLog

if TYPE_CHECKING:
    from engines.guilomo.search import Search

CHECKPOINT_SECONDS = 60.0
EARLIER = "earlier.json"


class Found(BaseModel):
    """What a search left behind, as it is kept for a resumed run."""

    way: str
    outcome: str
    steps: int
    ranks: dict[str, tuple[int, ...]]
    shapes: dict[str, tuple[int, int]]
    first: dict[str, int]
    last: dict[str, int]
    """Counts of all vectors by "path: vector", at the start and at the end."""
    seconds: float
    message: str = ""

    @property
    def allocation(self) -> Allocation:
        """Experts and ranks by module."""
        return Allocation(self.ranks)

    @property
    def budget(self) -> int:
        """Trainable parameters of the allocation."""
        return self.allocation.parameters(self.shapes)


@dataclass
class Searched:
    """A search made ready.

    Attributes:
        search: owns its model.
        train, validation: batches.
        notes: what a reader must know about them.
    """

    search: "Search"
    train: Sequence[Mapping[str, Any]]
    validation: Sequence[Mapping[str, Any]]
    notes: Sequence[str] = ()


def search_name(arm: GuilomoConfig, run: GuilomoConfig) -> str:
    """How rows call an arm's way of searching; arms that differ from the run only in the training share a search."""
    changed = [name for name in SEARCH_FIELDS[2:] if getattr(arm, name) != getattr(run, name)]
    more = "".join(f", {name} {getattr(arm, name):g}" for name in changed)
    return f"{arm.estimator}, {arm.order}{more}"


def search_settings(config: GuilomoConfig, seed: int, planted: bool = False) -> SearchSettings:
    """How to search on a real task, or on the planted one."""
    return SearchSettings(
        steps=config.planted_steps if planted else config.search_steps,
        most_experts=config.max_experts,
        most_rank=config.max_rank,
        top_k=config.top_k,
        alpha=config.alpha,
        dropout=0.0 if planted else config.dropout,
        balance=config.balance,
        learning_rate=config.planted_rate if planted else config.search_rate,
        warmup=0 if planted else config.search_warmup,
        selection_rate=config.planted_vector_rate if planted else config.vector_rate,
        order=config.order,
        estimator=config.estimator,
        init_std=config.init_std,
        seed=seed,
    )


def searched(names: tuple[str, str, int], make: Callable[[], Searched], snapshots: int, log: RunLog) -> Found:
    """Search once; a resumed run finds it done, or goes on from its last saved state.

    Args:
        names: task, way of searching and seed.
        make: makes the search ready; only called where it is needed.

    Raises:
        DataError, ModelError: as `search.Search`.
        RunStopped: the user pressed Stop; the state was saved.
    """
    task, way, seed = names
    name = f"search-{task}-{seed}-{way.replace(', ', '-').replace(' ', '-')}"
    return cast(Found, log.once(name, Found, lambda: _found(names, make(), log.checkpoints(name), (snapshots, log))))


def _found(names: tuple[str, str, int], ready: Searched, folder: Path, telling: tuple[int, RunLog]) -> Found:
    snapshots, log = telling
    teller = _Teller(names, ready.search, max(1, ready.search.settings.steps // snapshots), log, folder)
    for note in ready.notes:
        log.note(f"{names[0]}, search of seed {names[2]}: {note}")
    teller.begin()
    begun = time.monotonic()
    result = ready.search.run(ready.train, ready.validation, teller.step, log.stopping)
    if result.outcome == "stopped":
        teller.save()
        log.progress(result.steps, ready.search.settings.steps, "steps")  # raises RunStopped
    if result.outcome == "not a number":
        if not result.steps:
            raise ModelError(result.message, "Lower the learning rate of the search, or use float32.")
        log.note(f"{names[0]}, seed {names[2]}: {result.message} The last good state is used.")
    found = found_of(names[1], result, ready.search.shapes, time.monotonic() - begun)
    teller.end(found, result)
    shutil.rmtree(folder)
    return found


def found_of(way: str, result: SearchResult, shapes: Shapes, seconds: float) -> Found:
    """A result with the shapes that it is about."""
    return Found(
        way=way,
        outcome=result.outcome,
        steps=result.steps,
        ranks={path: tuple(ranks) for path, ranks in result.ranks.items()},
        shapes=dict(shapes),
        first=_counts(result.first_experts, result.first_ranks),
        last=_counts(result.last_experts, result.last_ranks),
        seconds=seconds,
        message=result.message,
    )


def _counts(experts: Mapping[str, int], ranks: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    found = {f"{path}: experts": count for path, count in experts.items()}
    return found | {f"{path}: {rank_vector(at)}": rank for path, one in ranks.items() for at, rank in enumerate(one, 1)}


def rank_vector(expert: int) -> str:
    """Name of the rank vector of an expert, counted from 1."""
    return f"rank of expert {expert}"


@dataclass
class _Teller:
    """Tells the rows of a search while it runs, and keeps them with the saved state."""

    names: tuple[str, str, int]
    search: "Search"
    every: int
    log: RunLog
    folder: Path
    told: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    saved_at: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """Go on from a saved state and say again what was said, or show the start."""
        earlier = self.folder / EARLIER
        if earlier.is_file():
            import json

            self.search.load(self.folder)
            kinds = {kind.__name__: kind for kind in (SearchProgress, ExpertCount, ExpertRank, SelectionEntry)}
            for name, rows in json.loads(earlier.read_text("utf-8")):
                self._tell(kinds[name], rows)
            return
        vectors = self.search.vectors
        numbers = (vectors.experts.detach().cpu().numpy(), vectors.ranks.detach().cpu().numpy())
        self._snapshot(0, vectors.expert_counts(), vectors.read_out(), numbers)

    def step(self, step: SearchStep) -> None:
        """Tell a step."""
        given = {name: getattr(step, name) for name in SearchProgress.model_fields if hasattr(step, name)}
        self._tell(SearchProgress, [self._named() | given])
        settings = self.search.settings
        if step.step % self.every == 0 or step.step == settings.steps:
            self._snapshot(step.step, step.experts, step.ranks, (step.expert_vectors, step.rank_vectors))
        if time.monotonic() - self.saved_at > CHECKPOINT_SECONDS:
            self.save()
        self.log.progress(step.step, settings.steps, "steps")

    def save(self) -> None:
        """Save the state, and with it what was told so far; the rows come last and are what makes it count."""
        import json

        (self.folder / EARLIER).unlink(missing_ok=True)
        self.search.save(self.folder)
        scratch = self.folder / f".{EARLIER}"
        scratch.write_text(json.dumps(self.told), "utf-8")
        scratch.replace(self.folder / EARLIER)
        self.saved_at = time.monotonic()

    def end(self, found: Found, result: SearchResult) -> None:
        """Tell what was found."""
        moved = following([found.first], [found.last])
        moves = [
            self._named() | dict(zip(("path", "vector"), key.split(": ", 1), strict=True)) | {"first": first}
            for key, first in found.first.items()
        ]
        frame = pd.DataFrame(moves).assign(last=list(found.last.values()))
        self.log.table(VectorMove, frame[list(VectorMove.model_fields)])
        ranks = [rank for one in found.ranks.values() for rank in one]
        self.log.row(
            SearchEnd(
                **self._named(),
                outcome=found.outcome,
                steps=found.steps,
                parameters=found.budget,
                experts=len(ranks) / len(found.ranks),
                rank=sum(ranks) / len(ranks),
                stayed=moved.stayed,
                warning=initialisation_warning(moved),
                message=result.message,
            )
        )

    def _named(self) -> dict[str, Any]:
        return dict(zip(("task", "search", "seed"), self.names, strict=True))

    def _tell(self, kind: type[Row], rows: list[dict[str, Any]]) -> None:
        self.told.append((kind.__name__, rows))
        if kind is SearchProgress:
            self.log.row(SearchProgress(**rows[0]))
        else:
            self.log.table(kind, pd.DataFrame(rows)[list(kind.model_fields)])

    def _snapshot(
        self, step: int, experts: Mapping[str, int], ranks: Mapping[str, tuple[int, ...]], numbers: tuple[Any, Any]
    ) -> None:
        named = self._named() | {"step": step}
        places = {path: {"path": path, "layer": layer_of(path), "module": module_of(path)} for path in experts}
        self._tell(ExpertCount, [named | places[path] | {"experts": count} for path, count in experts.items()])
        most = numbers[0].shape[1]
        self._tell(
            ExpertRank,
            [
                named | places[path] | {"expert": at, "rank": one[at - 1] if at <= len(one) else 0}
                for path, one in ranks.items()
                for at in range(1, most + 1)
            ],
        )
        self._tell(SelectionEntry, [named | entry for entry in entries(list(experts), *numbers)])


def entries(paths: Sequence[str], experts: Any, ranks: Any) -> list[dict[str, Any]]:
    """The numbers of all vectors, one entry each: path, vector, entry, value.

    Args:
        experts: [M, E].
        ranks: [M, E, R].
    """
    found = []
    for path, own, others in zip(paths, experts, ranks, strict=True):
        vectors = {"experts": own} | {rank_vector(at): one for at, one in enumerate(others, 1)}
        found += [
            {"path": path, "vector": name, "entry": at, "value": round(float(value), 6)}
            for name, vector in vectors.items()
            for at, value in enumerate(vector, 1)
        ]
    return found
