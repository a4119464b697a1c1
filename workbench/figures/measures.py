"""`Measures` as something to draw: a chart over `arm_intervals`, with its controls, sentence and table.

Design decisions:
- Differences are shown at first, to the arm that the first claim about the metric compares with (headlines first), else
  to the first baseline; each arm's own level stands beside its name. Claims are about differences, which are paired by
  item: intervals of two arms may overlap where their difference is clear, so that levels side by side would seem to
  contradict the verdict.
- The bench knows the engine, the card's view does not: `drawable` joins them where views are shown.
- A card that declares no `Measures` has `every_arm` under its verdict.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard

from workbench.contract.claims import Equivalence, Metric, NonInferiority, Superiority
from workbench.contract.engine import Arm, Engine
from workbench.contract.pictures import Picture
from workbench.contract.schema import Config, Outcome
from workbench.contract.views import Chart, Listing, Measures, Passage, Tables, Tree, View
from workbench.contract.vocabulary import OneOf
from workbench.figures.dot_plot import dot_plot
from workbench.figures.measure_words import sentence
from workbench.figures.measured import Measured, arms_of, measured, metrics_of
from workbench.figures.pictures import made
from workbench.messages import noted, say

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

EVERY_ARM = Measures("every_arm", noted("Every arm"))
LEVELS = noted("Values")
DIFFERENCE = noted("Difference to {arm}")
HELP = noted(
    "Dots are estimates; shapes tell the method, baselines, ablations and controls apart. Thick lines are 95 % "
    "intervals, thin ones the intervals at the level that decides the claims. Broken lines carry a caution."
)


class LevelsOrDifferences(Config):
    """How a metric is shown."""

    shown_as: Annotated[str, OneOf((), open=True)] = ""
    """Each arm's value, or its difference to one arm, paired by item as the claims are."""


class MetricAndForm(Config):
    """Which metric is shown, and how."""

    metric: Annotated[str, OneOf((), open=True)] = ""
    """What was measured."""
    shown_as: Annotated[str, OneOf((), open=True)] = ""
    """Each arm's value, or its difference to one arm, paired by item as the claims are."""


@dataclass(frozen=True)
class MeasuredChart(Chart):
    """A chart that has its numbers as a table too, for those who do not see it.

    Attributes:
        numbers: (tables, controls) -> the rows that are drawn, in words.
    """

    numbers: "Callable[[Tables, Any], pd.DataFrame] | None" = None


Drawable = Chart | Listing | Tree | Passage
"""A view that needs nothing but a run's tables."""


def drawable(views: Iterable[View], engine: Engine) -> tuple[Drawable, ...]:
    """Bring views to a form that tables alone can draw."""
    return tuple(_drawable(view, engine) for view in views)


def _drawable(view: View, engine: Engine) -> Drawable:
    if isinstance(view, Measures):
        return chart_of(view, engine)
    return made(view, engine) if isinstance(view, Picture) else view


def every_arm(engine: Engine) -> tuple[Chart, ...]:
    """Make the chart that a card gets for nothing, under its verdict; none where it declares `Measures` itself."""
    if not engine.metrics or any(isinstance(view, Measures) for view in engine.views):
        return ()
    return (chart_of(EVERY_ARM, engine),)


def chart_of(view: Measures, engine: Engine) -> MeasuredChart:
    """Join a declared `Measures` with the engine whose metrics and arms it shows."""

    def found(tables: Tables, controls: Any) -> Measured | None:
        return _found(view, engine, tables, controls)

    def draw(tables: Tables, controls: Any) -> "go.Figure":
        from workbench.figures import plotting

        shown = found(tables, controls)
        return dot_plot(shown) if shown else plotting.blank(say("No outcomes yet"))

    def describe(tables: Tables, controls: Any) -> str:
        shown = found(tables, controls)
        return sentence(shown) if shown else say("No outcomes yet.")

    return MeasuredChart(
        name=view.name,
        title=view.title,
        reads=view.reads,
        draw=draw,
        describe=describe,
        controls=MetricAndForm if _several(view, engine) else LevelsOrDifferences,
        options=lambda tables: _options(view, engine, tables),
        help=f"{say(view.help)} {say(HELP)}".strip(),
        group=view.group,
        claim=view.claim,
        numbers=lambda tables, controls: numbers_table(found(tables, controls)),
    )


