"""SURE's run: change the form of documents, read them, judge who flips, look why, and tune the reader on its flips.

A run that goes on reads only the blocks of questions that are new. A tuned reader is trained anew only if the pairs
that it learns from have changed: they are taken in the order of the questions, and stay once there are `mending_pairs`.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import pandas as pd
from pydantic import BaseModel

from engines.parts.models import dtype_note
from engines.sure.asking import ask
from engines.sure.attention import look_at_attention
from engines.sure.cautions import about_answers, about_limits
from engines.sure.config import SureConfig
from engines.sure.finetuning import TunedReaders, untuned_row
from engines.sure.forms import build_pairs, require_makers
from engines.sure.instances import PairSet, save_pairs
from engines.sure.oracle import preliminary_test
from engines.sure.probe import BUILD, LOOK, RANK, READ, TUNE, probe
from engines.sure.questions import QuestionSet, open_questions
from engines.sure.rates import AnswerCounts, answer_frame, count_answers, emit
from engines.sure.readers import Readers, Reading, closed_book_rows, read_with, reading_key, runs_here
from engines.sure.rows import Answer, ClosedBook
from workbench.contract import Fact, RunCell, RunLog

__all__ = ["ask", "probe", "run"]

Arms = Mapping[str, SureConfig]
Readings = Mapping[str, Reading]


def run(config: SureConfig, log: RunLog[SureConfig]) -> None:
    """Change the form of documents, read them, judge which answers flip, look why, and tune the reader on its flips."""
    require_makers(config)
    arms, readers = log.arms, Readers(log)
    if runs_here(config.reader):
        log.note(dtype_note(config.dtype))
    with log.phase(BUILD):
        asked = open_questions(config, lambda name, done, total: log.progress(done, total, name))
        pair_set = build_pairs(asked, config, readers, log)
        record_documents(asked, log)
        record_reader(config, readers, log)
        for caution in about_limits(asked, config, len(pair_set.held_out())):
            log.row(caution)
    with log.phase(READ):
        readings = read_all(arms, pair_set, readers, log)
        judged = judge_untuned(readings, pair_set, log)
        save_pairs(pair_set, judged, log)
    if "reader" in arms:
        with log.phase(RANK):
            preliminary_test(asked, arms["reader"], log)
        with log.phase(LOOK):
            look_at_attention(judged["reader"], pair_set, arms["reader"], log)
    with log.phase(TUNE):
        counts = TunedReaders(pair_set, readings, readers, log).judged()
    record_answers([*(count_answers(reading.answers) for reading in readings.values()), *counts], log)


def read_all(arms: Arms, pair_set: PairSet, readers: Readers, log: RunLog[SureConfig]) -> dict[str, Reading]:
    """Read with every untuned reader, also those that are only the start of a tuned one; by `reading_key`.

    What is read is judged and reported block by block; untuned readers answer greedily, so that seeds change nothing.
    """
    readings: dict[str, Reading] = {}
    blocks = pair_set.blocks()
    for config in arms.values():
        if (key := reading_key(config)) not in readings:
            cells = [cell for cell in log.cells() if _reads_alone(arms[cell.arm], key)]
            say = partial(_say_block, cells, blocks, log)
            readings[key] = read_with(blocks, config, readers, log, say)
    for arm, config in arms.items():
        if config.mend == "none":
            log.table(ClosedBook, closed_book_rows(arm, readings[reading_key(config)]))
    return readings


def _reads_alone(config: SureConfig, key: str) -> bool:
    return config.mend == "none" and reading_key(config) == key


def _say_block(cells: Sequence[RunCell], blocks: Sequence[PairSet], log: RunLog, reading: Reading, number: int) -> None:
    for cell in cells:
        log.table(Answer, answer_frame(cell, reading, blocks[number]))


def judge_untuned(readings: Readings, pair_set: PairSet, log: RunLog[SureConfig]) -> dict[str, pd.DataFrame]:
    """Report rates and outcomes of the untuned readers under every seed.

    Returns:
        Rows of `Answer` by arm, under the first seed.
    """
    found: dict[str, pd.DataFrame] = {}
    for cell in log.cells():
        config = log.arms[cell.arm]
        if config.mend == "none":
            answers = answer_frame(cell, readings[reading_key(config)], pair_set)
            emit(answers, cell, pair_set, log)
            log.row(untuned_row(cell, config.reader))
            found.setdefault(cell.arm, answers)
    if "reader" in found:
        for caution in about_answers(found["reader"], log.arms["reader"]):
            log.row(caution)
    return found


class ReaderFacts(BaseModel):
    """Size and number format of a reader; a server tells neither."""

    parameters: int | None = None
    dtype: str = ""


def record_documents(asked: QuestionSet, log: RunLog) -> None:
    """Record how many documents came with the questions, and how many of them were cut."""
    documents = [document for one in asked.questions for document in one.documents]
    log.record(Fact.PROMPTS, len(documents))
    log.record(Fact.PROMPTS_CUT, sum(document.words > 0 for document in documents))


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
