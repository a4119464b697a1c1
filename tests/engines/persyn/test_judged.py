from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engines.persyn.collecting import Teachers, collect
from engines.persyn.config import PersynConfig
from engines.persyn.judged import (
    board_of,
    judge,
    left_out_rows,
    require_answers,
    require_some,
    response_rows,
    reward_rows,
)
from engines.persyn.panel import open_panel
from engines.persyn.rows import Response, Reward
from tests.engines.persyn.tiny_run import file_spec
from workbench.contract.errors import DataError


class Quiet:
    """A log that hears nothing."""

    def progress(self, done, total, unit):
        pass

    def record(self, name, value):
        pass


def scene(**settings):
    config = PersynConfig.model_validate(file_spec(**settings).settings)
    panel = open_panel(config)
    wanted = [(at, column) for at in panel.places("calibration", "held_out") for column in range(3)]
    frame = collect(panel, wanted, config, Teachers(config, None), "Ask")
    return config, panel, judge(frame, panel, config, Quiet(), True)


@pytest.fixture(scope="module")
def judged():
    config, panel, frame = scene()
    return config, panel, board_of(panel, [frame])


def test_quality_is_the_verifiers(judged):
    _, panel, board = judged
    for place in panel.places("calibration"):
        adds = panel.prompts[place].topic == "gains"
        assert board.quality[place, 0] == adds and board.quality[place, 1] == (not adds)
    assert np.isnan(board.quality[board.failed]).all() and board.failed[:, 2].any()


def test_rewards_are_known_where_every_teacher_was_asked(judged):
    config, panel, board = judged
    rewards = board.rewards(config)
    assert np.isnan(rewards[panel.places("routed")]).all()
    known = rewards[panel.places("calibration")]
    assert (~np.isnan(known)).sum() == (~board.failed[panel.places("calibration")]).sum()
    assert np.nanmax(known) <= 1 and np.nanmin(known) >= 0
    alone = board.rewards(config.model_copy(update={"alpha": 0.0}))
    best = alone[panel.places("calibration")][:, :2].argmax(1)
    assert (best == [panel.prompts[at].topic != "gains" for at in panel.places("calibration")]).all()


def test_rows_hold_failures_as_failures(judged):
    config, _, board = judged
    rewards, responses = reward_rows(board, config), response_rows(board)
    assert list(rewards.columns) == list(Reward.model_fields)
    assert list(responses.columns) == list(Response.model_fields)
    assert rewards[rewards["failed"]][["quality", "reward"]].isna().all(axis=None)
    assert (rewards["failed"].sum(), len(rewards)) == (responses["failed"].sum(), len(responses))
    told = [row for row in left_out_rows(board) if row.reason != "used"]
    assert sum(row.count for row in left_out_rows(board)) == len(responses)
    assert [(row.teacher, row.reason, row.count) for row in told] == [
        ("silent-3B", "empty", int(responses["failed"].sum()))
    ]
    assert (responses["tokens"] > 0)[~responses["failed"]].all(), "counted where the file does not tell"


def test_a_teacher_without_one_answer_is_named():
    _, panel, frame = scene()
    silent = frame.assign(reason=np.where(frame["column"] == 1, "empty", frame["reason"]))
    with pytest.raises(DataError, match=r"taker-2B gave no response .* empty"):
        require_answers(board_of(panel, [silent]), panel.places("calibration"))


@pytest.mark.parametrize(
    ("reason", "field", "remedy"),
    [("too long for the student, which reads 40 tokens", "student", "longer context"), ("empty", "teachers", "Leave"),
     ("could not be scored", "quality", "score=COLUMN")],
)  # fmt: skip
def test_the_remedy_fits_what_is_wrong(reason, field, remedy):
    _, _, frame = scene()
    require_some(frame)
    with pytest.raises(DataError, match=f"Not one of {len(frame)} responses") as caught:
        require_some(frame.assign(reason=reason))
    assert caught.value.field == field and remedy in caught.value.hint


def test_unscorable_responses_are_failures():
    config, panel, frame = scene()
    assert not frame[frame["column"] == 0]["reason"].any()
    scored = replace(panel, given={key: replace(given, score=1.0 if key[1] != "adder-1B" else None)
                                   for key, given in panel.given.items()})  # fmt: skip
    column = config.model_copy(update={"quality": "column"})
    found = judge(frame.drop(columns=["quality", "learnability", "final"]), scored, column, Quiet(), True)
    assert set(found[found["column"] == 0]["reason"]) == {"could not be scored"}


def test_a_model_as_scorer_is_not_asked_for_routed_responses():
    config, panel, frame = scene()
    bare = frame.drop(columns=["quality", "learnability", "final"])
    reward_model = config.model_copy(update={"quality": "reward_model", "quality_model": "nowhere"})
    found = judge(bare, panel, reward_model, Quiet(), False)
    assert found["quality"].isna().all() and (found["reason"] == bare["reason"]).all()


def test_boards_of_several_frames(judged):
    config, panel, board = judged
    more = judge(collect(panel, [(panel.places("routed")[0], 1)], config, Teachers(config, None), "Ask"), panel, config,
                 Quiet(), False)  # fmt: skip
    both = board_of(panel, [board.frame, more])
    at = panel.places("routed")[0]
    assert both.asked[at].tolist() == [False, True, False] and not both.parallel[at]
    assert (at, 1) in both.texts and isinstance(both.frame, pd.DataFrame)
