"""A RunLog that remembers what it heard, for parts that speak to one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from workbench.contract.outcomes import outcome_frame
from workbench.contract.run_log import RunLog
from workbench.contract.schema import Outcome, Row


@dataclass
class HeardLog:
    """Remembers; Stop is pressed when `stop` says so."""

    stop: Callable[[], bool] = lambda: False
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    told: list[tuple[int, int, str]] = field(default_factory=list)

    def stopping(self) -> bool:
        return self.stop()

    def row(self, row: Row) -> None:
        self.rows.append(row)

    def outcomes(self, *given: Any, **named: Any) -> None:
        self.rows += [Outcome.model_validate(row) for row in outcome_frame(*given, **named).to_dict("records")]

    def note(self, text: str) -> None:
        self.notes.append(text)

    def record(self, name: str, value: Any) -> None:
        self.facts[name] = value

    def progress(self, done: int, total: int, unit: str) -> None:
        self.told.append((done, total, unit))

    def as_log(self) -> RunLog:
        return cast(RunLog, self)
