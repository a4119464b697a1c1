"""The smallest real run of each method, worked off once a session in this process, for every test that needs its rows.

It is the probe that the card declares: the quick preset on its real model, with fewer items than a user's.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from engines import ENGINES
from tests.engines import worked_runs
from workbench.bench.session import Session
from workbench.contract.engine import Engine
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Outcome
from workbench.storage.finished_run import FinishedRun
from workbench.storage.home import place

LONGEST_SECONDS = 900.0
REAL = list(ENGINES.values())
TODAY = REAL[date.today().toordinal() % len(REAL)]
"""The method whose smallest run goes through a worker today; every method has its turn."""


@dataclass(frozen=True)
class Rows:
    """What a run answered.

    Attributes:
        tables: rows by row type, `Outcome` apart.
        phases: names of its outermost phases.
    """

    outcomes: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    phases: frozenset[str] = frozenset()


def probe_spec(engine: Engine) -> RunSpec:
    """The smallest run that fills every table."""
    return read_spec(engine, settings=engine.probe)


@dataclass
class QuickRuns:
    """Runs of each method, worked off when they are first asked for."""

    session: Callable[[], Session]
    _runs: dict[str, Any] = field(default_factory=dict)

    def probe(self, engine: Engine) -> Rows:
        """The smallest run, in this process."""
        return self._once(f"{engine.name}-probe", lambda name: self._here(engine, probe_spec(engine), name))

    def whole(self, engine: Engine) -> Rows:
        """The quick preset as a user has it with one click, in this process."""
        return self._once(f"{engine.name}-whole", lambda name: self._here(engine, read_spec(engine), name))

    def preflight(self, engine: Engine) -> FinishedRun:
        """The pre-flight of the smallest run, in this process."""
        return self._once(
            f"{engine.name}-preflight",
            lambda name: worked_runs.probe(engine, probe_spec(engine), place("runs"), name),
        )

    def by_worker(self, engine: Engine) -> Rows:
        """The smallest run, in a process of its own, read back from the history."""

        def work(name: str) -> Rows:
            session = self.session()
            run = session.bench.start(probe_spec(engine))
            record = session.bench.wait(run, LONGEST_SECONDS)
            assert record.state == "finished", f"{name}: {record.state} {record.error} {record.traceback}"
            found = session.result(run)
            return Rows(found.outcomes, found.tables)

        return self._once(f"{engine.name}-worker", work)

    def _here(self, engine: Engine, spec: RunSpec, name: str) -> Rows:
        run = worked_runs.start(engine, spec, place("runs"), name)
        kinds = engine.row_types()
        tables = {table: run.table(kind) for table, kind in kinds.items() if kind is not Outcome}
        events = (place("runs") / name / "events.jsonl").read_text(encoding="utf-8").splitlines()
        opened = {event["scope"]: event["name"] for event in map(json.loads, events) if event["kind"] == "phase"}
        outermost = {scope: phase for scope, phase in opened.items() if not _inside(scope, opened)}
        return Rows(run.table(Outcome), tables, frozenset(outermost.values()))

    def _once(self, name: str, work: Callable[[str], Any]) -> Any:
        if name not in self._runs:
            self._runs[name] = work(f"{name}-{os.getpid()}")
        return self._runs[name]


def _inside(scope: str, phases: Iterable[str]) -> bool:
    return any(scope.startswith(f"{phase}/") for phase in phases)
