"""Cards as JSON-ready values, for `list --json`, `describe --json` and whoever builds upon them."""

from dataclasses import asdict
from typing import Any

from workbench.bench.verdict_groups import by_family
from workbench.contract.claims import Claim
from workbench.contract.engine import Engine
from workbench.contract.fields import settings_of
from workbench.contract.schema import Config


def line_of(engine: Engine) -> dict[str, Any]:
    """Return a method in a listing."""
    return {
        "name": engine.name,
        "title": engine.title,
        "tab": str(engine.tab),
        "question": engine.question,
        "presets": list(engine.presets),
    }


def card_of(engine: Engine) -> dict[str, Any]:
    """Everything a method declares: settings, presets, arms, metrics, claims, views, fidelity, paper."""
    presets = {
        name: {
            "settings": preset.config.model_dump(mode="json"),
            "arms": list(preset.arms),
            "seeds": list(preset.seeds),
            "promise": preset.promise,
        }
        for name, preset in engine.presets.items()
    }
    metrics = [
        {
            "name": metric.name,
            "title": metric.shown,
            "unit": metric.unit,
            "better": metric.better,
            "counted": metric.counted,
            "help": metric.help,
        }
        for metric in engine.metrics
    ]
    return {
        **line_of(engine),
        "idea": engine.idea,
        "honesty": engine.honesty,
        "paper": asdict(engine.paper),
        "settings": settings_card(engine.config),
        "presets": presets,
        "arms": [{**asdict(arm), "overrides": dict(arm.overrides)} for arm in engine.arms],
        "metrics": metrics,
        "claims": [_claim_of(claim) for _, members in by_family(engine.claims) for claim in members],
        "views": [{"name": view.name, "title": view.title, "help": view.help} for view in engine.views],
        "tables": {name: list(kind.model_fields) for name, kind in engine.row_types().items()},
        "fidelity": [asdict(line) for line in engine.fidelity],
        "commands": {name: settings_card(kind) for name, kind in engine.commands.items()},
        "ask": {"title": engine.ask.title, "settings": settings_card(engine.ask.question)} if engine.ask else None,
    }


def _claim_of(claim: Claim) -> dict[str, Any]:
    """A claim as it is promised before a run; claims come by family, headlines first."""
    return {
        "name": claim.name,
        "family": claim.family,
        "sentence": claim.sentence,
        "paper": asdict(claim.paper) if claim.paper else None,
        "smallest": claim.smallest,
        "toy": claim.toy,
        "cautions": list(claim.cautions),
        "note": claim.note,
    }


def settings_card(config: type[Config]) -> list[dict[str, Any]]:
    """Return each setting: name, label, help, kind, default, what is allowed, and the paper's value."""
    return [
        {
            "name": setting.name,
            "label": setting.label,
            "help": setting.help,
            "kind": setting.kind,
            "default": setting.default,
            "allowed": setting.allowed,
            "low": setting.low,
            "high": setting.high,
            "choices": list(setting.choices),
            "unit": setting.unit,
            "basic": setting.basic,
            "paper": asdict(setting.paper) if setting.paper else None,
        }
        for setting in settings_of(config)
    ]
