import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from engines.persyn import ENGINE
from engines.persyn.config import PersynConfig
from engines.persyn.rows import (
    ArmCost,
    Choice,
    LeftOut,
    PromptRow,
    Response,
    Reward,
    RouterRow,
    RouterScore,
    StudentAnswer,
    StudentRow,
    TeacherRow,
)
from engines.persyn.run import probable_examples
from engines.persyn.teacher_pool import Sizes, open_pool
from tests.engines import worked_runs
from tests.engines.persyn.tiny_run import KINDS, file_spec, start, tiny_spec
from workbench.contract.errors import ConfigError, DataError
from workbench.contract.probe import Asked
from workbench.contract.schema import Estimate, EstimatePart, Outcome
from workbench.statistics import judge
from workbench.storage.home import place
from workbench.worker.runlog import FolderLog

TABLES = tuple(kind for kind in KINDS if not kind.__name__.startswith("Asked"))
ARMS = ("persyn", "strong", "mix", "car", "random", "oracle", "no_quality", "no_learnability", "untuned")


@pytest.fixture(scope="module")
def done():
    return start(file_spec(arms=ARMS, seeds=(0, 1), train_student=True), place("runs"), "persyn-whole")


@pytest.fixture(scope="module")
def generated():
    return start(tiny_spec(arms=("persyn", "strong", "random"), seeds=(0, 1)), place("runs"), "persyn-generated")


def same(a: pd.DataFrame, b: pd.DataFrame, kind) -> None:
    """Equal but for order, for what a clock measured, and for the run's name in a student's."""
    kept = [name for name in a.columns if name not in {*kind.measured_fields(), "model"}]
    ordered = [frame[kept].map(str).sort_values(kept, ignore_index=True) for frame in (a, b)]
    pd.testing.assert_frame_equal(*ordered)


def test_every_table_is_filled(done):
    for kind in TABLES:
        assert len(done.table(kind)), kind
    assert len(done.table(StudentRow)) == 2 * len(ARMS) and len(done.table(RouterRow)) == 6
    assert len(done.table(ArmCost)) == 16, "the untuned student has no training set"


def test_the_planted_teachers_are_found(done):
    topics = done.table(PromptRow).set_index("place")["topic"]
    choices = done.table(Choice).query("arm == 'no_learnability' and split == 'held_out' and seed == 0")
    right = {"gains": "adder-1B", "losses": "taker-2B"}
    chosen = choices["teacher"]
    sure = chosen != "silent-3B"
    assert (chosen[sure] == choices["place"].map(topics).map(right)[sure]).all()


def test_calibration_prompts_are_known_and_the_oracle_has_no_regret(done):
    choices = done.table(Choice)
    persyn = choices[choices["arm"] == "persyn"]
    assert set(persyn.groupby("split")["how"].unique().map(tuple).to_dict().items()) == {
        ("calibration", ("reward",)), ("routed", ("router",)), ("held_out", ("router",)),
    }  # fmt: skip
    assert (persyn[persyn["split"] == "calibration"]["regret"] == 0).all()
    assert (choices[choices["arm"] == "oracle"]["regret"] == 0).all()
    outcomes = done.table(Outcome)
    measures = outcomes[outcomes["metric"] == "reward"].groupby("arm")["value"].mean()
    assert (measures["oracle"] >= measures).all()


def test_failures_are_recorded_and_never_zero(done):
    rewards, responses = done.table(Reward), done.table(Response)
    failed = rewards[rewards["failed"]]
    assert len(failed) and failed[["quality", "learnability", "reward"]].isna().all(axis=None)
    assert (responses[responses["failed"]]["reason"] == "empty").all()
    assert done.table(LeftOut).query("reason != 'used'")["count"].sum() == responses["failed"].sum()
    assert done.table(TeacherRow).set_index("teacher").loc["silent-3B", "failed"] > 0
    assert "the router cannot learn that it fails" in (place("runs") / "persyn-whole" / "events.jsonl").read_text()


def test_students_have_one_budget_and_share_equal_sets(done):
    students = done.table(StudentRow).set_index(["arm", "seed"])
    taught = students[students["examples"] > 0]
    assert taught["tokens"].between(250, 360).all() and len(taught) == 16
    assert len(done.table(StudentAnswer)) == 2 * len(ARMS) * students["examined"].iloc[0]
    choices = done.table(Choice).query("split != 'held_out' and seed == 0")
    fixed = choices.query("arm in ('car', 'strong')").groupby("arm")["teacher"].unique().map(tuple)
    if fixed["car"] == fixed["strong"]:
        assert students.loc[("car", 0), "model"] == students.loc[("strong", 0), "model"]


