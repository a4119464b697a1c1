"""The page: header, Start, one tab per question that has a working method, then Models & data and History.

Design decisions:
- A link, the start page and the history open a run in one way: they write its id into the tab of its method.
- The query string says where the page is: it is read when the page has loaded, and whenever the visitor goes back or
  forward (assets/address.js). It opens a tab, a method or a run, and can start none.
"""

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import RunNotFound, WorkbenchError
from workbench.contract.registry import engine_named
from workbench.contract.runs import RunId
from workbench.history.records import RunRecord
from workbench.messages import say
from workbench.specs.links import Destination, read_link
from workbench.tool_questions.playground import PLAYGROUND
from workbench.ui.data.models_data import models_data_tab
from workbench.ui.elements.elements import Html, tag
from workbench.ui.elements.event_options import AT_ONCE, QUIET
from workbench.ui.elements.markup import error_toast, isolated
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import readable
from workbench.ui.elements.sparing_blocks import SparingBlocks
from workbench.ui.endpoints import add_endpoints
from workbench.ui.lazy_tab import LazyTab
from workbench.ui.navigation import HISTORY, MODELS_DATA, START, Navigation, Question, tab_id
from workbench.ui.page_header import header_html, owner_link_fold
from workbench.ui.runs.history_tab import HistoryTab, history_tab
from workbench.ui.start import StartPage, by_tab, recent_runs, run_quick, start_page

TICK_SECONDS = 2.0
LISTEN = "window.benchwrightGo = () => trigger('select', {});"
"""Lets the page's script tell that the visitor has gone back or forward."""
QUEUE_SIZE, SIDE_BY_SIDE = 200, 8
CACHE_SECONDS = (3_600, 86_400)
SESSIONS = 1_000
"""Open pages that the server remembers; the one not heard of for longest is forgotten first. A page takes about 0.3 MB,
and 1 MB for each room that it has entered; Gradio would keep ten thousand."""


def build_page(desk: PageContext) -> gr.Blocks:
    """Return the whole page, ready to be mounted."""
    with SparingBlocks(
        title="Benchwright", analytics_enabled=False, delete_cache=CACHE_SECONDS, fill_width=True
    ) as page:
        gr.HTML(header_html(desk), elem_classes="bw-header", apply_default_css=False)
        notice = gr.HTML(elem_classes="bw-notice", apply_default_css=False)
        query = gr.Textbox(visible=False)
        address = gr.HTML(js_on_load=LISTEN, elem_classes="bw-unseen", apply_default_css=False)
        with gr.Tabs(selected=START, elem_id="questions") as tabs:
            with gr.Tab(say("Start"), id=START) as start_tab:
                start = start_page(desk)
            questions = _question_tabs(desk, page)
            with gr.Tab(say("Models & data"), id=MODELS_DATA) as offers_tab:
                offers = models_data_tab(desk)
            with gr.Tab(say("History"), id=HISTORY) as past_tab:
                past = history_tab(desk)
        if desk.access.mode == "guests":
            owner_link_fold(desk)
        timer = gr.Timer(TICK_SECONDS)
        doors = Navigation(desk, tabs, questions, notice, offers)
        _wire_start(doors, start)
        _wire_history(doors, past)
        _wire_ticks(desk, timer, (start_tab, start), (past_tab, past), offers_tab)
        _wire_rooms(doors, [start_tab, offers_tab, past_tab], timer)
        _wire_offers(page, query, doors, offers_tab)
        page.load(_arrive(doors), query, doors.outputs, js="() => [location.search]", **QUIET)
        # Of several steps at once the last counts: the address is read when the question goes out.
        here = {"js": "() => [location.search]", "trigger_mode": "always_last"}
        address.select(_went(doors), query, doors.outputs, **here, **QUIET)
        page.load(lambda: recent_runs(desk), None, start.recent, **QUIET)
        add_endpoints(desk)
    page.queue(max_size=QUEUE_SIZE, default_concurrency_limit=SIDE_BY_SIDE)
    page.state_session_capacity = SESSIONS
    return page


