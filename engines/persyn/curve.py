"""The calibration-size curve: routers of fewer prompts, beside the best single teacher of the same prompts."""

from collections.abc import Sequence

import numpy as np

from engines.parts.records import lot
from engines.parts.retrieval import open_encoder
from engines.persyn.bradley_terry import solve_head
from engines.persyn.config import PersynConfig
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.rewards import FEW, Pairs, hit_at, mean_of, pairs_of, pairwise_accuracy, regrets
from engines.persyn.routers import backbone_of
from engines.persyn.rows import CurvePoint
from workbench.contract import RunLog


def curve_sizes(most: int, points: int) -> list[int]:
    """Return sizes of the calibration set, each half of the next, at least 4."""
    return sorted({max(4, most // 2**step) for step in range(points)} & set(range(most + 1)))


def curve_draw(names: Sequence[str], size: int, seed: int) -> np.ndarray:
    """Draw the calibration prompts that a smaller router learns from; a smaller draw is part of a larger one."""
    order = sorted(range(len(names)), key=lambda at: lot(seed, f"curve {names[at]}"))
    return np.array(sorted(order[:size]), int)


def curve_point(
    seed: int, pairs: Pairs, scores: np.ndarray, calibration: np.ndarray, held_out: np.ndarray
) -> CurvePoint:
    """Judge a router of few prompts on held-out ones.

    Args:
        scores: of the held-out prompts.
        calibration, held_out: true rewards, shapes (n, N) and (P, N).
    """
    usable = ~np.isnan(calibration)
    means = np.where(usable, calibration, 0).sum(0) / np.maximum(usable.sum(0), 1)
    single = int(np.where(usable.any(0), means, -np.inf).argmax())
    return CurvePoint(
        seed=seed,
        calibration=len(calibration),
        pairs=len(pairs),
        regret=mean_of(regrets(held_out, scores.argmax(1))),
        hit_1=mean_of(hit_at(scores, held_out, 1)),
        hit_3=mean_of(hit_at(scores, held_out, 3)) if held_out.shape[1] >= FEW else float("nan"),
        pairwise=mean_of(pairwise_accuracy(scores, held_out)),
        single=mean_of(regrets(held_out, np.full(len(held_out), single))),
    )


def learn_from_fewer(matrix: RewardMatrix, config: PersynConfig, log: RunLog) -> None:
    """Report routers of fewer calibration prompts, drawn anew under every seed, judged on the held-out prompts."""
    pool, rewards = matrix.pool, matrix.rewards(config)
    places, judged = pool.places("calibration"), pool.places("held_out")
    judged = [at for at in judged if not np.isnan(rewards[at]).all()]
    if not judged:
        return
    encoder = open_encoder(backbone_of(config), config.dtype)
    vectors = encoder.embed([pool.prompts[at].text for at in places])
    asked = encoder.embed([pool.prompts[at].text for at in judged])
    names = [pool.prompts[at].name for at in places]
    for seed in log.seeds:
        for size in curve_sizes(len(places), config.curve):
            drawn = curve_draw(names, size, seed)
            mine = rewards[places][drawn]
            pairs = pairs_of(mine, config.ties, config.tie_margin)
            if not len(pairs):
                continue
            head = solve_head(vectors[drawn], pairs, len(pool.teachers), config.router_decay)
            log.row(curve_point(seed, pairs, head.scores(asked), mine, rewards[judged]))
