"""The arguments of `benchwright run` (a preset, a spec file over it, flags over both) and of `benchwright extend`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.bench.extending import More
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec
from workbench.contract.registry import engine_named
from workbench.contract.runs import RunSpec
from workbench.specs.flags import FlagParser, add_settings, given_settings, read_own_arms
from workbench.specs.run_forms import read_spec_path


@dataclass(frozen=True)
class RunRequest:
    """What `benchwright run` was asked: the spec, the run's title, where its JSON goes, whether to be quiet."""

    spec: RunSpec
    title: str
    json: Path | None
    quiet: bool


def read_run_arguments(arguments: Sequence[str], engines: Mapping[str, Engine]) -> RunRequest:
    """Read the arguments after `run`. With `--help` the flags of the named engine are printed and the process ends.

    Raises:
        ConfigError: a flag, a setting, an arm, a seed or the spec file is refused.
    """
    engine, body = _asked_engine(arguments, engines)
    found = run_parser(engine).read(arguments)
    if engine is None:
        raise ConfigError({"engine": "No method was named."}, "benchwright list shows the methods.")
    body["settings"] = {**body.get("settings", {}), **given_settings(found, engine.config)}
    body["own_arms"] = _merged(body.get("own_arms", {}), read_own_arms(found.own_arm))
    given = {"preset": found.preset, "arms": _listed(found.arms), "seeds": _listed(found.seeds)}
    spec = read_spec(engine, **body | {key: value for key, value in given.items() if value is not None})
    return RunRequest(spec, found.title, found.json, found.quiet)


def run_parser(engine: Engine | None) -> FlagParser:
    """Return the parser of `benchwright run`, with a flag per setting of `engine`."""
    name = f" {engine.name}" if engine else ""
    about = f"{engine.title}. {engine.question}" if engine else "Run a method next to its baselines."
    presets = "; ".join(f"{key}: {preset.promise}" for key, preset in engine.presets.items()) if engine else "quick"
    arms = ", ".join(arm.name for arm in engine.arms) if engine else ""
    parser = FlagParser(prog=f"benchwright run{name}", description=about)
    parser.add_argument("engine", nargs="?", metavar="ENGINE")
    parser.add_argument("--preset", metavar="P", help=_plain(f"starting point ({presets}); default quick"))
    parser.add_argument("--spec", type=Path, metavar="FILE", help="YAML file with the run; flags go over it")
    parser.add_argument("--arms", metavar="A,B", help=_plain(f"instead of the preset's: {arms}"))
    parser.add_argument("--seeds", metavar="0,1,2", help="instead of the preset's")
    parser.add_argument("--own-arm", action="append", default=[], metavar="NAME:setting=value", help="an arm of yours")
    parser.add_argument("--title", default="", metavar="TEXT", help="what the history calls the run")
    parser.add_argument("--json", type=Path, metavar="FILE", help='write the result as JSON ("-" for standard output)')
    parser.add_argument("--quiet", action="store_true", help="no progress")
    if engine:
        add_settings(parser, engine.config)
    return parser


def add_more_arguments(parser: ArgumentParser) -> None:
    """Add the flags of `benchwright extend`: what a finished run is to have beside what it has."""
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help="so many more seeds, the next in order")
    parser.add_argument("--items", type=int, default=0, metavar="N", help="so many more items for every arm and seed")
    parser.add_argument("--arms", default="", metavar="A,B", help="further arms of the method")
    parser.add_argument("--own-arm", action="append", default=[], metavar="NAME:setting=value", help="an arm of yours")
    parser.add_argument("--take-back", action="store_true", help="the run as it was before an extension that failed")
    parser.add_argument("--json", type=Path, metavar="FILE", help='write the result as JSON ("-" for standard output)')
    parser.add_argument("--quiet", action="store_true", help="no progress")


def read_more(found: Namespace) -> More:
    """Return what a finished run is to have beside what it has.

    Raises:
        ConfigError: an own arm is not written as one.
    """
    arms = tuple(_listed(found.arms) or ())
    return More(found.seeds, found.items, arms, read_own_arms(found.own_arm))


def _asked_engine(arguments: Sequence[str], engines: Mapping[str, Engine]) -> tuple[Engine | None, dict[str, Any]]:
    """The engine that the arguments or their spec file name, and the other keys of that file."""
    first = FlagParser(prog="benchwright run", add_help=False)
    first.add_argument("--spec", type=Path)
    found, _ = first.parse_known_args(arguments)
    body = read_spec_path(found.spec) if found.spec else {}
    name = arguments[0] if arguments and not arguments[0].startswith("-") else ""
    in_file = str(body.pop("engine", ""))
    if name and in_file and name != in_file:
        raise ConfigError({"engine": f"{name!r} was given, but the spec file is for {in_file!r}."})
    return (engine_named(name or in_file, engines) if name or in_file else None), body


def _merged(kept: Mapping[str, Any], given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    return {name: {**kept.get(name, {}), **given.get(name, {})} for name in {**kept, **given}}


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def _plain(text: str) -> str:
    return text.replace("%", "%%")
