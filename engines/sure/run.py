"""The probe: change the form of documents, read them, judge who flips, look why, and mend the reader."""

from collections.abc import Mapping
from functools import partial

import pandas as pd

from engines.parts.generator import Use
from engines.sure.asking import ask
from engines.sure.config import ARM_FIELDS, SureConfig
from engines.sure.forming import build_probe, require_makers
from engines.sure.judging import Probe, Reading, answer_frame, outcome_frame, rate_frame
from engines.sure.looking import look_at_attention, preliminary_test
from engines.sure.mending import flipped_pairs, held_out_instances, mended, unmended_row
from engines.sure.pairs_file import save_pairs
from engines.sure.preflight import preflight
from engines.sure.questions import open_questions
from engines.sure.readers import Readers, answers_to, arms_of_one_probe, closed_book_rows, read_with, reading_key
from engines.sure.rows import Answer, ClosedBook, FormRate
from workbench.engine import RunCell, RunLog
from workbench.schema import Outcome

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
    unmended = [cell for cell in log.cells() if arms[cell.arm].mend == "none"]
    with log.phase("Read every form"):
        readings = read_all(arms, probe, readers, log)
        work = partial(judge, arms=arms, probe=probe, readings=readings)
        judged = dict(zip(unmended, log.map(unmended, work, pd.DataFrame), strict=True))
        save_pairs(probe, {cell.arm: frame for cell, frame in judged.items()}, log)
    if "reader" in arms:
        with log.phase("Rank documents by the oracle score"):
            preliminary_test(asked, arms["reader"], log)
        with log.phase("Look at the attention"):
            first = next(cell for cell in unmended if cell.arm == "reader")
            look_at_attention(judged[first], probe, arms["reader"], log)
    with log.phase("Mend the reader"):
        cells = [cell for cell in log.cells() if cell not in unmended]
        log.map(cells, partial(mend, arms=arms, probe=probe, readings=readings, readers=readers), pd.DataFrame)


def read_all(arms: Arms, probe: Probe, readers: Readers, log: RunLog) -> dict[str, Reading]:
    """What every unmended reader answers, also those that are only the start of a mended one; by `reading_key`."""
    readings: dict[str, Reading] = {}
    for config in arms.values():
        if reading_key(config) not in readings:
            readings[reading_key(config)] = read_with(f"reader {len(readings)}", probe, config, readers, log)
    for arm, config in arms.items():
        if config.mend == "none":
            log.table(ClosedBook, closed_book_rows(arm, readings[reading_key(config)]))
    return readings


def judge(cell: RunCell, log: RunLog, arms: Arms, probe: Probe, readings: Readings) -> pd.DataFrame:
    """One unmended reader under one seed; it answers greedily, so that the seed changes nothing."""
    config = arms[cell.arm]
    answers = answer_frame(cell.arm, cell.seed, readings[reading_key(config)], probe)
    emit(answers, probe, log)
    log.row(unmended_row(cell.arm, cell.seed, config.reader))
    return answers


def mend(cell: RunCell, log: RunLog, arms: Arms, probe: Probe, readings: Readings, readers: Readers) -> pd.DataFrame:
    """One mended reader under one seed: learn from the base's flips, then read what was held out."""
    config = arms[cell.arm]
    base = readings[reading_key(config)]
    flips = flipped_pairs(answer_frame(cell.arm, cell.seed, base, probe), probe, config)
    held_out = probe.of(held_out_instances(probe, config.held_out_questions))
    if not flips or held_out.instances.empty:
        what = "no answer flipped on the documents open to training" if not flips else "nothing is held out"
        log.note(f"{cell.arm} was not trained: {what}. Ask more questions.")
        return pd.DataFrame(columns=list(Answer.model_fields))
    trained, row = mended(flips, probe, config, log, (cell.arm, cell.seed))
    log.row(row)
    reader = readers(trained.ref, config)
    said = answers_to(held_out, reader, config, Use("Answer", cell.arm, cell.seed))
    answers = answer_frame(cell.arm, cell.seed, Reading(said, base.closed_book), held_out)
    emit(answers, probe, log)
    return answers


def emit(answers: pd.DataFrame, probe: Probe, log: RunLog) -> None:
    """Report one reader's answers, their rates and outcomes."""
    clusters = probe.clusters()
    log.table(Answer, answers)
    log.table(FormRate, rate_frame(answers, clusters))
    log.table(Outcome, outcome_frame(answers, clusters, probe.config.held_out_class))
