"""Arms of one's own: which settings an arm may change, put together by a choice or written as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError
from workbench.contract.settings import Setting, settings_of
from workbench.messages import noted, say
from workbench.ui.elements.elements import Html
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.setup.form import problems_html
from workbench.ui.setup.setting_widgets import ASKS

LONGEST = 20_000
WANTED = noted("Overrides of settings by name are wanted, as JSON: {example}.")
EXAMPLE = '{"wide": {"layer_share": 60}}'


class OwnArms:
    """The editor of own arms; only what an arm may change is offered.

    Attributes:
        text: the arms as JSON, which the form reads.
        settings: what an arm may change.
    """

    def __init__(self, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self.settings = tuple(setting for setting in settings_of(engine.config) if setting.per_arm)
        offered, there = [(say(setting.label), setting.name) for setting in self.settings], bool(self.settings)
        with gr.Row(visible=there):
            self.name = gr.Textbox(label=say("Name of the arm"), max_lines=1, max_length=48, placeholder="mine", **ASKS)
            self.setting = gr.Dropdown(
                offered,
                value=offered[0][1] if offered else None,
                label=say("Changes"),
                allow_custom_value=False,
                **ASKS,
            )
            self.value = gr.Textbox(label=say("To"), max_lines=1, max_length=2_000, **ASKS)
            self.add = gr.Button(say("Add"), scale=0)
        self.text = gr.Textbox(
            label=say("Arms of your own"), info=own_arms_help(self.settings), lines=3, max_lines=12, max_length=LONGEST,
            elem_classes=["bw-field", "bw-field-own_arms"],
            visible=there, **ASKS,
        )  # fmt: skip

    def listen(self, problems: gr.HTML) -> None:
        """Let the button add to the text, or tell why not."""
        given = [self.text, self.name, self.setting, self.value]
        self.add.click(self._added, given, [self.text, problems], **AT_ONCE)

    def _added(self, text: Any, name: Any, setting: Any, value: Any) -> tuple[Any, Html]:
        try:
            arms = changed_arms(text, str(name or "").strip(), str(setting), str(value or ""), self.settings)
        except ConfigError as error:
            return gr.skip(), problems_html(error, self.settings)
        return own_arms_text(arms), Html("")


def changed_arms(
    text: Any, name: str, setting: str, value: str, allowed: Sequence[Setting]
) -> dict[str, dict[str, Any]]:
    """Return the arms of the text with one more change; the run's check reads the value.

    Raises:
        ConfigError: the text holds no arms, the arm has no name, or an arm may not change the setting.
    """
    arms = read_own_arms(text)
    if not name:
        raise ConfigError({"own_arms": say("The arm has no name; give it one, of a-z, 0-9 and _.")})
    if setting not in {each.name for each in allowed}:
        raise ConfigError({"own_arms": own_arms_help(allowed)})
    return {**arms, name: {**arms.get(name, {}), setting: value.strip()}}


def read_own_arms(text: Any) -> dict[str, dict[str, Any]]:
    """Return the user's arms out of JSON text; empty text gives none.

    Raises:
        ConfigError: not JSON, or not overrides by arm name.
    """
    if not isinstance(text, str) or not text.strip():
        return {}
    try:
        found = json.loads(text[:LONGEST])
    except (ValueError, RecursionError) as error:
        raise ConfigError({"own_arms": say("The text is not JSON: {error}.", error=error) + " " + _wanted()}) from error
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        raise ConfigError({"own_arms": _wanted()})
    return found


def own_arms_text(arms: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the arms as the text that `read_own_arms` reads."""
    return json.dumps(arms, indent=1, ensure_ascii=False) if arms else ""


def own_arms_help(settings: Sequence[Setting]) -> str:
    """Return what an arm may change, with an example."""
    if not settings:
        return say("All arms of this method share its settings.")
    names, first = ", ".join(setting.name for setting in settings), settings[0]
    example = json.dumps({"mine": {first.name: first.default}})
    return say(
        "Each is one more arm of the run. An arm may change {names}; all arms share the rest. As JSON: {example}",
        names=names, example=example,
    )  # fmt: skip


def _wanted() -> str:
    return say(WANTED, example=EXAMPLE)
