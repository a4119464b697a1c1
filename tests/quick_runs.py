"""One real quick run per method, made once a session in a child process, for every test that needs its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engines import ENGINES
from workbench.bench.results import Result
from workbench.bench.session import Session
from workbench.contract.engine import Engine
from workbench.contract.fields import read_spec, with_purpose
from workbench.contract.runs import RunId, RunSpec

LONGEST_SECONDS = 900.0
SHORTER: Mapping[str, Mapping[str, Any]] = {
    "guilomo": {"layers": "last 1", "train_items": 16, "test_items": 4, "search_steps": 4, "planted_steps": 8},
    "persyn": {"prompts": 40, "calibration": 24, "held_out": 12},
    "shifcon": {"sentences": 60, "token_cap": 12_000},
    "sure": {"questions": 5, "oracle_questions": 3, "attention_pairs": 1},
    "treereview": {"most_nodes": 4, "held_out": 2, "most_comments": 2, "root_tokens": 300},
}
"""What makes a quick run shorter than a user's, so that the suite need not wait for minutes; -m wide runs it whole."""


@dataclass
class QuickRuns:
    """The quick preset of each method on its real model, run when it is first asked for."""

    session: Session
    _runs: dict[str, RunId] = field(default_factory=dict)

    def result(self, engine: Engine) -> Result:
        """The finished quick run of `engine`, with fewer items than a user's."""
        return self.session.result(
            self._run(f"{engine.name}/run", read_spec(engine, settings=SHORTER.get(engine.name)))
        )

    def whole(self, engine: Engine) -> Result:
        """The finished quick run of `engine`, as a user has it with one click."""
        return self.session.result(self._run(f"{engine.name}/whole", read_spec(engine)))

    def preflight(self, engine: Engine) -> RunId:
        """The finished pre-flight of `engine`'s quick preset."""
        return self._run(f"{engine.name}/preflight", with_purpose(read_spec(engine), "preflight"))

    def _run(self, name: str, spec: RunSpec) -> RunId:
        if name not in self._runs:
            run = self.session.bench.start(spec)
            record = self.session.bench.wait(run, LONGEST_SECONDS)
            assert record.state == "finished", f"{name}: {record.state} {record.error} {record.traceback}"
            self._runs[name] = run
        return self._runs[name]


REAL = list(ENGINES.values())
