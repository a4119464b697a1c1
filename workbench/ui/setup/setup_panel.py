"""The set-up of a run: preset, settings, arms, seeds; read into a RunSpec, or into one line per refused field."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from workbench.contract.engine import Arm, Engine
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.settings import Setting
from workbench.messages import noted, say
from workbench.ui.elements.elements import Html, join, table, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.page_context import PageContext
from workbench.ui.setup.data_field import DataField
from workbench.ui.setup.form import Form, problems_html
from workbench.ui.setup.own_arms import OwnArms, own_arms_text, read_own_arms
from workbench.ui.setup.picker_choices import downloads_words, setting_for
from workbench.ui.setup.preset_times import preset_time
from workbench.ui.setup.setting_widgets import ASKS

FIRST_PRESETS = ("quick", "study", "paper")
PRESET_TITLES = {"quick": noted("Quick"), "study": noted("Study"), "paper": noted("Paper")}
ROLES = {
    "method": noted("method"),
    "baseline": noted("baseline"),
    "ablation": noted("ablation"),
    "control": noted("control"),
}
USE = "use:"
"""How a refill names a model or data set rather than a run: "use:model:REF"."""
OWN_ARMS = "arms own_arms"
"""Where the page's script finds the arms of one's own: the fold `bw-fold-arms`, the field `bw-field-own_arms`."""

CHANGED = "() => { window.benchwrightForm?.changed(); }"
"""Runs in the browser alone: the server hears of a change only where an estimate is shown."""

Updates = dict[Any, Any]


class SetupPanel:
    """The form of one engine.

    Attributes:
        inputs: what `read` takes, in its order.
        outputs: what a preset, a refill or a proposal may update; `inputs` among them.
        problems: where refused fields are told.
    """

    def __init__(self, desk: PageContext, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self._desk, self.engine = desk, engine
        names = _ordered(engine)
        chosen = engine.presets[names[0]]
        gr.HTML(tag("h3", say("Set up a run")))
        self.preset = gr.Radio(
            choices=[(say(PRESET_TITLES.get(name, name.capitalize())), name) for name in names], value=names[0],
            label=say("Start from"), **ASKS,
        )  # fmt: skip
        self.promise = gr.HTML()
        configs = [preset.config for preset in engine.presets.values()]
        self.data: list[DataField] = []
        self.form = Form(engine.config, chosen.config, configs, folded=False, below=self._lay_out_data)
        self.promise.value = self._promise(names[0])
        self._lay_out_arms(chosen.arms, chosen.seeds)
        self.problems = gr.HTML("", elem_classes=["bw-problems"])
        self.inputs = [self.preset, *self.form.widgets, self.arms, self.own_arms.text, self.seeds]
        told = [output for field in self.data for output in field.outputs]
        self.outputs = list(dict.fromkeys([*self.inputs, self.promise, self.problems, *told]))

    def _lay_out_data(self, setting: Setting, picker: gr.Dropdown) -> None:
        self.data.append(DataField(self._desk, self.engine.name, setting, picker))

    def _lay_out_arms(self, arms: Sequence[str], seeds: Sequence[int]) -> None:
        """Lay out arms and seeds, then the folds of settings, then what the arms are."""
        self.arms = gr.CheckboxGroup(
            choices=[(arm_label(arm), arm.name) for arm in self.engine.arms], value=list(arms), label=say("Arms"),
            info=say("What runs side by side on the same data: the method, its baselines and ablations."),
            elem_classes=["bw-field", "bw-field-arms"], **ASKS,
        )  # fmt: skip
        self.seeds = gr.Textbox(
            value=_seed_words(seeds), label=say("Seeds"), max_lines=1,
            info=say("Whole numbers, separated by commas. More seeds make a verdict surer; time grows with them."),
            elem_classes=["bw-field", "bw-field-seeds"], **ASKS,
        )  # fmt: skip
        self.form.lay_out_folds()
        with gr.Accordion(say("What the arms are, and arms of your own"), open=False, elem_classes=["bw-fold-arms"]):
            gr.HTML(arms_html(self.engine.arms))
            self.own_arms = OwnArms(self.engine)

    def read(self, values: Sequence[Any]) -> RunSpec:
        """Return the spec that the form asks for.

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
        """Return updates that tell the refused fields; what was typed stays."""
        places = {name: OWN_ARMS if name == "own_arms" or "." in name else self.form.place_of(name)
                  for name in error.problems}  # fmt: skip
        return {self.problems: problems_html(error, self.form.settings, places)}

    def accepted(self) -> Updates:
        """Return updates that clear what was told before."""
        return {self.problems: Html("")}

    def fill(self, spec: RunSpec) -> Updates:
        """Return updates that make the form ask for `spec`."""
        declared = [arm.name for arm in self.engine.arms if arm.name in spec.arms]
        return self.form.shows(spec.settings) | {
            self.arms: declared, self.own_arms.text: own_arms_text(spec.own_arms), self.seeds: _seed_words(spec.seeds),
            self.problems: Html(""),
        }  # fmt: skip

    def used(self, request: gr.Request, wanted: str) -> Updates:
        """Return updates that choose a model or a data set from the lists: "use:data:REF". A file is looked into."""
        kind, _, ref = wanted.removeprefix(USE).partition(":")
        setting = setting_for(self._desk, self.engine, kind, ref)
        if setting is None:
            return self.accepted()
        field = next((each for each in self.data if each.setting.name == setting.name), None)
        chosen: Updates = {self.form.widget_of(setting.name): gr.update(value=ref)}
        return self.accepted() | chosen | (field.look(request, ref) if field else {})

    def propose(self, settings: dict[str, Any]) -> Updates:
        """Return updates that take over proposed settings and leave the rest."""
        return self.form.shows(settings) | self.accepted()

    def listen(self) -> None:
        """Let a preset fill the form, own arms be put together, and a change of any setting end the estimate."""
        self.own_arms.listen(self.problems)
        for field in self.data:
            field.listen(self.form)
        gr.on([each.change for each in self.inputs], None, None, None, js=CHANGED, **AT_ONCE)
        self.preset.input(self._choose, self.preset, self.outputs, **AT_ONCE)

    def _choose(self, name: str) -> Updates:
        if name not in self.engine.presets:
            return {self.promise: gr.skip()}
        spec = read_spec(self.engine, preset=name)
        return self.fill(spec) | {self.promise: self._promise(name)}

    def _promise(self, name: str) -> Html:
        """Return what a preset is for, how long it was measured to take, and what is fetched first."""
        chosen = self.engine.presets[name].config.model_dump()
        refs = [chosen[each.name] for each in self.form.settings if each.kind in ("model", "data")]
        fetched = downloads_words(self._desk, refs)
        time = tag("strong", preset_time(self._desk, self.engine, name))
        purpose = say(self.engine.presets[name].promise)
        return tag("p", join([purpose, time, *([fetched] if fetched else [])], " "), class_="bw-promise")


