"""Routers of a run: trained on pairs, kept as named arrays, saved as safetensors, opened again for a question."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engines.parts.bradley_terry import TuningSettings, open_tuned, solve_head, tune
from engines.parts.models import DtypeName, resolve_model
from engines.parts.ranking import Pairs, pairs_of
from engines.parts.retrieval import DEFAULT_ENCODER, open_encoder
from engines.parts.training import enough_memory, own_randomness
from engines.persyn.config import PersynConfig
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.rewards import require_different
from engines.persyn.rows import RouterRow
from engines.persyn.teacher_pool import Block, blocks_of
from workbench.contract import DataError, RunCell, RunLog

Arrays = dict[str, np.ndarray]
Tell = Callable[[int, int], None]
FACTS = "persyn"
"""The entry of the file's header that says what the arrays are."""


class Router(Protocol):
    """Scores teachers for prompts.

    Attributes:
        cut: prompts of which it could not read the whole, so far.
    """

    cut: int

    def scores(self, texts: Sequence[str], tell: Tell | None = None) -> np.ndarray:
        """Return pi(x) of each prompt, shape (P, N), float32."""
        ...


@dataclass(frozen=True)
class RouterFacts:
    """What a saved router needs beside its arrays.

    Attributes:
        kind: linear, encoder or causal.
        backbone: reference of its model.
        fingerprint: of that model.
        teachers: names in the order of the scores.
        rank: of the adapter; 0 for frozen embeddings.
    """

    kind: str
    backbone: str
    fingerprint: str
    teachers: tuple[str, ...]
    rank: int = 0


class LinearRouter:
    """Frozen embeddings and a linear head; both work on many prompts at once.

    Args:
        arrays: weight, bias and centre.
    """

    def __init__(self, facts: RouterFacts, arrays: Mapping[str, np.ndarray], dtype: DtypeName) -> None:
        self._facts, self._arrays = facts, arrays
        self._dtype: DtypeName = dtype
        self.cut = 0

    def scores(self, texts: Sequence[str], tell: Tell | None = None) -> np.ndarray:
        """Score as the protocol says."""
        vectors, cut = self.embedded(texts, tell)
        self.cut += cut
        return self.of_vectors(vectors)

    def embedded(self, texts: Sequence[str], tell: Tell | None = None) -> tuple[np.ndarray, int]:
        """Return embeddings of prompts, the same for every router on this backbone, and how many were cut."""
        encoder = open_encoder(self._facts.backbone, self._dtype)
        before = encoder.truncated
        vectors = encoder.embed(texts, tell)
        return vectors, encoder.truncated - before

    def of_vectors(self, vectors: np.ndarray) -> np.ndarray:
        """Return pi(x) of embedded prompts, shape (P, N), float32."""
        return (vectors - self._arrays["centre"]) @ self._arrays["weight"] + self._arrays["bias"]


def backbone_of(config: PersynConfig) -> str:
    """Return the model that the router of some settings stands on."""
    if config.router_model:
        return config.router_model
    return config.student if config.router == "causal" else DEFAULT_ENCODER


def facts_of(config: PersynConfig, teachers: Sequence[str]) -> RouterFacts:
    """Return the facts of a router that the settings ask for.

    Raises:
        ModelError: its backbone cannot be used.
    """
    ref = backbone_of(config)
    rank = 0 if config.router == "linear" else config.router_rank
    return RouterFacts(config.router, ref, resolve_model(ref).fingerprint, tuple(teachers), rank)


def train_router(
    facts: RouterFacts, texts: Sequence[str], pairs: Pairs, config: PersynConfig, cell: RunCell, log: RunLog
) -> Arrays:
    """Train a router; its arrays, with "losses" (first and last) and "seconds" beside the weights.

    Args:
        texts: the prompts that the pairs number.

    Raises:
        ModelError: the backbone cannot be used, or the training diverged.
        ResourceError, RunStopped: memory ran out, or the user pressed Stop.
    """
    begun = time.perf_counter()
    with own_randomness(), enough_memory():
        arrays = _trained(facts, texts, pairs, config, cell, log)
    arrays["seconds"] = np.array([time.perf_counter() - begun])
    return arrays


