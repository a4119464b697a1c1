"""Claims: what a paper says, in a form that outcomes can confirm or refute.

Design decisions:
- A claim is typed by its kind, and each kind reduces to weighted cells against a bar (`Contrast`), or to a
  conjunction of such; `workbench.statistics` knows only these two.
- A cell is the aggregate of one metric over the outcomes of one arm, restricted to slices by a glob, so that
  slices that exist only at run time (languages, layers, teachers) need no declaration.
- Relative claims ("80 % fewer tokens") are made on the logarithm of the aggregate (`Cell.log`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Aggregate = Callable[..., "object"]
"""Takes sums of sufficient statistics, shape (..., K), gives the number, shape (...); see `Metric.aggregate`."""


@dataclass(frozen=True)
class Metric:
    """A quantity that arms report.

    Attributes:
        name: snake_case, as in `Outcome.metric`.
        unit: as printed after the number ("", "%", "tokens"); "share" is shown as a percentage.
        better: which way is better; None where neither is (a distance, a temperature).
        help: one sentence for the reader who meets the number.
        aggregate: how outcomes become the number: None for the mean of scalar values; else a vectorised function of
            the *sums* of the outcomes' sufficient-statistics vectors, shape (..., K) to shape (...), as corpus metrics
            need (chrF, macro-F1, B-cubed); it is recomputed on every resample.
        floor, ceiling, chance: values at which the metric says nothing; all arms within three standard errors of one
            of them makes a claim *not measurable here*.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"] | None
    help: str
    aggregate: Aggregate | None = None
    floor: float | None = None
    ceiling: float | None = None
    chance: float | None = None


@dataclass(frozen=True)
class Cell:
    """One number of a run: `metric` of `arm` over the slices that match.

    `slice` is a glob over the "/"-separated path of `Outcome.slice`, matched part by part; a shorter glob covers
    everything below it: "K-G" and "*/style" both cover "K-G/style/simple"; "" covers everything.
    """

    metric: str
    arm: str
    slice: str = ""
    log: bool = False


@dataclass(frozen=True)
class Contrast:
    """`sum of weight x cell` compared with `bar`.

    relation: "above" holds when the contrast exceeds `bar`; "within" holds when it lies inside (-bar, bar).
    """

    terms: tuple[tuple[float, Cell], ...]
    bar: float
    relation: Literal["above", "within"]


@dataclass(frozen=True)
class Superiority:
    """`better` beats `than` on a metric, in the direction that the metric calls better, by more than `margin`."""

    better: Cell
    than: Cell
    margin: float = 0.0


@dataclass(frozen=True)
class NonInferiority:
    """`arm` is worse than `than` by less than `margin` (positive, in the metric's unit)."""

    arm: Cell
    than: Cell
    margin: float


@dataclass(frozen=True)
class Equivalence:
    """`arm` and `than` differ by less than `margin` either way."""

    arm: Cell
    than: Cell
    margin: float


@dataclass(frozen=True)
class DifferenceOfDifferences:
    """The gain `gain[0] - gain[1]` exceeds the gain `over[0] - over[1]` by more than `margin`.

    Gains are counted in the metric's better direction, so that a larger gain is always the better one.
    """

    gain: tuple[Cell, Cell]
    over: tuple[Cell, Cell]
    margin: float = 0.0


@dataclass(frozen=True)
class Trend:
    """The metric rises (or falls) along an order: least-squares slope above (below) zero.

    Give `points` as (x, cell) pairs; or give `along`, a cell whose slice glob ends in "*": then each matching slice
    is a point whose x is the number in its last part ("layer/12" is 12).
    """

    points: tuple[tuple[float, Cell], ...] = ()
    along: Cell | None = None
    direction: Literal["rising", "falling"] = "rising"


@dataclass(frozen=True)
class Share:
    """A single cell lies above (or below) `bar`, for instance a share above one half or a correlation above zero."""

    cell: Cell
    bar: float
    side: Literal["above", "below"] = "above"


