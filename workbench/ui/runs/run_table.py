"""The table of runs and the queue as HTML: accessible, escaped, with one script that reports what was pressed."""

from collections.abc import Mapping, Sequence

from workbench.contract.engine import Engine
from workbench.contract.runs import RunId
from workbench.formatting import duration
from workbench.history.records import RunRecord
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.markup import (
    empty_list,
    isolated,
    list_button,
    list_cell,
    list_table,
    moment,
    run_anchor,
    run_name,
    state_badge,
)

TAGS_SHOWN = 4

SCRIPT = """let held = null;
element.addEventListener('focusin', (event) => { held = event.target.dataset?.key ?? null; });
element.addEventListener('click', (event) => {
  const pressed = event.target.closest('[data-act]');
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const said = { act: pressed.dataset.act, run: pressed.dataset.run };
  if (said.act === 'open') trigger('select', said); else trigger('click', said);
});
watch('value', () => {
  if (held && document.activeElement === document.body) element.querySelector(`[data-key="${held}"]`)?.focus();
});"""
"""Opening a run is a `select`, all else a `click`; a redraw gives the focus back to the button that had it."""


HEAD = ("[Star]", "Run", "Method", "State", "Started", "Took", "[Details]")


def run_table(records: Sequence[RunRecord], engines: Mapping[str, Engine], empty: str) -> Html:
    """Records, newest first, as a table; `empty` is said where there are none."""
    if not records:
        return empty_list(empty)
    rows = [_row(record, engines.get(record.engine)) for record in records]
    return list_table("Runs, newest first", HEAD, rows, "bw-runs")


def queue_list(waiting: Sequence[RunRecord], engines: Mapping[str, Engine], movable: frozenset[RunId]) -> Html:
    """The runs that wait, in order, each with buttons to move it; nothing where none waits."""
    if not waiting:
        return join([])
    items = [
        _waiting(place, record, engines.get(record.engine), record.run in movable, len(waiting))
        for place, record in enumerate(waiting, start=1)
    ]
    return tag("section", tag("h2", "Waiting to run", class_="bw-group"), tag("ol", *items), class_="bw-queue")


def _row(record: RunRecord, engine: Engine | None) -> Html:
    tags = [tag("span", isolated(word, 24), class_="bw-chip") for word in record.tags[:TAGS_SHOWN]]
    note = tag("span", isolated(record.note, 120), class_="bw-note") if record.note else ""
    under = tag("span", tag("code", record.run), *tags, class_="bw-sub")
    return tag(
        "tr",
        list_cell("", _star(record, engine)),
        tag("th", run_anchor(record, engine), under, note, scope="row"),
        list_cell("Method", isolated(engine.title if engine else record.engine, 60)),
        list_cell("State", state_badge(record)),
        list_cell("Started", moment(record.created)),
        list_cell("Took", "–" if record.seconds is None else duration(record.seconds)),
        list_cell("", _button("edit", "Details", record, f"Details of {run_name(record, engine)[:80]}")),
    )


def _star(record: RunRecord, engine: Engine | None) -> Html:
    label, pressed = f"Star {run_name(record, engine)[:80]}", str(record.starred).lower()
    sign = "★" if record.starred else "☆"
    return _button("star", sign, record, label, class_="bw-star", aria_pressed=pressed)


def _button(act: str, word: str, record: RunRecord, label: str | None = None, **attributes: object) -> Html:
    return list_button(act, word, label, data_run=record.run, data_key=f"{act}-{record.run}", **attributes)


def _waiting(place: int, record: RunRecord, engine: Engine | None, movable: bool, last: int) -> Html:
    since = tag("span", moment(record.created), class_="bw-muted")
    up = _button("up", "Earlier", record, disabled=place == 1)
    down = _button("down", "Later", record, disabled=place == last)
    return tag("li", tag("span", run_anchor(record, engine), " ", since), *([up, down] if movable else []))
