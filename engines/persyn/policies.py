"""Whom each arm asks: one teacher for all prompts, drawn ones, the router's, or the oracle's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engines.parts.records import lot
from engines.persyn.config import Policy
from engines.persyn.rewards import best_teacher

LEARNED = "persyn"


@dataclass(frozen=True)
class Chosen:
    """Choices for some prompts.

    Attributes:
        teacher: column of the chosen teacher, -1 where every teacher failed; shape (P,).
        how: "reward", "router", "fixed", "drawn", "oracle" or "none", shape (P,).
    """

    teacher: np.ndarray
    how: np.ndarray


@dataclass(frozen=True)
class Roles:
    """Columns of the teachers that fixed arms ask.

    Attributes:
        strong: with most parameters, among equals the one of best quality; or as the settings name it.
        weak: with fewest, among equals the one of lowest quality.
        family: the strong one of the student's own family; None where no teacher is of it.
        car: the one of the highest CAR.
    """

    strong: int
    weak: int
    family: int | None
    car: int


def roles_of(
    parameters: np.ndarray, quality: np.ndarray, in_family: np.ndarray, cars: np.ndarray, strongest: int | None = None
) -> Roles:
    """Who is strong, weak, of the student's family, and CAR's choice; all arrays shape (N,).

    The paper takes the largest teacher as the strong one. Sizes that are not known count as smaller than known ones.
    """
    size = np.nan_to_num(parameters, nan=-1.0)
    mark = np.nan_to_num(quality, nan=-np.inf)
    order = sorted(range(len(size)), key=lambda at: (size[at], mark[at], -at))
    strong = order[-1] if strongest is None else strongest
    others = [at for at in order if at != strong]
    family = [at for at in order if in_family[at]]
    best = int(np.where(np.isnan(cars), -np.inf, cars).argmax())
    return Roles(strong, others[0], family[-1] if family else None, best)


@dataclass(frozen=True)
class Situation:
    """What a policy may look at.

    Attributes:
        names: of the prompts; random choices depend on them and the seed alone, not on their order.
        rewards: true ones, shape (P, N); NaN where not known.
        roles: of the teachers.
        known: prompts whose rewards the method may look at, shape (P,): "persyn" takes the truly best teacher there,
            because all teachers have answered (the paper does not say; routing them again would waste the answers).
        seed: of random choices.
    """

    names: Sequence[str]
    rewards: np.ndarray
    roles: Roles
    known: np.ndarray
    seed: int = 0


def choose(policy: Policy, situation: Situation, scores: np.ndarray | None = None, mix_share: float = 0.5) -> Chosen:
    """Choices of a policy.

    Args:
        scores: of the router, shape (P, N); needed by "persyn" alone.
        mix_share: share of prompts that the strong teacher answers under "mix".

    Raises:
        ValueError: "persyn" without scores, or a policy that asks nobody.
    """
    count, roles = len(situation.names), situation.roles
    best = best_teacher(situation.rewards)
    if policy == "oracle":
        return Chosen(best, np.where(best < 0, "none", "oracle"))
    if policy == LEARNED:
        return _learned(situation, best, scores)
    if policy in ("mix", "random"):
        draws = np.array([_draw(f"{policy} {situation.seed}", name) for name in situation.names]).reshape(count)
        drawn = (draws * situation.rewards.shape[1]).astype(int)
        mixed = np.where(draws < mix_share, roles.strong, roles.weak)
        return Chosen(mixed if policy == "mix" else drawn, np.full(count, "drawn"))
    fixed: Mapping[str, int | None] = {"strong": roles.strong, "car": roles.car, "family_strong": roles.family}
    teacher = fixed.get(policy)
    if teacher is None:
        raise ValueError(f"{policy} asks no teacher here")
    return Chosen(np.full(count, teacher), np.full(count, "fixed"))


def _learned(situation: Situation, best: np.ndarray, scores: np.ndarray | None) -> Chosen:
    if scores is None:
        raise ValueError("the learned policy needs the router's scores")
    taken = np.where(situation.known, best, scores.argmax(1))
    return Chosen(taken, np.where(taken < 0, "none", np.where(situation.known, "reward", "router")))


def _draw(kind: str, name: str) -> float:
    """In [0, 1), by kind and name alone."""
    return int.from_bytes(lot(0, f"{kind}\0{name}")[:6], "big") / 2**48
