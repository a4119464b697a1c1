from engines.persyn.rows import StudentAnswer, StudentRow
from engines.persyn.students import Taught


def student() -> Taught:
    row = StudentRow(
        arm="car", seed=0, examples=3, different=2, tokens=90, right_share=0.5, updates=2, first_loss=2.0,
        last_loss=1.0,
        accuracy=1.0, examined=1, seconds=0.1, model="m",
    )  # fmt: skip
    answer = StudentAnswer(arm="car", seed=0, place=1, prompt="p", text="8", final="8", gold="8", right=True)
    return Taught(row=row, answers=(answer,))


def test_a_shared_student_speaks_for_another_arm():
    found = student().of("strong", 2)
    assert (found.row.arm, found.row.seed, found.answers[0].arm, found.answers[0].seed) == ("strong", 2, "strong", 2)
    assert found.row.model == "m" and student().row.arm == "car"


def test_a_student_is_kept_as_json_and_read_back():
    assert Taught.model_validate_json(student().model_dump_json()) == student()
