"""Whom each arm asks, which teachers play which role by the calibration, and what a training set costs.

Generate-then-select asks every teacher for every prompt, |X| N responses. Route-then-generate asks every teacher for
the calibration prompts alone, n N, and one teacher for each of the others: n N + |X| - n. Baselines without a router
need no calibration for Strong, Mix, Family-Strong and random (|X|); CAR needs it, as it measures the teachers on it.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engines.parts.ranking import best_column
from engines.parts.records import lot
from engines.persyn.config import PersynConfig, Policy
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.rewards import car
from engines.persyn.rows import TeacherRow
from engines.persyn.teacher_pool import TeacherPool
from engines.persyn.teachers import family_of, parameters_of
from workbench.contract import ConfigError

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
    """Return who is strong, weak, of the student's family, and CAR's choice; all arrays shape (N,).

    The paper takes the largest teacher as the strong one. Where a size is not known, quality alone decides: the strong
    one is then named by the settings (`require_strongest`).
    """
    size = np.zeros(len(parameters)) if np.isnan(parameters).any() else parameters
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
    """Choose a teacher for each prompt.

    Args:
        scores: of the router, shape (P, N); needed by "persyn" alone.
        mix_share: share of prompts that the strong teacher answers under "mix".

    Raises:
        ValueError: "persyn" without scores, or a policy that asks nobody.
    """
    count, roles = len(situation.names), situation.roles
    best = best_column(situation.rewards)
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


def sizes_differ(pool: TeacherPool) -> bool:
    """Return whether the teachers are known to be of different sizes."""
    sizes = [parameters_of(teacher) for teacher in pool.teachers]
    return not np.isnan(sizes).any() and len(set(sizes)) > 1


def require_strongest(pool: TeacherPool, arms: Mapping[str, PersynConfig]) -> None:
    """Refuse arms that ask the strong teacher where nobody can tell which one that is, or name one that is not there.

    Raises:
        ConfigError: sizes are not known and none is named, or a name is no teacher's.
    """
    unknown = [teacher.name for teacher in pool.teachers if np.isnan(parameters_of(teacher))]
    one_model = len({teacher.model or teacher.name for teacher in pool.teachers}) == 1
    for name, arm in arms.items():
        if arm.strongest and arm.strongest not in pool.names:
            raise ConfigError(
                {"strongest": f"{arm.strongest[:80]!r} is no teacher."}, f"Name one of {', '.join(pool.names)}."
            )
        if arm.policy in ("strong", "mix") and not arm.strongest and unknown and not one_model:
            raise ConfigError(
                {"strongest": f"the size of {', '.join(unknown)[:200]} is not known, and the arm {name} needs it."},
                f"Name the strong teacher, one of {', '.join(pool.names)[:300]}; or leave out the arms strong and mix.",
            )


def roles_for(matrix: RewardMatrix, config: PersynConfig) -> Roles:
    """Return who is strong, weak, of the student's family, and CAR's choice, from the calibration prompts alone.

    Args:
        config: of an arm, or of the run.
    """
    pool = matrix.pool
    strongest = pool.names.index(config.strongest) if config.strongest else None
    places = pool.places("calibration")
    quality, learnability = matrix.quality[places], matrix.learnability[places]
    own = family_of(config.student)
    return roles_of(
        np.array([parameters_of(teacher) for teacher in pool.teachers]),
        _means(quality),
        np.array([family_of(teacher.model or teacher.name) == own for teacher in pool.teachers]),
        car(quality, learnability, config.car_beta),
        strongest,
    )


def teacher_rows(matrix: RewardMatrix, roles: Roles, config: PersynConfig) -> list[TeacherRow]:
    """Return rows of the teachers, by the calibration prompts."""
    pool, places = matrix.pool, matrix.pool.places("calibration")
    quality, learnability = matrix.quality[places], matrix.learnability[places]
    means = {
        "quality": _means(quality),
        "learnability": _means(learnability),
        "reward": _means(matrix.rewards(config)[places]),
        "tokens": _means(matrix.tokens[places]),
        "seconds": np.nan_to_num(_means(matrix.seconds[places])),
    }
    cars = car(quality, learnability, config.car_beta)
    models = [teacher.model for teacher in pool.teachers]
    return [
        TeacherRow(
            teacher=teacher.name,
            ref=teacher.ref,
            profile=teacher.profile,
            order=at,
            parameters=parameters_of(teacher),
            family=family_of(teacher.model or teacher.name),
            role=_role(at, roles),
            same_model=bool(teacher.model) and models.count(teacher.model) > 1,
            answered=int((~matrix.failed[places, at]).sum()),
            failed=int(matrix.failed[places, at].sum()),
            car=float(cars[at]),
            **{name: float(values[at]) for name, values in means.items()},
        )
        for at, teacher in enumerate(pool.teachers)
    ]


def _role(at: int, roles: Roles) -> str:
    named = {"strong": roles.strong, "weak": roles.weak, "family_strong": roles.family, "car": roles.car}
    return " ".join(name for name, column in named.items() if column == at)


def _means(values: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, 0)


CALIBRATED: frozenset[str] = frozenset({"persyn", "car"})
"""Policies that look at the calibration responses."""


@dataclass(frozen=True)
class Cost:
    """Responses of a training set, and what they weigh.

    Attributes:
        calibration: responses to calibration prompts, where the policy needs all of them.
        routed: further ones.
        everything: of generate-then-select.
        weights: sums of what each response weighs, for the set and for everything, by name of the measure.
    """

    calibration: int
    routed: int
    everything: int
    weights: dict[str, tuple[float, float]]

    @property
    def responses(self) -> int:
        """Return the number of all that are asked for."""
        return self.calibration + self.routed

    @property
    def saved(self) -> float:
        """Return share of generate-then-select that is never asked for."""
        return 1 - self.responses / self.everything if self.everything else 0.0


def cost_of(policy: Policy, chosen: np.ndarray, calibrated: np.ndarray, weights: dict[str, np.ndarray]) -> Cost:
    """Count what a policy asks for.

    Args:
        chosen: column of the teacher of each prompt, shape (P,); -1 asks nobody.
        calibrated: which prompts are the calibration's, shape (P,).
        weights: by name (tokens, seconds) what the response of each teacher to each prompt weighs, shape (P, N).
    """
    count, teachers = len(chosen), next(iter(weights.values())).shape[1]
    asked = np.zeros((count, teachers), bool)
    if policy == "oracle":
        asked[:] = True
    else:
        some = np.flatnonzero(chosen >= 0)
        asked[some, chosen[some]] = True
        if policy in CALIBRATED:
            asked[calibrated] = True
    whole = calibrated if policy in CALIBRATED else np.zeros(count, bool)
    return Cost(
        int(asked[whole].sum()),
        int(asked[~whole].sum()),
        count * teachers,
        {name: (float(weight[asked].sum()), float(weight.sum())) for name, weight in weights.items()},
    )