def numbers_table(found: Measured | None) -> "pd.DataFrame":
    """Return rows of the figure as text: arm, slice, estimate, both intervals, counts, caution."""
    import pandas as pd

    if found is None:
        return pd.DataFrame()
    rows = [_in_words(found, row) for row in found.rows.to_dict("records")]
    return pd.DataFrame(rows)


def _in_words(found: Measured, row: Mapping[str, Any]) -> dict[str, str]:
    where = {say("Where"): row["place"]} if found.along else {}
    level = {say("Value"): found.level(row["arm"])} if found.levels else {}
    said = {say("Caution"): row["caution"]} if (found.rows["caution"] != "").any() else {}
    number = say(DIFFERENCE, arm=found.reference.title) if found.reference else say(found.metric.shown)
    return {
        say("Arm"): row["title"],
        **where,
        **level,
        number: found.number(row["estimate"]),
        say("95 % interval"): found.between(row["low"], row["high"]),
        say("Interval that decides"): found.between(row["deciding_low"], row["deciding_high"]),
        say("Seeds"): f"{int(row['seeds']):,}",
        say("Items"): f"{int(row['items']):,}",
        say("Clusters"): f"{int(row['clusters']):,}",
        **said,
    }


def _found(view: Measures, engine: Engine, tables: Tables, controls: Any) -> Measured | None:
    metrics = metrics_of(view, engine, tables)
    if not metrics:
        return None
    asked = getattr(controls, "metric", "")
    metric = next((each for each in metrics if each.shown == asked), metrics[0])
    forms = _forms(_arms(engine, tables, [metric.name]), compared_with(engine, metric))
    return measured(view, engine, tables, metric, forms.get(controls.shown_as, next(iter(forms.values()))))


def _options(view: Measures, engine: Engine, tables: Tables) -> dict[str, Sequence[Any]]:
    metrics = metrics_of(view, engine, tables)
    if not metrics:
        return {}
    arms = _arms(engine, tables, [metric.name for metric in metrics])
    chosen = {"metric": [metric.shown for metric in metrics]} if _several(view, engine) else {}
    return {**chosen, "shown_as": list(_forms(arms, compared_with(engine, metrics[0])))}


def compared_with(engine: Engine, metric: Metric) -> list[str]:
    """Name the arms that claims about a metric compare another arm with, those of headlines first."""
    claims = sorted(engine.claims, key=lambda claim: not claim.headline)
    kinds = [part for claim in claims for part in claim.parts]
    than = [part.than.arm for part in kinds if _compares(part) and part.than.metric == metric.name]
    return list(dict.fromkeys(than))


def _compares(kind: Any) -> TypeGuard[Superiority | NonInferiority | Equivalence]:
    match kind:
        case (
            Superiority(better=one, than=other) | NonInferiority(arm=one, than=other) | Equivalence(arm=one, than=other)
        ):
            return one.arm != other.arm
        case _:
            return False


def _several(view: Measures, engine: Engine) -> bool:
    return len(view.metrics or engine.metrics) > 1


def _arms(engine: Engine, tables: Tables, metrics: Sequence[str]) -> tuple[Arm, ...]:
    outcomes = tables[Outcome]
    return arms_of(engine, outcomes.loc[outcomes["metric"].isin(metrics), "arm"].unique())


def _forms(arms: Sequence[Arm], preferred: Sequence[str]) -> dict[str, Arm | None]:
    """What `shown_as` may say and the arm that it means, the best to read first."""
    differences: dict[str, Arm | None] = (
        {DIFFERENCE.format(arm=arm.title): arm for arm in arms} if len(arms) > 1 else {}
    )
    named = [arm for name in preferred for arm in arms if arm.name == name]
    plain = [arm for role in ("baseline", "control") for arm in arms if arm.role == role]
    if not (named or plain) or not differences:
        return {LEVELS: None} | differences
    first = (named or plain)[0]
    return {DIFFERENCE.format(arm=first.title): first, LEVELS: None} | differences