def test_outcomes_lead_to_a_verdict_for_each_claim(done):
    outcomes = done.table(Outcome)
    assert {*outcomes["metric"]} <= {metric.name for metric in ENGINE.metrics}
    verdicts = {one.claim: one for one in judge(ENGINE, outcomes)}
    assert list(verdicts) == [claim.name for claim in ENGINE.claims]
    assert verdicts["student_persyn_beats_car"].verdict == "not measurable here", "the tiny students know nothing"
    assert all(one.reason for one in verdicts.values())


def test_the_run_leaves_training_sets_and_routers(done):
    files = {path.name: path for path in (place("runs") / "persyn-whole").rglob("*") if path.is_file()}
    assert {"training-set-persyn-0.jsonl", "router-no_quality-1.zip"} <= files.keys()
    lines = [json.loads(line) for line in files["training-set-oracle-0.jsonl"].read_text().splitlines()]
    chosen = done.table(Choice).query("arm == 'oracle' and seed == 0 and split != 'held_out'")
    assert [line["teacher"] for line in lines] == chosen.sort_values("place")["teacher"].tolist()
    assert "router.safetensors" in zipfile.ZipFile(files["router-persyn-0.zip"]).namelist()


def test_only_the_chosen_teachers_are_asked(generated):
    responses, prompts = generated.table(Response), generated.table(PromptRow).set_index("place")["split"]
    routed = responses[responses["place"].map(prompts) == "routed"]
    choices = generated.table(Choice).query("split == 'routed' and teacher != ''")
    wanted = {(row.place, row.teacher) for row in choices.itertuples()}
    assert {(row.place, row.teacher) for row in routed.itertuples()} == wanted
    parallel = responses[responses["place"].map(prompts) != "routed"]
    assert (parallel.groupby("place").size() == 2).all()
    cost = generated.table(ArmCost).query("seed == 0").set_index("arm")
    assert (cost.loc["persyn", "responses"], cost.loc["strong", "responses"]) == (30, 20)
    rewards = generated.table(Reward)
    assert rewards[rewards["split"] == "routed"]["reward"].isna().all()


def test_one_model_as_several_teachers_is_said_openly(generated):
    assert generated.table(TeacherRow)["same_model"].all()
    events = (place("runs") / "persyn-generated" / "events.jsonl").read_text()
    assert "no test of strong against weak teachers" in events
    assert "smaller" not in set(generated.table(Outcome)["metric"])


def test_a_run_is_the_union_of_its_cells(done):
    one = start(file_spec(arms=("no_quality",), seeds=(1,), train_student=True), place("runs"), "persyn-cell")
    for kind in (Choice, RouterScore, RouterRow, ArmCost, StudentRow, StudentAnswer):
        own = one.table(kind).query("arm == 'no_quality'")
        same(own, done.table(kind).query("seed == 1 and arm == 'no_quality'"), kind)
    for kind in (PromptRow, TeacherRow, Response, Reward):
        same(one.table(kind), done.table(kind), kind)


TWO_ARMS = {"arms": ("persyn", "car"), "seeds": (0,), "train_student": True}


class KilledError(Exception):
    """The worker was killed."""


class Dying(FolderLog):
    """A log that is killed at its report of a number; the outcomes of one metric are one report."""

    said, last = 0, 0

    def _count(self):
        Dying.said += 1
        if Dying.said == Dying.last:
            raise KilledError

    def outcomes(self, *given, **named):
        self._count()
        super().outcomes(*given, **named)

    def table(self, kind, frame):
        if kind is not Outcome:
            self._count()
        super().table(kind, frame)

    def row(self, row):
        if type(row) not in (PromptRow, Outcome):
            self._count()
        super().row(row)


def until(last: int, name: str):
    """The run of two arms until its report of that number."""
    Dying.said, Dying.last = 0, last
    return start(file_spec(**TWO_ARMS), place("runs"), name, Dying)


@pytest.fixture(scope="module")
def reports() -> int:
    """How often an unbroken run of two arms reports."""
    until(0, "persyn-unbroken")
    return Dying.said


@pytest.mark.parametrize("share", [0.0, 0.55, 0.98])
def test_a_run_killed_anywhere_and_resumed_equals_one_that_was_not(done, reports, share):
    name = f"persyn-killed-{share:g}".replace(".", "-")
    with pytest.raises(KilledError):
        until(1 + int(share * (reports - 1)), name)
    resumed = start(file_spec(**TWO_ARMS), place("runs"), name)
    for kind in (Choice, RouterScore, RouterRow, ArmCost, StudentRow, StudentAnswer, Outcome):
        both = (run.table(kind).query("seed == 0 and arm in ('persyn', 'car')") for run in (resumed, done))
        same(*both, kind)
    for kind in (PromptRow, TeacherRow, Response, Reward, LeftOut):
        same(resumed.table(kind), done.table(kind), kind)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"quality": "judge"}, ConfigError, "quality_model"),
        ({"strongest": "nobody"}, ConfigError, "strongest"),
        ({"response_columns": "prompt=Q,teacher=who,response=nowhere"}, DataError, "nowhere"),
        ({"quality": "column"}, DataError, "score"),
    ],
)
def test_what_cannot_be_run_is_refused(settings, error, said):
    with pytest.raises(error, match=said):
        start(file_spec(arms=("persyn",), **settings), place("runs"), f"persyn-refused-{said}")


