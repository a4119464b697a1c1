"""Small pieces of HTML that several parts of the page share. Whatever a user or a model wrote enters through `text`."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import WorkbenchError
from workbench.formatting import STATES, duration
from workbench.history.records import RunRecord
from workbench.specs.links import run_link


def text(value: str, most: int = 200) -> str:
    """Foreign text, escaped, cut, and kept from turning its surroundings around."""
    cut = value if len(value) <= most else f"{value[: most - 1]}…"
    return f"<bdi>{escape(cut)}</bdi>"


def state_badge(record: RunRecord) -> str:
    """Sign and word of a run's state, with its progress while it runs."""
    words = STATES[record.state]
    done = f" {min(100, 100 * record.done // record.total)} %" if record.live and record.total > 0 else ""
    example = ' <span class="bw-chip">example</span>' if record.origin == "example" else ""
    sign = f'<span aria-hidden="true">{words.mark}</span>'
    return f'<span class="bw-state bw-{words.tone}">{sign} {words.word}{done}</span>{example}'


def moment(seconds: float) -> str:
    """A point in time; the page's script turns it into "3 minutes ago"."""
    stamp = datetime.fromtimestamp(seconds, UTC)
    return f'<time datetime="{stamp:%Y-%m-%dT%H:%M:%SZ}" data-relative>{stamp:%Y-%m-%d %H:%M} UTC</time>'


def run_name(record: RunRecord, engine: Engine | None) -> str:
    """What a run is called: its title, else its method."""
    return record.title or (engine.title if engine else record.engine)


def run_anchor(record: RunRecord, engine: Engine | None) -> str:
    """A link that opens the run; the page's script opens it in place."""
    name = text(run_name(record, engine), 120)
    return f'<a href="{run_link("", record.run)}" data-act="open" data-run="{record.run}">{name}</a>'


def run_strip(title: str, records: Iterable[RunRecord], engines: Mapping[str, Engine]) -> str:
    """A titled row of runs, each a link with its state, age and time taken."""
    items = "".join(
        f'<li>{run_anchor(record, engines.get(record.engine))}<span class="bw-line">{state_badge(record)}'
        f'<span class="bw-muted">{moment(record.created)}{_took(record)}</span></span></li>'
        for record in records
    )
    return f'<section><h2 class="bw-group">{escape(title)}</h2><ul class="bw-strip">{items}</ul></section>'


def _took(record: RunRecord) -> str:
    return "" if record.seconds is None else f" · {duration(record.seconds)}"


def told(error: WorkbenchError) -> gr.Error:
    """The error as the page shows it: a sentence and a remedy, its foreign parts escaped."""
    return gr.Error(escape(f"{error} {error.hint}".strip()), duration=12, print_exception=False)
