"""What the calibration says of every teacher, and which roles they play in the fixed arms."""

import warnings

import numpy as np

from engines.persyn.config import PersynConfig
from engines.persyn.judged import Board
from engines.persyn.panel import Panel, family_of, parameters_of
from engines.persyn.policies import Roles, roles_of
from engines.persyn.rewards import car
from engines.persyn.rows import TeacherRow
from workbench.contract import ConfigError


def sizes_differ(panel: Panel) -> bool:
    """Whether the teachers are known to be of different sizes."""
    sizes = [parameters_of(teacher) for teacher in panel.teachers]
    return not np.isnan(sizes).any() and len(set(sizes)) > 1


def roles_for(board: Board, config: PersynConfig) -> Roles:
    """Who is strong, weak, of the student's family, and CAR's choice, from the calibration prompts alone.

    Raises:
        ConfigError: the settings name a strongest teacher that does not exist.
    """
    panel = board.panel
    strongest = None
    if config.strongest:
        if config.strongest not in panel.names:
            raise ConfigError(
                {"strongest": f"{config.strongest[:80]!r} is no teacher."}, f"Name one of {', '.join(panel.names)}."
            )
        strongest = panel.names.index(config.strongest)
    places = panel.places("calibration")
    quality, learnability = board.quality[places], board.learnability[places]
    own = family_of(config.student)
    return roles_of(
        np.array([parameters_of(teacher) for teacher in panel.teachers]),
        _means(quality),
        np.array([family_of(teacher.model or teacher.name) == own for teacher in panel.teachers]),
        car(quality, learnability, config.car_beta),
        strongest,
    )


def teacher_rows(board: Board, roles: Roles, config: PersynConfig) -> list[TeacherRow]:
    """Rows of the teachers, by the calibration prompts."""
    panel, places = board.panel, board.panel.places("calibration")
    quality, learnability = board.quality[places], board.learnability[places]
    means = {
        "quality": _means(quality),
        "learnability": _means(learnability),
        "reward": _means(board.rewards(config)[places]),
        "tokens": _means(board.tokens[places]),
        "seconds": np.nan_to_num(_means(board.seconds[places])),
    }
    cars = car(quality, learnability, config.car_beta)
    models = [teacher.model for teacher in panel.teachers]
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
            answered=int((~board.failed[places, at]).sum()),
            failed=int(board.failed[places, at].sum()),
            car=float(cars[at]),
            **{name: float(values[at]) for name, values in means.items()},
        )
        for at, teacher in enumerate(panel.teachers)
    ]


def _role(at: int, roles: Roles) -> str:
    named = {"strong": roles.strong, "weak": roles.weak, "family_strong": roles.family, "car": roles.car}
    return " ".join(name for name, column in named.items() if column == at)


def _means(values: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, 0)
