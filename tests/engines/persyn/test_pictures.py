"""Every view draws a finished run, an empty one, one that is half done, the shipped study, and what a run reports."""

import pandas as pd
import pytest

from engines.parts.rows import TOKEN_USE
from engines.persyn import ENGINE
from engines.persyn import rows as kinds
from engines.persyn.alpha_sweep import alpha_rows
from engines.persyn.config import AlphaControl
from engines.persyn.pictures import ALL_OF_IT, ASK, STUDENT_VIEWS, VIEWS, answer_spans, mean_costs
from tests.engines.persyn.shown_run import shown_frames, tables_of
from tests.engines.persyn.tiny_run import file_spec, start, tiny_model
from tests.engines.shown_views import (
    assert_options,
    assert_shows,
    assert_waits,
    joined,
    shipped_tables,
    shown,
    words_of,
)
from workbench.contract.schema import Outcome
from workbench.contract.views import Measures, NoControls, Tables
from workbench.storage.home import place

BY_NAME = {view.name: view for view in (*VIEWS, *ASK.views)}
DONE = shown_frames()
RUN = tables_of(DONE)


@pytest.fixture(scope="module")
def shipped() -> Tables:
    return shipped_tables(ENGINE)


@pytest.mark.parametrize("name", BY_NAME)
def test_views_show_a_finished_run(name):
    assert_shows(BY_NAME[name], RUN)


@pytest.mark.parametrize("name", BY_NAME)
def test_views_show_a_run_without_rows(name):
    assert_waits(BY_NAME[name], tables_of({}))


@pytest.mark.parametrize("name", [name for name, view in BY_NAME.items() if len(view.reads) > 1])
def test_views_show_a_run_that_is_half_done(name):
    for kind in BY_NAME[name].reads:
        shown(BY_NAME[name], tables_of({other: frame for other, frame in DONE.items() if other is not kind}))
        shown(BY_NAME[name], tables_of({kind: DONE[kind]}))


@pytest.mark.parametrize("name", BY_NAME)
def test_views_show_one_teacher_and_failed_responses(name):
    alone = tables_of(shown_frames(teachers=1))
    assert "nan" not in words_of(BY_NAME[name], shown(BY_NAME[name], alone))


@pytest.mark.parametrize("group", ["all", "topic", "difficulty"])
def test_groups_can_be_drawn(group):
    for view in BY_NAME.values():
        if "group" in joined(view).controls.model_fields:
            assert shown(view, RUN, group=group) is not None


def test_every_option_can_be_drawn():
    assert_options(BY_NAME.values(), RUN)


def test_names_are_unique_and_router_and_student_stand_apart():
    assert len(BY_NAME) == len(VIEWS) + len(ASK.views)
    titles = [view.title.partition(":")[0] for view in VIEWS]
    assert {"Router", "Student"} < set(titles)
    assert max(at for at, title in enumerate(titles) if title == "Router") < titles.index("Student")
    assert all(view.group for view in VIEWS if view is not TOKEN_USE)


def test_every_claim_that_a_view_names_is_there():
    named = {view.claim for view in VIEWS if view.claim}
    assert len(named) >= 5 and named <= {claim.name for claim in ENGINE.claims}


def test_a_click_on_a_point_sets_a_control_that_some_view_has():
    chosen = {view.selects for view in VIEWS if getattr(view, "selects", None)}
    held = {name for view in VIEWS for name in joined(view).controls.model_fields}
    assert chosen == {"place"} and chosen <= held


@pytest.mark.parametrize("name", ["alpha", "alpha_table", "router_measures"])
def test_the_page_says_that_reward_proves_little(name):
    assert "proves little" in BY_NAME[name].help


