"""Mending: what a reader learns from its own flips, by supervised tuning or by preference, with LoRA.

Of each flipped pair the question, the gold answer, the wrong answer, and the document before and after the change are
kept. SFT learns the gold answer from both documents; DPO prefers the gold answer to the wrong one on both.

Pairs are taken in the order in which questions are drawn, up to `mending_pairs`. Once there are as many, more questions
change nothing that is learned; below that, more questions are another training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engines.parts.records import lot
from engines.parts.training import Example, Preference, Trained, TrainingSettings, preference, supervised
from engines.sure.answer_match import GoldAnswers
from engines.sure.blocks import digest
from engines.sure.config import SureConfig
from engines.sure.instances import golds
from engines.sure.judging import Probe
from engines.sure.reading import reading_prompt
from engines.sure.rows import MendedReader
from engines.sure.templates import Document
from workbench.contract import RunLog

LONGEST = 1024
"""Tokens of an example; longer ones are left out and counted."""


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
        examples: of SFT and of its control.
        preferences: of DPO.
    """

    pairs: int
    examples: tuple[Example, ...] = ()
    preferences: tuple[Preference, ...] = ()

    @property
    def key(self) -> str:
        """Digest of what is learned."""
        return digest(self.examples, self.preferences)


def training_set(answers: pd.DataFrame, probe: Probe, config: SureConfig) -> TrainingSet:
    """Draw what an arm is trained on from the flips of its base.

    Args:
        answers: rows of `Answer` of the base.
        config: the arm's settings.
    """
    pairs = flipped_pairs(answers, probe, config)
    if config.mend == "dpo":
        return TrainingSet(len(pairs), preferences=tuple(dpo_pairs(pairs, config)))
    flips = config.mend == "sft"
    examples = sft_examples(pairs, config) if flips else plain_examples(2 * len(pairs), probe, config)
    return TrainingSet(len(pairs), examples=tuple(examples))


def flipped_pairs(answers: pd.DataFrame, probe: Probe, config: SureConfig) -> list[FlippedPair]:
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
    instances = {row.instance: row for row in probe.instances.itertuples()}
    places = {name: place for place, name in enumerate(instances)}
    forms = {(row.instance, row.perturbation): row for row in probe.forms.itertuples()}
    drawn = {(places[row.instance], lot(4, f"{row.instance} {row.perturbation}")): row for row in seen.itertuples()}
    pairs = []
    for _, row in sorted(drawn.items()):
        form, instance = forms[row.instance, row.perturbation], instances[row.instance]
        right = shared_gold(golds(instance), (str(form.before), str(form.text)), config)
        if right:
            wrong = str(row.after if row.change == 1 else row.before)
            pairs.append(FlippedPair(str(instance.asked), right, wrong, str(form.before), str(form.text)))
    return pairs[: config.mending_pairs]


def probable_flips(probe: Probe, config: SureConfig) -> list[FlippedPair]:
    """Pairs of the size that a training would see, for its estimate: what flips is not known before the run."""
    instances = {row.instance: row for row in probe.instances.itertuples()}
    pairs = []
    for form in probe.forms.itertuples():
        instance = instances[form.instance]
        pairs.append(
            FlippedPair(str(instance.asked), golds(instance)[0], "a wrong answer", str(form.before), str(form.text))
        )
    return [pairs[at % len(pairs)] for at in range(config.mending_pairs)] if pairs else []


def shared_gold(answers: Sequence[str], documents: Sequence[str], config: SureConfig) -> str:
    """The first gold answer that stands in all of the documents, "" where there is none."""
    for answer in answers:
        gold = GoldAnswers([answer], config.match)
        if all(gold.within(document) for document in documents):
            return answer
    return ""


def sft_examples(pairs: Sequence[FlippedPair], config: SureConfig) -> list[Example]:
    """The gold answer on the document before and after the change of each pair."""
    return [
        Example(reading_prompt(pair.question, document, config), pair.right)
        for pair in pairs
        for document in (pair.before, pair.after)
    ]


def dpo_pairs(pairs: Sequence[FlippedPair], config: SureConfig) -> list[Preference]:
    """The gold answer preferred to the wrong one, on the document before and after the change of each pair."""
    return [
        Preference(reading_prompt(pair.question, document, config), pair.right, pair.wrong)
        for pair in pairs
        for document in (pair.before, pair.after)
    ]


def plain_examples(count: int, probe: Probe, config: SureConfig) -> list[Example]:
    """Take as many examples for the control, from unchanged Golden documents of questions that are not held out.

    The first ones of the draw. They show what learning to answer briefly does, without any change of form. Where there
    are fewer documents than examples, they repeat.
    """
    open_to = probe.instances[probe.instances["golden"] & (probe.instances["part"] == "mending")]
    plain = []
    for row in open_to.itertuples():
        document = Document(str(row.title), str(row.document)).plain()
        right = shared_gold(golds(row), [document], config)
        if right:
            plain.append(Example(reading_prompt(str(row.asked), document, config), right))
    return [plain[at % len(plain)] for at in range(count)] if plain else []


def training_settings(config: SureConfig, seed: int) -> TrainingSettings:
    """How a mended reader is trained."""
    return TrainingSettings(
        epochs=config.epochs,
        batch=config.batch,
        learning_rate=config.dpo_learning_rate if config.mend == "dpo" else config.learning_rate,
        longest=LONGEST,
        rank=config.rank,
        alpha=2 * config.rank,
        beta=config.beta,
        dtype=config.dtype,
        seed=seed,
    )


def mended(data: TrainingSet, config: SureConfig, log: RunLog, names: tuple[str, int]) -> MendedReader:
    """Train a reader on its data; the adapter is an artifact of the run.

    Args:
        names: the arm and the seed.

    Raises:
        DataError, ModelError, ResourceError, RunStopped: as `training.supervised`.
    """
    arm, seed = names
    settings, adapter = training_settings(config, seed), f"{arm}-{seed}"
    if data.preferences:
        trained = preference(config.reader, data.preferences, settings, log, adapter, arm)
    else:
        trained = supervised(config.reader, data.examples, settings, log, adapter, arm)
    return mended_row(trained, data.pairs, names)


def mended_row(trained: Trained, pairs: int, names: tuple[str, int]) -> MendedReader:
    """Put in numbers what the training left behind."""
    record = trained.record
    quarter = max(1, len(record.losses) // 4)
    return MendedReader(
        arm=names[0],
        seed=names[1],
        reader=trained.ref,
        pairs=pairs,
        examples=record.examples,
        updates=len(record.losses),
        first_loss=float(np.mean(record.losses[:quarter])),
        last_loss=float(np.mean(record.losses[-quarter:])),
        tokens=record.tokens,
        seconds=record.seconds,
    )


def unmended_row(arm: str, seed: int, reader: str) -> MendedReader:
    """The row of a reader that was not trained."""
    nothing = float("nan")
    return MendedReader(
        arm=arm, seed=seed, reader=reader, pairs=0, examples=0, updates=0,
        first_loss=nothing, last_loss=nothing, tokens=0, seconds=0.0,
    )  # fmt: skip


def held_out_instances(probe: Probe, most: int) -> list[str]:
    """Name the held-out Golden instances on which mended readers are judged: the first ones of the draw."""
    judged = probe.instances[probe.instances["golden"] & (probe.instances["part"] == "held_out")]
    return list(judged["instance"].head(most))
