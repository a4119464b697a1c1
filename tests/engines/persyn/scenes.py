"""Reward matrices of the planted responses, for tests of what is done with them."""

from functools import lru_cache

from engines.persyn.config import PersynConfig
from engines.persyn.responses import Teachers, collect
from engines.persyn.reward_matrix import RewardMatrix, matrix_of, score_responses
from engines.persyn.teacher_pool import open_pool
from tests.engines.parts.heard_log import HeardLog
from tests.engines.persyn.tiny_run import file_spec


class Quiet(HeardLog):
    """A log of a run of two seeds."""

    seeds = (0, 1)


@lru_cache(maxsize=4)
def planted_matrix(**settings) -> tuple[PersynConfig, RewardMatrix]:
    """Settings and a matrix on which every teacher has answered everything."""
    config = PersynConfig.model_validate(file_spec(**settings).settings)
    pool = open_pool(config)
    wanted = [(at, column) for at in pool.places("calibration", "held_out", "routed") for column in range(3)]
    frame = score_responses(collect(pool, wanted, config, Teachers(config, None), "Ask"), pool, config, Quiet(), True)
    return config, matrix_of(pool, [frame])
