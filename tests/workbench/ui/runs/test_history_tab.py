"""The History tab's handlers, as anybody may call them: found, starred, named, moved, deleted, brought back."""

from types import SimpleNamespace

import gradio as gr
import pytest

from tests.desks import add_run, built, finish, open_desk
from workbench.access.security import COOKIE, Access
from workbench.bench.run_digests import basis_of
from workbench.history import RunDigest
from workbench.ui.runs.history_tab import A_PAGE, HistoryHandlers, history_tab
from workbench.ui.runs.run_columns import USUAL
from workbench.ui.runs.run_details import RunDetails

HERE = SimpleNamespace(cookies={})
ANY = ("", "", "", "", [], list(USUAL))


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def handlers(desk) -> HistoryHandlers:
    return HistoryHandlers(desk)


def pressed(act: str, run: object) -> gr.EventData:
    return gr.EventData(None, {"act": act, "run": run})


def listed(handlers: HistoryHandlers, *asked: object, shown: int = A_PAGE, who=HERE) -> str:
    return handlers.refresh(who, *(asked or ANY), shown, "")[1]


def is_skip(update: object) -> bool:
    return isinstance(update, dict) and update.get("__type__") == "update" and len(update) == 1


def test_the_newest_run_comes_first(desk, handlers):
    first, second = add_run(desk), add_run(desk)
    html = listed(handlers)
    assert html.index(second) < html.index(first)


def test_what_has_not_changed_is_not_sent_again(desk, handlers):
    add_run(desk)
    seen = handlers.refresh(HERE, *ANY, A_PAGE, "")[3]
    assert all(is_skip(update) for update in handlers.refresh(HERE, *ANY, A_PAGE, seen))
    add_run(desk)
    assert not is_skip(handlers.refresh(HERE, *ANY, A_PAGE, seen)[1])


def test_filters_narrow_the_list(desk, handlers):
    counting, steering = finish(desk, add_run(desk, title="needle")), add_run(desk, "steering")
    desk.history.set_tags(counting, ["hay"])
    desk.history.star(steering)
    for asked, expected in {
        ("needle", "", "", "", ()): counting,
        ("", "steering", "", "", ()): steering,
        ("", "", "finished", "", ()): counting,
        ("", "", "live", "", ()): steering,
        ("", "", "", "hay", ()): counting,
        ("", "", "", "", ("starred",)): steering,
    }.items():
        html = listed(handlers, *asked, None)
        assert [run for run in (counting, steering) if run in html] == [expected], asked


@pytest.mark.parametrize("odd", [None, 7, ["x"], {"a": 1}, "'; DROP TABLE runs; --", "<script>", '"*', "x" * 5_000])
def test_odd_filters_find_nothing_or_everything_and_break_nothing(desk, handlers, odd):
    run = add_run(desk)
    for place in range(6):
        asked = [*ANY]
        asked[place] = odd
        html = listed(handlers, *asked)
        assert run in html or "No run fits" in html


def test_load_more_shows_more_until_there_is_no_more(desk, handlers):
    for _ in range(A_PAGE + 1):
        add_run(desk)
    first, second = (handlers.refresh(HERE, *ANY, shown, "") for shown in (A_PAGE, 2 * A_PAGE))
    assert (first[1].count("<tr>"), first[2]["visible"]) == (A_PAGE + 1, True)
    assert (second[1].count("<tr>"), second[2]["visible"]) == (A_PAGE + 2, False)


def test_a_run_is_starred_and_unstarred(desk, handlers):
    run = add_run(desk)
    for expected in (True, False):
        handlers.pressed(pressed("star", run), HERE)
        assert desk.history.record(run).starred is expected


def test_details_open_and_are_saved(desk, handlers):
    run = finish(desk, add_run(desk))
    assert len(handlers.pressed(pressed("edit", run), HERE)) == RunDetails.WIDTH
    handlers.save(run, "A title", "one, two ,,", "a note", HERE)
    record = desk.history.record(run)
    assert (record.title, set(record.tags), record.note) == ("A title", {"one", "two"}, "a note")


def test_a_deleted_run_comes_back(desk, handlers):
    run = finish(desk, add_run(desk, title="Gone"))
    _, told, undo, done = handlers.bulk.delete(run, HERE)
    assert "Deleted 1 run" in told and undo["visible"] is True
    assert run not in listed(handlers)
    handlers.bulk.undo(done, HERE)
    assert run in listed(handlers)


def test_a_live_run_is_not_deleted(desk, handlers):
    run = add_run(desk, "steering")
    desk.history.set_state(run, "running", expect=["queued"])
    with pytest.raises(gr.Error):
        handlers.bulk.delete(run, HERE)
    assert not desk.history.record(run).deleted


