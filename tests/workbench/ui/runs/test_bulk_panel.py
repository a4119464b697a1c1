"""Several runs at once: tagged, archived, freed, deleted, brought back; what is refused is counted and said."""

from types import SimpleNamespace

import gradio as gr
import pytest

from tests.desks import add_run, built, finish, open_desk
from workbench.access.security import COOKIE, Access
from workbench.contract.runs import RunFolder
from workbench.ui.runs.bulk_panel import MOST_CHOSEN, BulkHandlers, bulk_panel, chosen_runs

HERE = SimpleNamespace(cookies={})
HOSTILE = [None, 7, "x", {"a": 1}, ["../../etc", "<script>", None, {"a": 1}, ["x"]]]


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def handlers(desk) -> BulkHandlers:
    return BulkHandlers(desk)


def test_choosing_shows_the_bar_and_choosing_none_hides_it(desk, handlers):
    run = add_run(desk)
    chosen, row, words = handlers.chosen(gr.EventData(None, {"runs": [run, run]}))
    assert (chosen, row["visible"]) == ([run], True) and "1 run chosen" in words
    assert handlers.chosen(gr.EventData(None, {"runs": []}))[1]["visible"] is False


@pytest.mark.parametrize("odd", HOSTILE)
def test_odd_choices_choose_nothing(handlers, odd):
    assert handlers.chosen(gr.EventData(None, {"runs": odd}))[0] == []
    for what in ("tag", "archive", "delete", "free", "restore"):
        told = handlers.act(what)(odd if isinstance(odd, list) else [], "tag", HERE)
        assert told[2]["visible"] is False


def test_a_choice_is_bounded():
    assert len(chosen_runs([f"run-{n}" for n in range(2 * MOST_CHOSEN)])) == MOST_CHOSEN


def test_tags_are_added_and_taken_off(desk, handlers):
    runs = [finish(desk, add_run(desk)) for _ in range(2)]
    desk.history.set_tags(runs[0], ["old"])
    handlers.act("tag")(runs, "one, two", HERE)
    assert [set(desk.history.record(run).tags) for run in runs] == [{"old", "one", "two"}, {"one", "two"}]
    told = handlers.act("untag")(runs, "one", HERE)[1]
    assert [set(desk.history.record(run).tags) for run in runs] == [{"old", "two"}, {"two"}]
    assert "Changed the tags of 2 runs" in told
    assert "Type a tag first" in handlers.act("tag")(runs, " , ", HERE)[1]


@pytest.mark.parametrize("what", ["archive", "delete"])
def test_archived_and_deleted_runs_come_back_by_undo_and_by_bring_back(desk, handlers, what):
    runs = [finish(desk, add_run(desk)) for _ in range(2)]
    gone = {"archive": "archived", "delete": "deleted"}[what]

    def which() -> list[bool]:
        return [getattr(desk.history.record(run), gone) for run in runs]

    _, told, undo, done = handlers.act(what)(runs, "", HERE)
    assert which() == [True, True] and undo["visible"] is True and "2 runs" in told
    assert handlers.undo(done, HERE)[2]["visible"] is False
    assert which() == [False, False]
    handlers.act(what)(runs, "", HERE)
    handlers.act("restore")(runs, "", HERE)
    assert which() == [False, False]


def test_what_is_refused_is_counted_and_the_rest_is_done(desk, handlers):
    ended, live = finish(desk, add_run(desk)), add_run(desk)
    _, told, _, done = handlers.act("delete")([ended, live], "", HERE)
    assert done == ("delete", [ended]) and not desk.history.record(live).deleted
    assert "Deleted 1 run." in told and "1 run was left as it is" in told and "Stop it first" in told


def test_disk_space_is_freed_and_the_record_stays(desk, handlers):
    run, live = finish(desk, add_run(desk)), add_run(desk)
    for each in (run, live):
        (RunFolder(desk.history.runs_root, each).path / "once" / "kept").write_bytes(b"x" * 2_000_000)
    told = handlers.act("free")([run, live], "", HERE)[1]
    assert "2 MB are free again" in told and "needs what it has kept" in told
    assert not (RunFolder(desk.history.runs_root, run).path / "once" / "kept").exists()
    assert (RunFolder(desk.history.runs_root, live).path / "once" / "kept").exists()
    assert desk.history.record(run).state == "finished"


@pytest.mark.parametrize("odd", [None, 7, "delete", ("delete",), ("purge", ["x"]), ("delete", "x"), ("delete", [])])
def test_undo_of_nothing_is_refused(handlers, odd):
    with pytest.raises(gr.Error, match="nothing to undo"):
        handlers.undo(odd, HERE)


def test_others_runs_are_left_alone(tmp_path):
    access = Access("guests", b"k")
    bob = SimpleNamespace(cookies={COOKIE: access.token("bob")})
    with open_desk(tmp_path, access) as desk:
        handlers, run = BulkHandlers(desk), finish(desk, add_run(desk, owner="ada"))
        for what in ("tag", "untag", "archive", "free", "delete", "restore"):
            told = handlers.act(what)([run], "tag", bob)[1]
            assert "someone else" in told
        with pytest.raises(gr.Error, match="someone else"):
            handlers.undo(("delete", [run]), bob)
        record = desk.history.record(run)
        assert not (record.archived or record.deleted or record.tags)


def test_the_bars_take_as_many_updates_as_are_made(desk, handlers):
    def make():
        with gr.Blocks():
            return bulk_panel()

    panel = built(make)
    assert len(panel.results) == len(handlers.act("archive")([], "", HERE))
    assert list(panel.buttons) == ["tag", "untag", "archive", "restore", "free", "delete"]