@dataclass(frozen=True)
class Conjunction:
    """All parts hold; refuted when one of them is refuted."""

    parts: tuple["SingleKind", ...]


SingleKind = Superiority | NonInferiority | Equivalence | DifferenceOfDifferences | Trend | Share
ClaimKind = SingleKind | Conjunction


@dataclass(frozen=True)
class Reported:
    """What the paper says, quoted with its place; never compared numerically with a run on another model.

    Attributes:
        value: the number or the trend in words, as printed ("44.9 -> 48.2 (Llama-2-7B, MGSM high)").
        source: where it stands ("Table 1", "abstract", "third-party note").
        confidence: "high" read in the paper or two independent notes agree; "medium" one detailed note; "low" a digest.
    """

    value: str
    source: str
    confidence: Literal["high", "medium", "low"] = "high"


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper, or of ours, and how outcomes would settle it.

    Attributes:
        name: snake_case, unique in the engine; a link to it never changes.
        sentence: the claim in plain words, as the verdict repeats it.
        kind: its typed form.
        paper: the paper's number; None where the claim is our own.
        clusters_needed: fewer clusters than this leave the claim undecided (languages, documents).
        note: what a reader must know before believing a verdict ("the default model is monolingual").
    """

    name: str
    sentence: str
    kind: ClaimKind
    paper: Reported | None = None
    clusters_needed: int = 2
    note: str = ""


def slice_matches(glob: str, path: str) -> bool:
    """Whether slice `path` lies under `glob` (see `Cell`)."""
    from fnmatch import fnmatchcase

    if not glob:
        return True
    asked, given = glob.split("/"), path.split("/")
    return len(asked) <= len(given) and all(map(fnmatchcase, given, asked))


def contrast_of(kind: SingleKind, metrics: Sequence[Metric], slices: Sequence[str] = ()) -> Contrast:
    """Reduce a claim kind to weighted cells.

    Args:
        kind: anything but a conjunction.
        metrics: the engine's metrics, for their better direction.
        slices: the slices seen in the outcomes, for `Trend.along`.

    Raises:
        ValueError: two compared metrics are better in opposite directions, or a trend's slice ends in no number.
    """
    better = {metric.name: -1.0 if metric.better == "lower" else 1.0 for metric in metrics}
    match kind:
        case Superiority(a, b, margin):
            return Contrast(_difference(a, b, better), margin, "above")
        case NonInferiority(a, b, margin):
            return Contrast(_difference(a, b, better), -margin, "above")
        case Equivalence(a, b, margin):
            return Contrast(_difference(a, b, better), margin, "within")
        case DifferenceOfDifferences(gain, over, margin):
            minus = tuple((-weight, cell) for weight, cell in _difference(*over, better))
            return Contrast(_difference(*gain, better) + minus, margin, "above")
        case Share(cell, bar, side):
            sign = 1.0 if side == "above" else -1.0
            return Contrast(((sign, cell),), sign * bar, "above")
        case Trend():
            return Contrast(_slope(kind, slices), 0.0, "above")


def _difference(a: Cell, b: Cell, better: dict[str, float]) -> tuple[tuple[float, Cell], ...]:
    if better[a.metric] != better[b.metric]:
        raise ValueError(f"{a.metric} and {b.metric} are better in opposite directions and cannot be compared")
    return ((better[a.metric], a), (-better[b.metric], b))


def _slope(trend: Trend, slices: Sequence[str]) -> tuple[tuple[float, Cell], ...]:
    points = trend.points
    if trend.along is not None:
        glob = trend.along.slice
        found = sorted({path for path in slices if slice_matches(glob, path)})
        points = tuple((float(path.rsplit("/", 1)[-1]), replace(trend.along, slice=path)) for path in found)
    middle = sum(x for x, _ in points) / len(points) if points else 0.0
    spread = sum((x - middle) ** 2 for x, _ in points) or 1.0
    sign = 1.0 if trend.direction == "rising" else -1.0
    return tuple((sign * (x - middle) / spread, cell) for x, cell in points)
