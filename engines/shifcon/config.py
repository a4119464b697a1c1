"""What the subspace analysis is asked, and what a finished one can be asked."""

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le
from pydantic import StringConstraints

from workbench.contract import (
    BASIC,
    PER_ARM,
    ChoicesOf,
    Config,
    DataKind,
    InPaper,
    Language,
    LongText,
    ModelRef,
    OneOf,
    Percent,
    Unit,
)

CODE = "released code, commit 9194ec0"
NOTE = "third-party note of the paper"

SUGGESTED = (
    "fr", "de", "es", "it", "pt_BR", "nl", "sv", "pl", "tr", "id", "ru", "el", "ar", "he", "ko", "ja", "zh_Hans",
)  # fmt: skip
"""Languages of django-messages with few gaps, in eight scripts; the cheapest for an English tokenizer first."""

WIDE = (*SUGGESTED, "da", "cs", "fi", "hu", "bg", "et", "lv", "ca", "az", "ky", "ga", "fa", "sq")
"""Thirty languages that share 161 usable messages; of close relatives one each."""

ParallelRef = Annotated[
    str,
    StringConstraints(min_length=1, max_length=400, strip_whitespace=True),
    DataKind("parallel sentences: one column per language, one row per sentence"),
]


class ShifConConfig(Config):
    """Settings of the subspace analysis; the states of the model are read once for all arms."""

    sections: ClassVar = {
        "Sentences and states": "token_cap max_tokens pooling sinks",
        "Subspaces": "estimator variance_kept shrinkage angle_rank",
        "Layer area": "beta area_by",
        "Shift": "shift shift_at draws both_ways",
        "Pictures and machine": "projection projected_layers batch_tokens dtype",
    }
    titles: ClassVar = {
        "max_tokens": "Longest sentence", "sinks": "Attention sinks",
        "variance_kept": "Variance that the components keep", "angle_rank": "Principal angles",
        "beta": "Layer area · β", "area_by": "Layer area found by", "shift_at": "Judged at",
        "both_ways": "Search both ways",
    }  # fmt: skip

    model: Annotated[
        ModelRef, BASIC, InPaper("Llama-2-7B after multilingual fine-tuning; XGLM of several sizes", NOTE)
    ] = "smollm2-135m-instruct"
    """The model whose layers are probed; its weights are only read. Any decoder or encoder."""
    data: Annotated[ParallelRef, BASIC, InPaper("FLORES-like parallel text", NOTE, "unverified")] = "django-messages"
    """The same sentences in every language: a bundled name, or a JSONL or CSV file with one column per language."""
    dominant: Annotated[Language, BASIC, ChoicesOf("data"), InPaper("en", NOTE)] = "en"
    """The language that the model knows best, whose subspace the others are shifted into."""
    languages: Annotated[
        tuple[Language, ...],
        BASIC,
        OneOf(SUGGESTED, open=True),
        ChoicesOf("data"),
        InPaper("the languages of MGSM and FLORES", NOTE, "unverified"),
    ] = SUGGESTED[:10]
    """The other languages. They are the sample that the verdicts rest on: the more, the narrower their intervals."""
    sentences: Annotated[
        int, Ge(8), Le(5000), BASIC, InPaper("unknown", "the number of sentences is not given", "unverified")
    ] = 120
    """Most sentences per language. Half of them estimate the language vectors, the other half judge them."""
    token_cap: Annotated[int, Ge(500), Le(20_000_000), Unit("tokens"), InPaper("none", CODE)] = 100_000
    """Fewer sentences are taken where all languages together would be longer than this; the run then says so."""
    max_tokens: Annotated[
        int, Ge(4), Le(8192), Unit("tokens"), InPaper("256 (English 100)", f"{CODE}, contrastive batches")
    ] = 256
    """Longer sentences are cut here (or at the model's context, where that is shorter), and counted."""
    pooling: Annotated[
        Literal["token", "sentence"],
        InPaper("sentence", f"{CODE}: mean over the tokens of a sentence"),
    ] = "token"
    """What one observation of a subspace is: a token, or a sentence's mean. A few hundred sentences give covariances of
    mostly noise; tokens give thousands of observations. Vectors, shift and retrieval always use sentence means."""
    sinks: Annotated[
        Literal["leave_out", "leave_out_first", "keep"], InPaper("keep", f"{CODE}: mean over all tokens but padding")
    ] = "leave_out"
    """Attention sinks: decoders park states up to a hundred times longer than any other on the first token and on a few
    empty words, which hide the sentence in its own mean. Leave out the first token and every state four times longer
    than the median one of its layer; the first token alone; or keep all."""
    estimator: Annotated[
        Literal["pooled_pca", "shrinkage", "ledoit_wolf"],
        InPaper("none (full covariance)", f"{NOTE}; singular for fewer sentences than dimensions", "unverified"),
    ] = "pooled_pca"
    """How covariances are kept from measuring noise: in the principal components of all languages together, at most one
    for twenty observations; or in all dimensions, pulled towards the scaled identity by a fixed or an estimated
    share."""
    variance_kept: Annotated[
        Percent, InPaper("90 %", "Chang et al. project with enough axes for 90 %", "unverified")
    ] = 90.0
    """Share of the pooled variance that the principal components keep at every layer (estimator pooled_pca)."""
    shrinkage: Annotated[Percent, InPaper("0 %", "our addition: a lower noise floor", "reconstruction")] = 10.0
    """Weight of the scaled identity (estimator shrinkage)."""
    angle_rank: Annotated[int, Ge(1), Le(256), InPaper("none", "from Chang et al.'s distances", "reconstruction")] = 10
    """Dimensions of the subspaces whose mean principal angle is shown beside the distance."""
    beta: Annotated[Percent, InPaper("30 %", NOTE)] = 30.0
    """The layer area is this share of the layers, those with the lowest distance."""
    area_by: Annotated[
        Literal["riemannian", "total"],
        InPaper("total after the shift", "there the mean term vanishes on the estimation data", "reconstruction"),
    ] = "riemannian"
    """The distance that finds the layer area: the Riemannian term alone, which is what the paper's distance becomes
    once the shift has made the means equal, or together with the distance of the unshifted means, counted in standard
    deviations of the dominant language so that both terms are without a unit."""
    shift: Annotated[Literal["none", "mean", "random"], PER_ARM, InPaper("mean", NOTE)] = "mean"
    """What is added to a language's states: nothing, the difference of language vectors, or a random vector of its
    length. The arms set this."""
    shift_at: Annotated[Literal["toward", "middle", "back"], InPaper("toward", NOTE)] = "toward"
    """The layer where the claims are judged, found on the estimation half alone: first (where the paper shifts), middle
    or last of the area."""
    draws: Annotated[
        int, Ge(1), Le(100), PER_ARM, InPaper("none", "the random control is our addition", "reconstruction")
    ] = 5
    """Random vectors drawn per language, layer and split; the control's score is their mean."""
    both_ways: Annotated[bool, PER_ARM, InPaper("no", "retrieval is our measure", "reconstruction")] = False
    """Also search from the dominant language to the others, and average."""
    projection: Annotated[Literal["lda", "pca"], InPaper("lda", "Figure 1")] = "lda"
    """How sentences are laid into the plane: directions that part the languages, or those of largest variance. Fitted
    on the estimation half, drawn for the judged half."""
    projected_layers: Annotated[int, Ge(1), Le(16), InPaper("1 (layer 15 of 32)", "Figure 1")] = 5
    """How many layers are laid into the plane, spread evenly; the layer of the shift is added to them."""
    batch_tokens: Annotated[
        int, Ge(64), Le(1_000_000), Unit("tokens"), InPaper("12 pairs", f"{CODE}, contrastive batch")
    ] = 1024
    """Padded tokens per forward pass; fewer need less memory."""
    dtype: Annotated[Literal["auto", "bfloat16", "float32"], InPaper("bfloat16", CODE)] = "float32"
    """Number format of the model. In bfloat16 nearly tied neighbours are ordered by rounding; auto takes it where it is
    measurably faster here."""


class SentencePair(Config):
    """Two sentences to compare inside the model of a finished run."""

    first: Annotated[
        str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), LongText(2000), BASIC
    ] = "Where is the station?"
    """A sentence, for instance in the run's dominant language."""
    second: Annotated[
        str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), LongText(2000), BASIC
    ] = "Où est la gare ?"
    """Another, for instance its translation."""
    first_language: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True), BASIC] = "en"
    """Its language among those of the run; empty leaves it unshifted."""
    second_language: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True), BASIC] = "fr"
    """Its language among those of the run; empty leaves it unshifted."""