def test_outcomes_are_drawn_by_the_bench_and_no_other_picture_has_a_band_of_them():
    measures = [view for view in VIEWS if isinstance(view, Measures)]
    assert [view.name for view in measures] == ["router_measures", "students"]
    declared = {metric.name for metric in ENGINE.metrics}
    assert {name for view in measures for name in view.metrics} <= declared
    assert not [view.name for view in VIEWS if Outcome in view.reads and not isinstance(view, Measures)]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_views_show_the_shipped_study(view, shipped):
    assert_shows(view, shipped)


def first_bar(figure) -> tuple[str, float]:
    """Name and value of the first bar, upright or sideways."""
    trace = figure.data[0]
    return (trace.y[0], trace.x[0]) if trace.orientation == "h" else (trace.x[0], trace.y[0])


def test_first_numbers_of_the_shipped_study_are_those_of_its_rows(shipped):
    choices, costs = shipped[kinds.Choice].query("arm == 'persyn'"), shipped[kinds.ArmCost]
    figure, _ = shown(BY_NAME["allocation"], shipped)
    trained = choices[choices["split"] != "held_out"]
    teacher, share = first_bar(figure)
    assert share == pytest.approx((trained["teacher"] == teacher).mean())
    figure, said = shown(BY_NAME["cost"], shipped)
    own = costs.query("arm == 'persyn'")
    assert first_bar(figure) == ("PerSyn", pytest.approx(own["calibration_responses"].mean()))
    assert said.startswith(f"PerSyn takes {own['responses'].mean():,.0f}, against {costs['everything'].max():,}")
    figure, said = shown(BY_NAME["confusion"], shipped)
    held = choices.query("split == 'held_out' and teacher != '' and best != ''")
    mine = held[(held["teacher"] == figure.data[0].y[0]) & (held["best"] == figure.data[0].x[0])]
    assert figure.data[0].z[0][0] == len(mine)
    assert f"for {(held['teacher'] == held['best']).sum():,} of {len(held):,}" in said
    figure, _ = shown(BY_NAME["curve"], shipped)
    points = shipped[kinds.CurvePoint]
    assert figure.data[0].y[0] == pytest.approx(points[points["calibration"] == figure.data[0].x[0]]["regret"].mean())


def test_responses_are_shown_in_two_parts_beside_everything():
    figure, said = shown(BY_NAME["cost"], RUN)
    sideways = figure.data[0].orientation == "h"
    value = {
        (trace.name, name): number
        for trace in figure.data
        for name, number in zip(*((trace.y, trace.x) if sideways else (trace.x, trace.y)), strict=True)
    }
    assert value["calibration", "PerSyn"] == 18 and value["further", "PerSyn"] == 4
    assert value["further", "Strong"] == 10 and value["all", ALL_OF_IT] == 30
    assert figure.layout.barmode == "stack"
    assert said == (
        "PerSyn takes 22, against 30 if all teachers answer all prompts: 27% saved, with 18 of the calibration "
        "counted. Cheapest is Strong (10)."
    )


@pytest.mark.parametrize(("measure", "whole"), [("Tokens that teachers write", 210), ("Seconds of teachers", 15)])
def test_tokens_and_seconds_in_one_part(measure, whole):
    figure, _ = shown(BY_NAME["cost"], RUN, measure=measure)
    (trace,) = figure.data
    values = trace.x if trace.orientation == "h" else trace.y
    assert trace.name == "all" and values[-1] == whole


def test_costs_are_means_over_seeds():
    costs = shown(BY_NAME["costs"], RUN).set_index("arm")
    assert costs.loc["PerSyn", "responses"] == 22 and costs.loc["Strong", "responses saved %"] == 66.7
    assert costs.loc["PerSyn", "tokens saved %"] == pytest.approx(26.7)
    free = DONE[kinds.ArmCost].assign(everything_tokens=0.0)
    assert mean_costs(free, RUN)["tokens_saved"].isna().all(), "of nothing no share is saved"


