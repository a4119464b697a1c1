"""The readers of a run: opened once, asked for every form of every document, and from memory."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from engines.parts.arms_alike import arms_alike
from engines.parts.generation import Generator, Use, open_generator
from engines.sure.answer_match import GoldAnswers
from engines.sure.blocks import digest, joined
from engines.sure.config import SureConfig
from engines.sure.instances import golds
from engines.sure.judging import Probe, Reading
from engines.sure.perturbations import PLAIN
from engines.sure.reading import closed_book_prompt, reading_prompt, reading_sampling, spoken
from engines.sure.rows import ClosedBook
from engines.sure.templates import Document
from workbench.contract import Config, RunLog

READING_FIELDS = ("reader", "prompting", "order", "abstain", "answer_tokens")
"""Settings that decide what an unmended reader answers."""
ANSWERED = ("instance", "perturbation", "before", "after", "cut")
"""Columns of what a reader answered."""
SERVED = ("openai:", "vllm:")
"""References of models whose weights this process does not hold."""


class Readers:
    """Opens each model once.

    Args:
        log: of the run.
    """

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._open: dict[str, Generator] = {}

    def __call__(self, ref: str, config: SureConfig) -> Generator:
        """The generator that a reference names.

        Raises:
            ModelError, DataError, ResourceError: as `open_generator`.
        """
        if ref not in self._open:
            self._open[ref] = open_generator(ref, self._log, config.dtype)
        return self._open[ref]

    def close(self, ref: str) -> None:
        """Let go of a model that is not asked again; one that was never opened is none the worse."""
        self._open.pop(ref, None)


def reading_key(config: SureConfig) -> str:
    """Equal for settings under which an unmended reader gives the same answers."""
    return " ".join(str(getattr(config, name)) for name in READING_FIELDS)


def runs_here(ref: str) -> bool:
    """Whether a model runs in this process, so that it can be looked into and its batches are ours: not a server."""
    return not ref.startswith(SERVED)


def answers_to(probe: Probe, reader: Generator, config: SureConfig, use: Use) -> pd.DataFrame:
    """What a reader answers to each form and to the document before it.

    Args:
        config: the arm's settings: how the reader is asked.
        use: what for, for the ledger.

    Returns:
        Columns instance, perturbation, before, after, and cut where the one after ended at the token limit; a row
        "plain" for every unchanged document.
    """
    instances = {row.instance: row for row in probe.instances.itertuples()}
    asked = [
        (row.instance, PLAIN, document, document)
        for row in probe.instances.itertuples()
        for document in [Document(str(row.title), str(row.document)).plain()]
    ]
    asked += [(row.instance, row.perturbation, row.before, row.text) for row in probe.forms.itertuples()]
    # Forms of one document stand together, so that what they share is computed once.
    places = {name: place for place, name in enumerate(instances)}
    texts = dict.fromkeys(
        (name, text)
        for name, _, before, after in sorted(asked, key=lambda one: places[one[0]])
        for text in (before, after)
    )
    prompts = [reading_prompt(str(instances[name].asked), text, config) for name, text in texts]
    said = reader.generate(prompts, reading_sampling(config), use, whole=True)
    answers = {key: spoken(one[0].text) for key, one in zip(texts, said, strict=True)}
    cut = {key: one[0].finish == "length" for key, one in zip(texts, said, strict=True)}
    rows = [
        (name, form, answers[name, before], answers[name, after], cut[name, after])
        for name, form, before, after in asked
    ]
    return pd.DataFrame(rows, columns=list(ANSWERED))


def closed_book_answers(questions: Mapping[str, str], reader: Generator, config: SureConfig, use: Use) -> pd.DataFrame:
    """What a reader answers without a document; columns question, answer.

    Args:
        questions: the question by its name.
    """
    prompts = [closed_book_prompt(asked, config) for asked in questions.values()]
    said = reader.generate(prompts, reading_sampling(config), use, whole=True)
    return pd.DataFrame({"question": list(questions), "answer": [spoken(one[0].text) for one in said]})


def read_with(blocks: Sequence[Probe], config: SureConfig, readers: Readers, log: RunLog) -> Reading:
    """Read every form, and answer without a document, with an unmended reader: a block of questions at a time."""
    name, answers, book = digest(reading_key(config)), [], []
    for number, block in enumerate(blocks):

        def closed_book(block: Probe = block) -> pd.DataFrame:
            return known_questions(block, readers(config.reader, config), config)

        def forms(block: Probe = block) -> pd.DataFrame:
            return answers_to(block, readers(config.reader, config), config, Use("Answer"))

        key = digest(block.instances)
        book.append(log.once(f"closed book, {name}, block {number}", pd.DataFrame, closed_book, key=key))
        answers.append(log.once(f"answers, {name}, block {number}", pd.DataFrame, forms, key=block.key))
    return Reading(joined(answers, ANSWERED), joined(book, ("question", "answer", "known")))


def known_questions(probe: Probe, reader: Generator, config: SureConfig) -> pd.DataFrame:
    """Answer each question without a document and judge it; columns question, answer, known."""
    asked = probe.instances.drop_duplicates("question")
    questions = dict(zip(asked["question"], asked["asked"], strict=True))
    answers = closed_book_answers(questions, reader, config, Use("Answer without a document"))
    gold = [GoldAnswers(golds(row), probe.config.match) for row in asked.itertuples()]
    known = [right.within(answer) for right, answer in zip(gold, answers["answer"], strict=True)]
    return answers.assign(known=known)


def closed_book_rows(arm: str, reading: Reading) -> pd.DataFrame:
    """Rows of `ClosedBook` of one arm."""
    return reading.closed_book.assign(arm=arm)[list(ClosedBook.model_fields)]


def too_long(probe: Probe, reader: Generator, config: SureConfig) -> pd.Series:
    """Which forms do not fit into the reader's context with the answer; none where a server does not tell its own."""
    if reader.context is None or probe.forms.empty:
        return pd.Series(False, index=probe.forms.index)
    asked = dict(zip(probe.instances["instance"], probe.instances["asked"], strict=True))
    pairs = [(row.instance, (row.before, row.text)) for row in probe.forms.itertuples()]
    texts = list(dict.fromkeys((name, text) for name, both in pairs for text in both))
    counts = reader.count([reading_prompt(str(asked[name]), text, config) for name, text in texts])
    tokens = dict(zip(texts, counts, strict=True))
    longest = [max(tokens[name, text] for text in both) for name, both in pairs]
    return pd.Series(longest, index=probe.forms.index) + config.answer_tokens > reader.context


def arms_of_one_probe(arms: Mapping[str, Config], allowed: Collection[str]) -> dict[str, SureConfig]:
    """The arms' settings; questions and forms are made once for all of them.

    Raises:
        ConfigError: an arm changes what is read.
    """
    return arms_alike(arms, SureConfig, allowed)
