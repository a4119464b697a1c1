"""The list of models as HTML: what each is, what it takes, how fast it writes here, and what is wrong with it."""

from collections.abc import Sequence

from workbench.contract.catalogue import ModelLine
from workbench.formatting import number, size
from workbench.messages import noted, say
from workbench.specs.links import run_link
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.markup import empty_list, isolated, list_button, list_cell, list_table

PLACES: dict[str, str] = {
    "bundled": noted("bundled"),
    "folder": noted("folder"),
    "hub cache": noted("hub cache"),
    "server": noted("server"),
    "run": noted("made by a run"),
}
ROLES: dict[str, str] = {
    "causal": noted("answers"),
    "generator": noted("answers"),
    "adapter": noted("adapter"),
    "encoder": noted("embeds"),
}

SCRIPT = """element.addEventListener('click', (event) => {
  const pressed = event.target.closest('button[data-act]');
  if (pressed) trigger('click', { act: pressed.dataset.act, ref: pressed.dataset.ref });
});"""
"""A pressed button is a `click` that carries its `act` and the `ref` (of a model) or entry (of what was added)."""


HEAD = (
    noted("Model"), noted("Kind"), noted("Size"), noted("Parameters"), noted("Format"), noted("Context"),
    noted("Licence"), noted("Speed here"), noted("[Actions]"),
)  # fmt: skip


def model_table(lines: Sequence[ModelLine], empty: str, removable: bool) -> Html:
    """Return the models, one a row; `empty` is said where there are none.

    Args:
        removable: the visitor may take what was added off the list.
    """
    if not lines:
        return empty_list(empty)
    return list_table(say("Models"), tuple(map(say, HEAD)), [_row(line, removable) for line in lines])


def fitting(lines: Sequence[ModelLine], words: str, place: str, usable: bool) -> list[ModelLine]:
    """Return the lines that hold every word, lie in that place ("" for any) and, if asked, can be used at once."""
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
        _cell("Kind", say("{place}, {role}", place=say(PLACES[line.place]), role=say(ROLES[line.role]))),
        _cell("Size", _size(line)),
        _cell("Parameters", _parameters(line.parameters)),
        _cell("Format", isolated(line.dtype, 30) if line.dtype else "–"),
        _cell("Context", say("{n} tokens", n=f"{line.context:,}") if line.context else "–"),
        _cell("Licence", isolated(line.licence, 60) if line.licence else say("see its source")),
        _cell("Speed", _speed(line)),
        _cell("", _buttons(line, removable)),
    )


def _name(line: ModelLine) -> Html:
    ref = tag("code", isolated(line.ref, 300)) if line.ref != line.name else ""
    run = ""
    if line.place == "run":
        run = join([" ", tag("a", say("the run"), href=run_link("", line.ref.removeprefix("run:").partition("/")[0]))])
    note = tag("span", isolated(line.note, 400), class_="bw-note") if line.note else ""
    problem = tag("span", isolated(line.problem, 600), class_="bw-problem") if line.problem else ""
    name = tag("strong", isolated(line.name, 120))
    return join([name, tag("span", ref, run, class_="bw-sub"), problem, note])


def _size(line: ModelLine) -> str:
    if line.disk_bytes is None:
        return "–"
    return size(line.disk_bytes) if line.ready else say("{size}, fetched at first use", size=size(line.disk_bytes))


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
    return "–" if line.role == "encoder" else say("not measured yet")


def _buttons(line: ModelLine, removable: bool) -> Html:
    made, name = list[Html](), line.name[:180]
    if line.role != "encoder" and not line.problem:
        made.append(
            list_button("try", say("Try"), say("Try {name} in the playground", name=line.name[:180]), data_ref=line.ref)
        )
    if not line.problem:
        words = say("Use {name} in a run", name=name)
        made.append(list_button("use", say("Use in a run"), words, data_ref=line.ref))
    if line.entry and removable:
        made.append(
            list_button(
                "remove", say("Remove"), say("Take {name} off the list", name=line.name[:180]), data_ref=line.entry
            )
        )
    return join(made)


def _cell(label: str, content: object) -> Html:
    return list_cell(label, content, class_="bw-unknown" if content in ("–", "") else None)
