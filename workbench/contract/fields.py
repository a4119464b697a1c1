"""Raw values as Configs and RunSpecs, or as errors that say what to do.

One pydantic field gives widget, flag, help, YAML key, validation error and API documentation: `settings`
describes the field, this module reads the strings of flags, forms and files into values.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError
from workbench.contract.runs import Purpose, RunSpec
from workbench.contract.schema import Config
from workbench.contract.settings import Setting, settings_of
from workbench.contract.tool import Tool

__all__ = [
    "Setting",
    "arm_configs",
    "question_spec",
    "read_config",
    "read_spec",
    "settings_of",
    "tool_spec",
    "with_purpose",
]

Asked = TypeVar("Asked", bound=Config)

_WORDS = {True: {"true", "yes", "on", "1"}, False: {"false", "no", "off", "0"}}


def read_config(config: type[Asked], values: Mapping[str, Any]) -> Asked:
    """Validate raw values of a form, flags, YAML or code.

    Strings are read as flags are: "3", "yes", "a,b,c"; empty text means None where the field is optional.

    Raises:
        ConfigError: with a sentence per refused field.
    """
    settings = {setting.name: setting for setting in settings_of(config)}
    read = {name: _read(settings[name], value) if name in settings else value for name, value in values.items()}
    try:
        return config.model_validate(read)
    except ValidationError as error:
        raise ConfigError(_problems(error, settings)) from error


def read_spec(
    engine: Engine,
    *,
    preset: str = "quick",
    settings: Mapping[str, Any] | None = None,
    arms: Iterable[str] | None = None,
    seeds: Iterable[Any] | None = None,
    own_arms: Mapping[str, Mapping[str, Any]] | None = None,
) -> RunSpec:
    """Return a complete, validated spec: a preset of `engine` with overrides.

    Raises:
        ConfigError: names every refused setting, arm and seed.
    """
    if preset not in engine.presets:
        raise ConfigError({"preset": _unknown(preset, "preset", engine.presets)})
    chosen, problems = engine.presets[preset], {}
    try:
        config = read_config(engine.config, {**chosen.config.model_dump(), **(settings or {})})
    except ConfigError as error:
        config, problems = chosen.config, dict(error.problems)
    own = {name: dict(overrides) for name, overrides in (own_arms or {}).items()}
    names = tuple(dict.fromkeys([*(chosen.arms if arms is None else arms), *own]))
    problems |= _arm_problems(engine, config, names, own)
    numbers, complaint = _seeds(chosen.seeds if seeds is None else seeds)
    if complaint:
        problems["seeds"] = complaint
    if problems:
        raise ConfigError(problems)
    settled = config.model_dump(mode="json")
    settled_arms = {name: _settled_overrides(engine, settled, name, own) for name in own}
    return RunSpec(engine=engine.name, settings=settled, arms=names, seeds=numbers, own_arms=settled_arms)


def question_spec(engine: Engine, parent: str, values: Mapping[str, Any]) -> RunSpec:
    """Return the spec of a follow-up question to the finished run `parent`.

    Raises:
        ConfigError: the engine takes no questions, or the question's fields are refused.
    """
    if engine.ask is None:
        raise ConfigError({"question": f"{engine.title} takes no follow-up questions."})
    question = read_config(engine.ask.question, values)
    return RunSpec(engine=engine.name, settings=question.model_dump(mode="json"), parent=parent, purpose="ask")


def tool_spec(tool: Tool, values: Mapping[str, Any]) -> RunSpec:
    """Return the spec of a tool's work on what was asked.

    Raises:
        ConfigError: names every refused field.
    """
    question = read_config(tool.question, values)
    return RunSpec(engine=tool.name, settings=question.model_dump(mode="json"), purpose="tool")


def with_purpose(spec: RunSpec, purpose: Purpose) -> RunSpec:
    """Return the same spec for another purpose: the pre-flight of a run."""
    return spec.model_copy(update={"purpose": purpose})


def arm_configs(engine: Engine, spec: RunSpec) -> dict[str, Config]:
    """Return each arm of `spec` with its full settings.

    Raises:
        ConfigError: an arm is unknown, changes what all arms share, or its overrides do not fit the settings.
    """
    return {name: _arm_config(engine, spec.settings, name, spec.own_arms) for name in spec.arms}


def _arm_config(engine: Engine, settings: Mapping[str, Any], name: str, own: Mapping[str, Mapping[str, Any]]) -> Config:
    declared = {arm.name: arm.overrides for arm in engine.arms}
    if name not in declared and name not in own:
        raise ConfigError({"arms": _unknown(name, "arm", declared)})
    overrides = {**declared.get(name, {}), **own.get(name, {})}
    if problems := _shared_fields(engine.config, name, overrides):
        raise ConfigError(problems)
    return read_config(engine.config, {**settings, **overrides})


def _shared_fields(config: type[Config], name: str, overrides: Mapping[str, Any]) -> dict[str, str]:
    """Why an arm may not change what it does, by ARM.FIELD: fields of the settings that carry no `PER_ARM`."""
    settings = settings_of(config)
    allowed = [setting.name for setting in settings if setting.per_arm]
    shared = {setting.name for setting in settings if not setting.per_arm}
    why = f"An arm may change {', '.join(allowed) or 'nothing'}; all arms share the rest. Start a second run for it."
    return {f"{name}.{field}": why for field in overrides if field in shared}


def _settled_overrides(
    engine: Engine, settings: Mapping[str, Any], name: str, own: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The arm's overrides as its validated settings have them, so that every form of a run gives one spec."""
    read = _arm_config(engine, settings, name, own).model_dump(mode="json")
    return {field: read[field] for field in own[name]}


