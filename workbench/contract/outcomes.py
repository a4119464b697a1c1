"""Many outcomes of one arm under one seed as a frame, checked where they are reported and not where they are judged."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.contract.errors import DataError
from workbench.contract.run_log import RunCell

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Values = float | Sequence[float] | Sequence[Sequence[float]] | np.ndarray | pd.Series | pd.DataFrame
    Names = str | Sequence[str | None] | np.ndarray | pd.Series | None


def outcome_frame(
    metric: str, cell: RunCell, values: "Values", item: "Names" = None, cluster: "Names" = None, slice: "Names" = "",
) -> "pd.DataFrame":  # fmt: skip
    """Return `Outcome` rows of one metric, of one arm under one seed; arguments are those of `RunLog.outcomes`.

    Raises:
        DataError: a value is not finite, lengths differ, or an item is reported twice under one slice.
    """
    import numpy as np
    import pandas as pd

    numbers = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if numbers.ndim > 2:
        raise DataError(
            f"Outcomes of {metric!r} came in an array of {numbers.ndim} axes.",
            "Give N values, or (N, K) sufficient statistics of a corpus metric.",
        )
    rows = len(numbers)
    names = {"item": item, "cluster": cluster, "slice": slice}
    columns = {name: _column(metric, name, given, rows) for name, given in names.items()}
    value = numbers if numbers.ndim == 1 else [tuple(row) for row in numbers.tolist()]
    frame = pd.DataFrame({"arm": cell.arm, "metric": metric, "seed": cell.seed, "value": value, **columns})
    broken = ~np.isfinite(numbers).reshape(rows, -1).all(axis=1) if rows else np.zeros(0, dtype=bool)
    _refuse(metric, frame[broken], "no finite number", "Leave such items out and say how many they were.")
    twice = frame.duplicated(["item", "slice"])
    _refuse(metric, frame[twice], "reported twice", "Name each item once under a slice; sum or average it before.")
    return frame


def _column(metric: str, name: str, given: "Names", rows: int) -> Any:
    if given is None or isinstance(given, str):
        return given
    if len(given) != rows:
        raise DataError(
            f"{rows:,} outcomes of {metric!r} came with {len(given):,} names of their {name}.",
            f"Give one {name} for each value, or one for all.",
        )
    return [None if each is None or each != each else str(each) for each in given]


def _refuse(metric: str, wrong: "pd.DataFrame", what: str, remedy: str) -> None:
    if len(wrong):
        first = wrong.iloc[0]
        where = " ".join(str(part) for part in (first["item"] or "the whole", first["slice"]) if part)
        raise DataError(
            f"{len(wrong):,} outcomes of {metric!r} are {what} under arm {first['arm']!r}, seed {first['seed']}: "
            f"first {where}.",
            remedy,
        )
