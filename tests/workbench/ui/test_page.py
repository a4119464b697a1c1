"""The page as a whole: its tabs, and what a link may do."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from tests.desks import add_run, built, finish, open_desk, served
from tests.rooms import ENGINES
from workbench.contract.engine import Tab
from workbench.ui.page import SESSIONS, build_page, tab_id

HERE = SimpleNamespace(cookies={}, session_hash="page")
SEVERAL = {name: replace(ENGINES["counting"], name=name, title=name.title()) for name in ("first", "second")}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk"), engines={**ENGINES, **SEVERAL}) as desk:
        yield desk


@pytest.fixture(scope="module")
def page(desk) -> gr.Blocks:
    return built(lambda: build_page(desk))


def handler(page: gr.Blocks, name: str):
    return next(function.fn for function in page.fns.values() if getattr(function.fn, "__name__", "") == name)


def tabs(page: gr.Blocks) -> list[str]:
    return [block.label for block in page.blocks.values() if isinstance(block, gr.Tab)]


def opened(page: gr.Blocks, query: str) -> tuple[str | None, str, list[str]]:
    """(selected tab, what is said, run ids written into boxes) after following a link."""
    selected, said, *rest = handler(page, "arrive")(query, HERE)
    runs = [update for update in rest if isinstance(update, str) and update.count("-") > 1]
    return selected.get("selected"), said if isinstance(said, str) else "", runs


def test_tabs_are_the_questions_that_have_a_method_between_start_and_history(page):
    shown = [label for label in tabs(page) if label in ("Start", "History", *Tab)]
    assert shown == ["Start", "Review", "Probe", "Train", "Reason", "Define", "History"]


def test_several_methods_of_a_question_have_tabs_of_their_own(page):
    assert {"Counting", "First", "Second"} <= set(tabs(page)) and "Steering" not in tabs(page)


def test_there_is_nothing_public_but_the_named_endpoints(page):
    public = [f.api_name for f in page.fns.values() if f.api_visibility == "public" and f.api_name]
    assert sorted(public) == ["extend", "start", "status", "stop"]


def test_a_link_opens_its_run_in_the_tab_of_its_method(desk, page):
    for engine in ("steering", "counting"):
        run = add_run(desk, engine)
        assert opened(page, f"?run={run}") == (tab_id(ENGINES[engine].tab), "", [run])


def test_an_address_without_a_run_leaves_the_page_as_it_is(page):
    assert opened(page, "") == (None, "", [])


@pytest.mark.parametrize("query", ["?run=none-such-run", "?run=..%2F..", "?run=%3Cscript%3E", "?run=" + "x" * 9_000])
def test_an_unknown_or_hostile_run_is_answered_with_a_sentence(page, query):
    selected, said, runs = opened(page, query)
    assert (selected, runs) == (None, []) and 'role="alert"' in said and "<script" not in said


def test_a_deleted_run_says_so(desk, page):
    run = finish(desk, add_run(desk))
    desk.history.delete(run)
    assert "deleted" in opened(page, f"?run={run}")[1]


def test_a_run_of_a_method_that_is_gone_says_so(desk, page):
    record = desk.history.record(add_run(desk))
    run = desk.history.open_run(record.spec.model_copy(update={"engine": "gone"}))
    assert "not installed" in opened(page, f"?run={run}")[1]


def test_following_links_starts_nothing(desk, page):
    before = len(desk.history.listing(limit=500).records)
    for query in ("?run=x&start=1", "?engine=counting&preset=quick&autorun=1", "?run=new"):
        opened(page, query)
    assert len(desk.history.listing(limit=500).records) == before


def test_opening_from_the_history_leads_to_the_same_place(desk, page):
    run = add_run(desk, "failing")
    updates = handler(page, "open_clicked")(gr.EventData(None, {"act": "open", "run": run}))
    assert updates[0]["selected"] == tab_id(ENGINES["failing"].tab) and run in updates
    for hostile in (None, "../x", {"a": 1}, 7):
        with pytest.raises(gr.Error):
            handler(page, "open_clicked")(gr.EventData(None, {"run": hostile}))


def test_rerunning_fills_the_form_and_starts_nothing(desk, page):
    run = finish(desk, add_run(desk))
    before = len(desk.history.listing(limit=500).records)
    updates = handler(page, "refill")(run, HERE)
    assert run in updates and updates[0]["selected"] == tab_id(Tab.PROBE)
    assert len(desk.history.listing(limit=500).records) == before


def test_a_server_forgets_the_oldest_pages(desk):
    app = served(desk)
    inside = [getattr(route, "app", None) for route in app.routes]
    assert [each.state_holder.capacity for each in inside if hasattr(each, "state_holder")] == [SESSIONS]
