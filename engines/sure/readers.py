"""Readers: what they are asked, opened once, and their answers to every form of every document and from memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from engines.parts.answers import GoldAnswers
from engines.parts.completions import Completion, Prompt, Sampling, chat
from engines.parts.generation import Generator, Use, open_generator
from engines.sure.config import SureConfig
from engines.sure.instances import PairSet, digest, joined
from engines.sure.perturbations import PLAIN, REREAD, Document
from engines.sure.rows import ClosedBook, golds
from workbench.contract import RunLog

NO_ANSWER = "NO-RES"
"""The word asked for where a document holds no answer."""
INSTRUCTION = "Answer the question in at most five words, copied from the document. Give only the answer."
ABSTAIN = f" If the document does not hold the answer, reply {NO_ANSWER}."
CLOSED_BOOK = "Answer the question in at most five words. Give only the answer."
READING_FIELDS = ("reader", "prompting", "order", "abstain", "answer_tokens")
"""Settings that decide what an untuned reader answers."""
ANSWERED = ("instance", "perturbation", "before", "after", "cut")
"""Columns of what a reader answered."""
SERVED = ("openai:", "vllm:")
"""References of models whose weights this process does not hold."""


@dataclass(frozen=True)
class Reading:
    """What a reader answered.

    Attributes:
        answers: columns instance, perturbation, before, after, and cut where the one after ended at the token limit; a
            row "plain" for the unchanged document.
        closed_book: columns question, answer, known: what it answers without a document.
    """

    answers: pd.DataFrame
    closed_book: pd.DataFrame

    def known(self) -> dict[str, bool]:
        """Per question whether it is answered rightly without a document."""
        return dict(zip(self.closed_book["question"], self.closed_book["known"].astype(bool), strict=True))


class Readers:
    """Opens each model once.

    Args:
        log: of the run.
    """

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._open: dict[str, Generator] = {}

    def __call__(self, ref: str, config: SureConfig) -> Generator:
        """Open the generator that a reference names.

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
    """Return a text that is equal for settings under which an untuned reader gives the same answers."""
    return " ".join(str(getattr(config, name)) for name in READING_FIELDS)


def runs_here(ref: str) -> bool:
    """Return whether a model runs in this process, no server: it can be looked into, and its batches are ours."""
    return not ref.startswith(SERVED)


def reading_prompt(question: str, document: str, config: SureConfig) -> Prompt:
    """Make the prompt that asks for an answer from a document.

    Differs from the paper: the question stands before the document, and once more behind it, unless `order` says
    otherwise, so that all forms of a document share instruction and question.
    """
    instruction = INSTRUCTION + (ABSTAIN if config.abstain else "")
    asked, given = f"Question: {question}", f"Document:\n{document}"
    orders = {
        "question_around": (asked, given, asked),
        "question_first": (asked, given),
        "document_first": (given, asked),
    }
    return _prompt([instruction, *orders[config.order]], config)


def closed_book_prompt(question: str, config: SureConfig) -> Prompt:
    """Make the prompt that asks for an answer from memory."""
    return _prompt([CLOSED_BOOK, f"Question: {question}"], config)


def _prompt(parts: Sequence[str], config: SureConfig) -> Prompt:
    return laid_out("\n\n".join(parts), config, "Answer:")


def laid_out(text: str, config: SureConfig, ending: str = "") -> Prompt:
    """Put a request to a model as the settings say: a turn of a chat, or a plain text with an ending to go on from."""
    return chat(text) if config.prompting == "chat" else f"{text}\n\n{ending}"


def reading_sampling(config: SureConfig) -> Sampling:
    """Return how answers are sampled: greedy, short, up to the end of the line."""
    return Sampling(max_tokens=config.answer_tokens, stop=("\n",))


def spoken(answer: str) -> str:
    """Strip an answer of the space around it."""
    return answer.strip()


