"""A Config as a form: one setting, one widget; the docstring of the field is what the widget says about itself."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import gradio as gr

from workbench.contract.errors import ConfigError, DataError
from workbench.contract.fields import settings_of
from workbench.contract.schema import Config
from workbench.contract.settings import Setting
from workbench.contract.vocabulary import InPaper
from workbench.ui.elements.elements import Html, tag
from workbench.ui.setup.uploads import SUFFIXES, keep_upload

MOST_STEPS = 2_000
MOST_RADIOS = 3
NONE = ("(none)", "")

ASKS: dict[str, Any] = {"interactive": True}
"""What is laid out while the page is open must say that it asks: the browser takes it for an answer where an event of
its room writes to it as well."""

_STATUS = {
    "reported": "Paper: {value} ({source})",
    "unverified": "Paper, unverified: {value} ({source})",
    "reconstruction": "Reconstruction, the paper is silent: {value} ({source})",
}


class Form:
    """Widgets of a Config in their order, the basic ones visible and the others under "More settings".

    Attributes:
        settings: what the widgets stand for, in the same order.
        widgets: the components, in the same order: inputs and outputs of handlers.
    """

    def __init__(self, config: type[Config], start: Config | None = None, known: Iterable[Config] = ()) -> None:
        """Build inside an open Blocks context.

        Args:
            config: whose fields to ask for.
            start: values shown at first; the defaults otherwise.
            known: further configurations (presets) that the widgets must be able to show.
        """
        self.settings = tuple(settings_of(config))
        shown = start.model_dump() if start else {setting.name: setting.default for setting in self.settings}
        seen = [*(other.model_dump() for other in known), shown]
        basic = [setting for setting in self.settings if setting.basic]
        visible = basic or list(self.settings)
        made = {setting.name: self._place(setting, shown, seen) for setting in visible}
        others = [setting for setting in self.settings if setting.name not in made]
        if others:
            with gr.Accordion(f"More settings ({len(others)})", open=False):
                made |= {setting.name: self._place(setting, shown, seen) for setting in others}
        self.widgets = [made[setting.name] for setting in self.settings]

    @property
    def pickers(self) -> list[tuple[Setting, gr.Dropdown]]:
        """The settings that name a model or a data set, with the dropdowns that ask for them."""
        pairs = zip(self.settings, self.widgets, strict=True)
        return [(setting, widget) for setting, widget in pairs if setting.kind in ("model", "data")]

    def read(self, values: Sequence[Any]) -> dict[str, Any]:
        """Raw values by setting, as `fields.read_config` takes them."""
        return {setting.name: value for setting, value in zip(self.settings, values, strict=True)}

    def shows(self, config: Mapping[str, Any]) -> dict[gr.components.Component, Any]:
        """Updates that make the form show these values; settings that are not named keep theirs."""
        pairs = zip(self.settings, self.widgets, strict=True)
        return {
            widget: gr.update(value=shown_value(setting, config[setting.name]))
            for setting, widget in pairs
            if setting.name in config
        }

    def _place(self, setting: Setting, shown: Mapping[str, Any], seen: Sequence[Mapping[str, Any]]) -> Any:
        values = [values.get(setting.name) for values in seen]
        if setting.kind != "data":
            return widget(setting, shown.get(setting.name), values)
        picker = widget(setting, shown.get(setting.name), values)
        button = gr.UploadButton("Upload a data file", file_types=list(SUFFIXES), size="sm", variant="secondary")
        button.upload(
            _upload,
            button,
            picker,
            api_visibility="private",
            show_progress="minimal",
            show_progress_on=button,
            concurrency_limit=2,
        )
        return picker


def widget(setting: Setting, value: Any, seen: Sequence[Any] = ()) -> Any:
    """The component that asks for `setting`; `seen` are values that it must be able to show."""
    look: dict[str, Any] = {
        "label": label_of(setting), "info": info_of(setting), "value": shown_value(setting, value), **ASKS,
    }  # fmt: skip
    if setting.kind in ("int", "float"):
        return _number(setting, look, [value, *seen])
    if setting.kind in ("choices", "model", "data"):
        many = setting.kind == "choices"
        return gr.Dropdown(
            choices=_listed(setting, seen), multiselect=many, allow_custom_value=setting.open or not many, **look
        )
    if setting.kind == "choice":
        return _choice(setting, look)
    if setting.kind == "long_text":
        return gr.Textbox(lines=4, max_lines=16, **look)
    return gr.Checkbox(**look) if setting.kind == "bool" else gr.Textbox(max_lines=1, **look)


def label_of(setting: Setting) -> str:
    """Name and unit of a setting: "Sentences (pairs)"."""
    return f"{setting.label} ({setting.unit})" if setting.unit else setting.label


def info_of(setting: Setting) -> str | None:
    """What a setting means, what it may be, and what the paper used."""
    parts = [setting.help]
    if setting.kind == "list":
        parts.append("Separate with commas.")
    if setting.role and setting.kind == "data":
        parts.append(f"Rows hold: {setting.role}.")
    if setting.optional:
        parts.append("May stay empty.")
    if setting.paper:
        parts.append(paper_note(setting.paper))
    return " ".join(part for part in parts if part) or None


def paper_note(paper: InPaper) -> str:
    """The paper's value in words, with its source, marked where it is unverified or our reconstruction."""
    return f"*{_STATUS[paper.status].format(value=paper.value, source=paper.source)}.*"


