"""Searches of a run: each is made once, shows its counts while it runs, and goes on where a kill left it."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from pydantic import BaseModel

from engines.guilomo.agreement import following, initialisation_warning
from engines.guilomo.allocation import Allocation, affordable, layer_of, matched, module_of
from engines.guilomo.config import SEARCH_FIELDS, GuilomoConfig
from engines.guilomo.rows import ExpertCount, ExpertRank, SearchEnd, SearchProgress, SelectionEntry, VectorMove
from engines.guilomo.search_settings import SearchSettings, SearchStep
from engines.parts.training import Diverged, LoopSettings, emit, place_of, run_updates
from workbench.contract import DataError, Row, RunLog

if TYPE_CHECKING:
    from engines.guilomo.search import Search
    from engines.guilomo.selection import SelectionVectors

CHECKPOINT_SECONDS = 60.0
KINDS = (SearchProgress, ExpertCount, ExpertRank, SelectionEntry)


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
    zero_sum: float = float("nan")
    second_order: float = float("nan")

    @property
    def allocation(self) -> Allocation:
        """Experts and ranks by module."""
        return Allocation(self.ranks)

    @property
    def budget(self) -> int:
        """Count the trainable parameters of the allocation."""
        return self.allocation.parameters(self.shapes)

    def within(self, budget: int) -> "Found":
        """Return what was found with its ranks scaled to a budget; numbers of experts stay as far as they fit."""
        scaled = matched(affordable(self.allocation, self.shapes, budget), self.shapes, budget)
        return self.model_copy(update={"ranks": dict(scaled.ranks)})


@dataclass
class ReadySearch:
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

    def step(self, number: int) -> SearchStep:
        """Do the step of that number, from 1 on; both lists of batches are taken in an order of their own.

        Raises:
            Diverged: as `Search.step`.
        """
        self.search.done, seed = number - 1, self.search.settings.seed
        train = self.train[place_of(len(self.train), number - 1, seed)]
        validation = self.validation[place_of(len(self.validation), number - 1, seed + 1)]
        return self.search.step(train, validation)


def search_name(arm: GuilomoConfig, run: GuilomoConfig) -> str:
    """Return how rows call an arm's way of searching; arms that differ only in the training share a search."""
    changed = [name for name in SEARCH_FIELDS[2:] if getattr(arm, name) != getattr(run, name)]
    values = [(name, getattr(arm, name)) for name in changed]
    more = "".join(f", {name} {value if isinstance(value, str) else format(value, 'g')}" for name, value in values)
    return f"{arm.estimator}, {arm.order}{more}"


def search_settings(config: GuilomoConfig, seed: int, planted: bool = False) -> SearchSettings:
    """Return how to search on a real task, or on the planted one."""
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
        schedule=config.search_schedule,
        pooled_balance=config.balance_over == "block",
        selection_rate=config.planted_vector_rate if planted else config.vector_rate,
        order=config.order,
        estimator=config.estimator,
        init_std=config.init_std,
        seed=seed,
    )


def searched(names: tuple[str, str, int], make: Callable[[], ReadySearch], snapshots: int, log: RunLog) -> Found:
    """Search once; a resumed run finds it done, or goes on from its last saved state.

    Args:
        names: task, way of searching and seed.
        make: makes the search ready; only called where it is needed.

    Raises:
        DataError, ModelError: as `search.Search` and `require_apart`.
        RunStopped: the user pressed Stop; the state was saved.
    """
    task, way, seed = names
    name = f"search-{task}-{seed}-{way.replace(', ', '-').replace(' ', '-')}"
    return cast(Found, log.once(name, Found, lambda: _found(names, make(), name, (snapshots, log))))


