"""Rewards and router scores of prompts by teachers as arrays, and what a weight of learnability makes of them.

Alpha weighs two normalised rewards that the run has stored, so that another alpha is one addition and one argmax over
arrays: nothing is read, scored or trained again. A response that failed is NaN: it is no candidate for the best teacher
and enters no mean of a teacher; a policy that picks it gets the lowest reward of that prompt, and it is counted.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engines.persyn.measures import hit_at
from engines.persyn.rewards import best_teacher, combined

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

NONE = -1
"""Stands for no teacher: a prompt that nobody answered, or that has no scores."""


@dataclass(frozen=True)
class ScoreGrid:
    """Rewards and scores of P prompts by T teachers.

    Attributes:
        teachers: names, in the order of the columns.
        places: of the prompts in the data, (P,).
        quality, learnability: normalised within a prompt, (P, T); NaN where there is no response.
        router: the router's scores, (P, T); NaN for prompts that were not scored.
    """

    teachers: tuple[str, ...]
    places: Indices
    quality: Floats
    learnability: Floats
    router: Floats

    def __len__(self) -> int:
        return len(self.places)

    def reward(self, alpha: float) -> Floats:
        """Combined reward (Eq. 2) of every response, (P, T)."""
        return combined(self.quality, self.learnability, alpha)

    def only(self, rows: npt.NDArray[np.bool_]) -> "ScoreGrid":
        """The prompts of some rows, given as truths of shape (P,)."""
        return ScoreGrid(
            self.teachers, self.places[rows], self.quality[rows], self.learnability[rows], self.router[rows]
        )


@dataclass(frozen=True)
class Judged:
    """One way to choose teachers, judged under one alpha.

    Attributes:
        name: oracle, router, best single teacher, random.
        shares: of prompts by teacher, (T,); they add up to 1, or are all 0 where nothing was chosen.
        reward: mean combined reward; NaN where nothing is known.
        regret: mean of the best teacher's reward less the chosen one's.
        failed: prompts whose chosen teacher gave no response that can be used.
    """

    name: str
    shares: Floats
    reward: float
    regret: float
    failed: int


class Truth:
    """Combined rewards of the prompts that somebody answered, (P, T), with the best teacher and its reward, (P,).

    Args:
        reward: of all prompts; NaN where there is no response.

    Attributes:
        answered: which of the prompts are among them.
    """

    def __init__(self, reward: Floats) -> None:
        best = best_teacher(reward)
        self.answered = best != NONE
        self.reward = reward if self.answered.all() else reward[self.answered]
        self.best = best[self.answered]
        self.top = self.reward[np.arange(len(self.best)), self.best]

    def judged(self, name: str, chosen: Indices) -> Judged:
        """A choice's allocation, mean reward and regret; as `measures.chosen_rewards` and `measures.regrets`.

        Args:
            name: of the policy.
            chosen: a teacher for each prompt or `NONE`, as many as `answered` has.
        """
        taken = chosen[self.answered]
        rows = np.flatnonzero(taken != NONE)
        counts = np.bincount(taken[rows], minlength=self.reward.shape[1]).astype(float)
        if not len(rows):
            return Judged(name, counts, float("nan"), float("nan"), 0)
        got = self.reward[rows, taken[rows]]
        failed = np.flatnonzero(np.isnan(got))
        got[failed] = np.fmin.reduce(self.reward[rows[failed]], axis=1)
        regret = float((self.top[rows] - got).mean())
        return Judged(name, counts / counts.sum(), float(got.mean()), regret, len(failed))

    def drawn(self) -> Judged:
        """What a uniform draw among all teachers gives in expectation; `failed` is rounded to whole prompts."""
        width = self.reward.shape[1]
        if not len(self.best):
            return Judged("random", np.zeros(width), float("nan"), float("nan"), 0)
        lost = np.isnan(self.reward)
        count, rows = lost.sum(axis=1), np.flatnonzero(lost.any(axis=1))
        sums = np.where(lost, 0.0, self.reward).sum(axis=1)
        sums[rows] += count[rows] * np.fmin.reduce(self.reward[rows], axis=1)
        mean = float(sums.mean()) / width
        return Judged(
            "random", np.full(width, 1 / width), mean, float(self.top.mean()) - mean, round(float(count.sum()) / width)
        )


def best_single(reward: Floats) -> int:
    """The teacher with the highest mean reward over its responses; `NONE` where there are none."""
    answered = ~np.isnan(reward)
    counts = answered.sum(axis=0)
    if not counts.any():
        return NONE
    sums = np.where(answered, reward, 0.0).sum(axis=0)
    return int(np.where(counts > 0, sums / np.maximum(counts, 1), -np.inf).argmax())


def hits(scores: Floats, reward: Floats, k: int) -> float:
    """Hit@k over the prompts that have scores and rewards; NaN where there are none. See `measures.hit_at`."""
    rows = (best_teacher(reward) != NONE) & (best_teacher(scores) != NONE)
    return float(hit_at(scores[rows], reward[rows], k).mean()) if rows.any() else float("nan")


def policies(grid: ScoreGrid, alpha: float) -> tuple[Judged, ...]:
    """Oracle, router, the best single teacher and a random one under `alpha`; the router as it was trained."""
    reward = grid.reward(alpha)
    truth = Truth(reward)
    best = np.full(len(grid), NONE)
    best[truth.answered] = truth.best
    chosen = (
        ("oracle", best),
        ("router", best_teacher(grid.router)),
        ("best single teacher", np.full(len(grid), best_single(reward))),
    )
    return (*(truth.judged(name, choice) for name, choice in chosen), truth.drawn())