def shown_value(setting: Setting, value: Any) -> Any:
    """A config value as the widget holds it: tuples as lists or comma lists, None as the empty choice."""
    if setting.kind == "choices":
        return list(value or ())
    if setting.kind == "list":
        return ", ".join(map(str, value or ()))
    if value is None and (setting.optional or setting.kind not in ("int", "float", "bool")):
        return ""
    return str(value) if setting.optional and setting.kind in ("int", "float") else value


def problems_html(error: ConfigError, settings: Iterable[Setting]) -> Html:
    """One line per refused field: its label, what was given, what is allowed, what to do."""
    labels = {setting.name: label_of(setting) for setting in settings}
    lines = [
        tag("li", tag("strong", labels.get(name) or _words(name)), ": ", why) for name, why in error.problems.items()
    ]
    head = tag("p", "Nothing was started. Please correct:")
    return tag("div", head, tag("ul", *lines), class_="bw-remark bw-is-bad", role="alert")


def _words(name: str) -> str:
    """What a problem is about: "Own arms"; a setting of an arm by its full name, "mine.rank"."""
    return name if "." in name else name.replace("_", " ").capitalize()


def _number(setting: Setting, look: dict[str, Any], seen: Sequence[Any]) -> Any:
    step = 1 if setting.kind == "int" else _float_step(setting)
    if setting.low is not None and setting.high is not None and _slides(setting, step, seen):
        return gr.Slider(minimum=setting.low, maximum=setting.high, step=step, **look)
    allowed = "" if setting.low is None and setting.high is None else f"{setting.allowed.capitalize()}. "
    look["info"] = (look["info"] or "") + (f" {allowed}" if allowed else "")
    if setting.optional:  # a Number cannot be empty: it shows 0 for None
        return gr.Textbox(max_lines=1, placeholder="none", **look)
    # Bounds stay with `read_config`, whose refusal is shown beside the form; a Number's own is a passing toast.
    return gr.Number(precision=0 if setting.kind == "int" else None, **look)


def _float_step(setting: Setting) -> float:
    if setting.low is None or setting.high is None or setting.high <= setting.low:
        return 0.0
    return 10.0 ** math.floor(math.log10(setting.high - setting.low)) / 100


def _slides(setting: Setting, step: float, seen: Sequence[Any]) -> bool:
    bounded = setting.low is not None and setting.high is not None
    if not bounded or step == 0 or setting.strict_low or setting.strict_high or setting.optional:
        return False
    low, high = float(setting.low or 0), float(setting.high or 0)
    steps = [(value - low) / step for value in seen if value is not None]
    return (high - low) / step <= MOST_STEPS and all(abs(at - round(at)) < 1e-6 for at in steps)


def _choice(setting: Setting, look: dict[str, Any]) -> Any:
    choices = [NONE, *setting.choices] if setting.optional else list(setting.choices)
    if len(choices) <= MOST_RADIOS and not setting.open:
        return gr.Radio(choices=choices, **look)
    return gr.Dropdown(choices=choices, allow_custom_value=setting.open, **look)


def _listed(setting: Setting, seen: Sequence[Any]) -> list[Any]:
    flat = [each for value in seen for each in (value if isinstance(value, tuple | list) else [value])]
    return list(dict.fromkeys([*setting.choices, *(each for each in flat if each not in (None, ""))]))


def _upload(path: str | None) -> Any:
    from pathlib import Path

    if not path:
        return gr.skip()
    try:
        return gr.update(value=keep_upload(Path(path)))
    except DataError as error:
        gr.Warning(f"{error} {error.hint}")
        return gr.skip()
