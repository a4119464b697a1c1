"""Forms of a document: what each row of the taxonomy makes of it, and whether what matters was kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from engines.sure.answer_match import GoldAnswers
from engines.sure.config import SureConfig
from engines.sure.perturbations import PERTURBATIONS, kind_of
from engines.sure.rows import FormCount
from engines.sure.sentences import random_order, reversed_order
from engines.sure.templates import Document, as_html, as_json, as_markdown, as_yaml, metadata

REASONS = ("unchanged", "answer_lost", "answer_gained", "not_entailed", "too_long")


@dataclass(frozen=True)
class Form:
    """A document before and after one change of form."""

    perturbation: str
    before: str
    text: str

    @property
    def kind(self) -> str:
        """Class of the change."""
        return kind_of(self.perturbation)


def rule_forms(document: Document, config: SureConfig) -> list[Form]:
    """The rule-based forms that the settings ask for, in the order of the taxonomy."""
    asked = [row for row in PERTURBATIONS.values() if row.name in config.perturbations and row.made == "rule"]
    plain, page = document.plain(), as_html(document, config.escape)
    bases = {"metadata": page if config.metadata_base == "html" else plain}
    makers = _makers(document, config)
    return [Form(row.name, bases.get(row.kind, plain), makers[row.name]()) for row in asked]


def _makers(document: Document, config: SureConfig) -> Mapping[str, Callable[[], str]]:
    def with_meta(row: str) -> str:
        return as_html(document, config.escape, metadata(row, document, config.cutoff))

    rows = [row.name for row in PERTURBATIONS.values() if row.kind == "metadata"]
    return {
        "reverse": lambda: Document(document.title, reversed_order(document.text)).plain(),
        "random": lambda: Document(document.title, random_order(document.text, config.shuffle_seed)).plain(),
        "json": partial(as_json, document, config.escape),
        "html": partial(as_html, document, config.escape),
        "yaml": partial(as_yaml, document, config.escape),
        "markdown": partial(as_markdown, document, config.escape),
        "unchanged": document.plain,
        **{row: partial(with_meta, row) for row in rows},
    }


def dropped_because(form: Form, golden: bool, answers: GoldAnswers) -> str:
    """Why a form is no fair pair of its document: one of `REASONS`, or "" where it is one.

    Golden documents must still hold an answer, Noise must not have gained one. A form that is letter for letter what it
    was before is no change; only the control is meant to be.
    """
    if form.text == form.before and form.kind != "control":
        return "unchanged"
    holds = answers.within(form.text)
    if golden and not holds:
        return "answer_lost"
    return "answer_gained" if holds and not golden else ""


def form_counts(forms: pd.DataFrame, judged: Sequence[str]) -> list[FormCount]:
    """How many forms each row of the taxonomy made, and why some were dropped.

    Args:
        forms: rows of `FormText`.
        judged: perturbations whose forms a judge of entailment saw.
    """
    found = []
    for name, part in forms.groupby("perturbation", sort=False):
        lost = {reason: int((part["reason"] == reason).sum()) for reason in REASONS}
        found.append(
            FormCount(
                perturbation=str(name),
                kind=str(part["kind"].iloc[0]),
                made=len(part),
                kept=int(part["kept"].sum()),
                judged=name in judged,
                **lost,
            )
        )
    return found
