"""What pickers offer: the catalogue's references that fit a role, read when a page asks for them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import gradio as gr

from workbench.contract.catalogue import DataLine, ModelLine
from workbench.contract.engine import Engine
from workbench.contract.errors import WorkbenchError
from workbench.contract.settings import Setting, settings_of
from workbench.formatting import size
from workbench.messages import say
from workbench.ui.elements.page_context import PageContext

FITTING: Mapping[str, tuple[str, ...]] = {
    "causal": ("causal", "adapter"),
    "generator": ("causal", "adapter", "generator"),
    "encoder": ("encoder", "causal"),
    "classifier": ("encoder",),
}
"""What a setting asks a model to do, and the roles of models that can; the best first."""

ANY = ("", "rows")
"""What a setting says of its rows when all will do."""

HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+$")

Picker = tuple[Setting, gr.Dropdown]
"""A setting of kind "model" or "data", and the dropdown that asks for it."""


def listed_models(desk: PageContext) -> list[ModelLine]:
    """Return the catalogue's models, those of deleted runs left out."""
    return [line for line in desk.installed.catalogue.models() if line.place != "run" or _is_there(desk, line.ref)]


def model_refs(desk: PageContext, role: str, lines: Iterable[ModelLine] | None = None) -> list[str]:
    """References of the usable models that can do what `role` asks, the best fit first, then in the list's order."""
    roles = FITTING.get(role, (role,))
    fitting = [line for line in (listed_models(desk) if lines is None else lines) if line.role in roles]
    return [line.ref for line in sorted(fitting, key=lambda line: roles.index(line.role)) if not line.problem]


def data_refs(desk: PageContext, record: str = "") -> list[str]:
    """References of the data sets whose rows are known to fit first, then of those that nobody has looked into."""
    lines = desk.installed.catalogue.data()
    known = [line.ref for line in lines if line.record and (record in ANY or record.startswith(line.record))]
    return known + [line.ref for line in lines if not line.record]


def offered(desk: PageContext, pickers: Iterable[Picker]) -> list[Any]:
    """Return an update for each picker: what the catalogue offers now. What was chosen stays chosen."""
    lines = listed_models(desk)
    sizes = to_fetch([*lines, *desk.installed.catalogue.data()])
    return [gr.update(choices=_choices(desk, setting, picker, lines, sizes)) for setting, picker in pickers]


def _choices(
    desk: PageContext, setting: Setting, picker: gr.Dropdown, lines: Iterable[ModelLine], sizes: Mapping[str, int]
) -> list[tuple[str, Any]]:
    """(what is read, value): what would be downloaded first says how much that is."""
    found = model_refs(desk, setting.role, lines) if setting.kind == "model" else data_refs(desk, setting.role)
    first = [value for _, value in picker.choices or ()]
    refs = dict.fromkeys(str(ref) for ref in [*first, *found])
    return [
        (say("{name} (download {size})", name=ref, size=size(sizes[ref])) if sizes.get(ref) else ref, ref)
        for ref in refs
    ]


def to_fetch(lines: Iterable[ModelLine | DataLine]) -> dict[str, int]:
    """Bytes by reference of what would be downloaded at first use; 0 where their number is not known."""
    return {line.ref: line.disk_bytes or 0 for line in lines if not line.ready}


def downloads_words(desk: PageContext, refs: Iterable[Any]) -> str:
    """Return what of these models and data is not here yet and how large it is, "" where all is."""
    catalogue = desk.installed.catalogue
    lines: list[ModelLine | DataLine] = [*catalogue.models(), *catalogue.data()]
    sizes, known = to_fetch(lines), {line.ref for line in lines}
    wanted = [ref for ref in dict.fromkeys(refs) if isinstance(ref, str) and ref]
    told = [say("{name} ({size})", name=ref, size=size(sizes[ref])) for ref in wanted if sizes.get(ref)]
    away = [ref for ref in wanted if ref not in known and HUB_ID.match(ref)]
    sentences = [
        *([say("Downloaded first: {what}.", what=", ".join(told))] if told else []),
        *([say("From the hub, of unknown size: {what}.", what=", ".join(away))] if away else []),
    ]
    return " ".join(sentences)


def setting_for(desk: PageContext, engine: Engine, kind: str, ref: str) -> Setting | None:
    """Return the setting of a method that takes such a "model" or "data", a basic one first; None where none does."""
    settings = sorted(settings_of(engine.config), key=lambda setting: not setting.basic)
    return next((each for each in settings if each.kind == kind and _fits(desk, each, ref)), None)


def _fits(desk: PageContext, setting: Setting, ref: str) -> bool:
    return ref in (model_refs(desk, setting.role) if setting.kind == "model" else data_refs(desk, setting.role))


def _is_there(desk: PageContext, ref: str) -> bool:
    try:
        return not desk.history.record(ref.removeprefix("run:").partition("/")[0]).deleted
    except WorkbenchError:
        return False
