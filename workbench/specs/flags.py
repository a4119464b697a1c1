"""Settings as command-line flags, both ways: a parser for an engine's Config, and the flags that say given settings.

A flag is the setting's name with dashes (`--layers-percent 30`). Values stay strings here: `fields` reads
them as it reads a form's. Lists are comma-separated, none is "none", a flag without a value is "yes".
"""

import difflib
import re
import shlex
from argparse import ArgumentParser, HelpFormatter, Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from workbench.contract.errors import ConfigError
from workbench.contract.fields import settings_of
from workbench.contract.schema import Config
from workbench.contract.settings import Setting

RESERVED = frozenset({"preset", "arms", "seeds", "own_arm", "json", "spec", "title", "quiet", "help"})
"""Flags of `benchwright run` itself; no setting may be called so."""

_METAVARS = {
    "bool": "yes|no",
    "int": "N",
    "float": "X",
    "choices": "A,B",
    "list": "A,B",
    "model": "MODEL",
    "data": "DATA",
}


class FlagParser(ArgumentParser):
    """An argument parser that raises typed errors, with the closest flag for an unknown one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, allow_abbrev=False, formatter_class=_Wide, **kwargs)

    def read(self, arguments: Sequence[str]) -> Namespace:
        """Parse all of `arguments`.

        Raises:
            ConfigError: a flag is unknown or incomplete.
        """
        found, rest = self.parse_known_args([_dashed(argument) for argument in arguments])
        if rest:
            raise ConfigError(dict(self._refusal(argument) for argument in rest), f"See {self.prog} --help")
        return found

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into a typed error.

        Raises:
            ConfigError: always.
        """
        raise ConfigError({"command line": message}, f"See {self.prog} --help")

    def _refusal(self, argument: str) -> tuple[str, str]:
        name = argument.partition("=")[0]
        if not name.startswith("-"):
            return argument[:80], "There is nothing that this could belong to; was a flag forgotten, or quotes?"
        near = difflib.get_close_matches(name, self._option_string_actions, n=1)
        return name[:80], "There is no such flag." + (f" Did you mean {near[0]}?" if near else "")


def add_settings(parser: ArgumentParser, config: type[Config]) -> None:
    """Add one flag per setting of `config`; a flag that is not given stays None."""
    shown = parser.add_argument_group("settings", "Each overrides the preset.")
    for setting in settings_of(config):
        bare: dict[str, Any] = {"nargs": "?", "const": "yes"} if setting.kind == "bool" else {}
        metavar = _METAVARS.get(setting.kind, "TEXT" if setting.open else "CHOICE")
        shown.add_argument(_flag(setting.name), dest=setting.name, metavar=metavar, help=_help(setting), **bare)


def given_settings(found: Namespace, config: type[Config]) -> dict[str, str]:
    """Return the settings among the parsed flags, as text."""
    return {name: value for name in config.model_fields if (value := getattr(found, name)) is not None}


def read_own_arms(values: Iterable[str]) -> dict[str, dict[str, str]]:
    """Overrides by arm name, from `NAME:setting=value` each.

    Raises:
        ConfigError: a value has another shape.
    """
    arms: dict[str, dict[str, str]] = {}
    for value in values:
        shape = re.fullmatch(r"([^:=]+):([^:=]+)=(.*)", value, re.DOTALL)
        if not shape:
            raise ConfigError({"own-arm": f"{value[:80]!r} was given; it must be NAME:setting=value."})
        name, setting, text = shape.groups()
        arms.setdefault(name, {})[setting.replace("-", "_")] = text
    return arms


def settings_as_flags(settings: Mapping[str, Any]) -> list[str]:
    """Return the flags that give these settings, quoted for a shell."""
    return [_quoted(_flag(name), as_text(value)) for name, value in settings.items()]


def own_arms_as_flags(own_arms: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the flags that give these arms, quoted for a shell."""
    pairs = [(name, *item) for name, overrides in own_arms.items() for item in overrides.items()]
    return [_quoted("--own-arm", f"{name}:{setting}={as_text(value)}") for name, setting, value in pairs]


def as_text(value: Any) -> str:
    """Return a setting's value as a flag or a form says it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)


def _quoted(flag: str, text: str) -> str:
    return shlex.quote(f"{flag}={text}") if text.startswith("-") else f"{flag} {shlex.quote(text)}"


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _dashed(argument: str) -> str:
    """`--layers_percent=x_y` as `--layers-percent=x_y`."""
    name, sign, value = argument.partition("=")
    return (name.replace("_", "-") if name.startswith("--") else name) + sign + value


def _help(setting: Setting) -> str:
    parts = [setting.help or setting.label, f"({setting.allowed}; default {as_text(setting.default) or 'empty'})"]
    if setting.required:
        parts[1] = f"({setting.allowed})"
    if setting.paper:
        parts.append(f"Paper: {setting.paper.value} [{setting.paper.source}, {setting.paper.status}]")
    return " ".join(parts).replace("%", "%%")


class _Wide(HelpFormatter):
    """Help with room for the flags."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=110)
