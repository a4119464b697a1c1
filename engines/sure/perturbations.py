"""The taxonomy of spurious features: five classes of changes that keep what a document says and change its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Made = Literal["rule", "writer", "reader"]


@dataclass(frozen=True)
class Perturbation:
    """One row of the taxonomy.

    Attributes:
        name: snake_case, as in slices ("K-G/format/json").
        kind: its class: style, source, logic, format or metadata; "control" for the form that changes nothing.
        title: as pictures name it.
        made: by rule, by a strong model (the writer), or by the reader itself.
    """

    name: str
    kind: str
    title: str
    made: Made = "rule"


PERTURBATIONS: Mapping[str, Perturbation] = {
    row.name: row
    for row in (
        Perturbation("simple", "style", "simple style", "writer"),
        Perturbation("complex", "style", "complex style", "writer"),
        Perturbation("llm_generated", "source", "rewritten by a model", "writer"),
        Perturbation("self_generated", "source", "rewritten by the reader", "reader"),
        Perturbation("reverse", "logic", "sentences reversed"),
        Perturbation("random", "logic", "sentences shuffled"),
        Perturbation("llm_ranked", "logic", "sentences ranked by a model", "writer"),
        Perturbation("json", "format", "JSON"),
        Perturbation("html", "format", "HTML"),
        Perturbation("yaml", "format", "YAML"),
        Perturbation("markdown", "format", "Markdown"),
        Perturbation("timestamp_pre", "metadata", "time stamp before the cut-off"),
        Perturbation("timestamp_post", "metadata", "time stamp after the cut-off"),
        Perturbation("source_wiki", "metadata", "source Wikipedia"),
        Perturbation("source_twitter", "metadata", "source Twitter"),
        Perturbation("unchanged", "control", "unchanged"),
    )
}
"""The fifteen rows of the paper's tables in their order, and a control of ours."""

RULE_BASED = tuple(name for name, row in PERTURBATIONS.items() if row.made == "rule" and row.kind not in ("control",))
"""The ten rows that need no model."""

PLAIN = "plain"
"""Stands for the document before any change, where a perturbation is named."""

CLASSES = ("style", "source", "logic", "format", "metadata")


def title_of(name: str) -> str:
    """How pictures name a perturbation; a name that a data file brought along stands for itself."""
    row = PERTURBATIONS.get(name)
    return row.title if row else name


def kind_of(name: str) -> str:
    """Class of a perturbation, "other" for one that a data file brought along."""
    row = PERTURBATIONS.get(name)
    return row.kind if row else "other"