def _arm_problems(
    engine: Engine, config: Config, names: tuple[str, ...], own: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not names:
        problems["arms"] = "No arm was chosen; choose at least one."
    declared = {arm.name for arm in engine.arms}
    for name in own:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", name):
            problems["own_arms"] = f"{_shown(name)} is not a name for an arm: up to 48 of a-z, 0-9, _, a letter first."
        if name in declared:
            problems["arms"] = f"Your own arm {name!r} has the name of a declared arm; give it another name."
    for name in names:
        try:
            _arm_config(engine, config.model_dump(), name, own)
        except ConfigError as error:
            problems |= _of_arm(name, error)
    return problems


def _of_arm(name: str, error: ConfigError) -> dict[str, str]:
    """Problems of one arm, each under a key that names it."""
    told = {key: why for key, why in error.problems.items() if key == "arms" or key.startswith(f"{name}.")}
    rest = {key: why for key, why in error.problems.items() if key not in told}
    return told | ({"arms": f"Arm {name!r}: {ConfigError(rest)}"} if rest else {})


def _seeds(values: Iterable[Any]) -> tuple[tuple[int, ...], str]:
    parts = [part.strip() for part in values.split(",")] if isinstance(values, str) else list(values)
    rule = "seeds are whole numbers from 0 to 2147483647, separated by commas"
    try:
        numbers = tuple(dict.fromkeys(int(str(part)) for part in parts if str(part)))
    except ValueError:
        return (), f"{_shown(values)} was given; {rule}, for instance 0,1,2."
    if not numbers or len(numbers) > 1000 or any(not 0 <= n < 2**31 for n in numbers):
        return (), f"{_shown(values)} was given; {rule}; give between 1 and 1,000 of them."
    return numbers, ""


def _read(setting: Setting, value: Any) -> Any:
    """Turn the text of a flag or a widget into what pydantic expects; leave the rest to pydantic."""
    if setting.optional and isinstance(value, str) and value.strip().lower() in ("", "none"):
        return None
    if setting.item and isinstance(value, str):
        return tuple(part.strip() for part in value.replace("\n", ",").split(",") if part.strip())
    if setting.item and isinstance(value, list):
        return tuple(cast(list[Any], value))
    if setting.kind == "bool" and isinstance(value, str):
        return next((truth for truth, words in _WORDS.items() if value.strip().lower() in words), value)
    if setting.kind == "int" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _problems(error: ValidationError, settings: Mapping[str, Setting]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for item in error.errors():
        name = str(item["loc"][0]) if item["loc"] else "settings"
        setting = settings.get(name)
        if item["type"] == "extra_forbidden":
            problems[name] = _unknown(name, "setting", settings)
        elif item["type"] == "missing":
            problems[name] = f"Nothing was given; it must be {setting.allowed if setting else 'given'}."
        elif setting is None or item["type"] in ("value_error", "assertion_error"):
            problems[name] = str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
        else:
            default = "" if setting.required else f" The default is {_shown(setting.default)}."
            problems[name] = f"{_shown(item['input'])} was given; it must be {setting.allowed}.{default}"
    return problems


def _unknown(name: str, what: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"Choose from {', '.join(names)}."
    return f"There is no {what} named {_shown(name)}. {remedy}"


def _shown(value: Any) -> str:
    text = ",".join(map(str, cast(list[Any], value))) if isinstance(value, tuple | list) else value
    shown = repr(text)
    return shown if len(shown) <= 80 else shown[:77] + "..."
