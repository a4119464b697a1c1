"""Choices of every arm, judged and costed as rows; and the curve of routers of fewer calibration prompts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engines.parts.bradley_terry import centred, solve_head
from engines.parts.ranking import (
    FEW,
    Pairs,
    best_column,
    calibration_of,
    chosen_rewards,
    hit_at,
    mean_of,
    pairs_of,
    pairwise_accuracy,
    regrets,
)
from engines.parts.records import lot
from engines.parts.retrieval import open_encoder
from engines.persyn.config import PersynConfig
from engines.persyn.policies import LEARNED, Chosen, Roles, Situation, choose, cost_of, sizes_differ
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.routers import backbone_of
from engines.persyn.rows import HELD_OUT, ArmCost, Choice, CurvePoint, PairBin, RouterScore
from workbench.contract import RunCell, RunLog


@dataclass(frozen=True)
class Routing:
    """One arm's choices under one seed.

    Attributes:
        chosen: for every prompt, shape (P,).
        scores: of its router, shape (P, N); None for arms without one.
    """

    arm: str
    seed: int
    config: PersynConfig
    chosen: Chosen
    scores: np.ndarray | None = field(default=None)


def routed(
    arm: str, seed: int, config: PersynConfig, matrix: RewardMatrix, roles: Roles, scores: np.ndarray | None
) -> Routing:
    """Return what an arm chooses for every prompt.

    Args:
        config: the arm's own settings.
        scores: of its router for every prompt.
    """
    prompts = matrix.pool.prompts
    known = np.array([asked.split == "calibration" for asked in prompts])
    names = [asked.name for asked in prompts]
    situation = Situation(names, matrix.rewards(config), roles, known, seed)
    return Routing(arm, seed, config, choose(config.policy, situation, scores, config.mix_share), scores)


def choice_rows(routing: Routing, matrix: RewardMatrix, config: PersynConfig) -> pd.DataFrame:
    """Return rows of `Choice` of the training set and the held-out prompts.

    Args:
        config: of the run: its alpha is the yardstick of all arms.
    """
    places = np.array(matrix.pool.places("calibration", "routed", "held_out"), int)
    rewards, chosen = matrix.rewards(config)[places], routing.chosen.teacher[places]
    names = np.array([*matrix.pool.names, ""])
    scores = routing.scores[places] if routing.scores is not None else _one_hot(chosen, rewards.shape[1])
    hit = np.nan_to_num(hit_at(scores, rewards, 3 if routing.scores is not None else 1)) == 1
    frame = pd.DataFrame(
        {
            "arm": routing.arm,
            "seed": routing.seed,
            "place": places,
            "split": [matrix.pool.prompts[at].split for at in places],
            "teacher": names[chosen],
            "how": routing.chosen.how[places],
            "best": names[best_column(rewards)],
            "reward": chosen_rewards(rewards, chosen),
            "regret": regrets(rewards, chosen),
            "hit_3": hit,
        }
    )
    return frame[list(Choice.model_fields)]


def score_rows(routing: Routing, matrix: RewardMatrix) -> pd.DataFrame:
    """Return rows of `RouterScore` for every prompt but those of the examination."""
    places = np.array(matrix.pool.places("calibration", "routed", "held_out"), int)
    scores = centred(routing.scores[places]) if routing.scores is not None else np.zeros((0, 0))
    teachers = len(matrix.pool.teachers)
    frame = pd.DataFrame(
        {
            "arm": routing.arm,
            "seed": routing.seed,
            "place": np.repeat(places, teachers),
            "split": np.repeat([matrix.pool.prompts[at].split for at in places], teachers),
            "teacher": np.tile(matrix.pool.names, len(places)),
            "score": scores.ravel().astype(float),
        }
    )
    return frame[list(RouterScore.model_fields)]


@dataclass(frozen=True)
class HeldOut:
    """An arm judged on held-out prompts; arrays of shape (P,) over the prompts that can be judged.

    Attributes:
        measures: by metric name; NaN where a measure says nothing.
    """

    places: list[int]
    measures: Mapping[str, np.ndarray]


def judged_held_out(routing: Routing, matrix: RewardMatrix, roles: Roles, config: PersynConfig) -> HeldOut | None:
    """Judge how well an arm chose on held-out prompts, under the run's own alpha; None where there are none."""
    rewards = matrix.rewards(config)
    places = [at for at in matrix.pool.places("held_out") if not np.isnan(rewards[at]).all()]
    if not places:
        return None
    mine, chosen = rewards[places], routing.chosen.teacher[places]
    learned = routing.scores[places] if routing.scores is not None else None
    nothing = np.full(len(places), np.nan)
    order = learned if learned is not None else _one_hot(chosen, mine.shape[1])
    many = learned is not None and mine.shape[1] >= FEW
    measures = {
        "reward": chosen_rewards(mine, chosen),
        "quality": _of_chosen(matrix.quality[places], chosen),
        "learnability": _of_chosen(matrix.learnability[places], chosen),
        "regret": regrets(mine, chosen),
        "hit_1": hit_at(order, mine, 1),
        "hit_3": hit_at(order, mine, 3) if many else nothing,
        "pairwise": nothing if learned is None else pairwise_accuracy(learned, mine, config.tie_margin),
        "smaller": (chosen != roles.strong).astype(float),
    }
    return HeldOut(places, measures)