def _trained(
    facts: RouterFacts, texts: Sequence[str], pairs: Pairs, config: PersynConfig, cell: RunCell, log: RunLog
) -> Arrays:
    if facts.kind == "linear":
        vectors = open_encoder(facts.backbone, config.dtype).embed(texts, partial(log.progress, unit="prompts"))
        head = solve_head(vectors, pairs, len(facts.teachers), config.router_decay)
        losses = np.array([head.first_loss, head.last_loss])
        return {"weight": head.weight, "bias": head.bias, "centre": head.centre, "losses": losses}
    torch.manual_seed(cell.seed)
    kind = "causal" if facts.kind == "causal" else "encoder"
    router = open_tuned(facts.backbone, kind, len(facts.teachers), facts.rank, config.dtype)
    settings = TuningSettings(config.router_epochs, config.router_batch, config.router_learning_rate)
    losses = tune(router, texts, pairs, settings, cell, log)
    quarter = max(1, len(losses) // 4)
    ends = np.array([np.mean(losses[:quarter]), np.mean(losses[-quarter:])])
    return {**router.arrays(), "losses": ends}


def opened(facts: RouterFacts, arrays: Mapping[str, np.ndarray], dtype: DtypeName) -> Router:
    """Open a trained router, ready to score.

    Raises:
        ModelError: its backbone cannot be used, or is another one than in training.
    """
    source = resolve_model(facts.backbone)
    if source.fingerprint != facts.fingerprint:
        raise DataError(
            f"The router was trained on {facts.backbone} with fingerprint {facts.fingerprint}; here that model has "
            f"{source.fingerprint}.",
            "Put the model back as it was, or train the router again.",
        )
    if facts.kind == "linear":
        return LinearRouter(facts, arrays, dtype)
    kind = "causal" if facts.kind == "causal" else "encoder"
    weights = {name: value for name, value in arrays.items() if name not in ("losses", "seconds")}
    return open_tuned(facts.backbone, kind, len(facts.teachers), facts.rank, dtype).restore(weights)


def artifact_name(arm: str, seed: int) -> str:
    """Return the name of a saved router among the files of a run."""
    return f"router-{arm}-{seed}.safetensors"


def write_router(path: Path, facts: RouterFacts, arrays: Mapping[str, np.ndarray]) -> None:
    """Save a router: its arrays, and the facts as JSON in the header."""
    weights = {name: np.ascontiguousarray(value) for name, value in arrays.items() if name not in ("losses", "seconds")}
    save_file(weights, path, {FACTS: json.dumps(asdict(facts))})


def _names(opened: Any) -> Sequence[str]:
    return opened.keys()


def read_router(path: Path) -> tuple[RouterFacts, Arrays]:
    """Read a saved router.

    Raises:
        DataError: the file is damaged or no router.
    """
    try:
        with safe_open(path, framework="numpy") as found:
            told = json.loads((found.metadata() or {})[FACTS])
            arrays = {name: found.get_tensor(name) for name in _names(found)}
        facts = RouterFacts(**{**told, "teachers": tuple(told["teachers"])})
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path.name} holds no router that can be read.", "Run the method again.") from error
    return facts, arrays


def calibration_pairs(matrix: RewardMatrix, config: PersynConfig) -> tuple[list[int], Pairs]:
    """Return the calibration prompts and their labelled pairs, which number them in that order.

    Raises:
        DataError: the rewards of all pairs are equal, or none can be compared.
    """
    places = matrix.pool.places("calibration")
    pairs = pairs_of(matrix.rewards(config)[places], config.ties, config.tie_margin)
    require_different(pairs)
    return places, pairs


