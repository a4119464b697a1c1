"""A Config as a form: one setting, one widget; the docstring of the field is what the widget says about itself.

Design decisions:
- What is basic stands open; the rest is folded by what it is about (`Config.sections`), and found by a search over
  names, symbols and meanings.
- A refusal is told once in words and once at its field: the page's script (`assets/form.js`) opens the fold, marks the
  field and moves the focus to the first. Fields and folds are known to it by their classes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import gradio as gr

from workbench.contract.errors import ConfigError
from workbench.contract.fields import settings_of
from workbench.contract.schema import Config
from workbench.contract.settings import Setting
from workbench.messages import noted, say
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.setup.data_upload import upload_button
from workbench.ui.setup.setting_widgets import ASKS, info_of, label_of, paper_note, shown_value, widget

__all__ = ["ASKS", "Form", "info_of", "label_of", "paper_note", "problems_html", "shown_value", "widget"]

MORE = noted("More settings")
LEAST_FOUND = 8
"""Fewer folded settings than these are seen at a glance and need no search."""
SHOW_FIELD = "(found) => { window.benchwrightForm?.show(found); return null; }"


class Form:
    """Widgets of a Config: the basic ones open, the others in folds.

    Attributes:
        settings: what is asked, in the order of `widgets`.
        folds: titles of the folds in their order, each with its settings.
    """

    def __init__(
        self,
        config: type[Config],
        start: Config | None = None,
        known: Iterable[Config] = (),
        folded: bool = True,
        below: Callable[[Setting, gr.Dropdown], object] = upload_button,
    ) -> None:
        """Build inside an open Blocks context.

        Args:
            config: whose fields to ask for.
            start: values shown at first; the defaults otherwise.
            known: further configurations (presets) that the widgets must be able to show.
            folded: lay the folds out at once; otherwise whoever builds the form calls `lay_out_folds` where they go.
            below: lays out what stands below the picker of a data set.
        """
        self._below = below
        self.settings = tuple(settings_of(config))
        self._shown = start.model_dump() if start else {setting.name: setting.default for setting in self.settings}
        self._seen = [*(other.model_dump() for other in known), self._shown]
        visible = [setting for setting in self.settings if setting.basic] or list(self.settings)
        self.folds = _folds([setting for setting in self.settings if setting not in visible])
        with gr.Column(elem_classes=["bw-form"]):
            self._made = {setting.name: self._place(setting) for setting in visible}
        if folded:
            self.lay_out_folds()

    def lay_out_folds(self) -> None:
        """Lay out what is not basic, in folds with a search above them."""
        hidden = [setting for settings in self.folds.values() for setting in settings]
        if len(hidden) >= LEAST_FOUND:
            find = gr.Dropdown(
                [(found_as(setting), self.place_of(setting.name)) for setting in hidden], value=None,
                label=say("Find one of {n} more settings", n=len(hidden)), elem_classes=["bw-find"], **ASKS,
            )  # fmt: skip
            find.input(None, find, find, js=SHOW_FIELD, **AT_ONCE)
        for at, (title, settings) in enumerate(self.folds.items()):
            with gr.Accordion(
                say("{title} ({n})", title=say(title), n=len(settings)), open=False, elem_classes=[f"bw-fold-{at}"]
            ):
                self._made |= {setting.name: self._place(setting) for setting in settings}

    @property
    def widgets(self) -> list[Any]:
        """The components in the order of `settings`: inputs and outputs of handlers."""
        return [self._made[setting.name] for setting in self.settings]

    @property
    def pickers(self) -> list[tuple[Setting, gr.Dropdown]]:
        """The settings that name a model or a data set, with the dropdowns that ask for them."""
        pairs = zip(self.settings, self.widgets, strict=True)
        return [(setting, widget) for setting, widget in pairs if setting.kind in ("model", "data")]

    def widget_of(self, name: str) -> Any:
        """Return the component that asks for a setting."""
        return self._made[name]

    def place_of(self, name: str) -> str:
        """Return where the page's script finds a setting: number of its fold (-1 for none) and its name."""
        at = next((at for at, settings in enumerate(self.folds.values()) if name in {s.name for s in settings}), -1)
        return f"{at} {name}"

    def read(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return raw values by setting, as `fields.read_config` takes them."""
        return {setting.name: value for setting, value in zip(self.settings, values, strict=True)}

    def shows(self, config: Mapping[str, Any]) -> dict[gr.components.Component, Any]:
        """Return updates that make the form show these values; settings that are not named keep theirs."""
        pairs = zip(self.settings, self.widgets, strict=True)
        return {
            widget: gr.update(value=shown_value(setting, config[setting.name]))
            for setting, widget in pairs
            if setting.name in config
        }

    def problems(self, error: ConfigError) -> Html:
        """Return what is wrong with which field, for the page's script too."""
        return problems_html(error, self.settings, {name: self.place_of(name) for name in error.problems})

    def _place(self, setting: Setting) -> Any:
        values = [values.get(setting.name) for values in self._seen]
        made = widget(setting, self._shown.get(setting.name), values)
        if setting.kind == "data":
            self._below(setting, made)
        return made


def found_as(setting: Setting) -> str:
    """Return how the search lists a setting: its name, its field, the first sentence of what it means."""
    sentence = say(setting.help).split(". ")[0].rstrip(".")
    field = "" if setting.name.replace("_", " ").lower() == setting.label.lower() else f" [{setting.name}]"
    return f"{label_of(setting)}{field}: {sentence[:90]}"


def problems_html(error: ConfigError, settings: Iterable[Setting], places: Mapping[str, str] | None = None) -> Html:
    """Return one line per refused field: its label, what was given, what is allowed, what to do.

    Args:
        error: what was refused.
        settings: of the form, for their labels.
        places: where the page's script finds the fields (`Form.place_of`); without it only those that stand open.
    """
    labels = {setting.name: label_of(setting) for setting in settings}
    lines = [
        tag(
            "li", tag("strong", labels.get(name) or _words(name)), ": ", tag("span", why),
            data_place=(places or {}).get(name, f"-1 {name}"),
        )
        for name, why in error.problems.items()
    ]  # fmt: skip
    head = tag("p", say("Nothing was started. Please correct:"))
    return tag("div", head, tag("ul", join(lines)), class_="bw-remark bw-is-bad bw-refused", role="alert")


def _words(name: str) -> str:
    """Return what a problem is about: "Own arms"; a setting of an arm by its full name, "mine.rank"."""
    return name if "." in name else name.replace("_", " ").capitalize()


def _folds(settings: Sequence[Setting]) -> dict[str, list[Setting]]:
    """Return the settings by section, in the order in which the sections' first settings stand."""
    folds: dict[str, list[Setting]] = {}
    for setting in settings:
        folds.setdefault(setting.section or MORE, []).append(setting)
    return folds
