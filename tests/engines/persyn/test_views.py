"""Every view draws a finished run, an empty one, one that is half done, and one with a single teacher."""

from contextlib import closing

import pytest

from engines.parts.rows.token_use import TOKEN_USE
from engines.persyn import ENGINE
from engines.persyn.alpha_views import alpha_rows
from engines.persyn.config import AlphaControl
from engines.persyn.rows import Choice
from engines.persyn.shown import ASK, STUDENT_VIEWS, VIEWS
from tests.engines.persyn.shown_run import shown_frames, tables_of
from tests.engines.persyn.tiny_run import file_spec, start, tiny_model
from tests.engines.shown_views import assert_shows, assert_waits, joined, shown, words_of
from workbench.bench.examples import FOLDER
from workbench.contract.schema import Outcome
from workbench.contract.views import Measures
from workbench.history import History
from workbench.storage.home import place

BY_NAME = {view.name: view for view in (*VIEWS, *ASK.views)}
DONE = shown_frames()


@pytest.mark.parametrize("name", BY_NAME)
def test_views_show_a_finished_run(name):
    assert_shows(BY_NAME[name], tables_of(DONE))


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
def test_groups_and_options_can_be_drawn(group):
    rows = tables_of(DONE)
    for view in BY_NAME.values():
        controls = joined(view).controls
        given = {"group": group} if "group" in controls.model_fields else {}
        options = joined(view).options
        for name, choices in (options(rows) if options else {}).items():
            for choice in choices:
                assert shown(view, rows, **{name: choice}, **given) is not None
        assert shown(view, rows, **given) is not None


def test_names_are_unique_and_router_and_student_stand_apart():
    assert len(BY_NAME) == len(VIEWS) + len(ASK.views)
    titles = [view.title.partition(":")[0] for view in VIEWS]
    assert {"Router", "Student"} < set(titles)
    assert max(at for at, title in enumerate(titles) if title == "Router") < titles.index("Student")


@pytest.mark.parametrize("name", ["alpha", "alpha_table", "router_measures"])
def test_the_page_says_that_reward_proves_little(name):
    assert "proves little" in BY_NAME[name].help


def test_outcomes_are_drawn_by_the_bench_and_no_other_picture_has_a_band_of_them():
    measures = [view for view in VIEWS if isinstance(view, Measures)]
    assert [view.name for view in measures] == ["router_measures", "students"]
    declared = {metric.name for metric in ENGINE.metrics}
    assert {name for view in measures for name in view.metrics} <= declared
    assert not [view.name for view in VIEWS if Outcome in view.reads and not isinstance(view, Measures)]


def test_views_show_the_shipped_study_whose_rows_are_older(tmp_path):
    shipped = next(path for path in FOLDER.iterdir() if "-persyn-" in path.name)
    with closing(History(tmp_path / "history.db", tmp_path)) as history:
        run = history.import_folder(shipped, origin="example")
        kinds = list(ENGINE.row_types().values())
        rows = tables_of({kind: history.table(run, kind) for kind in kinds})
        for view in VIEWS:
            assert_shows(view, rows)


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
    unseen = worked[Choice]
    own = unseen[(unseen["arm"] == "persyn") & (unseen["seed"] == 0) & (unseen["split"] != "calibration")]
    assert table["regret"] == pytest.approx(own["regret"].mean(), abs=1e-4)
    held = own[own["split"] == "held_out"]
    measured = outcomes[outcomes["metric"] == "regret"]["value"].mean()
    assert measured == pytest.approx(held["regret"].mean())
