from dataclasses import replace

import numpy as np
import pandas as pd

from engines.persyn.collecting import COLUMNS, Teachers
from engines.persyn.judged import board_of
from engines.persyn.policies import Chosen
from engines.persyn.routing import Routing
from engines.persyn.teacher_responses import ask_chosen, ask_every, parallel_blocks, score_every
from tests.engines.persyn.scenes import Quiet, planted_board


class Keeping(Quiet):
    """A log that computes every value and notes its name and key."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, str] = {}
        self.values: dict[str, pd.DataFrame] = {}

    def once(self, name, kind, compute, key=""):
        self.keys[name], self.values[name] = key, compute()
        return self.values[name]


def routing(column: int, seed: int = 0) -> Routing:
    """An arm that always chooses one teacher."""
    config, board = planted_board()
    count = len(board.panel.prompts)
    return Routing("own", seed, config, Chosen(np.full(count, column), np.full(count, "fixed")))


def scored(blocks, log):
    config, board = planted_board()
    teachers = Teachers(config, None)
    asked = ask_every(board.panel, blocks, config, teachers, log)
    return config, teachers, score_every(board.panel, blocks, asked, config, log)


def test_routed_prompts_are_asked_in_parallel_only_where_they_are_given_or_an_oracle_runs():
    config, board = planted_board()
    given = [block.name for block in parallel_blocks(board.panel, {"persyn": config})]
    assert given == ["calibration", "routed", "held_out 1"]
    asked = replace(board.panel, given=None)
    assert [block.name for block in parallel_blocks(asked, {"persyn": config})] == ["calibration", "held_out 1"]
    oracle = config.model_copy(update={"policy": "oracle"})
    assert len(parallel_blocks(asked, {"oracle": oracle})) == 3


def test_every_block_is_kept_under_the_digest_of_its_prompts():
    config, board = planted_board()
    log, blocks = Keeping(), parallel_blocks(board.panel, {"persyn": config})
    _, _, frames = scored(blocks, log)
    assert log.keys == {f"{what} {block.name}": block.key for what in ("responses", "scores") for block in blocks}
    assert [sorted(set(frame["place"])) for frame in frames] == [sorted(block.places) for block in blocks]
    whole = board_of(board.panel, frames)
    np.testing.assert_allclose(whole.rewards(config), board.rewards(config), atol=1e-6)


def test_chosen_teachers_are_asked_for_what_they_have_not_answered():
    config, board = planted_board()
    log = Keeping()
    config, teachers, frames = scored(parallel_blocks(board.panel, {})[:1], log)
    few = board_of(board.panel, frames)
    found = ask_chosen(few, [routing(1), routing(1, 1)], frames, (config, teachers), log)
    routed = board.panel.places("routed")
    assert found.asked[routed].tolist() == [[False, True, False]] * len(routed)
    assert set(log.values["chosen 2"]["place"]) == set(routed) and len(log.values["chosen 2"]) == len(routed)
    assert list(log.values["chosen 1"].columns) == list(COLUMNS) and log.values["chosen 1"].empty
    more = Keeping()
    ask_chosen(few, [routing(1), routing(0)], frames, (config, teachers), more)
    assert more.keys["chosen 2"] == log.keys["chosen 2"], "another arm changes nothing for this teacher"
    assert more.keys["chosen 1"] != log.keys["chosen 1"]


def test_nobody_is_asked_twice():
    config, board = planted_board()
    log = Keeping()
    config, teachers, frames = scored(parallel_blocks(board.panel, {}), log)
    ask_chosen(board_of(board.panel, frames), [routing(2)], frames, (config, teachers), log)
    assert all(log.values[f"chosen {column}"].empty for column in (1, 2, 3))
