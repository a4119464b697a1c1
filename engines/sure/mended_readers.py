"""Mended readers: each arm under each seed is trained on the flips of its base, then reads what was held out."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import pandas as pd

from engines.parts.generation import Use
from engines.sure import cautions
from engines.sure.blocks import digest, joined
from engines.sure.config import SureConfig
from engines.sure.judging import Probe, Reading, answer_frame, emit
from engines.sure.mending import TrainingSet, held_out_instances, mended, training_set
from engines.sure.readers import ANSWERED, Readers, answers_to, reading_key
from engines.sure.rows import MendedReader
from engines.sure.run_facts import AnswerCounts, count_answers
from workbench.contract import RunCell, RunLog


class MendedReaders:
    """Trains and judges the mended arms of a run.

    Args:
        readings: what unmended readers answered, by `reading_key`.
        readers: opens the models.
    """

    def __init__(
        self, arms: Mapping[str, SureConfig], probe: Probe, readings: Mapping[str, Reading], readers: Readers
    ) -> None:
        self._arms = {arm: config for arm, config in arms.items() if config.mend != "none"}
        self._probe = probe
        self._blocks = probe.blocks()
        self._readings = readings
        self._readers = readers

    def judged(self, log: RunLog) -> Sequence[AnswerCounts]:
        """Train and judge every mended arm under every seed; return what was counted of each."""
        cells = [cell for cell in log.cells() if cell.arm in self._arms]
        data = {arm: self._training_set(arm) for arm in self._arms}
        key = digest(self._probe.key, {arm: found.key for arm, found in data.items()})
        counts = log.map(cells, lambda cell, log: self._one(cell, data[cell.arm], log), AnswerCounts, key=key)
        return cast(list[AnswerCounts], counts)

    def _training_set(self, arm: str) -> TrainingSet:
        config = self._arms[arm]
        answers = answer_frame(arm, 0, self._readings[reading_key(config)], self._probe)
        return training_set(answers, self._probe, config)

    def _one(self, cell: RunCell, data: TrainingSet, log: RunLog) -> AnswerCounts:
        config = self._arms[cell.arm]
        held_out = held_out_instances(self._probe, config.held_out_questions)
        if not data.pairs or not held_out:
            why = "nothing is held out" if data.pairs else "no answer flipped on the documents open to training"
            for caution in cautions.about_training(cell.arm, why):
                log.row(caution)
            log.note(f"{cell.arm} was not trained: {why}. Ask more questions.")
            return AnswerCounts()
        train = partial(mended, data, config, log, (cell.arm, cell.seed))
        row = cast(MendedReader, log.once("training", MendedReader, train, key=data.key))
        log.row(row)
        answered = self._read(cell, row, held_out, data, log)
        reading = Reading(answered, self._readings[reading_key(config)].closed_book)
        emit(answer_frame(cell.arm, cell.seed, reading, self._probe.of(held_out)), self._probe, log)
        return count_answers(answered).model_copy(update={"updates": row.updates, "examples": row.examples})

    def _read(
        self, cell: RunCell, row: MendedReader, held_out: Sequence[str], data: TrainingSet, log: RunLog
    ) -> pd.DataFrame:
        config, use = self._arms[cell.arm], Use("Answer", cell.arm, cell.seed)

        def answers(block: Probe) -> pd.DataFrame:
            return answers_to(block, self._readers(row.reader, config), config, use)

        found = []
        for number, block in enumerate(part.of(held_out) for part in self._blocks):
            if len(block.instances):
                key = f"{data.key} {block.key}"
                found.append(log.once(f"answers, block {number}", pd.DataFrame, partial(answers, block), key=key))
        self._readers.close(row.reader)
        return joined(found, ANSWERED)