def answers_to(pair_set: PairSet, reader: Generator, config: SureConfig, use: Use) -> pd.DataFrame:
    """Answer each form and the document before it; what is read again is read anew, in a batch of its own.

    Args:
        config: the arm's settings: how the reader is asked.
        use: what for, for the ledger.

    Returns:
        Columns instance, perturbation, before, after, and cut where the one after ended at the token limit; a row
        "plain" for every unchanged document.
    """
    instances = {row.instance: row for row in pair_set.instances.itertuples()}
    asked = [
        (row.instance, PLAIN, document, document)
        for row in pair_set.instances.itertuples()
        for document in [Document(str(row.title), str(row.document)).plain()]
    ]
    asked += [(row.instance, row.perturbation, row.before, row.text) for row in pair_set.forms.itertuples()]
    # Forms of one document stand together, so that what they share is computed once.
    places = {name: place for place, name in enumerate(instances)}
    texts = list(dict.fromkeys(
        (name, text)
        for name, _, before, after in sorted(asked, key=lambda one: places[one[0]])
        for text in (before, after)
    ))  # fmt: skip
    again = [(name, after) for name, form, _, after in reversed(asked) if form == REREAD]

    def read(texts: Sequence[tuple[str, str]], by: Generator, use: Use) -> dict[tuple[str, str], Completion]:
        prompts = [reading_prompt(str(instances[name].asked), text, config) for name, text in texts]
        said = by.generate(prompts, reading_sampling(config), use, whole=True)
        return {key: one[0] for key, one in zip(texts, said, strict=True)}

    first = read(texts, reader, use)
    second = read(again, reader.anew(), replace(use, stage="Answer again, for the noise floor")) if again else {}
    rows = []
    for name, form, before, after in asked:
        one = (second if form == REREAD else first)[name, after]
        rows.append((name, form, spoken(first[name, before].text), spoken(one.text), one.finish == "length"))
    return pd.DataFrame(rows, columns=list(ANSWERED))


def closed_book_answers(questions: Mapping[str, str], reader: Generator, config: SureConfig, use: Use) -> pd.DataFrame:
    """Answer questions without a document; columns question, answer.

    Args:
        questions: the question by its name.
    """
    prompts = [closed_book_prompt(asked, config) for asked in questions.values()]
    said = reader.generate(prompts, reading_sampling(config), use, whole=True)
    return pd.DataFrame({"question": list(questions), "answer": [spoken(one[0].text) for one in said]})


def read_with(
    blocks: Sequence[PairSet], config: SureConfig, readers: Readers, log: RunLog, tell: Callable[[Reading, int], None]
) -> Reading:
    """Read every form, and answer without a document, with an untuned reader: a block of questions at a time.

    Args:
        tell: hears what was read of each block, and the block's number.
    """
    name, answers, book = digest(reading_key(config)), [], []
    for number, block in enumerate(blocks):

        def closed_book(block: PairSet = block) -> pd.DataFrame:
            return known_questions(block, readers(config.reader, config), config)

        def forms(block: PairSet = block) -> pd.DataFrame:
            return answers_to(block, readers(config.reader, config), config, Use("Answer"))

        key = digest(block.instances)
        book.append(log.once(f"closed book, {name}, block {number}", pd.DataFrame, closed_book, key=key))
        answers.append(log.once(f"answers, {name}, block {number}", pd.DataFrame, forms, key=block.key))
        tell(Reading(answers[-1], book[-1]), number)
        log.progress(number + 1, len(blocks), "blocks of questions")
    return Reading(joined(answers, ANSWERED), joined(book, ("question", "answer", "known")))


def known_questions(pair_set: PairSet, reader: Generator, config: SureConfig) -> pd.DataFrame:
    """Answer each question without a document and judge it; columns question, answer, known."""
    asked = pair_set.instances.drop_duplicates("question")
    questions = dict(zip(asked["question"], asked["asked"], strict=True))
    answers = closed_book_answers(questions, reader, config, Use("Answer without a document"))
    gold = [GoldAnswers(golds(row), pair_set.config.match) for row in asked.itertuples()]
    known = [right.within(answer) for right, answer in zip(gold, answers["answer"], strict=True)]
    return answers.assign(known=known)


def closed_book_rows(arm: str, reading: Reading) -> pd.DataFrame:
    """Make rows of `ClosedBook` of one arm."""
    return reading.closed_book.assign(arm=arm)[list(ClosedBook.model_fields)]


def too_long(pair_set: PairSet, reader: Generator, config: SureConfig) -> pd.Series:
    """Find the forms that do not fit into the reader's context with the answer; none where a server tells none."""
    if reader.context is None or pair_set.forms.empty:
        return pd.Series(False, index=pair_set.forms.index)
    asked = dict(zip(pair_set.instances["instance"], pair_set.instances["asked"], strict=True))
    pairs = [(row.instance, (row.before, row.text)) for row in pair_set.forms.itertuples()]
    texts = list(dict.fromkeys((name, text) for name, both in pairs for text in both))
    counts = reader.count([reading_prompt(str(asked[name]), text, config) for name, text in texts])
    tokens = dict(zip(texts, counts, strict=True))
    longest = [max(tokens[name, text] for text in both) for name, both in pairs]
    return pd.Series(longest, index=pair_set.forms.index) + config.answer_tokens > reader.context
