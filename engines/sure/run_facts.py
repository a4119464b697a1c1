"""Facts of a run that tell how far its verdicts carry: the reader's size, cut and empty answers, length of training."""

from collections.abc import Sequence
from typing import cast

import pandas as pd
from pydantic import BaseModel

from engines.sure.config import SureConfig
from engines.sure.questions import QuestionSet
from engines.sure.readers import Readers
from workbench.contract import Fact, RunLog


class ReaderFacts(BaseModel):
    """Size and number format of a reader; a server tells neither."""

    parameters: int | None = None
    dtype: str = ""


class AnswerCounts(BaseModel):
    """How many answers were judged, and what the training before them was, where there was one."""

    answers: int = 0
    cut: int = 0
    """Ended at the token limit."""
    empty: int = 0
    updates: int = 0
    examples: int = 0


def count_answers(answered: pd.DataFrame) -> AnswerCounts:
    """Count answers to the changed documents, and to the plain ones.

    Args:
        answered: columns as of `readers.answers_to`.
    """
    empty = int((answered["after"] == "").sum())
    return AnswerCounts(answers=len(answered), cut=int(answered["cut"].astype(bool).sum()), empty=empty)


def record_documents(asked: QuestionSet, log: RunLog) -> None:
    """Record how many documents came with the questions, and how many of them were cut."""
    log.record(Fact.PROMPTS, sum(len(one.documents) for one in asked.questions))
    log.record(Fact.PROMPTS_CUT, sum(one.cut for one in asked.questions))


def record_reader(config: SureConfig, readers: Readers, log: RunLog) -> None:
    """Record the size and number format of the run's reader."""

    def looked_up() -> ReaderFacts:
        reader = readers(config.reader, config)
        model = getattr(reader.backend, "model", None)
        return ReaderFacts(parameters=getattr(model, "parameters", None), dtype=reader.dtype)

    found = cast(ReaderFacts, log.once("reader", ReaderFacts, looked_up))
    if found.parameters:
        log.record(Fact.PARAMETERS, found.parameters)
    if found.dtype:
        log.record(Fact.DTYPE, found.dtype)


def record_answers(counts: Sequence[AnswerCounts], log: RunLog) -> None:
    """Record the answers of all readers together, and the shortest training."""
    log.record(Fact.ANSWERS, sum(one.answers for one in counts))
    log.record(Fact.ANSWERS_CUT, sum(one.cut for one in counts))
    log.record(Fact.ANSWERS_EMPTY, sum(one.empty for one in counts))
    trained = [one for one in counts if one.updates]
    if trained:
        log.record(Fact.STEPS, min(one.updates for one in trained))
        log.record(Fact.ITEMS, min(one.examples for one in trained))
