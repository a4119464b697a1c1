"""What a run answered, as one value: outcomes, verdicts and tables; DataFrames for code, JSON for everyone else."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from workbench.bench.estimate_check import EstimateCheck, estimate_check
from workbench.bench.verdict_groups import are_judged, basis, by_family
from workbench.contract.engine import Engine
from workbench.contract.registry import engine_named
from workbench.contract.runs import RunId, RunSpec, State
from workbench.contract.schema import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from workbench.history import History
    from workbench.history.records import RunRecord
    from workbench.statistics import Verdict

_JSON: TypeAdapter[Any] = TypeAdapter(Any)


@dataclass(frozen=True)
class Problem:
    """Why a run failed: a code, a sentence and a remedy."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Result:
    """A run and everything it answered.

    Attributes:
        state: "finished", "failed", "stopped", "interrupted"; a live run shows what it has so far.
        outcomes: one line per observation: arm, metric, seed, value, item, cluster, slice.
        judged: the card's claims, each with its verdict; none where the run failed.
        tables: rows by row type, `Outcome` apart.
        seconds: how long the run took; None before its end.
        error: why it failed, None where it did not.
        estimate: what the run took beside its estimate, None where none was made.
        notes: what the run said of its data and settings, in its order.
    """

    run: RunId
    engine: str
    state: State
    title: str
    spec: RunSpec
    outcomes: "pd.DataFrame"
    judged: "tuple[Verdict, ...]"
    tables: "Mapping[str, pd.DataFrame]"
    seconds: float | None
    error: Problem | None
    estimate: EstimateCheck | None = None
    notes: tuple[str, ...] = ()

    @property
    def settings(self) -> Mapping[str, Any]:
        """Every setting of the run."""
        return self.spec.settings

    @property
    def verdicts(self) -> "pd.DataFrame":
        """One line per claim: claim, sentence, verdict, estimate, low, high and why."""
        import pandas as pd

        return pd.DataFrame([verdict.model_dump() for verdict in self.judged])

    def document(self) -> dict[str, Any]:
        """Return the result as JSON-ready values: frames as lists of rows, numbers that are none as null."""
        return {
            "run": self.run,
            "engine": self.engine,
            "state": self.state,
            "title": self.title,
            "settings": dict(self.spec.settings),
            "arms": list(self.spec.arms),
            "seeds": list(self.spec.seeds),
            "own_arms": self.spec.own_arms,
            "outcomes": rows_of(self.outcomes),
            "notes": list(self.notes),
            "verdicts_from": basis(self.state),
            "verdicts": [each.model_dump(mode="json") for _, members in by_family(self.judged) for each in members],
            "tables": {name: rows_of(frame) for name, frame in self.tables.items()},
            "seconds": self.seconds,
            "error": vars(self.error) if self.error else None,
            "estimate": asdict(self.estimate) if self.estimate else None,
        }


def result_of(history: "History", engines: Mapping[str, Engine], run: RunId) -> Result:
    """Read a run back from the history and judge its claims.

    Raises:
        RunNotFound: no run has that id.
        ConfigError: its method is not installed.
    """
    from workbench.bench.run_circumstances import circumstances_of
    from workbench.statistics import judge

    record = history.record(run)
    engine = engine_named(record.engine, engines)
    tables = history.tables(run, engine.row_types().values())
    outcomes = tables.pop(Outcome.table())
    judged = record.purpose == "run" and are_judged(record.state)
    return Result(
        run=record.run,
        engine=record.engine,
        state=record.state,
        title=record.title,
        spec=record.spec,
        outcomes=outcomes,
        judged=tuple(judge(engine, outcomes, circumstances_of(history, run))) if judged else (),
        tables=tables,
        seconds=record.seconds,
        error=Problem(record.error_code, record.error, record.hint) if record.error else None,
        estimate=estimate_check(history, record),
        notes=tuple(history.notes(run)),
    )


def summary_of(record: "RunRecord") -> dict[str, Any]:
    """Return a run in a listing, as JSON-ready values."""
    return {
        "run": record.run,
        "engine": record.engine,
        "state": record.state,
        "title": record.title,
        "created": record.created,
        "seconds": record.seconds,
        "tags": list(record.tags),
        "origin": record.origin,
        "parent": record.parent,
        "tables": dict(record.tables),
    }


def rows_of(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the frame's rows as plain Python values; what is no number or is missing becomes None."""
    columns = {str(name): [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def to_json(value: Any) -> str:
    """Return the value as indented JSON; numbers that are none, and infinite ones, become null."""
    return _JSON.dump_json(value, indent=1).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> str | None:
    import pandas as pd

    return None if pd.isna(value) else str(value)
