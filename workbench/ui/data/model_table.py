"""The list of models as HTML: what each is, what it takes, how fast it writes here, and what is wrong with it."""

from collections.abc import Sequence

from workbench.contract.catalogue import ModelLine
from workbench.formatting import number, size
from workbench.specs.links import run_link
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.markup import empty_list, isolated, list_button, list_cell, list_table

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


HEAD = ("Model", "Kind", "Size", "Parameters", "Format", "Context", "Licence", "Speed here", "[Actions]")


def model_table(lines: Sequence[ModelLine], empty: str, removable: bool) -> Html:
    """The models, one a row; `empty` is said where there are none.

    Args:
        removable: the visitor may take what was added off the list.
    """
    if not lines:
        return empty_list(empty)
    return list_table("Models", HEAD, [_row(line, removable) for line in lines])


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


def _row(line: ModelLine, removable: bool) -> Html:
    return tag(
        "tr",
        tag("th", _name(line), scope="row"),
        _cell("Kind", f"{PLACES[line.place]}, {ROLES[line.role]}"),
        _cell("Size", _size(line)),
        _cell("Parameters", _parameters(line.parameters)),
        _cell("Format", isolated(line.dtype, 30) if line.dtype else "–"),
        _cell("Context", f"{line.context:,} tokens" if line.context else "–"),
        _cell("Licence", isolated(line.licence, 60) if line.licence else "see its source"),
        _cell("Speed", _speed(line)),
        _cell("", _buttons(line, removable)),
    )


def _name(line: ModelLine) -> Html:
    ref = tag("code", isolated(line.ref, 300)) if line.ref != line.name else ""
    run = ""
    if line.place == "run":
        run = join([" ", tag("a", "the run", href=run_link("", line.ref.removeprefix("run:").partition("/")[0]))])
    note = tag("span", isolated(line.note, 400), class_="bw-note") if line.note else ""
    problem = tag("span", isolated(line.problem, 600), class_="bw-problem") if line.problem else ""
    name = tag("strong", isolated(line.name, 120))
    return join([name, tag("span", ref, run, class_="bw-sub"), problem, note])


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


def _buttons(line: ModelLine, removable: bool) -> Html:
    made: list[Html] = []
    if line.role != "encoder" and not line.problem:
        made.append(list_button("try", "Try", f"Try {line.name} in the playground"[:200], data_ref=line.ref))
    if line.entry and removable:
        made.append(list_button("remove", "Remove", f"Take {line.name} off the list"[:200], data_ref=line.entry))
    return join(made)


def _cell(label: str, content: object) -> Html:
    return list_cell(label, content, class_="bw-unknown" if content in ("–", "") else None)
