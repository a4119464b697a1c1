"""What the subspace analysis answers."""

from math import nan

from workbench.contract import Row


class LanguageProfile(Row):
    """What a language's sentences are to the tokenizer."""

    language: str
    dominant: bool
    sentences: int
    tokens: int
    tokens_per_sentence: float
    fertility: float
    """Tokens per token of the dominant language for the same sentences."""
    cut: int
    """Sentences cut at the longest length."""
    in_basis: bool = True
    """Whether distances are measured in a basis that its sentences helped to find, with those of all languages."""


class ParallelSentence(Row):
    """One sentence in one language, as used."""

    sentence: str
    language: str
    text: str
    tokens: int


class SubspaceDistance(Row):
    """Distance of two languages at a layer, on the estimation half; of a language to itself it is the noise floor.

    The floor compares a language's estimation half with its judged half, with the same number of observations. Pairs
    without the dominant language are compared under the run's first split alone.
    """

    seed: int
    layer: int
    language: str
    other: str
    riemannian: float
    """sqrt(sum log^2 lambda) of the two covariances."""
    mean_term: float
    """||mu - mu'||_2 of the language vectors, in all dimensions, before any shift, in the model's own unit."""
    angle: float
    """Mean principal angle of the leading dimensions, degrees."""
    components: int
    """Dimensions of the covariances."""
    observations: int
    """Observations of the language: the same number for all, but for the sinks left out at this layer."""
    mean_spreads: float = nan
    """The language vectors' Mahalanobis distance, in standard deviations of the other language: no unit."""


class LayerInArea(Row):
    """Mean distance of all languages from the dominant one, and whether the layer is in the low-distance area."""

    seed: int
    layer: int
    distance: float
    inside: bool


class ShiftSpan(Row):
    """Where to shift toward the dominant language and back, found on the estimation half."""

    seed: int
    toward: int
    back: int
    contiguous: bool
    """Whether the whole area is one stretch of layers."""
    shift_layer: int
    """Where the arms are judged."""
    judged: int
    """Sentences in the judged half."""


class ArmAtLayer(Row):
    """How one language's judged sentences lie to their translations at one layer, shifted as the arm says."""

    seed: int
    arm: str
    language: str
    layer: int
    retrieval: float
    """Share of sentences whose nearest dominant sentence is their translation."""
    pair_cosine: float
    unrelated_cosine: float
    """Mean cosine of sentences that are no translations of each other."""
    mean_term: float
    """||mean of the shifted sentences - mean of the dominant ones||_2."""


class ProjectedSentence(Row):
    """A judged sentence of the run's first split in the plane of its layer."""

    seed: int
    layer: int
    language: str
    sentence: str
    shifted: bool
    x: float
    y: float


class PairAtLayer(Row):
    """Two sentences at one layer, before and after both are shifted into the dominant language's subspace."""

    layer: int
    shifted: bool
    cosine: float
    distance: float
    """Euclidean, in the model's own units."""
