"""A run in other forms: the YAML file, the command line, the Python call and the link that each repeat or show it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.contract.engine import Engine, Preset
from workbench.contract.errors import ConfigError
from workbench.contract.runs import RunSpec
from workbench.specs.flags import own_arms_as_flags, settings_as_flags
from workbench.specs.spec_shape import SPEC_KEYS, spec_shaped


@dataclass(frozen=True)
class Forms:
    """One spec, four ways to say it; each gives the same rows."""

    yaml: str
    cli: str
    python: str
    link: str


def forms_of(engine: Engine, spec: RunSpec, link: str = "") -> Forms:
    """Return the four forms of a spec: YAML names every setting, the others what differs from the closest preset."""
    return Forms(yaml=spec_as_yaml(spec), cli=_as_command(engine, spec), python=_as_python(engine, spec), link=link)


def spec_as_yaml(spec: RunSpec) -> str:
    """Return the spec as a file for `benchwright run --spec FILE`."""
    import yaml

    body = spec.model_dump(mode="json", include=set(SPEC_KEYS))
    if not spec.own_arms:
        del body["own_arms"]
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=100)


def read_spec_file(text: str) -> dict[str, Any]:
    """Return the keys of a spec file, checked for their shape: engine, preset, settings, arms, seeds, own_arms.

    Raises:
        ConfigError: it is not YAML, or not such a mapping.
    """
    import yaml

    try:
        body = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError({"spec": f"The file is not YAML: {' '.join(str(error).split())}"}) from error
    return spec_shaped(body)


def read_spec_path(path: Path) -> dict[str, Any]:
    """Return the keys of the spec file at `path`; see `read_spec_file`.

    Raises:
        ConfigError: the file cannot be read or is no spec.
    """
    try:
        return read_spec_file(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError({"spec": f"{path} cannot be read: {reason}."}) from error


def _as_command(engine: Engine, spec: RunSpec) -> str:
    name, changed = _closest_preset(engine, spec)
    preset = engine.presets[name]
    parts = [f"benchwright run {spec.engine} --preset {name}", *settings_as_flags(changed)]
    if _changes_arms(spec, preset):
        parts.append(f"--arms {','.join(spec.arms)}")
    parts += own_arms_as_flags(spec.own_arms)
    if spec.seeds != preset.seeds:
        parts.append(f"--seeds {','.join(map(str, spec.seeds))}")
    return " \\\n    ".join(parts)


def _as_python(engine: Engine, spec: RunSpec) -> str:
    name, changed = _closest_preset(engine, spec)
    preset = engine.presets[name]
    arguments = [repr(spec.engine), f"preset={name!r}"]
    if changed:
        arguments.append(f"settings={_literal(changed)}")
    if _changes_arms(spec, preset):
        arguments.append(f"arms={list(spec.arms)!r}")
    if spec.own_arms:
        arguments.append(f"own_arms={_literal(spec.own_arms)}")
    if spec.seeds != preset.seeds:
        arguments.append(f"seeds={list(spec.seeds)!r}")
    call = "run(\n    " + ",\n    ".join(arguments) + ",\n)"
    return f"from workbench import run\n\nresult = {call}\nprint(result.verdicts)\n"


def _literal(value: Any) -> str:
    return repr(json.loads(json.dumps(value)))


def _changes_arms(spec: RunSpec, preset: Preset) -> bool:
    return spec.arms != tuple(dict.fromkeys([*preset.arms, *spec.own_arms]))


def _closest_preset(engine: Engine, spec: RunSpec) -> tuple[str, dict[str, Any]]:
    """The preset with the fewest settings to change, and those settings."""
    changes = {
        name: {
            key: value
            for key, value in spec.settings.items()
            if preset.config.model_dump(mode="json").get(key) != value
        }
        for name, preset in engine.presets.items()
    }
    best = min(changes, key=lambda name: len(changes[name]))
    return best, changes[best]
