"""The widget of one setting: what it asks for, what it says about itself, what it shows."""

import math
from collections.abc import Sequence
from typing import Any

import gradio as gr

from workbench.contract.settings import Setting
from workbench.contract.vocabulary import InPaper
from workbench.messages import noted, say

MOST_STEPS = 2_000
MOST_RADIOS = 3

ASKS: dict[str, Any] = {"interactive": True}
"""What is laid out while the page is open must say that it asks: the browser takes it for an answer where an event of
its room writes to it as well."""

_STATUS = {
    "reported": noted("Paper: {value} ({source})"),
    "unverified": noted("Paper, unverified: {value} ({source})"),
    "reconstruction": noted("Reconstruction, the paper is silent: {value} ({source})"),
}


def widget(setting: Setting, value: Any, seen: Sequence[Any] = ()) -> Any:
    """Return the component that asks for `setting`; `seen` are values that it must be able to show."""
    look: dict[str, Any] = {
        "label": label_of(setting), "info": info_of(setting), "value": shown_value(setting, value),
        "elem_classes": ["bw-field", f"bw-field-{setting.name}"], **ASKS,
    }  # fmt: skip
    if setting.kind in ("int", "float"):
        return _number(setting, look, [value, *seen])
    if setting.kind in ("choices", "model", "data"):
        many = setting.kind == "choices"
        return gr.Dropdown(
            choices=_listed(setting, seen), multiselect=many, allow_custom_value=setting.open or not many, **look
        )
    if setting.kind == "text" and setting.choices_of:
        return gr.Dropdown(choices=_listed(setting, seen), allow_custom_value=True, **look)
    if setting.kind == "choice":
        return _choice(setting, look)
    if setting.kind == "long_text":
        return gr.Textbox(lines=4, max_lines=16, **look)
    return gr.Checkbox(**look) if setting.kind == "bool" else gr.Textbox(max_lines=1, **look)


def label_of(setting: Setting) -> str:
    """Return name and unit of a setting: "Sentences (pairs)"."""
    name = say(setting.label)
    return f"{name} ({say(setting.unit)})" if setting.unit else name


def info_of(setting: Setting) -> str | None:
    """Return what a setting means, what it may be, and what the paper used."""
    parts = [say(setting.help)]
    if setting.kind == "list":
        parts.append(say("Separate with commas."))
    if setting.role and setting.kind == "data":
        parts.append(say("Rows hold: {what}.", what=say(setting.role)))
    if setting.optional:
        parts.append(say("May stay empty."))
    if setting.paper:
        parts.append(paper_note(setting.paper))
    return " ".join(part for part in parts if part) or None


def paper_note(paper: InPaper) -> str:
    """Return the paper's value in words with its source, marked where it is unverified or our reconstruction."""
    return f"*{say(_STATUS[paper.status], value=paper.value, source=paper.source)}.*"


def shown_value(setting: Setting, value: Any) -> Any:
    """Return a config value as the widget holds it: tuples as lists or comma lists, None as the empty choice."""
    if setting.kind == "choices":
        return list(value or ())
    if setting.kind == "list":
        return ", ".join(map(str, value or ()))
    if value is None and (setting.optional or setting.kind not in ("int", "float", "bool")):
        return ""
    return str(value) if setting.optional and setting.kind in ("int", "float") else value


def _number(setting: Setting, look: dict[str, Any], seen: Sequence[Any]) -> Any:
    step = 1 if setting.kind == "int" else _float_step(setting)
    if setting.low is not None and setting.high is not None and _slides(setting, step, seen):
        return gr.Slider(minimum=setting.low, maximum=setting.high, step=step, **look)
    allowed = "" if setting.low is None and setting.high is None else f"{setting.allowed.capitalize()}. "
    look["info"] = (look["info"] or "") + (f" {allowed}" if allowed else "")
    if setting.optional:  # a Number cannot be empty: it shows 0 for None
        return gr.Textbox(max_lines=1, placeholder=say("none"), **look)
    # Bounds stay with `read_config`, whose refusal is shown at the field; a Number's own is a passing toast.
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
    choices = [(say("(none)"), ""), *setting.choices] if setting.optional else list(setting.choices)
    if len(choices) <= MOST_RADIOS and not setting.open:
        return gr.Radio(choices=choices, **look)
    return gr.Dropdown(choices=choices, allow_custom_value=setting.open, **look)


def _listed(setting: Setting, seen: Sequence[Any]) -> list[Any]:
    flat = [each for value in seen for each in (value if isinstance(value, tuple | list) else [value])]
    return list(dict.fromkeys([*setting.choices, *(each for each in flat if each not in (None, ""))]))
