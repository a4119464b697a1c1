"""The table of runs and the queue as HTML: accessible, escaped, with one script that reports what was pressed."""

from collections.abc import Mapping, Sequence

from workbench.contract.engine import Engine
from workbench.contract.runs import RunId
from workbench.formatting import duration
from workbench.history.records import RunRecord
from workbench.messages import say
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
)
from workbench.ui.runs.run_columns import COLUMNS, USUAL, ListedRun

TAGS_SHOWN = 4
LONGEST_NAME = 80

SCRIPT = """let held = null;
const picked = new Set();
const boxes = () => [...element.querySelectorAll('input[data-pick]')];
function tell() { trigger('input', { runs: [...picked] }); }
function mark() {
  for (const box of boxes()) box.checked = picked.has(box.dataset.pick);
  const all = element.querySelector('input[data-pick-all]');
  if (all) all.checked = boxes().length > 0 && boxes().every((box) => box.checked);
}
element.addEventListener('focusin', (event) => { held = event.target.dataset?.key ?? null; });
element.addEventListener('change', (event) => {
  const box = event.target;
  const chosen = box.dataset.pickAll ? boxes() : box.dataset.pick ? [box] : [];
  for (const each of chosen) picked[box.checked ? 'add' : 'delete'](each.dataset.pick);
  if (chosen.length) { mark(); tell(); }
});
document.addEventListener('bw-unpick', () => { if (picked.size) { picked.clear(); mark(); tell(); } });
element.addEventListener('click', (event) => {
  const pressed = event.target.closest('[data-act]');
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const said = { act: pressed.dataset.act, run: pressed.dataset.run };
  if (said.act === 'open') trigger('select', said); else trigger('click', said);
});
watch('value', () => {
  setTimeout(mark);
  if (held && document.activeElement === document.body) element.querySelector(`[data-key="${held}"]`)?.focus();
});"""
"""Opening a run is a `select`, choosing some an `input`, all else a `click`; a redraw gives the focus back to the
button that had it, and keeps what is chosen."""

UNPICK = "() => { document.dispatchEvent(new Event('bw-unpick')); }"
"""Has the table choose none."""


def run_table(runs: Sequence[ListedRun], empty: str, columns: Sequence[str] = USUAL) -> Html:
    """Return runs, newest first, as a table; `empty` is said where there are none.

    Args:
        runs: what is listed.
        empty: why nothing is.
        columns: names among `COLUMNS`, in their order.
    """
    if not runs:
        return empty_list(empty)
    titles = [say(COLUMNS[name].title) for name in columns]
    every = tag("input", type="checkbox", data_pick_all="yes", aria_label=say("Choose all that are listed"))
    head = [f"[{say('Choose and star')}]", say("Run"), *titles, f"[{say('Details')}]"]
    table = list_table(say("Runs, newest first"), head, [_row(run, columns) for run in runs], "bw-runs")
    return join([tag("label", every, " ", say("Choose all that are listed"), class_="bw-pick-all"), table])


def queue_list(
    waiting: Sequence[RunRecord],
    engines: Mapping[str, Engine],
    movable: frozenset[RunId],
    starts: Mapping[RunId, float],
) -> Html:
    """Return the runs that wait, in order, each with buttons to move it; nothing where none waits.

    Args:
        waiting: the next one first.
        engines: the installed methods by name.
        movable: which of them this visitor may move.
        starts: seconds until each starts, where known.
    """
    if not waiting:
        return join([])
    items = [
        _waiting(record, engines.get(record.engine), record.run in movable, (place, len(waiting)), starts)
        for place, record in enumerate(waiting, start=1)
    ]
    title = tag("h2", say("Waiting to run"), class_="bw-group")
    return tag("section", title, tag("ol", *items), class_="bw-queue")


def _row(run: ListedRun, columns: Sequence[str]) -> Html:
    record = run.record
    tags = [tag("span", isolated(word, 24), class_="bw-chip") for word in record.tags[:TAGS_SHOWN]]
    more = len(record.tags) - TAGS_SHOWN
    if more > 0:
        tags.append(tag("span", say("and {n} more", n=more), class_="bw-muted"))
    note = tag("span", isolated(record.note, 120), class_="bw-note") if record.note else ""
    under = tag("span", tag("code", record.run), *tags, class_="bw-sub")
    name = run_anchor(record, run.engine, run.name_without(columns))
    cells = [list_cell(say(COLUMNS[each].title), COLUMNS[each].cell(run), class_=f"bw-col-{each}") for each in columns]
    details = say("Details of {name}", name=_short_name(run))
    return tag(
        "tr",
        list_cell("", join([_pick(run), _star(run)]), class_="bw-pick"),
        tag("th", name, under, note, scope="row"),
        *cells,
        list_cell("", _button("edit", say("Details"), record, details), class_="bw-act"),
    )


def _pick(run: ListedRun) -> Html:
    label = say("Choose {name}", name=_short_name(run))
    key = f"pick-{run.record.run}"
    return tag("input", type="checkbox", data_pick=run.record.run, data_key=key, aria_label=label)


def _star(run: ListedRun) -> Html:
    label, pressed = say("Star {name}", name=_short_name(run)), str(run.record.starred).lower()
    sign = "★" if run.record.starred else "☆"
    return _button("star", sign, run.record, label, class_="bw-star", aria_pressed=pressed)


def _short_name(run: ListedRun) -> str:
    return run_name(run.record, run.engine)[:LONGEST_NAME]


def _button(act: str, word: str, record: RunRecord, label: str | None = None, **attributes: object) -> Html:
    return list_button(act, word, label, data_run=record.run, data_key=f"{act}-{record.run}", **attributes)


def _waiting(
    record: RunRecord, engine: Engine | None, movable: bool, place: tuple[int, int], starts: Mapping[RunId, float]
) -> Html:
    at, last = place
    name = run_name(record, engine)[:LONGEST_NAME]
    since = tag("span", moment(record.created), class_="bw-muted")
    start = starts.get(record.run)
    when = "" if start is None else tag("span", say("starts in about {time}", time=duration(start)), class_="bw-muted")
    up = _button("up", say("Earlier"), record, say("Earlier: {name}", name=name), disabled=at == 1)
    down = _button("down", say("Later"), record, say("Later: {name}", name=name), disabled=at == last)
    words = tag("span", run_anchor(record, engine), " ", since, " ", when)
    return tag("li", words, *([up, down] if movable else []))
