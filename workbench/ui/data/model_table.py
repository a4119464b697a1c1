"""The list of models as HTML: what each is, what it takes, how fast it writes here, and what is wrong with it."""

from collections.abc import Sequence
from html import escape

from workbench.contract.catalogue import ModelLine
from workbench.formatting import number, size
from workbench.specs.links import run_link
from workbench.ui.elements.markup import text

PLACES: dict[str, str] = {
    "bundled": "bundled",
    "folder": "folder",
    "hub cache": "hub cache",
    "server": "server",
    "run": "made by a run",
}
ROLES: dict[str, str] = {
    "causal": "answers",
    "generator": "answers",
    "adapter": "adapter",
    "encoder": "embeds",
}

SCRIPT = """element.addEventListener('click', (event) => {
  const pressed = event.target.closest('button[data-act]');
  if (pressed) trigger('click', { act: pressed.dataset.act, ref: pressed.dataset.ref });
});"""
"""A pressed button is a `click` that carries its `act` and the `ref` (of a model) or entry (of what was added)."""


def model_table(lines: Sequence[ModelLine], empty: str, removable: bool) -> str:
    """The models, one a row; `empty` is said where there are none.

    Args:
        removable: the visitor may take what was added off the list.
    """
    if not lines:
        return f'<p class="bw-empty" role="status">{escape(empty)}</p>'
    rows = "".join(_row(line, removable) for line in lines)
    return f'<table class="bw-list"><caption class="bw-hidden">Models</caption>{_HEAD}<tbody>{rows}</tbody></table>'


def fitting(lines: Sequence[ModelLine], words: str, place: str, usable: bool) -> list[ModelLine]:
    """The lines that hold every word, lie in that place ("" for any) and, if asked, can be used at once."""
    sought = words.lower().split()
    return [
        line
        for line in lines
        if all(word in _searched(line) for word in sought)
        and place in ("", line.place)
        and (not usable or (line.ready and not line.problem))
    ]


def _searched(line: ModelLine) -> str:
    return " ".join((line.ref, line.name, line.place, ROLES[line.role], line.dtype, line.licence)).lower()


def _row(line: ModelLine, removable: bool) -> str:
    return (
        f'<tr><th scope="row">{_name(line)}</th>{_cell("Kind", _kind(line))}'
        f"{_cell('Size', _size(line))}{_cell('Parameters', _parameters(line.parameters))}"
        f"{_cell('Format', text(line.dtype, 30) if line.dtype else '–')}"
        f"{_cell('Context', f'{line.context:,} tokens' if line.context else '–')}"
        f"{_cell('Licence', text(line.licence, 60) if line.licence else 'see its source')}"
        f"{_cell('Speed', _speed(line))}{_cell('', _buttons(line, removable))}</tr>"
    )


def _name(line: ModelLine) -> str:
    shown = f"<strong>{text(line.name, 120)}</strong>"
    ref = f"<code>{text(line.ref, 300)}</code>" if line.ref != line.name else ""
    if line.place == "run":
        run = line.ref.removeprefix("run:").partition("/")[0]
        ref += f' <a href="{escape(run_link("", run), quote=True)}">the run</a>'
    note = f'<span class="bw-note">{text(line.note, 400)}</span>' if line.note else ""
    problem = f'<span class="bw-problem">{text(line.problem, 600)}</span>' if line.problem else ""
    return f'{shown}<span class="bw-sub">{ref}</span>{problem}{note}'


def _kind(line: ModelLine) -> str:
    return f"{PLACES[line.place]}, {ROLES[line.role]}"


def _size(line: ModelLine) -> str:
    if line.disk_bytes is None:
        return "–"
    return size(line.disk_bytes) if line.ready else f"{size(line.disk_bytes)}, fetched at first use"


def _parameters(many: int | None) -> str:
    if many is None:
        return "–"
    for unit, each in (("billion", 1e9), ("million", 1e6)):
        if many >= each:
            return f"{many / each:.3g} {unit}"
    return f"{many:,}"


def _speed(line: ModelLine) -> str:
    if line.tokens_per_second:
        return number(line.tokens_per_second, "tokens/s")
    return "–" if line.role == "encoder" else "not measured yet"


def _buttons(line: ModelLine, removable: bool) -> str:
    made = ""
    if line.role != "encoder" and not line.problem:
        made += _button("try", line.ref, "Try", f"Try {line.name} in the playground")
    if line.entry and removable:
        made += _button("remove", line.entry, "Remove", f"Take {line.name} off the list")
    return made


def _button(act: str, ref: str, word: str, label: str) -> str:
    shown = escape(label[:200], quote=True)
    return (
        f'<button type="button" class="bw-small" data-act="{act}" data-ref="{escape(ref, quote=True)}" '
        f'aria-label="{shown}">{word}</button>'
    )


def _cell(name: str, content: str) -> str:
    unknown = ' class="bw-unknown"' if content in ("–", "") else ""
    return f'<td data-label="{name}"{unknown}>{content}</td>'


_HEAD = (
    '<thead><tr><th scope="col">Model</th><th scope="col">Kind</th><th scope="col">Size</th>'
    '<th scope="col">Parameters</th><th scope="col">Format</th><th scope="col">Context</th>'
    '<th scope="col">Licence</th><th scope="col">Speed here</th>'
    '<td><span class="bw-hidden">Actions</span></td></tr></thead>'
)
