"""The set-up of a run: preset, settings, arms, seeds; read into a RunSpec, or into one line per refused field."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from workbench.contract.engine import Arm, Engine
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.settings import Setting
from workbench.ui.elements.elements import Html, table, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.setup.form import ASKS, Form, problems_html
from workbench.ui.setup.own_arms import OwnArms, own_arms_text, read_own_arms

FIRST_PRESETS = ("quick", "study", "paper")

Updates = dict[Any, Any]


class SetupPanel:
    """The form of one engine.

    Attributes:
        inputs: what `read` takes, in its order.
        outputs: what a preset, a refill or a proposal may update; `inputs` among them.
        problems: where refused fields are told.
    """

    def __init__(self, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self.engine = engine
        names = _ordered(engine)
        chosen = engine.presets[names[0]]
        gr.HTML(tag("h3", "Set up a run"))
        self.preset = gr.Radio(
            choices=[(name.capitalize(), name) for name in names], value=names[0], label="Start from", **ASKS
        )
        self.promise = gr.HTML(promise_html(engine, names[0]))
        self.form = Form(engine.config, chosen.config, [preset.config for preset in engine.presets.values()])
        self.arms = gr.CheckboxGroup(
            choices=[(arm_label(arm), arm.name) for arm in engine.arms], value=list(chosen.arms), label="Arms",
            info="What runs side by side on the same data: the method, its baselines and ablations.", **ASKS,
        )  # fmt: skip
        with gr.Accordion("What the arms are, and arms of your own", open=False):
            gr.HTML(arms_html(engine.arms))
            self.own_arms = OwnArms(engine)
        self.seeds = gr.Textbox(
            value=_seed_words(chosen.seeds), label="Seeds", max_lines=1,
            info="Whole numbers, separated by commas. More seeds make a verdict surer; time grows with them.", **ASKS,
        )  # fmt: skip
        self.problems = gr.HTML("", elem_classes=["bw-problems"])
        self.inputs = [self.preset, *self.form.widgets, self.arms, self.own_arms.text, self.seeds]
        self.outputs = [*self.inputs, self.promise, self.problems]

    def read(self, values: Sequence[Any]) -> RunSpec:
        """The spec that the form asks for.

        Raises:
            ConfigError: names every refused setting, arm and seed.
        """
        preset, *settings, arms, own, seeds = values
        name = preset if preset in self.engine.presets else "quick"
        return read_spec(
            self.engine, preset=name, settings=self.form.read(settings), arms=arms or (),
            seeds=str(seeds or "").split(","), own_arms=read_own_arms(own),
        )  # fmt: skip

    def refused(self, error: ConfigError) -> Updates:
        """Updates that tell the refused fields; what was typed stays."""
        return {self.problems: problems_html(error, self.form.settings)}

    def accepted(self) -> Updates:
        """Updates that clear what was told before."""
        return {self.problems: Html("")}

    def fill(self, spec: RunSpec) -> Updates:
        """Updates that make the form ask for `spec`."""
        declared = [arm.name for arm in self.engine.arms if arm.name in spec.arms]
        return self.form.shows(spec.settings) | {
            self.arms: declared, self.own_arms.text: own_arms_text(spec.own_arms), self.seeds: _seed_words(spec.seeds),
            self.problems: Html(""),
        }  # fmt: skip

    def propose(self, settings: dict[str, Any]) -> Updates:
        """Updates that take over proposed settings and leave the rest."""
        return self.form.shows(settings) | self.accepted()

    def listen(self) -> None:
        """Let the choice of a preset fill the form, and own arms be put together."""
        self.own_arms.listen(self.problems)
        self.preset.input(self._choose, self.preset, self.outputs, **AT_ONCE)

    def _choose(self, name: str) -> Updates:
        if name not in self.engine.presets:
            return {self.promise: gr.skip()}
        spec = read_spec(self.engine, preset=name)
        return self.fill(spec) | {self.promise: promise_html(self.engine, name)}


def promise_html(engine: Engine, preset: str) -> Html:
    """What to expect of a preset."""
    return tag("p", engine.presets[preset].promise, class_="bw-promise")


def arm_label(arm: Arm) -> str:
    """Title and role of an arm."""
    return f"{arm.title} · {arm.role}"


def arms_html(arms: Sequence[Arm]) -> Html:
    """Every declared arm with its role and meaning."""
    return table(("Arm", "Role", "What it is"), [(arm.title, arm.role, arm.help) for arm in arms], "The declared arms")


def settings_html(settings: Sequence[Setting], values: dict[str, Any]) -> Html:
    """The settings of a run as a table, the paper's values beside them."""
    rows = [
        (setting.label, _told(values.get(setting.name)), setting.unit, setting.paper.value if setting.paper else "–")
        for setting in settings
    ]
    return table(("Setting", "Here", "Unit", "Paper"), rows, "The settings of this run")


def _ordered(engine: Engine) -> list[str]:
    first = [name for name in FIRST_PRESETS if name in engine.presets]
    return [*first, *[name for name in engine.presets if name not in first]]


def _seed_words(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else "yes" if value is True else "no" if value is False else str(value)
