"""Picturing: every kind of setting, view and selection on one card, with text that tries to be markup."""

import math
import time
from typing import TYPE_CHECKING, Annotated, Literal

import pandas as pd
from annotated_types import Ge, Gt, Le

from tests.rooms.room import TOY_FIDELITY, TOY_PAPER
from workbench.contract.claims import Cell, Claim, Equivalence, Metric, Share
from workbench.contract.engine import Arm, Engine, Equation, Preset, Tab
from workbench.contract.probe import Probe
from workbench.contract.run_log import RunLog
from workbench.contract.schema import Config, Outcome, Row
from workbench.contract.views import Chart, Listing, Node, Passage, Span, Tables, Tree
from workbench.contract.vocabulary import (
    BASIC,
    DatasetRef,
    InPaper,
    LayerIndex,
    LongText,
    ModelRef,
    OneOf,
    Probability,
    Unit,
)
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

HOSTILE = '<img src=x onerror="window.hacked=1">'


class PicturingConfig(Config):
    """What the picturing toy is asked."""

    model: Annotated[ModelRef, BASIC] = "smollm2-135m-instruct"
    """The model; the toy never opens it."""
    data: Annotated[DatasetRef, BASIC] = "bundled"
    """The data; the toy never opens them."""
    languages: Annotated[tuple[str, ...], OneOf(("de", "fr", "zh"), open=True), BASIC] = ("de", "fr")
    """Languages to draw."""
    layers: Annotated[int, Ge(1), Le(64), BASIC, InPaper("32", "Section 4")] = 8
    """Layers to draw."""
    pause: Annotated[float, Ge(0), Le(10), Unit("seconds")] = 0.0
    """Wait after each layer."""
    share: Annotated[Probability, InPaper("0.3", "our choice", "reconstruction")] = 0.25
    """Share of layers that is shaded."""
    rate: Annotated[float, Gt(0)] = 1e-5
    """A number on a long scale."""
    limit: Annotated[int, Ge(1)] | None = None
    """At most so many, or all."""
    pooling: Literal["tokens", "sentences"] = "tokens"
    """What is one observation."""
    ranks: tuple[int, ...] = (1, 2)
    """Ranks to try."""
    text: Annotated[str, LongText(200)] = HOSTILE
    """Text that the passage shows."""
    strict: bool = False
    """Whether to be strict."""


class Place(Row):
    """One language at one layer."""

    arm: str
    seed: int
    language: str
    layer: int
    x: float
    y: float
    sentence: str


class LayerControl(Config):
    """Which layer is shown."""

    layer: LayerIndex = 30
    """Index of the layer."""


class LanguageControl(Config):
    """Which language is shown."""

    language: Annotated[str, OneOf((), open=True)] = "de"
    """Tag of the language."""


def run(config: PicturingConfig, log: RunLog) -> None:
    """Draw a circle for each language, growing with the layer."""
    with log.phase("Representations"):
        for layer in range(config.layers):
            for cell in log.cells():
                for number, language in enumerate(config.languages):
                    angle = number + layer / 3 + cell.seed
                    place = (layer * math.cos(angle), layer * math.sin(angle))
                    log.row(Place(arm=cell.arm, seed=cell.seed, language=language, layer=layer, x=place[0], y=place[1],
                                  sentence=f"{config.text} {layer}"))  # fmt: skip
                    log.row(Outcome(arm=cell.arm, metric="size", seed=cell.seed, value=layer + 0.5,
                                    item=f"{language}-{layer}", cluster=language))  # fmt: skip
            log.progress(layer + 1, config.layers, "layers")
            time.sleep(config.pause)
    log.record("dtype", "float64")
    log.note(f"Drawn with {HOSTILE}.")


def probe(config: PicturingConfig, probe: Probe) -> None:
    """A layer takes seven minutes: eight end within an hour."""
    probe.seconds("Representations", 420.0, lambda asked: asked.config.layers, "a layer takes long")
    probe.memory(2_400_000_000)
    probe.disk(5_000_000)


