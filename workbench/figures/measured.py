"""One metric of a run as `arm_intervals` gives it, put in the card's order and words for a figure and a sentence.

Design decisions:
- What lacks a number is not drawn but named (`Measured.missing`).
- Differences are taken arm less reference in the metric's own unit, whichever way is better.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.contract.claims import Metric
from workbench.contract.engine import Arm, Engine
from workbench.contract.schema import Outcome
from workbench.contract.views import Measures, Tables
from workbench.messages import noted, say
from workbench.number_format import Format, difference, quantity, span

if TYPE_CHECKING:
    import pandas as pd

ENDS = ("low", "high", "deciding_low", "deciding_high")


@dataclass(frozen=True)
class Measured:
    """One metric of every arm with its intervals.

    Attributes:
        metric: what was measured.
        rows: `arm_intervals` in the order of the card, with `title`, `role` and `shade` (a number of its own in every
            figure) of the arm and `place` (the slice in words) added; only rows with a finite estimate.
        arms: arms of the run that report the metric, in the order of the card.
        reference: the arm that the rows are differences to; None where they are levels.
        levels: level of each arm by name, where the rows are differences over everything.
        missing: what has no number and why, in words.
        along: what a group of rows is ("language"); "" where nothing is grouped.
    """

    metric: Metric
    rows: "pd.DataFrame"
    arms: tuple[Arm, ...]
    reference: Arm | None
    levels: dict[str, float]
    missing: tuple[str, ...]
    along: str = ""

    @property
    def places(self) -> list[str]:
        """Slices in words, in the order of the rows."""
        return list(dict.fromkeys(self.rows["place"]))

    @property
    def show(self) -> Format:
        """How a number of the rows is written."""
        return difference if self.reference else quantity

    def number(self, value: float) -> str:
        """Write an estimate of the rows with its unit."""
        return self.show(value, self.metric.unit, False)

    def between(self, low: float, high: float) -> str:
        """Write an interval of the rows."""
        return span(low, high, self.metric.unit, False, self.show)

    def level(self, arm: str) -> str:
        """Write an arm's own level beside its difference, "" where it is not known."""
        return quantity(self.levels[arm], self.metric.unit) if arm in self.levels else ""


def measured(view: Measures, engine: Engine, tables: Tables, metric: Metric, reference: Arm | None) -> Measured:
    """Measure one metric on a run's rows, as levels or as differences to `reference`, paired by item."""
    frame = intervals(view, engine, tables, reference.name if reference else "")
    found = frame[frame["metric"] == metric.name]
    arms = arms_of(engine, found["arm"].unique())
    levels = {} if reference is None or view.along else _levels(intervals(view, engine, tables), metric)
    named = _named(found, arms_of(engine, tables[Outcome]["arm"].unique()), view.along)
    kept = named[named["estimate"].abs() < float("inf")]
    lacking = named[~named.index.isin(kept.index)]
    missing = [_lacking(row) for row in lacking.to_dict("records")]
    return Measured(metric, kept, arms, reference, levels, tuple(missing), view.noun or group_noun(view.along))


def intervals(view: Measures, engine: Engine, tables: Tables, against: str = "") -> "pd.DataFrame":
    """Measure every metric of every arm on these rows, once for all views and controls that need it."""
    from workbench.statistics import arm_intervals

    def compute() -> "pd.DataFrame":
        return arm_intervals(
            engine, tables[Outcome], tables.circumstances, along=view.along, within=view.within, against=against
        )

    return tables.derived(("arm_intervals", view.along, view.within, against), compute)


def arms_of(engine: Engine, names: Iterable[str]) -> tuple[Arm, ...]:
    """Return arms by name in the order of the card; those that it does not know follow under their own names."""
    asked, declared = list(names), {arm.name: arm for arm in engine.arms}
    own = [Arm(name, name, "method", noted("An arm of the user's own.")) for name in asked if name not in declared]
    return (*(arm for name, arm in declared.items() if name in asked), *own)


def metrics_of(view: Measures, engine: Engine, tables: Tables) -> list[Metric]:
    """Return metrics that the run reports and the view may show, those of headline claims first."""
    reported = set(tables[Outcome]["metric"].unique())
    allowed = [metric for metric in engine.metrics if not view.metrics or metric.name in view.metrics]
    leading = [name for claim in engine.claims if claim.headline for name in metrics_named(claim.kind)]
    found = [metric for metric in allowed if metric.name in reported]
    return sorted(found, key=lambda metric: metric.name not in leading)


def place_words(path: str, glob: str) -> str:
    """Name a slice by what the glob leaves open: "language/fr" along "language/*" is "fr"."""
    asked, given = glob.split("/"), path.split("/")
    fixed = [part for part, wanted in zip(given, asked, strict=False) if "*" not in wanted]
    free = [part for part, wanted in zip(given, asked, strict=False) if "*" in wanted] + given[len(asked) :]
    return " · ".join(free or fixed).replace("_", " ")


def group_noun(glob: str) -> str:
    """Name what one slice along a glob is: "language/*" goes over a "language"; "" for no glob."""
    fixed = [part for part in glob.split("/") if part and "*" not in part]
    return (fixed[-1].replace("_", " ") if fixed else "slice") if glob else ""


def metrics_named(kind: Any) -> list[str]:
    """Return names of the metrics in a claim's kind, wherever its cells stand."""
    if hasattr(kind, "metric"):
        return [kind.metric]
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        return [name for part in kind for name in metrics_named(part)]
    return [name for part in getattr(kind, "__dict__", {}).values() for name in metrics_named(part)]


def _levels(frame: "pd.DataFrame", metric: Metric) -> dict[str, float]:
    of_metric = frame[frame["metric"] == metric.name]
    known = of_metric[of_metric["estimate"].abs() < float("inf")]
    return dict(zip(known["arm"], known["estimate"].astype(float), strict=True))


def _named(found: "pd.DataFrame", arms: Sequence[Arm], glob: str) -> "pd.DataFrame":
    known = {arm.name: (rank, arm) for rank, arm in enumerate(arms)}
    numbers = {name: found[name].astype(float) for name in ("estimate", *ENDS)}
    named = found.assign(
        **numbers,
        caution=found["caution"].fillna("").astype(str),
        title=[say(known[name][1].title) for name in found["arm"]],
        role=[known[name][1].role for name in found["arm"]],
        shade=[known[name][0] for name in found["arm"]],
        place=[place_words(path, glob) if glob else "" for path in found["slice"]],
        slot=_slots(found["slice"]) if glob else 0,
    )
    return named.sort_values(["slot", "shade"], kind="stable").reset_index(drop=True)


def _lacking(row: "dict[Hashable, Any]") -> str:
    where = f", {row['place']}" if row["place"] else ""
    why = f" ({row['caution'].rstrip('.')})" if row["caution"] else ""
    return f"{row['title']}{where}{why}"


def _slots(slices: "pd.Series") -> list[float]:
    """Order of slices: by number where all end in one ("layer/12"), else as they first came."""
    seen = list(dict.fromkeys(slices))
    ends = [path.rsplit("/", 1)[-1] for path in seen]
    try:
        ranks = dict(zip(seen, map(float, ends), strict=True))
    except ValueError:
        ranks = {path: float(rank) for rank, path in enumerate(seen)}
    return [ranks[path] for path in slices]
