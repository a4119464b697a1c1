"""The probe: change the form of documents, read them, judge who flips, look why, and mend the reader.

A run that goes on reads only the blocks of questions that are new. A mended reader is trained anew only if the pairs
that it learns from have changed: they are taken in the order of the questions, and stay once there are `mending_pairs`.
"""

from collections.abc import Mapping

import pandas as pd

from engines.sure import cautions
from engines.sure.asking import ask
from engines.sure.config import ARM_FIELDS, SureConfig
from engines.sure.forming import build_probe, require_makers
from engines.sure.judging import Probe, Reading, answer_frame, emit
from engines.sure.looking import look_at_attention, preliminary_test
from engines.sure.mended_readers import MendedReaders
from engines.sure.mending import unmended_row
from engines.sure.pairs_file import save_pairs
from engines.sure.preflight import preflight
from engines.sure.questions import open_questions
from engines.sure.readers import Readers, arms_of_one_probe, closed_book_rows, read_with, reading_key
from engines.sure.rows import ClosedBook
from engines.sure.run_facts import count_answers, record_answers, record_documents, record_reader
from workbench.contract import RunLog

__all__ = ["ask", "preflight", "run"]

Arms = Mapping[str, SureConfig]
Readings = Mapping[str, Reading]


def run(config: SureConfig, log: RunLog) -> None:
    """Does the reader change its answer when a document changes its form, and does training on its flips mend it?"""
    require_makers(config)
    arms, readers = arms_of_one_probe(log.arms, ARM_FIELDS), Readers(log)
    with log.phase("Build the instances"):
        asked = open_questions(config, lambda name, done, total: log.progress(done, total, name))
        probe = build_probe(asked, config, list(arms.values()), readers, log)
        record_documents(asked, log)
        record_reader(config, readers, log)
        for caution in cautions.about_limits(asked, config, cautions.held_out_documents(probe)):
            log.row(caution)
    with log.phase("Read every form"):
        readings = read_all(arms, probe, readers, log)
        judged = judge_unmended(arms, probe, readings, log)
        save_pairs(probe, judged, log)
    if "reader" in arms:
        with log.phase("Rank documents by the oracle score"):
            preliminary_test(asked, arms["reader"], log)
        with log.phase("Look at the attention"):
            look_at_attention(judged["reader"], probe, arms["reader"], log)
    with log.phase("Mend the reader"):
        counts = MendedReaders(arms, probe, readings, readers).judged(log)
    record_answers([*(count_answers(reading.answers) for reading in readings.values()), *counts], log)


def read_all(arms: Arms, probe: Probe, readers: Readers, log: RunLog) -> dict[str, Reading]:
    """Read with every unmended reader, also those that are only the start of a mended one; by `reading_key`."""
    readings: dict[str, Reading] = {}
    blocks = probe.blocks()
    for config in arms.values():
        if reading_key(config) not in readings:
            readings[reading_key(config)] = read_with(blocks, config, readers, log)
    for arm, config in arms.items():
        if config.mend == "none":
            log.table(ClosedBook, closed_book_rows(arm, readings[reading_key(config)]))
    return readings


def judge_unmended(arms: Arms, probe: Probe, readings: Readings, log: RunLog) -> dict[str, pd.DataFrame]:
    """Judge the unmended readers under every seed; they answer greedily, so that seeds change nothing.

    Returns:
        Rows of `Answer` by arm, under the first seed.
    """
    found: dict[str, pd.DataFrame] = {}
    for cell in log.cells():
        config = arms[cell.arm]
        if config.mend != "none":
            continue
        answers = answer_frame(cell.arm, cell.seed, readings[reading_key(config)], probe)
        emit(answers, probe, log)
        log.row(unmended_row(cell.arm, cell.seed, config.reader))
        found.setdefault(cell.arm, answers)
    if "reader" in found:
        for caution in cautions.about_answers(found["reader"], arms["reader"].attention_pairs):
            log.row(caution)
    return found
