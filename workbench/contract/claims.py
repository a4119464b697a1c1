"""Claims: what a paper says, in a form that outcomes can confirm or refute.

Design decisions:
- A claim is typed by its kind; each reduces to weighted cells against a bar (`Contrast`), or to a conjunction of such.
- A cell is the aggregate of one metric over the outcomes of one arm, restricted to slices by a glob: slices that exist
  only at run time (languages, layers, teachers) need no declaration.
- Relative claims ("80 % fewer tokens") are made on the logarithm of the aggregate (`Cell.log`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

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
            need (chrF, macro-F1, B-cubed).
        floor, ceiling, chance: values at which the metric says nothing: with all arms near one, *not measurable here*.
        title: as readers see it ("Translations found"); the name in words where none is given.
        things: what a share is a share of, in the plural ("sentences"), for "8 more of 100 sentences".
        bounds: least and greatest value that the metric can take; a share lies in (0, 1). Intervals keep to them.
        counted: simply counted, without chance (parameters, responses, tokens of one run at equal questions): compared
            as numbers, without a test. A mean of counts over papers is a sample.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"] | None
    help: str
    aggregate: Aggregate | None = None
    floor: float | None = None
    ceiling: float | None = None
    chance: float | None = None
    title: str = ""
    things: str = ""
    bounds: tuple[float, float] | None = None
    counted: bool = False

    @property
    def shown(self) -> str:
        """Title for readers."""
        return self.title or self.name.replace("_", " ").capitalize()

    @property
    def limits(self) -> tuple[float, float] | None:
        """Least and greatest value, None where the metric has none."""
        return self.bounds or ((0.0, 1.0) if self.unit == "share" and self.aggregate is None else None)


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
    """`sum of weight x cell` compared with `bar`: "above" it, or "within" (-bar, bar)."""

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


Family = Literal["headline", "paper", "own"]
"""Claims are corrected for their number within each: headlines, the paper's other claims, our own checks."""


@dataclass(frozen=True)
class Design:
    """The sample that a run would have for one claim, so that its power can be known before it runs.

    Attributes:
        items: observed under each seed, by each arm.
        clusters: that the items lie in; equal to `items` where each is its own.
        likeness: intraclass correlation of the difference within clusters, as seen in finished runs.
        seed_spread: standard deviation, over seeds, of the seeds' part of the difference, as a share of the smallest
            effect of interest; 0 where seeds change nothing.
        spread: standard deviation of an item's difference between the arms (near 1 - r^2 for a correlation r); that of
            shares follows from `level`, unless it is given and smaller, where arms answer most items alike.
        level: the share (or mean) that the weaker arm has.
    """

    items: int
    clusters: int
    likeness: float = 0.1
    seed_spread: float = 0.0
    spread: float = 1.0
    level: float = 0.5


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper, or of ours, and how outcomes would settle it.

    Attributes:
        name: snake_case, unique in the engine. sentence: the claim in plain words, as the verdict repeats it.
        kind: its typed form.
        paper: the paper's number; None where the claim is our own.
        clusters_needed: fewer clusters leave the claim undecided. note: what a reader must know before believing it.
        headline: one of the one or two claims that the method stands or falls with; a family of their own.
        finding: what a run found, for a reader without statistics ("the shift finds the translation of {amount} than a
            random move does"); the bench fills in "8 more of 100 sentences", "3.1 times fewer tokens", "0.12 less", for
            a share the share itself ("88 of 100 answers").
        smallest: smallest effect of interest, in the metric's unit (of the logarithm for a `Cell.log`), beyond the bar.
        design: the sample that a run with these settings has for this claim (`Callable[[Config], Design]`).
        toy: settled on a planted or from-scratch task.
        items_grow: raising `Engine.items` brings more items of this claim too.
        cautions: what could be wrong with this claim in every run.
        untrained: the arm that trains nothing; where none beats it by 3 standard errors: *not measurable here*.
    """

    name: str
    sentence: str
    kind: ClaimKind
    paper: Reported | None = None
    clusters_needed: int = 2
    note: str = ""
    headline: bool = False
    finding: str = ""
    smallest: float | None = None
    design: Callable[[Any], Design] | None = None
    toy: bool = False
    items_grow: bool = True
    cautions: tuple[str, ...] = ()
    untrained: str = ""

    @property
    def parts(self) -> tuple["SingleKind", ...]:
        """The claim's kind, or the parts of its conjunction."""
        return self.kind.parts if isinstance(self.kind, Conjunction) else (self.kind,)

    @property
    def family(self) -> Family:
        """The family within which p values are corrected."""
        return "headline" if self.headline else "paper" if self.paper else "own"


def slice_matches(glob: str, path: str) -> bool:
    """Return whether slice `path` lies under `glob` (see `Cell`)."""
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
