"""Names that tell runs apart: method, model, data, preset, seeds."""

from functools import lru_cache
from typing import Any

from workbench.contract.engine import Engine
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Config
from workbench.contract.settings import settings_of
from workbench.formatting import count

OWN = "own settings"


def spec_name(engine: Engine, spec: RunSpec) -> str:
    """Name a run by what it was asked: "ShifCon · smollm2-135m-instruct · django-messages · study · 5 seeds"."""
    chosen = [_short(spec.settings.get(field)) for field in _model_and_data(engine.config)]
    parts = [engine.title.partition(":")[0], *chosen, preset_of(engine, spec), count(len(spec.seeds), "seed")]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def preset_of(engine: Engine, spec: RunSpec) -> str:
    """Name the preset whose settings a run has, else the one that differs in the number of items alone, else `OWN`.

    A run that goes on has more items than its preset.
    """
    settings = {name: preset.config.model_dump(mode="json") for name, preset in engine.presets.items()}
    for apart in ({}, {engine.items: None}):
        for name, values in settings.items():
            if values | apart == {**spec.settings, **apart}:
                return name
    return OWN


@lru_cache(maxsize=64)
def _model_and_data(config: type[Config]) -> tuple[str, ...]:
    """The first field that names a model and the first that names data."""
    kinds = {setting.kind: setting.name for setting in reversed(settings_of(config))}
    return tuple(kinds[kind] for kind in ("model", "data") if kind in kinds)


def _short(ref: Any) -> str:
    """A model or data set without its folder, address or kind: "upload:pairs.csv" is "pairs.csv"."""
    if not isinstance(ref, str):
        return ""
    name = ref.partition("@")[0].rstrip("/").rpartition("/")[2]
    return name.partition(":")[2] or name
