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
    return " · ".join(dict.fromkeys(part for part in name_parts(engine, spec).values() if part))


def name_parts(engine: Engine, spec: RunSpec) -> dict[str, str]:
    """Return the parts of a run's name: "method", "model", "data", "preset", "seeds"; "" for what it has not."""
    kinds = _model_and_data(engine.config)
    chosen = {kind: _short(spec.settings.get(kinds.get(kind, ""))) for kind in ("model", "data")}
    method, seeds = engine.title.partition(":")[0], count(len(spec.seeds), "seed")
    return {"method": method, **chosen, "preset": preset_of(engine, spec), "seeds": seeds}


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
def _model_and_data(config: type[Config]) -> dict[str, str]:
    """The first field that names a model and the first that names data, by kind."""
    kinds = {setting.kind: setting.name for setting in reversed(settings_of(config))}
    return {kind: kinds[kind] for kind in ("model", "data") if kind in kinds}


def _short(ref: Any) -> str:
    """A model or data set without its folder, address or kind: "upload:pairs.csv" is "pairs.csv"."""
    if not isinstance(ref, str):
        return ""
    name = ref.partition("@")[0].rstrip("/").rpartition("/")[2]
    return name.partition(":")[2] or name
