"""Instances: a question with a document, Golden where the document holds an answer and Noise where it does not."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from engines.parts.retrieval import Bm25
from engines.sure.answer_match import GoldAnswers
from engines.sure.config import SureConfig
from engines.sure.forms import Form, dropped_because, rule_forms
from engines.sure.perturbations import kind_of
from engines.sure.questions import Asked, QuestionSet, held_out_clusters
from engines.sure.rows import FormText, Instance
from engines.sure.templates import Document

SEPARATOR = " | "
NOISE_CANDIDATES = 50
"""Passages that BM25 is asked for, until one of them holds no answer."""


def instances_of(asked: QuestionSet, config: SureConfig) -> list[Instance]:
    """Every question with its documents, and some of them with an unrelated passage found by BM25.

    A passage that came with a question but holds no answer is Noise too.
    """
    held_out = held_out_clusters([one.cluster for one in asked.questions], config.held_out)
    index = Bm25([document.plain() for document in asked.pool]) if asked.pool and config.noise_questions else None
    found: list[Instance] = []
    for place, one in enumerate(asked.questions):
        part = "held_out" if one.cluster in held_out else "mending"
        documents = list(one.documents)
        if index is not None and place < config.noise_questions:
            documents += list(unrelated(one, asked.pool, index, config))[:1]
        found += _instances(one, documents, part, config)
    return found


def _instances(one: Asked, documents: Sequence[Document], part: str, config: SureConfig) -> Iterator[Instance]:
    answers = GoldAnswers(one.answers, config.match)
    for number, document in enumerate(dict.fromkeys(documents)):
        yield Instance(
            instance=f"{one.name}/{number}" if number else one.name,
            question=one.name,
            asked=one.question,
            answers=SEPARATOR.join(one.answers),
            title=document.title,
            document=document.text,
            golden=answers.within(document.plain()),
            cluster=one.cluster,
            part=part,
        )


def unrelated(one: Asked, pool: Sequence[Document], index: Bm25, config: SureConfig) -> Iterator[Document]:
    """Passages that are most like the question in words and hold none of its answers, best first."""
    answers = GoldAnswers(one.answers, config.match)
    for hit in index.search(one.question, NOISE_CANDIDATES):
        if pool[hit.passage] not in one.documents and not answers.within(pool[hit.passage].plain()):
            yield pool[hit.passage]


def golds(instance: Any) -> tuple[str, ...]:
    """Gold answers of an `Instance`, or of a row of such."""
    return tuple(str(instance.answers).split(SEPARATOR))


def rule_based_forms(instances: Sequence[Instance], config: SureConfig) -> pd.DataFrame:
    """Rows of `FormText` of every rule-based form of every instance."""
    rows = []
    for instance in instances:
        document = Document(instance.title, instance.document)
        rows += form_rows(instance, rule_forms(document, config), config)
    return form_frame(rows)


def ready_made_forms(asked: QuestionSet, instances: Sequence[Instance], config: SureConfig) -> pd.DataFrame:
    """Make rows of `FormText` of the pairs of these instances, where they name a perturbation that is asked for."""
    by_name = {instance.instance: instance for instance in instances}
    rows = []
    for pair in asked.pairs:
        wanted = pair.perturbation in config.perturbations or kind_of(pair.perturbation) == "other"
        if wanted and pair.instance in by_name:
            form = Form(pair.perturbation, pair.before, pair.text)
            rows += form_rows(by_name[pair.instance], [form], config)
    return form_frame(rows)


def form_rows(instance: Instance, forms: Sequence[Form], config: SureConfig) -> Iterator[FormText]:
    """The forms of one instance with the reason for which each was dropped."""
    answers = GoldAnswers(golds(instance), config.match)
    for form in forms:
        reason = dropped_because(form, instance.golden, answers)
        yield FormText(
            instance=instance.instance,
            perturbation=form.perturbation,
            kind=form.kind,
            before=form.before,
            text=form.text,
            kept=not reason,
            reason=reason,
        )


def form_frame(rows: Sequence[FormText]) -> pd.DataFrame:
    """`FormText` rows as a frame, with its columns even where there are none."""
    return pd.DataFrame([row.model_dump() for row in rows], columns=list(FormText.model_fields))


def instance_frame(instances: Sequence[Instance]) -> pd.DataFrame:
    """`Instance` rows as a frame."""
    return pd.DataFrame([row.model_dump() for row in instances], columns=list(Instance.model_fields))