def test_rewards_scaled_by_the_pool_have_one_scale_in_every_block():
    found = start(file_spec(arms=("persyn",), normalise="pool"), place("runs"), "persyn-pool").table(Reward)
    assert not found.duplicated(["place", "teacher"]).any() and set(found["split"]) >= {"calibration", "held_out"}
    known = found.dropna(subset=["learnability"])
    gaps = known.groupby("place")[["learnability", "learnability_norm"]].agg(np.ptp)
    scale = (gaps["learnability"] / gaps["learnability_norm"])[gaps["learnability"] > 1e-6]
    assert len(scale) > 20 and scale.std() < 1e-6 * scale.mean()


def test_an_arm_without_anybody_to_ask_is_left_out():
    found = start(file_spec(arms=("persyn", "family_strong")), place("runs"), "persyn-family")
    assert set(found.table(Choice)["arm"]) == {"persyn"}
    assert "no teacher is of the student's own family" in (place("runs") / "persyn-family" / "events.jsonl").read_text()


@pytest.mark.parametrize("kind", ["encoder", "causal"])
def test_a_tuned_backbone_routes_as_well(kind):
    settings = {"router": kind, "router_epochs": 1, "router_rank": 2, "router_model": tiny_spec().settings["student"]}
    found = start(file_spec(arms=("persyn",), **settings), place("runs"), f"persyn-{kind}")
    assert found.table(RouterRow)["kind"].tolist() == [kind]
    assert np.isfinite(found.table(RouterScore)["score"]).all()


ALL = ("persyn", "strong", "oracle", "untuned")


def sized(spec, arms, **smaller) -> dict[str, int]:
    """Sizes of the run of two seeds, or of a smaller one that was opened as the larger."""
    config = PersynConfig.model_validate(spec.settings)
    sizes = Sizes(open_pool(config))
    own = config.model_copy(update=smaller)
    asked = Asked(own, {name: own.model_copy(update={"policy": name}) for name in arms}, (0, 1))
    return {name: getattr(sizes, name)(asked) for name in ("parallel", "routed", "students", "exams")}


def test_sizes_by_hand():
    spec = tiny_spec(train_student=True)
    assert sized(spec, ("persyn", "strong")) == {"parallel": 40, "routed": 20, "students": 4, "exams": 50}
    assert sized(spec, ALL) == {"parallel": 60, "routed": 0, "students": 6, "exams": 70}
    assert sized(tiny_spec(), ALL)["students"] == 0


def test_sizes_of_a_smaller_run_are_those_of_its_own_pool():
    smaller = {"prompts": 12, "calibration": 6, "held_out": 4}
    assert sized(tiny_spec(), ("persyn", "strong"), **smaller) == sized(tiny_spec(**smaller), ("persyn", "strong"))


@pytest.mark.parametrize("taught", [False, True])
def test_an_estimate_and_its_parts(taught):
    spec = tiny_spec(arms=ALL, train_student=taught)
    found = worked_runs.probe(ENGINE, spec, place("runs"), f"persyn-probe-{int(taught)}")
    parts, estimate = found.table(EstimatePart), found.table(Estimate).iloc[0]
    assert {"Ask every teacher", "Score quality and learnability", "Teach and examine the students"} <= set(
        parts["phase"]
    )
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum()) and estimate["memory_bytes"] > 1e7
    assert (estimate["disk_bytes"] > 0) == taught


def test_a_file_asks_nobody():
    found = worked_runs.probe(ENGINE, file_spec(arms=("persyn",)), place("runs"), "persyn-probe-file")
    asking = found.table(EstimatePart).query("phase == 'Ask every teacher'")["seconds"]
    assert asking.sum() == 0


@pytest.mark.parametrize(
    ("settings", "error"), [({"teachers": ["m#direct"]}, ConfigError), ({"data": "upload:no"}, DataError)]
)
def test_a_probe_refuses_what_the_run_would(settings, error):
    with pytest.raises(error):
        worked_runs.probe(ENGINE, tiny_spec(**settings), place("runs"), f"persyn-unprobed-{len(str(settings))}")


def test_probable_examples_fill_the_budget():
    config = PersynConfig.model_validate(tiny_spec().settings)
    assert 4 <= len(probable_examples(open_pool(config), config)) <= 16
