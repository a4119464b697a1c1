from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from engines.parts.completions.prompts import answer_ids, prompt_ids
from engines.parts.models.models import load_causal
from engines.persyn.config import PersynConfig
from engines.persyn.responses import Teachers, collect
from engines.persyn.reward_matrix import (
    learnability_of,
    left_out_rows,
    matrix_of,
    require_answers,
    require_some,
    response_rows,
    reward_rows,
    score_responses,
)
from engines.persyn.rows import Response, Reward
from engines.persyn.teacher_pool import open_pool
from engines.persyn.teachers import teaching_prompt
from tests.engines.persyn.tiny_run import file_spec, tiny_model
from tests.engines.persyn.tiny_student import make_tiny_student
from workbench.contract.errors import DataError
from workbench.storage.home import place


class Quiet:
    """A log that hears nothing."""

    def progress(self, done, total, unit):
        pass

    def record(self, name, value):
        pass


def scene(**settings):
    config = PersynConfig.model_validate(file_spec(**settings).settings)
    pool = open_pool(config)
    wanted = [(at, column) for at in pool.places("calibration", "held_out") for column in range(3)]
    frame = collect(pool, wanted, config, Teachers(config, None), "Ask")
    return config, pool, score_responses(frame, pool, config, Quiet(), True)


@pytest.fixture(scope="module")
def judged():
    config, pool, frame = scene()
    return config, pool, matrix_of(pool, [frame])


def test_quality_is_the_verifiers(judged):
    _, pool, matrix = judged
    for at in pool.places("calibration"):
        adds = pool.prompts[at].topic == "gains"
        assert matrix.quality[at, 0] == adds and matrix.quality[at, 1] == (not adds)
    assert np.isnan(matrix.quality[matrix.failed]).all() and matrix.failed[:, 2].any()


def test_rewards_are_known_where_every_teacher_was_asked(judged):
    config, pool, matrix = judged
    rewards = matrix.rewards(config)
    assert np.isnan(rewards[pool.places("routed")]).all()
    known = rewards[pool.places("calibration")]
    assert (~np.isnan(known)).sum() == (~matrix.failed[pool.places("calibration")]).sum()
    assert np.nanmax(known) <= 1 and np.nanmin(known) >= 0
    alone = matrix.rewards(config.model_copy(update={"alpha": 0.0}))
    best = alone[pool.places("calibration")][:, :2].argmax(1)
    assert (best == [pool.prompts[at].topic != "gains" for at in pool.places("calibration")]).all()


def test_rows_hold_failures_as_failures(judged):
    config, _, matrix = judged
    places = range(len(matrix.pool.prompts))
    rewards, responses = reward_rows(matrix, config, places), response_rows(matrix, places)
    some = response_rows(matrix, [places[0]])
    assert set(some["place"]) == {0} and len(reward_rows(matrix, config, [0])) == len(some) == 3
    assert list(rewards.columns) == list(Reward.model_fields)
    assert list(responses.columns) == list(Response.model_fields)
    assert rewards[rewards["failed"]][["quality", "reward"]].isna().all(axis=None)
    assert (rewards["failed"].sum(), len(rewards)) == (responses["failed"].sum(), len(responses))
    told = [row for row in left_out_rows(matrix) if row.reason != "used"]
    assert sum(row.count for row in left_out_rows(matrix)) == len(responses)
    assert [(row.teacher, row.reason, row.count) for row in told] == [
        ("silent-3B", "empty", int(responses["failed"].sum()))
    ]
    assert (responses["tokens"] > 0)[~responses["failed"]].all(), "counted where the file does not tell"


def test_a_teacher_without_one_answer_is_named():
    _, pool, frame = scene()
    silent = frame.assign(reason=np.where(frame["column"] == 1, "empty", frame["reason"]))
    with pytest.raises(DataError, match=r"taker-2B gave no response .* empty"):
        require_answers(matrix_of(pool, [silent]), pool.places("calibration"))


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
    config, pool, frame = scene()
    assert not frame[frame["column"] == 0]["reason"].any()
    scored = replace(pool, given={key: replace(given, score=1.0 if key[1] != "adder-1B" else None)
                                   for key, given in pool.given.items()})  # fmt: skip
    column = config.model_copy(update={"quality": "column"})
    found = score_responses(frame.drop(columns=["quality", "learnability", "final"]), scored, column, Quiet(), True)
    assert set(found[found["column"] == 0]["reason"]) == {"could not be scored"}


def test_a_model_as_scorer_is_not_asked_for_routed_responses():
    config, pool, frame = scene()
    bare = frame.drop(columns=["quality", "learnability", "final"])
    reward_model = config.model_copy(update={"quality": "reward_model", "quality_model": "nowhere"})
    found = score_responses(bare, pool, reward_model, Quiet(), False)
    assert found["quality"].isna().all() and (found["reason"] == bare["reason"]).all()


def test_matrices_of_several_frames(judged):
    config, pool, matrix = judged
    asked = collect(pool, [(pool.places("routed")[0], 1)], config, Teachers(config, None), "Ask")
    more = score_responses(asked, pool, config, Quiet(), False)
    both = matrix_of(pool, [matrix.frame, more])
    at = pool.places("routed")[0]
    assert both.asked[at].tolist() == [False, True, False] and not both.parallel[at]
    assert (at, 1) in both.texts and isinstance(both.frame, pd.DataFrame)


PROMPTS = ["how many stamps?", "how many stamps?", "who sold the bread?", "x"]
RESPONSES = ["3 + 4 = 7. the answer is 7.", "7", "the baker did", "so"]


def plain(config: PersynConfig, prompt: str, response: str) -> float:
    """The usual way: one sequence, whole logits, mean over the response's tokens."""
    loaded = load_causal(config.student, "float32")
    before = prompt_ids(teaching_prompt(prompt, config.exam_profile), loaded.tokenizer)
    after = answer_ids(response, loaded.tokenizer)
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([before + after])).logits[0].double()
    chances = logits.log_softmax(-1)
    return float(np.mean([chances[len(before) - 1 + at, token] for at, token in enumerate(after)]))


@pytest.mark.parametrize("profile", ["direct", "worked"])
def test_learnability_equals_the_plain_computation(profile):
    config = PersynConfig(student=tiny_model(), exam_profile=profile, dtype="float32")
    found = learnability_of(PROMPTS, RESPONSES, np.ones(4, bool), config, None)
    expected = [plain(config, prompt, response) for prompt, response in zip(PROMPTS, RESPONSES, strict=True)]
    np.testing.assert_allclose(found.mean, expected, atol=1e-5)
    assert found.tokens.tolist() == [len(text) for text in RESPONSES] and not any(found.reason)
    assert (found.mean < 0).all()


def test_what_is_not_usable_is_not_scored():
    config = PersynConfig(student=tiny_model(), dtype="float32")
    found = learnability_of(PROMPTS, [*RESPONSES[:3], ""], np.array([True, False, True, True]), config, None)
    assert np.isnan(found.mean).tolist() == [False, True, False, True] and found.reason[3] == "empty"


def test_a_student_whose_context_is_too_short():
    folder = place("uploads") / "short-student"
    if not folder.exists():
        make_tiny_student(folder, 40)
    config = PersynConfig(student=str(folder), dtype="float32")
    found = learnability_of(["a", "a"], ["b", "b" * 60], np.ones(2, bool), config, None)
    assert "too long" in found.reason[1] and np.isnan(found.mean[1]) and not found.reason[0]