def router_row(arm: str, seed: int, facts: RouterFacts, arrays: Arrays, prompts: int, pairs: Pairs) -> RouterRow:
    """Return the row of a trained router."""
    first, last = (float(loss) for loss in arrays["losses"])
    return RouterRow(
        arm=arm, seed=seed, kind=facts.kind, backbone=facts.backbone, prompts=prompts, pairs=len(pairs),
        ties=pairs.ties, excluded=pairs.excluded, first_loss=first, last_loss=last,
        seconds=float(arrays["seconds"][0]), artifact=artifact_name(arm, seed),
    )  # fmt: skip


def train_cell(cell: RunCell, log: RunLog, arms: Mapping[str, PersynConfig], matrix: RewardMatrix) -> Arrays:
    """Train and save the router of one arm under one seed; its arrays.

    Raises:
        DataError: the rewards leave nothing to learn.
        ModelError, ResourceError: the backbone cannot be used or trained.
    """
    config = arms[cell.arm]
    places, pairs = calibration_pairs(matrix, config)
    texts = [matrix.pool.prompts[at].text for at in places]
    facts = facts_of(config, matrix.pool.names)
    arrays = train_router(facts, texts, pairs, config, cell, log)
    write_router(log.artifact(artifact_name(cell.arm, cell.seed)), facts, arrays)
    log.row(router_row(cell.arm, cell.seed, facts, arrays, len(places), pairs))
    return arrays


class Routers:
    """The trained routers, opened when they are needed.

    Args:
        arrays: by arm and seed.

    Attributes:
        read, cut: prompts that were scored, over all arms and seeds, and those of them that were too long to be read
            whole.
    """

    def __init__(self, matrix: RewardMatrix, config: PersynConfig, arrays: Mapping[tuple[str, int], Arrays]) -> None:
        self._matrix, self._config, self._arrays = matrix, config, arrays
        self.read, self.cut = 0, 0
        self._last: tuple[tuple[str, int], Router] | None = None
        self._embedded: dict[str, tuple[np.ndarray, int]] = {}

    def scores(self, arm: str, seed: int, log: RunLog) -> np.ndarray:
        """Return pi(x) of every prompt of the run, shape (P, N); zeros for those of an examination of its own.

        Raises:
            ModelError, ResourceError: the backbone cannot be used.
        """
        pool = self._matrix.pool
        found = np.zeros((len(pool.prompts), len(pool.teachers)), np.float32)
        for block in blocks_of(pool, "calibration", "routed", "held_out"):
            work = partial(self._block_scores, arm, seed, block, log)
            name = f"scores {arm} {seed} {block.name}"
            kept = log.once(name, dict, work, key=block.key)
            found[list(block.places)] = kept["scores"]
            self.read, self.cut = self.read + len(block.places), self.cut + int(kept["cut"][0])
        return found

    def _block_scores(self, arm: str, seed: int, block: Block, log: RunLog) -> Arrays:
        texts = [self._matrix.pool.prompts[at].text for at in block.places]
        router, tell = self._router(arm, seed), partial(log.progress, unit="prompts")
        if isinstance(router, LinearRouter):
            if block.key not in self._embedded:
                self._embedded[block.key] = router.embedded(texts, tell)
            vectors, cut = self._embedded[block.key]
            return {"scores": router.of_vectors(vectors), "cut": np.array([cut])}
        before = router.cut
        scores = router.scores(texts, tell)
        return {"scores": scores, "cut": np.array([router.cut - before])}

    def _router(self, arm: str, seed: int) -> Router:
        """The router of an arm and seed; the last one stays open, as its blocks follow one another."""
        if self._last is None or self._last[0] != (arm, seed):
            facts = facts_of(self._config, self._matrix.pool.names)
            self._last = (arm, seed), opened(facts, self._arrays[arm, seed], self._config.dtype)
        return self._last[1]
