import math

import pandas as pd

from engines.persyn.rows import StudentAnswer, StudentRow
from engines.persyn.students import Examined, report_student
from engines.persyn.teaching import Taught
from tests.engines.persyn.scenes import Quiet, planted_board
from workbench.contract.schema import Outcome


class Listening(Quiet):
    """A log that keeps tables too."""

    def table(self, kind, frame):
        self.rows.append((kind, frame))


def student(places: int = 2) -> Examined:
    names = [asked.name for asked in planted_board()[1].panel.prompts[:places]]
    answers = [{"prompt": name, "text": "8", "final": "8", "gold": "8", "right": True, "cut": False} for name in names]
    return Examined(student=Taught(ref="m", examples=3, losses=(2.0, 1.0)), answers=answers)


def test_a_student_is_kept_as_json_and_read_back():
    read = Examined.model_validate_json(student().model_dump_json())
    assert read.answers == student().answers and read.student.losses == (2.0, 1.0)
    assert math.isnan(read.student.right_share)
    untuned = Examined(student=Taught(ref="m"), answers=[])
    assert untuned.frame.empty and math.isnan(untuned.student.right_share)


def test_a_shared_student_speaks_for_every_arm_that_learned_the_same():
    log, board = Listening(), planted_board()[1]
    for arm in ("car", "strong"):
        report_student(student(), (arm, 2), board, log, outcomes=True)
    rows = [row for row in log.rows if isinstance(row, StudentRow)]
    assert [(row.arm, row.seed, row.model, row.accuracy) for row in rows] == [("car", 2, "m", 1), ("strong", 2, "m", 1)]
    told = [frame for kind, frame in (one for one in log.rows if isinstance(one, tuple)) if kind is Outcome]
    assert [set(frame["arm"]) for frame in told] == [{"car"}, {"strong"}]


def test_an_untuned_student_beside_the_arms_has_no_outcome():
    log = Listening()
    report_student(student(), ("untuned", 0), planted_board()[1], log, outcomes=False)
    kinds = [one[0] for one in log.rows if isinstance(one, tuple)]
    assert kinds == [StudentAnswer] and isinstance(log.rows[1][1], pd.DataFrame)
