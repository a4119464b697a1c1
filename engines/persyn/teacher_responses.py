"""Responses of teachers in a run: asked and scored block by block, and those of chosen teachers alone."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from engines.persyn.blocks import Block, blocks_of, digest_of
from engines.persyn.collecting import COLUMNS, Teachers, Wanted, collect
from engines.persyn.config import PersynConfig
from engines.persyn.judged import Board, board_of, judge
from engines.persyn.panel import Panel
from engines.persyn.routing import Routing
from workbench.contract import RunLog


def parallel_blocks(panel: Panel, arms: Mapping[str, PersynConfig]) -> list[Block]:
    """Prompts that every teacher answers: calibration and held-out ones; all where they are given or an oracle runs."""
    everything = panel.given is not None or any(arm.policy == "oracle" for arm in arms.values())
    return blocks_of(panel, "calibration", *(("routed",) if everything else ()), "held_out")


def ask_every(
    panel: Panel, blocks: Sequence[Block], config: PersynConfig, teachers: Teachers, log: RunLog
) -> list[pd.DataFrame]:
    """Responses of every teacher to the prompts of some blocks, a frame each (`collecting.collect`).

    Raises:
        DataError, ModelError: a teacher's model cannot be opened.
    """
    found = []
    for block in blocks:
        wanted = [(place, column) for place in block.places for column in range(len(panel.teachers))]
        work = partial(collect, panel, wanted, config, teachers, "Ask every teacher")
        found.append(log.once(f"responses {block.name}", pd.DataFrame, work, key=block.key))
    return found


def score_every(
    panel: Panel, blocks: Sequence[Block], asked: Sequence[pd.DataFrame], config: PersynConfig, log: RunLog
) -> list[pd.DataFrame]:
    """The frames of `ask_every` with their quality and learnability (`judged.judge`).

    Raises:
        DataError: right answers are missing.
        ModelError, ResourceError: the scorer or the student cannot be used.
    """
    found = []
    for block, frame in zip(blocks, asked, strict=True):
        work = partial(judge, frame, panel, config, log, learnable=True)
        found.append(log.once(f"scores {block.name}", pd.DataFrame, work, key=block.key))
    return found


def ask_chosen(
    board: Board,
    routings: Sequence[Routing],
    scored: Sequence[pd.DataFrame],
    asked: tuple[PersynConfig, Teachers],
    log: RunLog,
) -> Board:
    """Ask the teachers that arms chose and that have not answered yet; the board of all responses.

    What is kept of a teacher depends on the prompts that arms and seeds chose it for; of a run that goes on, answers
    that it has already given come from the cache.

    Raises:
        DataError, ModelError: a teacher's model cannot be opened.
    """
    panel, (config, teachers) = board.panel, asked
    frames = list(scored)
    for column in range(len(panel.teachers)):
        places = _chosen_places(board, routings, column)
        wanted = [(place, column) for place in places]
        key = digest_of(panel.prompts[place].name for place in places)
        work = partial(_collected, panel, wanted, config, teachers, log)
        frames.append(log.once(f"chosen {column + 1}", pd.DataFrame, work, key=key))
    return board_of(panel, frames)


def _chosen_places(board: Board, routings: Sequence[Routing], column: int) -> list[int]:
    """Routed prompts for which some arm chose a teacher that has not answered them."""
    places = np.array(board.panel.places("routed"), int)
    chosen = np.zeros(len(places), bool)
    for routing in routings:
        chosen |= routing.chosen.teacher[places] == column
    return places[chosen & ~board.asked[places, column]].tolist()


def _collected(panel: Panel, wanted: Wanted, config: PersynConfig, teachers: Teachers, log: RunLog) -> pd.DataFrame:
    if not wanted:
        return pd.DataFrame(columns=list(COLUMNS))
    found = collect(panel, wanted, config, teachers, "Ask the chosen teacher")
    return judge(found, panel, config, log, learnable=False)
