from engines.persyn import rows as kinds
from engines.persyn.controls import StudentControl
from engines.persyn.student_views import answer_rows, student_rows
from tests.engines.persyn.shown_run import shown_frames, tables_of
from workbench.contract.views import NoControls

DONE = shown_frames()
RUN = tables_of(DONE)


def test_students_in_numbers_are_means_over_seeds_without_an_interval():
    rows = student_rows(RUN, NoControls())
    assert rows["arm"].tolist() == ["PerSyn", "Strong", "Untuned student"]
    own = rows.set_index("arm").loc["PerSyn"]
    assert own[["solved %", "seeds", "right in the set %", "updates"]].tolist() == [60.0, 2, 50.0, 3]
    assert not [name for name in rows.columns if "95" in name or "interval" in name]


def test_a_run_without_students_has_no_line():
    assert student_rows(tables_of({}), NoControls()).empty


def test_answers_stand_beside_their_problems():
    rows = answer_rows(RUN, StudentControl(arm="strong"))
    assert rows["problem"].tolist() == ["How many?"] * 2 and rows["right"].tolist() == ["yes", "no"]
    bare = tables_of({kinds.StudentAnswer: DONE[kinds.StudentAnswer]})
    assert answer_rows(bare, StudentControl())["problem"].tolist() == ["p18", "p18"]
