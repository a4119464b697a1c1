"""The start page: one card per question, one click to a real run, and the way back to recent runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import gradio as gr

from workbench.contract.engine import Engine, Tab
from workbench.contract.errors import WorkbenchError
from workbench.contract.fields import read_spec
from workbench.contract.runs import LIVE, RunId
from workbench.history.records import RunFilter
from workbench.messages import say, say_html
from workbench.storage.home import place
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.markup import error_toast, isolated, run_strip
from workbench.ui.elements.page_context import PageContext
from workbench.ui.pictures import picture
from workbench.ui.setup.preset_times import preset_time

RECENT = 6

OPEN_ON_CLICK = """element.addEventListener('click', (event) => {
  const link = event.target.closest('[data-act="open"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  trigger('select', { run: link.dataset.run });
});"""


@dataclass(frozen=True)
class EngineCard:
    """What the page knows of one method's card: its buttons, and the line on how long its quick run takes."""

    engine: Engine
    time: gr.HTML
    run: gr.Button
    open: gr.Button


@dataclass(frozen=True)
class StartPage:
    """The parts of the start page that the page wires up.

    Attributes:
        recent: recent runs and examples; its `select` event carries the run that was clicked.
    """

    cards: tuple[EngineCard, ...]
    recent: gr.HTML


def start_page(desk: PageContext) -> StartPage:
    """Lay the start page out inside an open tab."""
    gr.HTML(_hero(), apply_default_css=False)
    with gr.Row(elem_classes="bw-cards"):
        cards = tuple(_card(engine) for engines in by_tab(desk.engines.values()).values() for engine in engines)
    recent = gr.HTML(js_on_load=OPEN_ON_CLICK, elem_classes="bw-recent", apply_default_css=False)
    gr.HTML(_about(), apply_default_css=False)
    # no triggers: when the page has loaded
    gr.on(fn=lambda: quick_times(desk, cards), inputs=None, outputs=[card.time for card in cards], **AT_ONCE)
    return StartPage(cards, recent)


def quick_times(desk: PageContext, cards: Iterable[EngineCard]) -> list[Html]:
    """Return how long each card's quick run takes, as it was measured."""
    return [tag("p", preset_time(desk, card.engine, "quick"), class_="bw-card-time") for card in cards]


def by_tab(engines: Iterable[Engine]) -> Mapping[Tab, tuple[Engine, ...]]:
    """Return the methods of each tab that has any, tabs in their fixed order."""
    all_engines = tuple(engines)
    found = {tab: tuple(engine for engine in all_engines if engine.tab is tab) for tab in Tab}
    return {tab: inside for tab, inside in found.items() if inside}


def recent_runs(desk: PageContext) -> Html:
    """Return the newest runs and the examples as HTML; a friendly line where there are none yet."""
    own = desk.history.listing(RunFilter(archived=False), limit=RECENT * 2).records
    recent = [record for record in own if record.origin != "example"][:RECENT]
    examples = desk.history.listing(RunFilter(origin="example", archived=False), limit=RECENT).records
    parts = [run_strip(say("Recent runs"), recent, desk.engines)]
    if not recent:
        press = say_html("No runs yet. Press {button} above.", button=tag("b", say("Run it now")))
        parts = [tag("p", press, " ", _first_run_note(), class_="bw-empty")]
    if examples:
        parts.append(run_strip(say("Examples, run elsewhere"), examples, desk.engines))
    return join(parts)


def run_quick(desk: PageContext, engine: Engine, request: gr.Request) -> RunId:
    """Start the method's quick preset for this visitor, or give the run of it that is already under way.

    Raises:
        gr.Error: it cannot be started.
    """
    try:
        visitor = desk.access.visitor(request)
        spec = read_spec(engine, preset="quick")
        wanted = RunFilter(engine=engine.name, states=tuple(LIVE), owner=visitor.name)
        for record in desk.history.listing(wanted, limit=20).records:
            if record.spec == spec:
                return record.run
        return desk.bench.start(spec, owner=visitor.name)
    except WorkbenchError as error:
        raise error_toast(error) from error


def _card(engine: Engine) -> EngineCard:
    with gr.Column(elem_classes="bw-card", min_width=280):
        gr.HTML(_card_body(engine), apply_default_css=False)
        time = gr.HTML("", apply_default_css=False)
        with gr.Row(elem_classes="bw-card-buttons"):
            run = gr.Button(say("Run it now"), variant="primary", size="md", min_width=120)
            look = gr.Button(say("Open"), size="md", min_width=90)
    return EngineCard(engine, time, run, look)


def _card_body(engine: Engine) -> Html:
    promise = isolated(engine.presets["quick"].promise, 300)
    words = tag(
        "div",
        tag("p", f"{engine.tab} · ", isolated(engine.title), class_="bw-kicker"),
        tag("h2", isolated(engine.question)),
        tag("p", isolated(_first_sentence(engine.idea), 300)),
        tag("p", tag("b", say("Quick run:")), " ", promise, class_="bw-promise"),
        class_="bw-card-text",
    )
    return tag("div", words, Html(picture(engine.tab)), class_="bw-card-body")


def _first_sentence(idea: str) -> str:
    head, stop, _ = " ".join(idea.split()).partition(". ")
    return head + stop.strip()


def _first_run_note() -> Html:
    if any(place("models").iterdir()):
        return Html(say_html("The default model is on this machine; nothing needs the network."))
    return say_html(
        "The default model is not on this machine yet: the first run fetches it (about 100 MB). To have it beforehand,"
        " run {command}.",
        command=tag("code", "benchwright fetch"),
    )


def _hero() -> Html:
    asked = say(
        "Pick a question. One click runs the paper's method next to its baselines on a real model, on this machine, and"
        " tells you which of the paper's claims hold here."
    )
    return tag("div", tag("h1", say("What do you want to find out?")), tag("p", asked), class_="bw-hero")


def _about() -> Html:
    columns = (
        (
            say("A fair comparison"),
            say(
                "Every run holds the method, its baselines and its ablations, over the same data and seeds. Verdicts"
                " come with intervals, and “undecided” is an answer."
            ),
        ),
        (
            say("Small and real"),
            say(
                "Quick runs use a small real model, so that pictures appear soon. What such a model cannot show is said"
                " on the method's page; the paper's own settings are one preset away."
            ),
        ),
        (
            say("Nothing is lost"),
            say(
                "Close the tab, restart the server, open the link on another device: runs go on, and everything they"
                " said stays in the history."
            ),
        ),
    )
    told = [tag("div", tag("h3", title), tag("p", words)) for title, words in columns]
    head = tag("h2", say("What this is, and what it is not"), class_="bw-group")
    return tag("section", head, tag("div", *told, class_="bw-columns"), class_="bw-about")