def _question_tabs(desk: PageContext, page: gr.Blocks) -> list[Question]:
    questions: list[Question] = []
    for name, engines in by_tab(desk.engines.values()).items():
        with gr.Tab(name.value, id=tab_id(name)) as tab:
            chosen = gr.State(engines[0].name)
            if len(engines) == 1:
                rooms = {engines[0].name: LazyTab(desk, engines[0], page)}
                questions.append(Question(name, tab, rooms, chosen))
            else:
                questions.append(Question(name, tab, *_methods(desk, engines, page, chosen)))
    return questions


def _methods(
    desk: PageContext, engines: Sequence[Engine], page: gr.Blocks, chosen: gr.State
) -> tuple[dict[str, LazyTab], gr.State, gr.Tabs, tuple[gr.Tab, ...]]:
    """The methods of one question, each in a tab of its own."""
    rooms: dict[str, LazyTab] = {}
    tabs: list[gr.Tab] = []
    with gr.Tabs(elem_classes="bw-methods") as inner:
        for engine in engines:
            with gr.Tab(engine.title, id=engine.name) as tab:
                rooms[engine.name] = LazyTab(desk, engine, page)
            tabs.append(tab)
    return rooms, chosen, inner, tuple(tabs)


def _wire_rooms(doors: Navigation, others: list[gr.Tab], lists: gr.Timer) -> None:
    """A room is furnished when its tab is first opened, and only the room in the open tab looks at its run.

    One event for one press: whatever else looks at something goes to sleep in it, too.
    """
    timers = [room.timer for room in doors.rooms]
    asleep = [lists, doors.models_data.timer]
    for tab in others:
        tab.select(lambda: {timer: gr.Timer(active=False) for timer in timers}, None, timers, **AT_ONCE)
    for question in doors.questions:
        outputs = [*asleep, *timers, question.chosen, *(room.opened for room in question.rooms.values())]
        enter = _entering(doors, question, asleep)
        question.tab.select(enter, question.chosen, outputs, **QUIET)
        for name, tab in zip(question.rooms, question.inner_tabs, strict=False):
            tab.select(partial(enter, name), None, outputs, **QUIET)


def _entering(doors: Navigation, question: Question, asleep: list[gr.Timer]) -> Callable[[str], dict[Any, Any]]:
    def enter(name: str) -> dict[Any, Any]:
        """Wake the one timer: a look puts it to sleep again where nothing is live."""
        timers = {room.timer: gr.Timer(active=room.engine.name == name) for room in doors.rooms}
        timers |= {timer: gr.Timer(active=False) for timer in asleep}
        return {**timers, question.chosen: name, question.rooms[name].opened: True}

    return enter


def _wire_offers(page: gr.Blocks, query: gr.Textbox, doors: Navigation, tab: gr.Tab) -> None:
    """Lists are filled when the page has loaded; the tab's timer runs while the tab is open alone."""
    offers = doors.models_data
    offers.use.listen(doors)
    page.load(offers.welcome, query, offers.welcomed, js="() => [location.search]", **QUIET)
    tab.select(lambda *watched: gr.Timer(active=any(watched)), offers.watched, offers.timer, **AT_ONCE)


def _wire_start(doors: Navigation, start: StartPage) -> None:
    for card in start.cards:
        engine = card.engine

        def run_now(request: gr.Request, engine: Engine = engine) -> list[Any]:
            return doors.opened(engine, run=run_quick(doors.desk, engine, request))

        card.run.click(run_now, None, doors.outputs, concurrency_limit=1, concurrency_id="start", **QUIET)
        card.open.click(lambda engine=engine: doors.opened(engine), None, doors.outputs, **QUIET)
    start.recent.select(_open_clicked(doors), None, doors.outputs, **QUIET)


def _wire_history(doors: Navigation, past: HistoryTab) -> None:
    def refill(run: RunId, request: gr.Request) -> list[Any]:
        engine = _engine_of(doors, run)[0]
        return doors.opened(engine, refill=run)

    past.table.select(_open_clicked(doors), None, doors.outputs, **QUIET)
    past.queue.select(_open_clicked(doors), None, doors.outputs, **QUIET)
    past.details.rerun.click(_telling(refill), past.details.run, doors.outputs, **QUIET)