def _found(names: tuple[str, str, int], ready: ReadySearch, name: str, telling: tuple[int, RunLog]) -> Found:
    (snapshots, log), search, steps = telling, ready.search, ready.search.settings.steps
    require_apart(ready.train, ready.validation)
    for note in ready.notes:
        log.note(f"{names[0]}, search of seed {names[2]}: {note}")
    rows = SearchRows(names, search.vectors, max(1, steps // snapshots), steps)
    emit(rows.snapshot(0), log)
    begun, first, message, done = time.monotonic(), vector_counts(search.vectors), "", steps
    loop = LoopSettings(steps, KINDS, checkpoint_seconds=CHECKPOINT_SECONDS)
    try:
        run_updates(lambda step: rows.of(ready.step(step)), search.state(), loop, log, name)
    except Diverged as error:
        if not error.good:
            raise
        message, done = str(error), error.good
        log.note(f"{names[0]}, seed {names[2]}: {message} The last good state is used.")
        shutil.rmtree(log.checkpoints(name))
    search.end()
    found = Found(
        way=names[1],
        outcome="not a number" if message else "finished",
        steps=done,
        ranks=dict(search.vectors.read_out()),
        shapes=dict(search.shapes),
        first=first,
        last=vector_counts(search.vectors),
        seconds=time.monotonic() - begun,
        message=message,
        **dict(zip(("zero_sum", "second_order"), search.measured(), strict=True)),
    )
    emit_end(names, found, log)
    return found


def require_apart(train: Sequence[Mapping[str, Any]], validation: Sequence[Mapping[str, Any]]) -> None:
    """Refuse batches that a search cannot learn from.

    Raises:
        DataError: a list is empty, or every row of the validation batches is one of the training batches.
    """
    if not train:
        raise DataError("The training set of the search is empty.", "Use more examples.")
    if not validation:
        raise DataError(
            "The validation set of the search is empty.", "Use more examples, or give the validation a larger share."
        )
    seen = {tuple(row) for batch in train for row in batch["input_ids"].tolist()}
    if all(tuple(row) in seen for batch in validation for row in batch["input_ids"].tolist()):
        raise DataError(
            "The validation set of the search is a part of its training set.", "Split the examples into two sets."
        )


def vector_counts(vectors: "SelectionVectors") -> dict[str, int]:
    """Return the counts of all vectors by "path: vector"."""
    found = {f"{path}: experts": count for path, count in vectors.expert_counts().items()}
    ranks = vectors.rank_counts().items()
    return found | {f"{path}: {rank_vector(at)}": rank for path, one in ranks for at, rank in enumerate(one, 1)}


def rank_vector(expert: int) -> str:
    """Return the name of the rank vector of an expert, counted from 1."""
    return f"rank of expert {expert}"


@dataclass(frozen=True)
class SearchRows:
    """The rows that a search emits while it runs.

    Attributes:
        names: task, way of searching and seed.
        every: steps from one snapshot of the vectors to the next.
        steps: of the whole search; the last one has a snapshot.
    """

    names: tuple[str, str, int]
    vectors: "SelectionVectors"
    every: int
    steps: int

    @property
    def named(self) -> dict[str, Any]:
        """Columns that name the search."""
        return dict(zip(("task", "search", "seed"), self.names, strict=True))

    def of(self, step: SearchStep) -> list[Row]:
        """Return the rows of a step that was just done."""
        given = {name: getattr(step, name) for name in SearchProgress.model_fields if hasattr(step, name)}
        shown = step.step % self.every == 0 or step.step == self.steps
        return [SearchProgress(**self.named, **given), *(self.snapshot(step.step) if shown else ())]

    def snapshot(self, step: int) -> list[Row]:
        """Return rows of the counts and entries that the vectors have now."""
        named, experts, ranks = self.named | {"step": step}, self.vectors.expert_counts(), self.vectors.read_out()
        places = {path: {"path": path, "layer": layer_of(path), "module": module_of(path)} for path in experts}
        rows: list[Row] = [ExpertCount(**named, **places[path], experts=count) for path, count in experts.items()]
        rows += [
            ExpertRank(**named, **places[path], expert=at, rank=one[at - 1] if at <= len(one) else 0)
            for path, one in ranks.items()
            for at in range(1, self.vectors.experts.shape[1] + 1)
        ]
        numbers = (one.detach().cpu().numpy() for one in (self.vectors.experts, self.vectors.ranks))
        return rows + [SelectionEntry(**named, **entry) for entry in entries(list(experts), *numbers)]


def entries(paths: Sequence[str], experts: Any, ranks: Any) -> list[dict[str, Any]]:
    """Return the numbers of all vectors, one entry each: path, vector, entry, value.

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


def emit_end(names: tuple[str, str, int], found: Found, log: RunLog) -> None:
    """Emit what a search found: where its vectors moved, and a row of numbers."""
    named: dict[str, Any] = dict(zip(("task", "search", "seed"), names, strict=True))
    moved = following([found.first], [found.last])
    moves = [
        named | dict(zip(("path", "vector"), key.split(": ", 1), strict=True)) | {"first": first}
        for key, first in found.first.items()
    ]
    frame = pd.DataFrame(moves).assign(last=list(found.last.values()))
    log.table(VectorMove, frame[list(VectorMove.model_fields)])
    ranks = [rank for one in found.ranks.values() for rank in one]
    log.row(
        SearchEnd(
            **named,
            outcome=found.outcome,
            steps=found.steps,
            parameters=found.budget,
            experts=len(ranks) / len(found.ranks),
            rank=sum(ranks) / len(ranks),
            stayed=moved.stayed,
            warning=initialisation_warning(moved),
            message=found.message,
            zero_sum=found.zero_sum,
            second_order=found.second_order,
        )
    )
