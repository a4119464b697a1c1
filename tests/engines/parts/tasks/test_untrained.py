"""The model before any training is answered once and stands beside trained arms under every seed."""

from engines.parts.tasks.examination import Examination
from engines.parts.tasks.untrained import UNTRAINED, examined_untrained, untrained_arm
from tests.engines.parts.tasks.test_examination import events, task, tiny, told  # noqa: F401 - a fixture
from tests.engines.parts.training_runs import attempt, run_folder


def test_outcomes_stand_under_every_seed_and_rows_once(tiny):  # noqa: F811
    with attempt(run_folder("r1"), seeds=(3, 5), arms=(untrained_arm(),)) as log:
        answers = examined_untrained(tiny, task(3), log, Examination(dtype="float32"))
    found, rows = told("r1", "Outcome"), told("r1", "TaskAnswer")
    assert found.groupby("seed")["value"].apply(list).to_dict() == dict.fromkeys(
        (3, 5), answers["right"].astype(float).tolist()
    )
    assert len(rows) == 3 and set(rows["seed"]) == {3} and set(rows["arm"]) == {UNTRAINED}
    with attempt(run_folder("r1"), seeds=(3, 5, 7), arms=(untrained_arm(),)) as log:
        examined_untrained("no model of this name", task(3), log, Examination(dtype="float32"))
    assert set(told("r1", "Outcome")["seed"]) == {3, 5, 7}, "further seeds ask no model"


def test_a_run_without_the_arm_has_rows_alone(tiny):  # noqa: F811
    with attempt(run_folder("r1")) as log:
        examined_untrained(tiny, task(2), log, Examination(dtype="float32"))
    assert len(told("r1", "TaskAnswer")) == 2
    assert "Outcome" not in {event.get("table") for event in events("r1")}


def test_the_arm_trains_nothing_and_is_a_control():
    arm = untrained_arm(mend="none")
    assert (arm.name, arm.trained, arm.role, arm.on, arm.overrides) == (
        UNTRAINED,
        False,
        "control",
        True,
        {"mend": "none"},
    )
