"""The table of runs and the queue as HTML: accessible, escaped, with one script that reports what was pressed."""

from collections.abc import Mapping, Sequence
from html import escape

from workbench.contract.engine import Engine
from workbench.contract.runs import RunId
from workbench.formatting import duration
from workbench.history.records import RunRecord
from workbench.ui.elements.markup import moment, run_anchor, run_name, state_badge, text

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


def run_table(records: Sequence[RunRecord], engines: Mapping[str, Engine], empty: str) -> str:
    """Records, newest first, as a table; `empty` is said where there are none."""
    if not records:
        return f'<p class="bw-empty" role="status">{escape(empty)}</p>'
    rows = "".join(_row(record, engines.get(record.engine)) for record in records)
    caption = '<caption class="bw-hidden">Runs, newest first</caption>'
    return f'<table class="bw-runs">{caption}{_HEAD}<tbody>{rows}</tbody></table>'


def queue_list(waiting: Sequence[RunRecord], engines: Mapping[str, Engine], movable: frozenset[RunId]) -> str:
    """The runs that wait, in order, each with buttons to move it; nothing where none waits."""
    if not waiting:
        return ""
    items = "".join(
        _waiting(place, record, engines.get(record.engine), record.run in movable, len(waiting))
        for place, record in enumerate(waiting, start=1)
    )
    return f'<section class="bw-queue"><h2 class="bw-group">Waiting to run</h2><ol>{items}</ol></section>'


def _row(record: RunRecord, engine: Engine | None) -> str:
    method = text(engine.title if engine else record.engine, 60)
    tags = "".join(f'<span class="bw-chip">{text(tag, 24)}</span>' for tag in record.tags[:TAGS_SHOWN])
    note = f'<span class="bw-note">{text(record.note, 120)}</span>' if record.note else ""
    return (
        f"<tr>{_cell('', _star(record, engine))}"
        f'<th scope="row">{run_anchor(record, engine)}'
        f'<span class="bw-sub"><code>{record.run}</code>{tags}</span>{note}</th>'
        f"{_cell('Method', method)}{_cell('State', state_badge(record))}{_cell('Started', moment(record.created))}"
        f"{_cell('Took', '–' if record.seconds is None else duration(record.seconds))}"
        f"{_cell('', _button('edit', record, 'Details', run_name(record, engine)))}</tr>"
    )


def _star(record: RunRecord, engine: Engine | None) -> str:
    label = escape(f"Star {run_name(record, engine)[:80]}", quote=True)
    return (
        f'<button type="button" class="bw-star" data-act="star" data-run="{record.run}" data-key="star-{record.run}" '
        f'aria-pressed="{str(record.starred).lower()}" aria-label="{label}">{"★" if record.starred else "☆"}</button>'
    )


def _button(act: str, record: RunRecord, word: str, name: str) -> str:
    label = escape(f"{word} of {name[:80]}", quote=True)
    return (
        f'<button type="button" class="bw-small" data-act="{act}" data-run="{record.run}" '
        f'data-key="{act}-{record.run}" aria-label="{label}">{word}</button>'
    )


def _cell(name: str, content: str) -> str:
    return f'<td data-label="{name}">{content}</td>'


def _waiting(place: int, record: RunRecord, engine: Engine | None, movable: bool, last: int) -> str:
    moves = ""
    if movable:
        moves = _move("up", "Earlier", record, place == 1) + _move("down", "Later", record, place == last)
    since = f'<span class="bw-muted">{moment(record.created)}</span>'
    return f"<li><span>{run_anchor(record, engine)} {since}</span>{moves}</li>"


def _move(act: str, word: str, record: RunRecord, disabled: bool) -> str:
    return (
        f'<button type="button" class="bw-small" data-act="{act}" data-run="{record.run}" data-key="{act}-{record.run}"'
        f"{' disabled' if disabled else ''}>{word}</button>"
    )


_HEAD = (
    '<thead><tr><td><span class="bw-hidden">Star</span></td><th scope="col">Run</th><th scope="col">Method</th>'
    '<th scope="col">State</th><th scope="col">Started</th><th scope="col">Took</th>'
    '<td><span class="bw-hidden">Details</span></td></tr></thead>'
)