def _sizes(tables: Tables, controls: LanguageControl) -> "go.Figure":
    places = tables[Place]
    if places.empty:
        return plotting.blank()
    means = (
        places.assign(size=(places.x**2 + places.y**2) ** 0.5)
        .groupby(["language", "layer"], as_index=False)["size"]
        .mean()
    )
    made = plotting.lines(
        means, Axes("Layer", "Distance", legend="Language"), Columns("layer", "size", "language", key="layer")
    )
    return plotting.shade(made, 2, 4, "layer area")


def _describe(tables: Tables, controls: LanguageControl) -> str:
    return f"Distance grows with the layer, here over {tables[Place].layer.nunique()} layers. {HOSTILE}"


def _scatter(tables: Tables, controls: LayerControl) -> "go.Figure":
    places = tables[Place]
    shown = places[places.layer == controls.layer]
    columns = Columns("x", "y", "language", panel="arm", label="sentence", key="language")
    return plotting.scatter2d(shown, Axes("First axis", "Second axis"), columns)


def _options(tables: Tables) -> dict[str, list[object]]:
    return {"layer": sorted(tables[Place].layer.unique().tolist())}


def _languages(tables: Tables) -> dict[str, list[object]]:
    return {"language": tables[Place].language.unique().tolist()}


def _listed(tables: Tables, controls: LanguageControl) -> pd.DataFrame:
    places = tables[Place]
    return places[places.language == controls.language][["language", "layer", "x", "sentence"]]


def _tree(tables: Tables, controls: Config) -> list[Node]:
    places = tables[Place]
    roots = [Node(name, None, f"{name} {HOSTILE}", 3, "open") for name in places.language.unique()]
    return roots + [
        Node(f"{node.id}-{k}", node.id, f"Leaf {k}", 1, "done" if k else "open") for node in roots for k in (0, 1)
    ]


def _spans(tables: Tables, controls: Config) -> list[Span]:
    return [Span("Plain, then "), Span(HOSTILE, "evidence", HOSTILE), Span(" and "), Span("a flip", "flip"), Span(".")]


_QUICK = PicturingConfig()
PICTURING = Engine(
    name="picturing",
    module=__name__,
    title="Picturing",
    tab=Tab.ROUTE,
    question="What does it look like?",
    idea="Every language walks on a circle that grows with the layer. The toy has every kind of setting and view.",
    paper=TOY_PAPER,
    config=PicturingConfig,
    shrink=({"layers": 1},),
    presets={
        "quick": Preset(_QUICK, ("walk", "stand"), (0,), "Eight layers, at once."),
        "study": Preset(PicturingConfig(layers=16, strict=True), ("walk",), (0, 1, 2), "Sixteen layers."),
        "paper": Preset(PicturingConfig(layers=32), ("walk",), (0,), "As in the paper."),
    },
    arms=(
        Arm("walk", "Walking", "method", "Walks."),
        Arm("stand", "Standing", "control", "Stands."),
    ),
    metrics=(Metric("size", "share", "higher", "How far from the middle."),),
    claims=(
        Claim("far", "It walks beyond two.", Share(Cell("size", "walk"), 2.0)),
        Claim(
            "alike",
            "Both arms walk alike.",
            Equivalence(Cell("size", "walk"), Cell("size", "stand"), 0.5),
            note="By construction.",
        ),
    ),
    fidelity=TOY_FIDELITY,
    rows=(Place,),
    views=(
        Chart("sizes", "Distance by layer", (Place,), _sizes, _describe, selects="layer", help="Higher is farther."),
        Chart(
            "places",
            "Places at a layer",
            (Place,),
            _scatter,
            lambda t, c: f"Layer {c.layer}.",
            LayerControl,
            _options,
            selects="language",
        ),
        Listing("sentences", "Sentences of a language", (Place,), _listed, LanguageControl, _languages),
        Tree("tree", "Tree", (Place,), _tree),
        Passage("passage", "Marked text", (Place,), _spans),
    ),
    equations=(Equation(r"r = \sqrt{x^2 + y^2}", "Distance $r$ from the middle."),),
    honesty="Nothing is real here.",
)