def report_held_out(routing: Routing, held_out: HeldOut, matrix: RewardMatrix, log: RunLog) -> None:
    """Report an outcome of each held-out prompt and measure that says something.

    "smaller" says something where the teachers are known to be of different sizes.
    """
    prompts = [matrix.pool.prompts[at] for at in held_out.places]
    for metric, values in held_out.measures.items():
        known = np.flatnonzero(~np.isnan(values))
        if len(known) and (metric != "smaller" or sizes_differ(matrix.pool)):
            names = [prompts[at].name for at in known]
            groups = np.array([prompts[at].group or None for at in known], dtype=object)
            log.outcomes(metric, RunCell(routing.arm, routing.seed), values[known], names, groups, HELD_OUT)


def bin_rows(routing: Routing, matrix: RewardMatrix, config: PersynConfig) -> tuple[list[PairBin], float]:
    """Return calibration of score differences on held-out prompts, and its mean gap weighted by pairs."""
    places = matrix.pool.places("held_out")
    if routing.scores is None or not places:
        return [], float("nan")
    found = calibration_of(routing.scores[places], matrix.rewards(config)[places], config.tie_margin)
    rows = [
        PairBin(
            arm=routing.arm, seed=routing.seed, low=float(found.low[at]), high=float(found.high[at]),
            predicted=float(found.predicted[at]), observed=float(found.observed[at]), pairs=int(found.pairs[at]),
        )
        for at in range(len(found.pairs))
    ]  # fmt: skip
    full = found.pairs > 0
    gaps = np.abs(found.predicted - found.observed)[full]
    return rows, float(np.average(gaps, weights=found.pairs[full])) if full.any() else float("nan")


def cost_row(routing: Routing, matrix: RewardMatrix) -> ArmCost:
    """Count what the arm's training set takes; of responses that were never made, the teacher's mean stands in."""
    places = matrix.pool.places("calibration", "routed")
    calibrated = np.array([matrix.pool.prompts[at].split == "calibration" for at in places])
    tokens = _filled(matrix.tokens)
    weights = {"tokens": tokens, "seconds": seconds_of(matrix, tokens)}
    mine = {name: weight[places] for name, weight in weights.items()}
    found = cost_of(routing.config.policy, routing.chosen.teacher[places], calibrated, mine)
    return ArmCost(
        arm=routing.arm, seed=routing.seed, prompts=len(places), calibration_responses=found.calibration,
        routed_responses=found.routed, responses=found.responses, everything=found.everything, saved=found.saved,
        tokens=found.weights["tokens"][0], everything_tokens=found.weights["tokens"][1],
        seconds=found.weights["seconds"][0], everything_seconds=found.weights["seconds"][1],
    )  # fmt: skip


def seconds_of(matrix: RewardMatrix, tokens: np.ndarray) -> np.ndarray:
    """Return seconds of every response, (P, N): measured, else its tokens at the same model's speed in this run.

    NaN where nothing of a model was measured: all of it came from the cache, or from a file that does not tell.

    Args:
        tokens: of every response, shape (P, N).
    """
    measured = np.where(matrix.seconds > 0, matrix.seconds, np.nan)
    found = measured.copy()
    models = [teacher.model or teacher.name for teacher in matrix.pool.teachers]
    for model in set(models):
        mine = [at for at, name in enumerate(models) if name == model]
        known = ~np.isnan(measured[:, mine])
        total = tokens[:, mine][known].sum()
        speed = measured[:, mine][known].sum() / total if total else np.nan
        found[:, mine] = np.where(known, measured[:, mine], tokens[:, mine] * speed)
    return found


def is_learned(config: PersynConfig) -> bool:
    """Return whether an arm has a router."""
    return config.policy == LEARNED


def _of_chosen(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """What belongs to the chosen teacher of each prompt, shape (P,); NaN where nobody was chosen or it failed."""
    return np.where(chosen < 0, np.nan, values[np.arange(len(values)), np.maximum(chosen, 0)])


def _one_hot(chosen: np.ndarray, teachers: int) -> np.ndarray:
    return (np.arange(teachers) == chosen[:, None]).astype(float)


def _filled(values: np.ndarray) -> np.ndarray:
    means = np.array([mean_of(column) for column in values.T])
    return np.where(np.isnan(values), np.nan_to_num(means), values)


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
