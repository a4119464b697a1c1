"""A view's own controls: widgets of its Config, with choices filled from the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.schema import Config
from workbench.contract.settings import Setting, settings_of
from workbench.contract.views import NoControls, Options, Tables
from workbench.figures.measures import Drawable
from workbench.messages import noted, say
from workbench.ui.setup.form import ASKS, info_of, label_of, shown_value, widget

AUTOMATIC = noted("(automatic)")
"""How a choice is called that leaves the choice to the view."""


class Controls:
    """The widgets of one view, in a row above it.

    Attributes:
        settings, widgets: in the same order; both empty for a view without controls.
    """

    def __init__(self, view: Drawable) -> None:
        """Build inside an open Blocks context."""
        self.config: type[Config] = view.controls
        self._options: Options | None = view.options
        self.settings = () if view.controls is NoControls else tuple(settings_of(view.controls))
        self.widgets: list[Any] = []
        if not self.settings:
            return
        with gr.Row(elem_classes=["bw-controls"]):
            self.widgets = [_control(setting, view.options is not None) for setting in self.settings]

    def read(self, values: Sequence[Any], tables: Tables) -> Config:
        """Return the controls as set, each brought to an option that the rows offer.

        Raises:
            ConfigError: a value does not fit.
        """
        raw = {setting.name: value for setting, value in zip(self.settings, values, strict=True)}
        for name, options in self.options(tables).items():
            if raw.get(name) not in options and not _covered(raw.get(name), options):
                raw[name] = _nearest(self._setting(name), raw.get(name), options)
        return read_config(self.config, raw)

    def set_as(self, given: Mapping[str, Any]) -> list[Any]:
        """Return what each control shows once those named are set as given, the others at their defaults.

        Raises:
            ConfigError: a value does not fit.
        """
        known = {name: value for name, value in given.items() if self._known(name)}
        config = read_config(self.config, known)
        return [self._shown(setting, config) for setting in self.settings]

    def options(self, tables: Tables) -> dict[str, list[Any]]:
        """Return what each control may be set to, given the rows; controls without such a list are left out."""
        found: Mapping[str, Sequence[Any]] = self._options(tables) if self._options and self.settings else {}
        return {name: list(values) for name, values in found.items() if len(values) and self._known(name)}

    def fit(self, tables: Tables, config: Config, values: Sequence[Any]) -> dict[Any, Any]:
        """Updates that offer the options, and show what `read` made of `values` where it had to change them."""
        options = self.options(tables)
        updates = {}
        for setting, control, value in zip(self.settings, self.widgets, values, strict=True):
            change = _offer(control, options[setting.name]) if setting.name in options else {}
            shown = self._shown(setting, config)
            if shown != value:
                change["value"] = shown
            if change:
                updates[control] = gr.update(**change)
        return updates

    def select(self, name: str, key: Any) -> dict[Any, Any]:
        """Return the update that sets control `name` to a selected key; empty for a view without it."""
        for setting, control in zip(self.settings, self.widgets, strict=True):
            if setting.name == name:
                return {control: gr.update(value=_keyed(setting, key))}
        return {}

    @staticmethod
    def _shown(setting: Setting, config: Config) -> Any:
        read = getattr(config, setting.name)
        return list(read) if setting.item else shown_value(setting, read)

    def _known(self, name: str) -> bool:
        return any(setting.name == name for setting in self.settings)

    def _setting(self, name: str) -> Setting:
        return next(setting for setting in self.settings if setting.name == name)


def problem_of(error: ConfigError) -> str:
    """Return a refused control in one sentence."""
    told = [(name.replace("_", " ").capitalize(), why) for name, why in error.problems.items()]
    return " ".join(say("{setting}: {problem}", setting=name, problem=why) for name, why in told)


def _control(setting: Setting, has_options: bool) -> Any:
    if has_options and setting.kind == "int" and not setting.optional and not setting.choices:
        low = min(int(setting.low or 0), int(setting.default or 0))  # Gradio refuses a value below its slider
        high = int(setting.high) if setting.high is not None else max(low + 1, int(setting.default or 0))
        return gr.Slider(
            minimum=low,
            maximum=high,
            step=1,
            value=setting.default,
            label=label_of(setting),
            info=info_of(setting),
            **ASKS,
        )
    if has_options and setting.open and setting.kind in ("text", "float", "choice", "choices", "list"):
        many = setting.item is not None
        choices: list[Any] = list(setting.default or ()) if many else [shown_value(setting, setting.default)]
        return gr.Dropdown(
            choices=choices, value=choices if many else choices[0], multiselect=many,
            allow_custom_value=True, label=label_of(setting), info=info_of(setting), **ASKS,
        )  # fmt: skip
    return widget(setting, setting.default, [setting.default])


def _offer(control: Any, options: Sequence[Any]) -> dict[str, Any]:
    if isinstance(control, gr.Slider):
        return {"minimum": min(options), "maximum": max(*options, min(options) + 1)}
    named = [each if each != "" else (say(AUTOMATIC), "") for each in options]
    # what may only be left to the view is nothing to choose
    offered = {"choices": named, "visible": list(options) != [""]}
    return offered if getattr(control, "allow_custom_value", False) else {}


def _covered(value: Any, options: Sequence[Any]) -> bool:
    """Whether every element of a multiple choice is among the options; None is no choice."""
    return isinstance(value, list | tuple) and all(each in options for each in value)


def _nearest(setting: Setting, value: Any, options: Sequence[Any]) -> Any:
    if setting.item is not None:
        kept = [each for each in (value or ()) if each in options]
        return kept or list(options)
    numbers = all(isinstance(each, int | float) for each in [value, *options])
    return min(options, key=lambda each: abs(each - value)) if numbers else options[0]


def _keyed(setting: Setting, key: Any) -> Any:
    if setting.item is not None:
        return list(key) if isinstance(key, list) else [key]
    plain = key[0] if isinstance(key, list) and key else key
    return plain if isinstance(plain, str | int | float) else None