def test_waiting_runs_change_places(desk, handlers):
    one, two, three = (add_run(desk) for _ in range(3))
    for act, run, expected in (
        ("up", three, [one, three, two]),
        ("up", one, [one, three, two]),
        ("down", one, [three, one, two]),
        ("down", two, [three, one, two]),
        ("up", "no-such-run", [three, one, two]),
    ):
        handlers.moved(pressed(act, run), HERE)
        assert desk.history.queue() == expected


@pytest.mark.parametrize("run", ["", None, 7, "../../etc", "<script>", "none-such", {"a": 1}, "x" * 10_000])
def test_hostile_ids_are_refused_with_a_sentence(handlers, run):
    for act in (
        lambda: handlers.pressed(pressed("star", run), HERE),
        lambda: handlers.pressed(pressed("edit", run), HERE),
        lambda: handlers.save(run, "t", "", "", HERE),
        lambda: handlers.bulk.delete(run, HERE),
        lambda: handlers.bulk.undo(("delete", [run]), HERE),
    ):
        with pytest.raises(gr.Error) as refusal:
            act()
        assert "<script" not in refusal.value.message


def test_others_runs_can_be_read_and_not_changed(tmp_path):
    access = Access("guests", b"k")
    ada, bob = (SimpleNamespace(cookies={COOKIE: access.token(name)}) for name in ("ada", "bob"))
    with open_desk(tmp_path, access) as desk:
        handlers = HistoryHandlers(desk)
        run, waiting = finish(desk, add_run(desk, owner="ada")), [add_run(desk, owner="ada") for _ in range(2)]
        for act in (
            lambda: handlers.pressed(pressed("star", run), bob),
            lambda: handlers.save(run, "mine now", "", "", bob),
            lambda: handlers.bulk.delete(run, bob),
            lambda: handlers.moved(pressed("up", waiting[1]), bob),
        ):
            with pytest.raises(gr.Error, match="someone else"):
                act()
        assert run in listed(handlers, who=bob)
        assert run not in listed(handlers, "", "", "", "", ["mine"], None, who=bob)
        assert run in listed(handlers, "", "", "", "", ["mine"], None, who=ada)
        handlers.bulk.delete(run, ada)
        with pytest.raises(gr.Error, match="someone else"):
            handlers.bulk.undo(("delete", [run]), bob)
        assert desk.history.record(run).deleted and desk.history.queue() == waiting


def test_archived_and_deleted_runs_are_listed_only_where_asked_for(desk, handlers):
    usual, archived, deleted = (finish(desk, add_run(desk)) for _ in range(3))
    desk.history.archive(archived)
    desk.history.delete(deleted)
    for only, expected in {(): usual, ("archived",): archived, ("deleted",): deleted}.items():
        html = listed(handlers, "", "", "", "", only, None)
        assert [run for run in (usual, archived, deleted) if run in html] == [expected]


def test_verdict_words_come_from_the_record_and_no_listing_judges(desk, handlers, monkeypatch):
    run = finish(desk, add_run(desk))
    monkeypatch.setattr(handlers.digests, "want", lambda records: None)
    assert "…" in listed(handlers)
    monkeypatch.setattr("workbench.statistics.judge", lambda *given: pytest.fail("a listing judged"))
    engine = desk.engines["counting"]
    digest = RunDigest(basis_of(desk.history.record(run), engine), {"holds": 2, "undecided": 1}, 2_000_000, 500_000)
    desk.history.keep_digest(run, digest)
    html = listed(handlers)
    assert "2 hold</span>, " in html and "1 open" in html
    assert "Runs take 2 MB on disk. 500 kB of that are kept computations" in html


def test_a_listing_has_what_it_lacks_made_in_the_background(desk, handlers):
    run = finish(desk, add_run(desk))
    listed(handlers)
    handlers.digests.settle()
    assert desk.history.record(run).digest is not None


def test_a_running_run_tells_the_time_it_has_left(desk, handlers, monkeypatch):
    monkeypatch.setattr("workbench.ui.runs.history_tab.time_left", lambda history, record, now: 95.0)
    run = add_run(desk)
    assert "left" not in listed(handlers)
    desk.history.set_state(run, "running", expect=["queued"])
    assert "about 1 min 35 s left" in listed(handlers)


def test_the_tab_wires_as_many_outputs_as_are_made(desk):
    def make():
        with gr.Blocks():
            return history_tab(desk)

    tab = built(make)
    assert len(tab.outputs) == len(tab.refresh(HERE, *ANY, A_PAGE, ""))
    assert len(tab.inputs) == len(ANY) + 2
