"""Fine-tuning on flips: what a reader learns from its own flips, by SFT or by DPO, with LoRA; then what was held out.

Of each flipped pair the question, the gold answer, the wrong answer, and the document before and after the change are
kept. SFT learns the gold answer from both documents; DPO prefers the gold answer to the wrong one on both.

Pairs are taken in the order in which questions are drawn, up to `mending_pairs`. Once there are as many, more questions
change nothing that is learned; below that, more questions are another training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import pandas as pd

from engines.parts.answers import GoldAnswers
from engines.parts.generation import Use
from engines.parts.records import lot
from engines.parts.rows import TunedModel
from engines.parts.tasks import tuned
from engines.parts.training import Example, Preference, TrainingSettings
from engines.sure.cautions import about_training
from engines.sure.config import SureConfig
from engines.sure.instances import PairSet, digest, joined
from engines.sure.perturbations import Document
from engines.sure.rates import AnswerCounts, answer_frame, count_answers, emit
from engines.sure.readers import ANSWERED, Readers, Reading, answers_to, reading_key, reading_prompt
from engines.sure.rows import Answer, MendedReader, golds
from workbench.contract import RunCell, RunLog


@dataclass(frozen=True)
class FlippedPair:
    """A Golden pair of which one answer was right and one wrong.

    Attributes:
        right: a gold answer as it stands in both documents.
        wrong: what the reader answered when it was wrong.
    """

    question: str
    right: str
    wrong: str
    before: str
    after: str


@dataclass(frozen=True)
class TrainingSet:
    """What one arm is trained on.

    Attributes:
        pairs: flipped pairs behind the examples.
        examples: of SFT and of its control, or preferences of DPO.
    """

    pairs: int
    examples: tuple[Example, ...] | tuple[Preference, ...]

    @property
    def key(self) -> str:
        """Digest of what is learned."""
        return digest(self.examples)


class TunedReaders:
    """Tunes readers on the flips of their base, and judges them on held-out questions.

    Args:
        readings: what untuned readers answered, by `reading_key`.
        readers: opens the models.
    """

    def __init__(
        self, pair_set: PairSet, readings: Mapping[str, Reading], readers: Readers, log: RunLog[SureConfig]
    ) -> None:
        self._pair_set, self._blocks = pair_set, pair_set.blocks()
        self._readings, self._readers, self._log = readings, readers, log

    def judged(self) -> Sequence[AnswerCounts]:
        """Tune and judge every arm that is trained, under every seed; return what was counted of each."""
        cells = [cell for cell in self._log.cells() if self._log.arms[cell.arm].mend != "none"]
        data = {arm: self._training_set(arm) for arm in dict.fromkeys(cell.arm for cell in cells)}
        key = digest(self._pair_set.key, {arm: found.key for arm, found in data.items()})
        counts = self._log.map(cells, lambda cell, log: self._one(cell, data[cell.arm], log), AnswerCounts, key=key)
        return cast(list[AnswerCounts], counts)

    def _training_set(self, arm: str) -> TrainingSet:
        config = self._log.arms[arm]
        answers = answer_frame(RunCell(arm, 0), self._readings[reading_key(config)], self._pair_set)
        return training_set(answers, self._pair_set, config)

    def _one(self, cell: RunCell, data: TrainingSet, log: RunLog[SureConfig]) -> AnswerCounts:
        config = log.arms[cell.arm]
        held_out = self._pair_set.held_out(config.held_out_questions)
        if not data.pairs or not held_out:
            why = "nothing is held out" if data.pairs else "no answer flipped on the documents open to training"
            for caution in about_training(cell.arm, why):
                log.row(caution)
            log.note(f"{cell.arm} was not trained: {why}. Ask more questions.")
            return AnswerCounts()
        train = partial(tuned, cell, config.reader, data.examples, settings_of(config, cell.seed), log)
        model = cast(TunedModel, log.once("training", TunedModel, train, key=data.key))
        log.row(tuned_row(model, data.pairs))
        answered = self._read(cell, model.model, held_out, data, log)
        reading = Reading(answered, self._readings[reading_key(config)].closed_book)
        judged = answer_frame(cell, reading, self._pair_set.of(held_out))
        log.table(Answer, judged)
        emit(judged, cell, self._pair_set, log)
        return count_answers(answered).model_copy(update={"updates": model.updates, "examples": model.examples})

    def _read(
        self, cell: RunCell, reader: str, held_out: Sequence[str], data: TrainingSet, log: RunLog[SureConfig]
    ) -> pd.DataFrame:
        config, use = log.arms[cell.arm], Use("Answer", cell.arm, cell.seed)

        def answers(block: PairSet) -> pd.DataFrame:
            return answers_to(block, self._readers(reader, config), config, use)

        found = []
        for number, block in enumerate(part.of(held_out) for part in self._blocks):
            if len(block.instances):
                key = f"{data.key} {block.key}"
                found.append(log.once(f"answers, block {number}", pd.DataFrame, partial(answers, block), key=key))
        self._readers.close(reader)
        return joined(found, ANSWERED)


def training_set(answers: pd.DataFrame, pair_set: PairSet, config: SureConfig) -> TrainingSet:
    """Draw what an arm is trained on from the flips of its base.

    Args:
        answers: rows of `Answer` of the base.
        config: the arm's settings.
    """
    pairs = flipped_pairs(answers, pair_set, config)
    if config.mend == "dpo":
        return TrainingSet(len(pairs), tuple(dpo_pairs(pairs, config)))
    flips = config.mend == "sft"
    examples = sft_examples(pairs, config) if flips else plain_examples(2 * len(pairs), pair_set, config)
    return TrainingSet(len(pairs), tuple(examples))


def flipped_pairs(answers: pd.DataFrame, pair_set: PairSet, config: SureConfig) -> list[FlippedPair]:
    """Take the flips that a training may see: of questions that are not held out, under classes that are not.

    At most `mending_pairs`, the first ones of the draw of questions; the forms of one document by a draw of their own.
    Differs from the paper: the right answer is the gold one, not the longer sentence that the reader happened to say.
    """
    seen = answers[
        (answers["change"] != 0)
        & answers["subset"].str.endswith("G")
        & (answers["part"] == "mending")
        & (answers["kind"] != config.held_out_class)
    ]
    instances = {row.instance: row for row in pair_set.instances.itertuples()}
    places = {name: place for place, name in enumerate(instances)}
    forms = {(row.instance, row.perturbation): row for row in pair_set.forms.itertuples()}
    drawn = {(places[row.instance], lot(4, f"{row.instance} {row.perturbation}")): row for row in seen.itertuples()}
    pairs = []
    for _, row in sorted(drawn.items()):
        form, instance = forms[row.instance, row.perturbation], instances[row.instance]
        right = shared_gold(golds(instance), (str(form.before), str(form.text)), config)
        if right:
            wrong = str(row.after if row.change == 1 else row.before)
            pairs.append(FlippedPair(str(instance.asked), right, wrong, str(form.before), str(form.text)))
    return pairs[: config.mending_pairs]


def shared_gold(answers: Sequence[str], documents: Sequence[str], config: SureConfig) -> str:
    """Find the first gold answer that stands in all of the documents, "" where there is none."""
    for answer in answers:
        gold = GoldAnswers([answer], config.match)
        if all(gold.within(document) for document in documents):
            return answer
    return ""


def sft_examples(pairs: Sequence[FlippedPair], config: SureConfig) -> list[Example]:
    """Make examples of the gold answer on the document before and after the change of each pair."""
    return [
        Example(reading_prompt(pair.question, document, config), pair.right)
        for pair in pairs
        for document in (pair.before, pair.after)
    ]


def dpo_pairs(pairs: Sequence[FlippedPair], config: SureConfig) -> list[Preference]:
    """Make preferences of the gold answer over the wrong one, on the document before and after the change."""
    return [
        Preference(reading_prompt(pair.question, document, config), pair.right, pair.wrong)
        for pair in pairs
        for document in (pair.before, pair.after)
    ]


def plain_examples(count: int, pair_set: PairSet, config: SureConfig) -> list[Example]:
    """Take as many examples for the control, from unchanged Golden documents of questions that are not held out.

    The first ones of the draw. They show what learning to answer briefly does, without any change of form. Where there
    are fewer documents than examples, they repeat.
    """
    open_to = pair_set.instances[pair_set.instances["golden"] & (pair_set.instances["part"] == "mending")]
    plain = []
    for row in open_to.itertuples():
        document = Document(str(row.title), str(row.document)).plain()
        right = shared_gold(golds(row), [document], config)
        if right:
            plain.append(Example(reading_prompt(str(row.asked), document, config), right))
    return [plain[at % len(plain)] for at in range(count)] if plain else []


def settings_of(config: SureConfig, seed: int) -> TrainingSettings:
    """Return how an arm's reader is trained."""
    rate = config.dpo_learning_rate if config.mend == "dpo" else config.learning_rate
    lora = {"rank": config.rank, "alpha": 2 * config.rank}
    return config.training_settings(seed, learning_rate=rate, beta=config.beta, dtype=config.dtype, **lora)


def tuned_row(model: TunedModel, pairs: int) -> MendedReader:
    """Put a tuned reader into the table of readers, with the flipped pairs behind its examples."""
    same = {name: getattr(model, name) for name in MendedReader.model_fields if name not in ("reader", "pairs")}
    return MendedReader(reader=model.model, pairs=pairs, **same)


def untuned_row(cell: RunCell, reader: str) -> MendedReader:
    """Put a reader that was not trained into the table of readers."""
    losses = {"first_loss": float("nan"), "last_loss": float("nan")}
    counts = {"pairs": 0, "examples": 0, "updates": 0, "tokens": 0, "seconds": 0.0}
    return MendedReader(arm=cell.arm, seed=cell.seed, reader=reader, **losses, **counts)
