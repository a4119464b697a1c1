"""What a method is asked (Config) and what it answers (Row, Outcome): flat, frozen, documented pydantic models."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """Settings: of a method, of a view's controls, of a question to a finished run, of a command to a live one.

    Flat: one field is one widget, one flag, one YAML key; the docstring under a field is its tooltip, its `--help` line
    and its API documentation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    sections: ClassVar[Mapping[str, str]] = {}
    """What the settings that are not basic are about: a title, and the names of its settings with spaces between."""
    titles: ClassVar[Mapping[str, str]] = {}
    """Plain names of settings whose field does not say it, the paper's symbol behind a dot: "Layer area · β"."""


class Measured:
    """Marks a row field that depends on the machine and the moment (seconds, cache hits), not on the spec alone."""


MEASURED = Measured()


class Row(BaseModel):
    """One line of a result table; the class is the table's schema and its name the table's name."""

    # NaN and infinity are written as such: pydantic's own default, null, would not read back into a float.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    @classmethod
    def table(cls) -> str:
        """Name of the table, as in history, exports and links."""
        return cls.__name__

    @classmethod
    def measured_fields(cls) -> frozenset[str]:
        """Fields left out when two runs of one spec are compared."""
        return frozenset(
            name for name, field in cls.model_fields.items() if any(isinstance(m, Measured) for m in field.metadata)
        )


class Outcome(Row):
    """One value of one metric, as reported by an arm under a seed.

    An outcome with an `item` is one observation of many; items are crossed with seeds (the same item appears under
    several arms and seeds by the same name) and may belong to a `cluster` (document, language) within which they
    resemble each other. Without an item the value stands for the whole (arm, seed).
    """

    arm: str
    metric: str
    """Name of a `Metric` of the engine."""
    seed: int
    value: float | tuple[float, ...]
    """The observation; for a corpus metric its vector of sufficient statistics, of one length per metric."""
    item: str | None = None
    """Question, pair, sentence; unique within the run."""
    cluster: str | None = None
    """What items share: document, language. None makes each item its own cluster."""
    slice: str = ""
    """Where it was observed, as a "/"-separated path: "K-G/style/simple", "language/fr", "layer/12"."""


class Caution(Row):
    """One way in which a verdict of this run could be wrong, as the method saw it; shown under the verdict.

    Emitted by a method like any row, without being declared; what the bench can see by itself (few clusters, one seed,
    a share of answers cut) it adds from the run's facts.
    """

    text: str
    """One sentence with its number ("31 of 120 answers were cut at 64 tokens and count as wrong")."""
    claim: str = ""
    """Name of the claim it concerns; "" for all."""


class EstimatePart(Row):
    """One line of a pre-flight estimate: a phase, its time and what was measured to say so."""

    phase: str
    seconds: Annotated[float, MEASURED]
    basis: Annotated[str, MEASURED]
    """What the probe measured ("412 tokens in 0.9 s, times 38 batches")."""


class Estimate(Row):
    """What a run would take on this machine, from a short probe."""

    seconds: Annotated[float, MEASURED]
    memory_bytes: Annotated[int, MEASURED]
    """Peak resident memory of the worker."""
    disk_bytes: Annotated[int, MEASURED]
    """Disk that the run folder and missing downloads would take."""
    proposal: dict[str, Any] = {}
    """Settings that make the run fit this machine; empty where it fits or nothing helps."""
    proposal_reason: str = ""


class ClaimOutlook(Row):
    """Whether a run as asked could decide a claim, as a pre-flight sees it."""

    claim: str
    """Name of the claim."""
    decidable: bool
    """False where it stays open whatever comes out."""
    power: float | None = None
    """Share of simulated runs that decide it where the effect is the smallest of interest; None where unknown."""
    reason: str = ""
