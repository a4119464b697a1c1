"""Which rows a run may emit: types the card declares, arms, metrics and seeds that the run was asked for."""

from typing import TYPE_CHECKING

from workbench.contract.errors import DataError
from workbench.contract.runs import RunSpec
from workbench.contract.schema import ClaimOutlook, Estimate, EstimatePart, Outcome, Row
from workbench.contract.tool import Runnable

if TYPE_CHECKING:
    import pandas as pd


class RowTables:
    """The tables of one run.

    Args:
        engine: the card that declares row types and metrics.
        spec: names the arms and seeds; a pre-flight may emit estimates and outlooks too.
    """

    def __init__(self, engine: Runnable, spec: RunSpec) -> None:
        kinds = dict(engine.row_types())
        if spec.purpose == "preflight":
            kinds |= {kind.table(): kind for kind in (Estimate, EstimatePart, ClaimOutlook)}
        self._prefixes = {kind: b',"table":"%b","row":' % name.encode() for name, kind in kinds.items()}
        self._engine = engine
        self._checks = spec.purpose == "run"
        self._arms = frozenset(spec.arms)
        self._seeds = frozenset(spec.seeds)
        self._metrics = frozenset(metric.name for metric in engine.metrics)
        self._lengths: dict[str, int] = {}
        self._known: set[tuple[str, str, int]] = set()

    def prefix(self, row: Row) -> bytes:
        """Return what precedes the row's JSON in its event line.

        Raises:
            DataError: the row's type, arm, metric, seed or length is not as declared.
        """
        prefix = self._prefixes.get(type(row))
        if prefix is None:
            raise self._undeclared(type(row))
        if type(row) is Outcome and self._checks:
            self._check_outcome(row)
        return prefix

    def chunk(self, kind: type[Row], frame: "pd.DataFrame") -> "pd.DataFrame":
        """Return `frame` with the fields of `kind` as columns, in their order, defaults filled in.

        Raises:
            DataError: the type is undeclared, a column is missing or unknown, an outcome is not as declared.
        """
        if kind not in self._prefixes:
            raise self._undeclared(kind)
        unknown = [str(name) for name in frame.columns if name not in kind.model_fields]
        missing = [n for n, field in kind.model_fields.items() if field.is_required() and n not in frame.columns]
        if unknown or missing:
            raise DataError(
                f"A table of {kind.table()} has unknown columns {unknown} and lacks {missing}.",
                f"Its columns are {', '.join(kind.model_fields)}.",
            )
        filled = {
            name: [field.get_default(call_default_factory=True)] * len(frame)
            for name, field in kind.model_fields.items()
            if name not in frame.columns
        }
        chunk = frame.assign(**filled).reindex(columns=list(kind.model_fields))
        if kind is Outcome and self._checks:
            self._check_outcomes(chunk)
        return chunk

    def _undeclared(self, kind: type[Row]) -> DataError:
        declared = ", ".join(name.table() for name in self._prefixes)
        return DataError(
            f"{kind.table()} is not a row type of {self._engine.name}, which declares {declared}.",
            "Add it to `rows` on the engine's card.",
        )

    def _check_outcome(self, row: Outcome) -> None:
        if (row.arm, row.metric, row.seed) not in self._known:
            self._check_names(row.arm, row.metric, row.seed)
            self._known.add((row.arm, row.metric, row.seed))
        if isinstance(row.value, tuple):
            self._check_length(row.metric, len(row.value))

    def _check_length(self, metric: str, given: int) -> None:
        length = self._lengths.setdefault(metric, given)
        if length != given:
            raise DataError(
                f"An outcome of {metric!r} has {given} statistics, earlier ones have {length}.",
                "Give every outcome of a metric a vector of one length.",
            )

    def _check_outcomes(self, chunk: "pd.DataFrame") -> None:
        if chunk["value"].dtype == object:
            for metric, values in chunk.groupby("metric")["value"]:
                for length in {len(value) for value in values if isinstance(value, tuple)}:
                    self._check_length(str(metric), length)
        for arm, metric, seed in chunk[["arm", "metric", "seed"]].drop_duplicates().itertuples(index=False):
            self._check_names(arm, metric, int(seed))

    def _check_names(self, arm: str, metric: str, seed: int) -> None:
        asked = (
            ("arm", arm, self._arms),
            ("metric", metric, self._metrics),
            ("seed", seed, self._seeds),
        )
        for what, given, allowed in asked:
            if given not in allowed:
                known = ", ".join(map(str, sorted(allowed, key=str)))
                raise DataError(
                    f"An outcome names the {what} {given!r}; this run has {known or 'none'}.",
                    "Report what the run was asked for: `log.arms`, `log.seeds`, the card's metrics.",
                )
