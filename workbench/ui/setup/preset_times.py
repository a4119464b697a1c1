"""How long a preset takes, as it was measured: by runs that ended here, by the example that ships, by a pre-flight."""

from statistics import median

from workbench.contract.engine import Engine
from workbench.contract.fields import read_spec
from workbench.contract.runs import Purpose, RunSpec
from workbench.contract.schema import Estimate
from workbench.formatting import duration
from workbench.history.records import RunFilter, RunRecord
from workbench.messages import say, say_many
from workbench.ui.elements.page_context import PageContext

MOST_LOOKED_AT = 200
"""Newest runs of the method among which those of the preset are sought."""


def preset_time(desk: PageContext, engine: Engine, preset: str) -> str:
    """Return the sentence on how long a preset takes, with where it was measured; says so where it never was.

    Of runs that ended here the median counts; a run that was stopped, resumed or extended says nothing of the whole.
    """
    spec = read_spec(engine, preset=preset)
    runs = [record for record in _ended(desk, engine, "run") if asks_alike(record.spec, spec)]
    here = [record.seconds for record in runs if not record.origin and record.seconds]
    if here:
        return say_many(
            "It took {time} here, in one run.", "It took {time} here, the median of {n} runs.", len(here),
            time=duration(median(here)),
        )  # fmt: skip
    estimate = _estimated(desk, engine, spec)
    if estimate is not None:
        return say("It would take about {time} here, by the last check.", time=duration(estimate))
    elsewhere = [record.seconds for record in runs if record.origin == "example" and record.seconds]
    if elsewhere:
        return say(
            "The example that ships took {time} on another machine; Check fit measures this one.",
            time=duration(median(elsewhere)),
        )
    return say("How long it takes here is not known yet; Check fit measures it.")


def asks_alike(past: RunSpec, asked: RunSpec) -> bool:
    """Return whether a run of the past asked the same: arms, seeds, and every setting that there was then."""
    same = (past.arms, past.seeds, past.own_arms) == (asked.arms, asked.seeds, asked.own_arms)
    return same and all(asked.settings.get(name) == value for name, value in past.settings.items())


def _ended(desk: PageContext, engine: Engine, purpose: Purpose) -> list[RunRecord]:
    only = RunFilter(engine=engine.name, states=("finished",), purpose=purpose)
    found = desk.history.listing(only, limit=MOST_LOOKED_AT).records
    return [record for record in found if record.attempt <= 1]


def _estimated(desk: PageContext, engine: Engine, spec: RunSpec) -> float | None:
    """Seconds of the newest pre-flight of the same run here."""
    for record in _ended(desk, engine, "preflight"):
        if not record.origin and asks_alike(record.spec, spec):
            rows = desk.history.table(record.run, Estimate)
            return None if rows.empty else float(rows["seconds"].iloc[-1])
    return None
