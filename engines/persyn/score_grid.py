"""Rewards and router scores of prompts by teachers as arrays, and what a weight of learnability makes of them.

Alpha weighs two normalised rewards that the run has stored, so that another alpha is one addition and one argmax over
arrays: nothing is read, scored or trained again. A response that failed is NaN: it is no candidate for the best teacher
and enters no mean of a teacher; a policy that picks it gets the lowest reward of that prompt, and it is counted.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engines.persyn.measures import chosen_rewards, hit_at, regrets
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


def judged(name: str, chosen: Indices, reward: Floats) -> Judged:
    """A choice's allocation, mean reward and regret over the prompts that somebody answered.

    Args:
        name: of the policy.
        chosen: a teacher for each prompt or `NONE`, (P,).
        reward: combined reward, (P, T); NaN where there is no response.
    """
    rows = (chosen != NONE) & (best_teacher(reward) != NONE)
    taken, known = chosen[rows], reward[rows]
    counts = np.bincount(taken, minlength=reward.shape[1]).astype(float)
    if not rows.any():
        return Judged(name, counts, float("nan"), float("nan"), 0)
    failed = int(np.isnan(known[np.arange(len(known)), taken]).sum())
    got, lost = chosen_rewards(known, taken), regrets(known, taken)
    return Judged(name, counts / counts.sum(), float(got.mean()), float(lost.mean()), failed)


def drawn(reward: Floats) -> Judged:
    """What a uniform draw among all teachers gives in expectation; `failed` is rounded to whole prompts."""
    known = reward[best_teacher(reward) != NONE]
    if not len(known):
        return Judged("random", np.zeros(reward.shape[1]), float("nan"), float("nan"), 0)
    lost = np.isnan(known)
    got = np.where(lost, np.fmin.reduce(known, axis=1)[:, None], known).mean(axis=1)
    shares = np.full(reward.shape[1], 1 / reward.shape[1])
    regret = float((np.fmax.reduce(known, axis=1) - got).mean())
    return Judged("random", shares, float(got.mean()), regret, round(float(lost.mean(axis=1).sum())))


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
    chosen = (
        ("oracle", best_teacher(reward)),
        ("router", best_teacher(grid.router)),
        ("best single teacher", np.full(len(grid), best_single(reward))),
    )
    return (*(judged(name, choice, reward) for name, choice in chosen), drawn(reward))