def test_students_are_means_over_seeds():
    rows = shown(BY_NAME["student_table"], RUN).set_index("arm")
    assert rows.loc["PerSyn", "solved %"] == 60.0 and rows.loc["PerSyn", "seeds"] == 2
    assert rows.loc["Untuned student", "solved %"] == 20.0 and rows.loc["Strong", "right in the set %"] == 50.0


def test_answers_have_their_problems_in_full():
    rows = shown(BY_NAME["student_answers"], RUN)
    assert rows["problem"].tolist() == ["How many?"] * 2 and rows["right"].tolist() == ["yes", "no"]
    lost = tables_of({kinds.StudentAnswer: DONE[kinds.StudentAnswer]})
    assert shown(BY_NAME["student_answers"], lost)["problem"].tolist() == ["p18"] * 2


def test_teachers_and_what_was_left_out():
    rows = shown(BY_NAME["teachers"], RUN)
    assert rows["teacher"].tolist() == ["tiny a", "tiny b", "big c"] and rows["parameters (millions)"][2] == 9.0
    assert rows["reference"][0] == "m#tiny a" and rows["same model as another"][0] == "no"
    assert shown(BY_NAME["left_out"], RUN)["count"].tolist() == [3]


def test_the_winner_stands_first():
    turned = tables_of({kinds.AskedTeacher: DONE[kinds.AskedTeacher].iloc[::-1]})
    assert shown(BY_NAME["asked_teachers"], turned)["teacher"].tolist() == ["tiny b", "big c"]
    figure, said = shown(BY_NAME["asked_scores"], turned)
    assert said == "tiny b is sent the prompt: 73% chance to beat another teacher; next big c (27%)."
    assert sorted(figure.data[0].y) == [0.27, 0.73]
    alone = tables_of({kinds.AskedTeacher: DONE[kinds.AskedTeacher].head(1)})
    assert shown(BY_NAME["asked_scores"], alone)[1].endswith("another teacher.")


def test_the_answer_and_what_was_read_out_of_it():
    assert [span.text for span in answer_spans(RUN, NoControls()) if span.mark] == ["14 - 5 = 9. The answer is 9.", "9"]
    plain = DONE[kinds.AskedAnswer].assign(final="")
    assert len(answer_spans(tables_of({kinds.AskedAnswer: plain}), NoControls())) == 2
    silent = DONE[kinds.AskedAnswer].assign(text="", note="Nobody can ask it.")
    (said,) = answer_spans(tables_of({kinds.AskedAnswer: silent}), NoControls())
    assert "tiny b gave no answer. Nobody can ask it." in said.text


@pytest.fixture(scope="module")
def worked():
    """The rows of a run over planted responses, in which no student is taught."""
    spec = file_spec(arms=("persyn", "strong"), router_model=tiny_model(), curve=2)
    run = start(spec, place("runs"), "persyn-views")
    return tables_of({kind: run.table(kind) for kind in (*ENGINE.rows, Outcome)})


@pytest.mark.parametrize("name", [view.name for view in VIEWS if view not in STUDENT_VIEWS and view is not TOKEN_USE])
def test_views_show_what_a_run_reports(name, worked):
    assert_shows(BY_NAME[name], worked)


def test_the_pictures_agree_with_what_the_run_measured(worked):
    outcomes = worked[Outcome].query("arm == 'persyn' and seed == 0")
    table = alpha_rows(worked, AlphaControl(alpha=0.4)).set_index("policy").loc["router"]
    unseen = worked[kinds.Choice]
    own = unseen[(unseen["arm"] == "persyn") & (unseen["seed"] == 0) & (unseen["split"] != "calibration")]
    assert table["regret"] == pytest.approx(own["regret"].mean(), abs=1e-4)
    held = own[own["split"] == "held_out"]
    measured = outcomes[outcomes["metric"] == "regret"]["value"].mean()
    assert measured == pytest.approx(held["regret"].mean())
    assert isinstance(table["regret"], float) and pd.notna(measured)
