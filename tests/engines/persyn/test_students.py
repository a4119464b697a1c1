import math

import pandas as pd

from engines.persyn.distillation import Taught
from engines.persyn.rows import EXAMINED, StudentAnswer, StudentRow
from engines.persyn.students import Examined, report_student
from tests.engines.persyn.scenes import Quiet, planted_matrix
from workbench.contract.schema import Outcome


class Listening(Quiet):
    """A log that keeps tables too."""

    def table(self, kind, frame):
        self.rows.append((kind, frame))


def student(places: int = 2) -> Examined:
    names = [asked.name for asked in planted_matrix()[1].pool.prompts[:places]]
    answers = [{"prompt": name, "text": "8", "final": "8", "gold": "8", "right": True, "cut": False} for name in names]
    return Examined(student=Taught(ref="m", examples=3, losses=(2.0, 1.0)), answers=answers)


def test_a_student_is_kept_as_json_and_read_back():
    read = Examined.model_validate_json(student().model_dump_json())
    assert read.answers == student().answers and read.student.losses == (2.0, 1.0)
    assert math.isnan(read.student.right_share)
    untuned = Examined(student=Taught(ref="m"), answers=[])
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
