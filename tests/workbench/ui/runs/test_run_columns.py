"""What the columns of the table of runs show."""

import pytest

from tests.desks import add_run, finish, open_desk
from workbench.history import RunDigest
from workbench.ui.runs.run_columns import COLUMNS, NOTHING, USUAL, ListedRun, chosen_columns, verdict_cell


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def shown(desk, run: str) -> ListedRun:
    record = desk.history.record(run)
    return ListedRun(record, desk.engines[record.engine])


@pytest.mark.parametrize("odd", [None, 7, "model", {"model": 1}])
def test_what_is_no_choice_of_columns_is_the_usual_ones(odd):
    assert chosen_columns(odd) == USUAL


def test_chosen_columns_keep_the_order_of_the_table_and_unknown_ones_are_left_out():
    assert chosen_columns(["took", "<script>", "model", ["x"]]) == ("model", "took")
    assert chosen_columns([]) == ()


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ({"holds": 1}, "1 holds"),
        ({"holds": 2, "does not hold": 1, "undecided": 3}, "2 hold, 1 does not hold, 3 open"),
        ({"not measurable here": 1, "not asked here": 2}, "1 not measurable, 2 not asked"),
        ({}, NOTHING),
    ],
)
def test_verdicts_are_counted_by_word(desk, verdicts, words):
    run = finish(desk, add_run(desk))
    desk.history.keep_digest(run, RunDigest("any", verdicts, 1, 0))
    cell = verdict_cell(shown(desk, run))
    text = getattr(cell, "striptags", lambda: cell)()
    assert text == words


def test_a_live_run_has_no_verdicts_yet(desk):
    assert "when it has ended" in str(verdict_cell(shown(desk, add_run(desk))))


def test_every_column_shows_something_of_any_run(desk):
    run = shown(desk, add_run(desk))
    assert all(str(column.cell(run)) for column in COLUMNS.values())
    gone = ListedRun(run.record, None)
    assert all(str(column.cell(gone)) for column in COLUMNS.values())
