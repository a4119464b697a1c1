"""Finished runs that go on with more, and the way back where that came to nothing.

Design decisions:
- The change is one transaction of the history: state, spec and looks together, compared and swapped. The folder follows
  when the worker starts, so that a kill in between leaves the finished run or the extended one that waits.
- Who may extend a run is decided before; here it is whether the run can be.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from workbench.bench.extending import More, extended_spec, items_of, taken_back
from workbench.bench.run_circumstances import decided_claims
from workbench.contract.engine import Engine
from workbench.contract.errors import StateError
from workbench.contract.registry import engine_named
from workbench.contract.runs import LIVE, RESUMABLE, RunFolder, RunId
from workbench.contract.tool import Runnable
from workbench.history import History, RunFilter, RunRecord
from workbench.storage.extensions import Extension


class RunExtender:
    """Changes what runs of a history are asked; a supervisor has them worked off.

    Args:
        history: where runs are kept.
        engines: the methods and tools by name.
        runs_root: where run folders lie.
    """

    def __init__(self, history: History, engines: Mapping[str, Runnable], runs_root: Path) -> None:
        self._history, self._engines, self._root = history, engines, runs_root

    def extend(self, run: RunId, more: More) -> None:
        """Queue a finished run with more seeds, items or arms, and note what it had decided.

        Raises:
            RunNotFound: no run has that id, or its folder is gone.
            ConfigError: nothing was asked for, the step is too small, or a setting, a seed or an arm is refused.
            StateError: the run has not finished, was made elsewhere, deleted, is being asked a question, was judged
                five times, or was extended meanwhile.
        """
        record = self._history.record(run)
        self._refuse_unfinished(record)
        engine = self._engine(record)
        before, extensions = record.spec, self._history.extensions(run)
        spec = extended_spec(engine, before, more, extensions)
        self._free(run)
        now = Extension(
            seeds=before.seeds,
            arms=before.arms,
            items=items_of(engine, before),
            looks=more.looks,
            decided=decided_claims(self._history, engine, run),
            seconds=record.seconds,
            at=time.time(),
        )
        if not self._history.extend(run, spec, (*extensions, now), before=before, expect={"finished"}):
            raise StateError(f"Run {run} was extended or taken up meanwhile.", "Look at it again, then go on.")

    def take_back(self, run: RunId) -> None:
        """Queue a run whose extension ended early as it was before.

        Raises:
            RunNotFound: no run has that id, or its folder is gone.
            StateError: it has not ended early, was made elsewhere or deleted, or its last extension came to its end.
        """
        record = self._history.record(run)
        back = None
        if can_take_back(record):
            spent = record.state != "failed"
            back = taken_back(record.spec, self._engine(record), self._history.extensions(run), spent)
        if back is None:
            raise StateError(f"Run {run} has no extension that can be taken back.", "Only one that ended early can.")
        self._free(run)
        if not self._history.extend(run, *back, before=record.spec, expect=RESUMABLE):
            raise StateError(f"Run {run} was taken up meanwhile.", "Look at it again.")

    def _engine(self, record: RunRecord) -> Engine:
        engine = engine_named(record.engine, self._engines)
        assert isinstance(engine, Engine)
        return engine

    def _free(self, run: RunId) -> None:
        """Find the folder there, and no stop flag left in it."""
        folder = RunFolder(self._root, run)
        folder.spec()
        folder.stop.unlink(missing_ok=True)

    def _refuse_unfinished(self, record: RunRecord) -> None:
        again = "Run it again with the same settings, and more."
        if record.origin:
            raise StateError(f"Run {record.run} was made elsewhere; it cannot be extended.", again)
        if record.deleted:
            raise StateError(f"Run {record.run} was deleted; it cannot be extended.", "Bring it back first.")
        if record.purpose != "run":
            raise StateError(f"Run {record.run} is a {record.purpose}; it cannot be extended.", "Extend a run.")
        if record.state != "finished":
            remedy = "Wait for its end." if record.live else "Resume it first; once it has finished, extend it."
            raise StateError(f"Run {record.run} is {record.state}; it cannot be extended.", remedy)
        asking = RunFilter(purpose="ask", parent=record.run, states=tuple(LIVE))
        if self._history.listing(asking, limit=1).records:
            raise StateError(f"Run {record.run} is being asked a question.", "Extend it once that is answered.")


def can_take_back(record: RunRecord) -> bool:
    """Return whether the run may have an extension that ended early: a run that was made here and has not finished."""
    return record.resumable and not record.deleted and record.purpose == "run"
