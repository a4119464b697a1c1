"""Small pieces of HTML that several parts of the page share; what a user or a model wrote is isolated and cut."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import gradio as gr
from markupsafe import escape

from workbench.contract.engine import Engine
from workbench.contract.errors import WorkbenchError
from workbench.formatting import STATES, duration
from workbench.history.records import RunRecord
from workbench.messages import say
from workbench.specs.links import run_link
from workbench.specs.run_names import spec_name
from workbench.ui.elements.elements import Html, join, tag


def isolated(value: str, most: int = 200) -> Html:
    """Escape and cut foreign text, isolated so that its direction of writing leaves what surrounds it alone."""
    return tag("bdi", value if len(value) <= most else f"{value[: most - 1]}…")


def list_table(caption: str, head: Iterable[str], rows: Iterable[Html], class_: str = "bw-list") -> Html:
    """Return a list as a table of rows; a head in brackets ("[Actions]") is there for screen readers alone."""
    top = [_unseen(word[1:-1]) if word.startswith("[") else tag("th", word, scope="col") for word in head]
    named = tag("caption", caption, class_="bw-hidden")
    return tag("table", named, tag("thead", tag("tr", *top)), tag("tbody", *rows), class_=class_)


def empty_list(words: str) -> Html:
    """Return what stands in place of a list that has no rows."""
    return tag("p", words, class_="bw-empty", role="status")


def list_cell(label: str, content: object, **attributes: object) -> Html:
    """Return a cell of a list; its label stands beside it on narrow screens."""
    return tag("td", content, data_label=label, **attributes)


def list_button(act: str, word: str, label: str | None = None, **attributes: object) -> Html:
    """Return a button of a list.

    The list's script tells which `act` was pressed, and on what (`data_run`, `data_ref`).
    """
    given = {"type": "button", "class_": "bw-small", "data_act": act, **attributes, "aria_label": label}
    return tag("button", word, **given)


def _unseen(word: str) -> Html:
    return tag("td", tag("span", word, class_="bw-hidden"))


def state_badge(record: RunRecord) -> Html:
    """Sign and word of a run's state, with its progress while it runs."""
    words = STATES[record.state]
    done = f" {min(100, 100 * record.done // record.total)} %" if record.live and record.total > 0 else ""
    sign = tag("span", words.mark, aria_hidden="true")
    badge = tag("span", sign, f" {say(words.word)}{done}", class_=f"bw-state bw-{words.tone}")
    return join([badge, tag("span", say("example"), class_="bw-chip")], " ") if record.origin == "example" else badge


def moment(seconds: float) -> Html:
    """Return a point in time; the page's script turns it into "3 minutes ago"."""
    stamp = datetime.fromtimestamp(seconds, UTC)
    told = say("{moment} UTC", moment=f"{stamp:%Y-%m-%d %H:%M}")
    return tag("time", told, datetime=f"{stamp:%Y-%m-%dT%H:%M:%SZ}", data_relative=True)


def run_name(record: RunRecord, engine: Engine | None) -> str:
    """Name a run: its title, else what it was asked; its method alone where that is not installed."""
    return record.title or (spec_name(engine, record.spec) if engine else record.engine)


def run_anchor(record: RunRecord, engine: Engine | None, shown: str = "") -> Html:
    """Return a link that opens the run, under its name or as `shown`; the page's script opens it in place."""
    name = isolated(shown or run_name(record, engine), 120)
    return tag("a", name, href=run_link("", record.run), data_act="open", data_run=record.run)


def run_strip(title: str, records: Iterable[RunRecord], engines: Mapping[str, Engine]) -> Html:
    """Return a titled row of runs, each a link with its state, age and time taken."""
    items = [tag("li", run_anchor(record, engines.get(record.engine)), _run_line(record)) for record in records]
    return tag("section", tag("h2", title, class_="bw-group"), tag("ul", *items, class_="bw-strip"))


def _run_line(record: RunRecord) -> Html:
    took = "" if record.seconds is None else f" · {duration(record.seconds)}"
    age = tag("span", moment(record.created), took, class_="bw-muted")
    return tag("span", state_badge(record), age, class_="bw-line")


def error_toast(error: WorkbenchError) -> gr.Error:
    """Return the error as the page shows it: a sentence and a remedy, its foreign parts escaped."""
    return gr.Error(str(escape(f"{error} {error.hint}".strip())), duration=12, print_exception=False)