def arm_label(arm: Arm) -> str:
    """Return title and role of an arm."""
    return f"{say(arm.title)} · {say(ROLES[arm.role])}"


def arms_html(arms: Sequence[Arm]) -> Html:
    """Return every declared arm with its role and meaning."""
    rows = [(say(arm.title), say(ROLES[arm.role]), say(arm.help)) for arm in arms]
    return table((say("Arm"), say("Role"), say("What it is")), rows, say("The declared arms"))


def settings_html(settings: Sequence[Setting], values: dict[str, Any]) -> Html:
    """Return the settings of a run as a table, the paper's values beside them."""
    rows = [
        (
            say(setting.label),
            _told(values.get(setting.name)),
            say(setting.unit),
            setting.paper.value if setting.paper else "–",
        )
        for setting in settings
    ]
    return table((say("Setting"), say("Here"), say("Unit"), say("Paper")), rows, say("The settings of this run"))


def _ordered(engine: Engine) -> list[str]:
    first = [name for name in FIRST_PRESETS if name in engine.presets]
    return [*first, *[name for name in engine.presets if name not in first]]


def _seed_words(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or say("none")
    words = {None: noted("none"), True: noted("yes"), False: noted("no")}
    return say(words[value]) if value is None or isinstance(value, bool) else str(value)