def _wire_ticks(
    desk: PageContext, timer: gr.Timer, start: tuple[gr.Tab, StartPage], past: tuple[gr.Tab, HistoryTab], other: gr.Tab
) -> None:
    """One timer serves the two lists; it sleeps while another tab is open, which has its own."""
    at_start = gr.State(True)
    listing, strip = past[1], start[1].recent

    def tick(here: bool, known: str, request: gr.Request, *asked: Any) -> list[Any]:
        if here:
            now = recent_runs(desk)
            return [gr.skip() if now == known else now, *[gr.skip()] * len(listing.outputs)]
        return [gr.skip(), *listing.refresh(request, *asked)]

    outputs = [strip, *listing.outputs]
    timer.tick(tick, [at_start, strip, *listing.inputs], outputs, **AT_ONCE)
    start[0].select(lambda: (True, gr.Timer(active=True)), None, [at_start, timer], **QUIET)
    past[0].select(lambda: (False, gr.Timer(active=True)), None, [at_start, timer], **QUIET).then(
        listing.refresh, listing.inputs, listing.outputs, **QUIET
    )
    other.select(lambda: gr.Timer(active=False), None, timer, **QUIET)


def _arrive(doors: Navigation) -> Any:
    def arrive(query: str, request: gr.Request) -> list[Any]:
        """Show what the address of a page that has just loaded names."""
        return _followed(doors, str(query or ""), first=True)

    return arrive


def _went(doors: Navigation) -> Any:
    def went(query: str) -> list[Any]:
        """Show what the address names once the visitor has gone back or forward."""
        return _followed(doors, str(query or ""))

    return went


def _followed(doors: Navigation, query: str, first: bool = False) -> list[Any]:
    asked = read_link(query)
    if asked.malformed:
        return doors.stayed(_no_such_run())
    try:
        if asked.run:
            return _opened(doors, asked.run, asked)
        if asked.method:
            return doors.opened(engine_named(asked.method, doors.desk.engines), aim=asked)
    except WorkbenchError as error:
        return doors.stayed(_note(error))
    if first and asked.tab not in (HISTORY, MODELS_DATA):
        return doors.stayed("")
    return doors.showed(asked.tab if asked.tab in (HISTORY, MODELS_DATA) else START)


def _open_clicked(doors: Navigation) -> Any:
    def open_clicked(event: gr.EventData) -> list[Any]:
        data = event._data if isinstance(event._data, dict) else {}
        return _opened(doors, read_link(f"run={data.get('run', '')}").run)

    return _telling(open_clicked)


def _opened(doors: Navigation, run: RunId, aim: Destination | None = None) -> list[Any]:
    found = readable(doors.desk, run)
    if found.purpose == "tool" and found.engine == PLAYGROUND:
        return doors.opened_answers(found.run)
    engine, record = _engine_of(doors, run)
    shown = record.parent if record.purpose == "ask" and record.parent else run
    return doors.opened(engine, run=shown, aim=aim)


def _engine_of(doors: Navigation, run: RunId) -> tuple[Engine, RunRecord]:
    record = readable(doors.desk, run)
    engine = doors.desk.engines.get(record.engine)
    if engine is None:
        why = say("The run's method, {method}, is not installed.", method=repr(record.engine))
        raise RunNotFound(why, say("Its rows can be had as CSV."))
    return engine, record


def _telling(act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def telling(*given: Any) -> Any:
        try:
            return act(*given)
        except WorkbenchError as error:
            raise error_toast(error) from error

    return telling


def _note(error: WorkbenchError) -> Html:
    return tag("p", isolated(str(error), 300), " ", isolated(error.hint, 300), role="alert", class_="bw-alert")


def _no_such_run() -> Html:
    told = say("The link does not name a run; was it cut? The History tab lists all.")
    return tag("p", told, role="alert", class_="bw-alert")
