import math

import numpy as np
import pandas as pd
import pytest

from engines.persyn.distillation import (
    ChosenResponse,
    Examined,
    TrainedStudent,
    answer_rows,
    chosen_responses,
    report_student,
    student_row,
    training_set,
    training_settings,
)
from engines.persyn.policies import roles_for
from engines.persyn.routing import routed
from engines.persyn.rows import EXAMINED, StudentAnswer, StudentRow
from tests.engines.persyn.scenes import Quiet, planted_matrix
from workbench.contract.errors import DataError
from workbench.contract.schema import Outcome


def arm(policy: str):
    config, matrix = planted_matrix()
    config = config.model_copy(update={"policy": policy})
    return config, matrix, routed(policy, 0, config, matrix, roles_for(matrix, config), None)


def test_the_training_set_is_the_chosen_responses_without_failures():
    _, matrix, routing = arm("strong")
    responses = chosen_responses(routing, matrix)
    places = matrix.pool.places("calibration", "routed")
    assert 0 < len(responses) < len(places), "silent-3B failed on some"
    assert all(one.response == f"The answer is {one.answer}." for one in responses)
    assert len(chosen_responses(arm("oracle")[2], matrix)) == len(places)


def test_every_arm_gets_the_same_budget():
    totals = []
    for policy in ("strong", "oracle", "random"):
        config, matrix, routing = arm(policy)
        found = training_set(chosen_responses(routing, matrix), config, 0)
        shortest = 80
        assert config.token_budget - shortest < found.tokens <= config.token_budget
        assert found.different <= len(found.examples)
        totals.append(found)
    assert totals[1].right_share == 1 and 0.2 < totals[2].right_share < 1


def test_what_cannot_teach_is_refused():
    config, _, _ = arm("oracle")
    with pytest.raises(DataError, match="no response"):
        training_set([], config, 0)
    with pytest.raises(DataError, match="holds not one"):
        training_set(
            [ChosenResponse(0, "how many? " * 20, "8", "8")], config.model_copy(update={"token_budget": 100}), 0
        )


def test_settings_of_a_training():
    config, _, _ = arm("oracle")
    found = training_settings(config, 3)
    assert (found.seed, found.rank, found.alpha, found.epochs) == (3, 2, 4, 1.0)


def answers() -> pd.DataFrame:
    names = [asked.name for asked in planted_matrix()[1].pool.prompts[:4]]
    rows = [(name, "8", "8", "8" if at else "9", bool(at), False) for at, name in enumerate(names)]
    return pd.DataFrame(rows, columns=["prompt", "text", "final", "gold", "right", "cut"])


def test_answers_become_rows_under_the_name_of_an_arm():
    found = answer_rows(answers(), planted_matrix()[1].pool, ("car", 2))
    assert list(found.columns) == list(StudentAnswer.model_fields)
    assert found["place"].tolist() == [0, 1, 2, 3] and set(found["arm"]) == {"car"} and set(found["seed"]) == {2}


def test_an_untuned_student_in_numbers():
    row = student_row(("untuned", 0), answers(), TrainedStudent(ref="m"))
    assert (row.accuracy, row.examined, row.examples, row.model) == (0.75, 4, 0, "m")
    assert np.isnan([row.first_loss, row.right_share]).all()
    assert np.isnan(student_row(("untuned", 0), answers().head(0), TrainedStudent(ref="m")).accuracy)


class Listening(Quiet):
    """A log that keeps tables too."""

    def table(self, kind, frame):
        self.rows.append((kind, frame))


def student(places: int = 2) -> Examined:
    names = [asked.name for asked in planted_matrix()[1].pool.prompts[:places]]
    answers = [{"prompt": name, "text": "8", "final": "8", "gold": "8", "right": True, "cut": False} for name in names]
    return Examined(student=TrainedStudent(ref="m", examples=3, losses=(2.0, 1.0)), answers=answers)


def test_a_student_is_kept_as_json_and_read_back():
    read = Examined.model_validate_json(student().model_dump_json())
    assert read.answers == student().answers and read.student.losses == (2.0, 1.0)
    assert math.isnan(read.student.right_share)
    untuned = Examined(student=TrainedStudent(ref="m"), answers=[])
    assert untuned.frame.empty and math.isnan(untuned.student.right_share)


def test_a_shared_student_speaks_for_every_arm_that_learned_the_same():
    log, matrix = Listening(), planted_matrix()[1]
    for arm in ("car", "strong"):
        report_student(student(), (arm, 2), matrix, log, outcomes=True)
    rows = [row for row in log.rows if isinstance(row, StudentRow)]
    assert [(row.arm, row.seed, row.model, row.accuracy) for row in rows] == [("car", 2, "m", 1), ("strong", 2, "m", 1)]
    told = [row for row in log.rows if isinstance(row, Outcome)]
    assert [(row.arm, row.seed, row.value, row.cluster) for row in told] == [
        (arm, 2, 1.0, None) for arm in ("car", "car", "strong", "strong")
    ], "prompts of a file without groups are each their own"
    assert {(row.metric, row.slice) for row in told} == {("accuracy", EXAMINED)}


def test_an_untuned_student_beside_the_arms_has_no_outcome():
    log = Listening()
    report_student(student(), ("untuned", 0), planted_matrix()[1], log, outcomes=False)
    kinds = [one[0] for one in log.rows if isinstance(one, tuple)]
    assert kinds == [StudentAnswer] and isinstance(log.rows[1][1], pd.DataFrame)
