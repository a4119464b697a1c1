"""Rewards and router scores of prompts by teachers as arrays, and what a weight of learnability makes of them.

Design decisions:
- Alpha weighs two normalised rewards that the run has stored, so that another alpha is one addition and one argmax over
  arrays: nothing is read, scored or trained again.
- A missing response is NaN. It is no candidate for the best teacher and enters no mean of a teacher; a policy that
  picks it gets the lowest reward of that prompt, and the prompt is counted as missed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

NONE = -1
"""Stands for no teacher: a prompt that nobody answered, or that has no scores."""
TIE = 1e-9
"""Rewards closer than this are equal: rounding must not decide who is best."""


@dataclass(frozen=True)
class ScoreGrid:
    """Rewards and scores of P prompts by T teachers.

    Attributes:
        teachers: names, in the order of the columns.
        quality, learnability: normalised within a prompt, (P, T); NaN where there is no response.
        router: the router's scores, (P, T); NaN for prompts that were not scored.
    """

    teachers: tuple[str, ...]
    quality: Floats
    learnability: Floats
    router: Floats

    def reward(self, alpha: float) -> Floats:
        """Combined reward (1 - alpha) r_q + alpha r_l (Eq. 2), (P, T)."""
        return (1.0 - alpha) * self.quality + alpha * self.learnability


@dataclass(frozen=True)
class Policy:
    """One way to choose teachers, judged under one alpha.

    Attributes:
        name: oracle, router, one teacher, random.
        shares: of prompts by teacher, (T,); they add up to 1, or are all 0 where nothing was chosen.
        reward: mean combined reward; NaN where nothing is known.
        regret: mean of the best teacher's reward less the chosen one's.
        missed: prompts whose chosen teacher has no response.
    """

    name: str
    shares: Floats
    reward: float
    regret: float
    missed: int


def best_teacher(scores: Floats) -> Indices:
    """The first teacher with the highest score by prompt, (P,); `NONE` where all are NaN."""
    if scores.shape[1] == 0:
        return np.full(len(scores), NONE)
    known = np.where(np.isnan(scores), -np.inf, scores)
    chosen = known.argmax(axis=1)
    # A stored score is finite, so that minus infinity marks a prompt without any
    return np.where(known[np.arange(len(known)), chosen] == -np.inf, NONE, chosen)


def shares_of(chosen: Indices, teachers: int) -> Floats:
    """Share of the prompts with a choice that each teacher gets, (T,)."""
    counts = np.bincount(chosen[chosen != NONE], minlength=teachers).astype(float)
    return counts / max(1.0, counts.sum())


def judged(name: str, chosen: Indices, reward: Floats) -> Policy:
    """A policy's allocation, mean reward and regret over the prompts that somebody answered.

    Args:
        name: of the policy.
        chosen: a teacher for each prompt or `NONE`, (P,).
        reward: combined reward, (P, T); NaN where there is no response.
    """
    low, high = _ends(reward)
    rows = np.flatnonzero((chosen != NONE) & ~np.isnan(high))
    shares = shares_of(chosen[rows], reward.shape[1])
    if not len(rows):
        return Policy(name, shares, float("nan"), float("nan"), 0)
    got = reward[rows, chosen[rows]]
    failed = np.isnan(got)
    got = np.where(failed, low[rows], got)
    return Policy(name, shares, float(got.mean()), float((high[rows] - got).mean()), int(failed.sum()))


def random_policy(reward: Floats) -> Policy:
    """What a uniform draw among all teachers gives in expectation; `missed` rounds to whole prompts."""
    low, high = _ends(reward)
    rows = ~np.isnan(high)
    if not rows.any():
        return Policy("random", np.zeros(reward.shape[1]), float("nan"), float("nan"), 0)
    failed = np.isnan(reward[rows])
    means = np.where(failed, low[rows, None], reward[rows]).mean(axis=1)
    shares = np.full(reward.shape[1], 1 / reward.shape[1])
    missed = round(float(failed.mean(axis=1).sum()))
    return Policy("random", shares, float(means.mean()), float((high[rows] - means).mean()), missed)


def best_single(reward: Floats) -> int:
    """The teacher with the highest mean reward over its responses; `NONE` where there are none."""
    answered = ~np.isnan(reward)
    counts = answered.sum(axis=0)
    if not counts.any():
        return NONE
    sums = np.where(answered, reward, 0.0).sum(axis=0)
    return int(np.where(counts > 0, sums / np.maximum(counts, 1), -np.inf).argmax())


def hits(scores: Floats, reward: Floats, k: int) -> float:
    """Hit@k: share of prompts where a teacher of the highest reward is among the k highest scores.

    Where rewards tie, any of the best counts; prompts without scores or rewards are left out (NaN where none is left).
    Equal scores stand in the order of the teachers.
    """
    _, top = _ends(reward)
    rows = ~np.isnan(top) & ~np.isnan(scores).all(axis=1)
    if not rows.any():
        return float("nan")
    known = np.where(np.isnan(scores[rows]), -np.inf, scores[rows])
    first = np.argsort(-known, axis=1, kind="stable")[:, :k]
    best = np.nan_to_num(reward[rows], nan=-np.inf) >= top[rows, None] - TIE
    return float(np.take_along_axis(best, first, axis=1).any(axis=1).mean())


def policies(grid: ScoreGrid, alpha: float) -> tuple[Policy, ...]:
    """Oracle, router, the best single teacher and a random one under `alpha`; the router as it was trained."""
    reward = grid.reward(alpha)
    single = best_single(reward)
    everywhere = np.full(len(reward), single)
    chosen = (
        ("oracle", best_teacher(reward)),
        ("router", best_teacher(grid.router)),
        ("best single teacher", everywhere),
    )
    return (*(judged(name, choice, reward) for name, choice in chosen), random_policy(reward))


def confusion(grid: ScoreGrid, alpha: float) -> Indices:
    """Prompts by the teacher that the router chose (rows) and the best one under `alpha` (columns), (T, T)."""
    routed, best = best_teacher(grid.router), best_teacher(grid.reward(alpha))
    width, both = len(grid.teachers), (routed != NONE) & (best != NONE)
    counts = np.bincount(routed[both] * width + best[both], minlength=width * width)
    return counts.reshape(width, width)


def _ends(reward: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest reward by prompt, (P,) each; NaN where there is no response."""
    if reward.shape[1] == 0:
        return np.full(len(reward), np.nan), np.full(len(reward), np.nan)
    # fmin and fmax skip NaN, and have no warning where all are NaN
    return np.fmin.reduce(reward, axis=1), np.fmax.reduce(reward, axis=1)
