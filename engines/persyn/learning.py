"""Routers of a run: one for each arm and seed that learns, and smaller ones for the curve."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from engines.parts.retrieval import open_encoder
from engines.persyn.blocks import Block, blocks_of
from engines.persyn.config import PersynConfig
from engines.persyn.curve import curve_draw, curve_point, curve_sizes
from engines.persyn.judged import Board
from engines.persyn.linear_router import solve_head
from engines.persyn.rewards import pairs_of
from engines.persyn.routers import (
    Arrays,
    Router,
    artifact_name,
    backbone_of,
    facts_of,
    opened,
    train_router,
    write_router,
)
from engines.persyn.routing import calibration_pairs, router_row
from workbench.contract import RunCell, RunLog


def train_cell(cell: RunCell, log: RunLog, arms: Mapping[str, PersynConfig], board: Board) -> Arrays:
    """Train and save the router of one arm under one seed; its arrays.

    Raises:
        DataError: the rewards leave nothing to learn.
        ModelError, ResourceError: the backbone cannot be used or trained.
    """
    config = arms[cell.arm]
    places, pairs = calibration_pairs(board, config)
    texts = [board.panel.prompts[at].text for at in places]
    facts = facts_of(config, board.panel.names)
    arrays = train_router(facts, texts, pairs, config, cell.seed, partial(log.progress, unit="prompts"))
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

    def __init__(self, board: Board, config: PersynConfig, arrays: Mapping[tuple[str, int], Arrays]) -> None:
        self._board, self._config, self._arrays = board, config, arrays
        self.read, self.cut = 0, 0
        self._last: tuple[tuple[str, int], Router] | None = None

    def scores(self, arm: str, seed: int, log: RunLog) -> np.ndarray:
        """pi(x) of every prompt of the run, shape (P, N); zeros for those of an examination of its own.

        Raises:
            ModelError, ResourceError: the backbone cannot be used.
        """
        panel = self._board.panel
        found = np.zeros((len(panel.prompts), len(panel.teachers)), np.float32)
        for block in blocks_of(panel, "calibration", "routed", "held_out"):
            work = partial(self._block_scores, arm, seed, block, log)
            name = f"scores {arm} {seed} {block.name}"
            kept = log.once(name, dict, work, key=block.key)
            found[list(block.places)] = kept["scores"]
            self.read, self.cut = self.read + len(block.places), self.cut + int(kept["cut"][0])
        return found

    def _block_scores(self, arm: str, seed: int, block: Block, log: RunLog) -> Arrays:
        texts = [self._board.panel.prompts[at].text for at in block.places]
        router = self._router(arm, seed)
        before = router.cut
        scores = router.scores(texts, partial(log.progress, unit="prompts"))
        return {"scores": scores, "cut": np.array([router.cut - before])}

    def _router(self, arm: str, seed: int) -> Router:
        """The router of an arm and seed; the last one stays open, as its blocks follow one another."""
        if self._last is None or self._last[0] != (arm, seed):
            facts = facts_of(self._config, self._board.panel.names)
            self._last = (arm, seed), opened(facts, self._arrays[arm, seed], self._config.dtype)
        return self._last[1]


def learn_from_fewer(board: Board, config: PersynConfig, log: RunLog) -> None:
    """Report routers of fewer calibration prompts, drawn anew under every seed, judged on the held-out prompts."""
    panel, rewards = board.panel, board.rewards(config)
    places, judged = panel.places("calibration"), panel.places("held_out")
    judged = [at for at in judged if not np.isnan(rewards[at]).all()]
    if not judged:
        return
    encoder = open_encoder(backbone_of(config), config.dtype)
    vectors = encoder.embed([panel.prompts[at].text for at in places])
    asked = encoder.embed([panel.prompts[at].text for at in judged])
    names = [panel.prompts[at].name for at in places]
    for seed in log.seeds:
        for size in curve_sizes(len(places), config.curve):
            drawn = curve_draw(names, size, seed)
            mine = rewards[places][drawn]
            pairs = pairs_of(mine, config.ties, config.tie_margin)
            if not len(pairs):
                continue
            head = solve_head(vectors[drawn], pairs, len(panel.teachers), config.router_decay)
            log.row(curve_point(seed, pairs, head.scores(asked), mine, rewards[judged]))
