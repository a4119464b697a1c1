"""One real quick run per method, made once a session in a child process, for every test that needs its rows."""

from dataclasses import dataclass, field

from engines import ENGINES
from workbench.engine import Engine
from workbench.fields import read_spec, with_purpose
from workbench.results import Result
from workbench.runs import RunId, RunSpec
from workbench.session import Session

LONGEST_SECONDS = 900.0


@dataclass
class QuickRuns:
    """The quick preset of each method, run when it is first asked for."""

    session: Session
    _runs: dict[str, RunId] = field(default_factory=dict)

    def result(self, engine: Engine) -> Result:
        """The finished quick run of `engine`."""
        return self.session.result(self._run(f"{engine.name}/run", read_spec(engine)))

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
