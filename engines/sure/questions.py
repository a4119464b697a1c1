"""Questions with passages and gold answers: the bundled set, a file of one's own, or the pairs of an earlier run."""

import re
import string
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

from engines.parts.answers import normalised
from engines.parts.datasets import Kind, Records, parse_mapping, records_of, source_table
from engines.parts.records import AlsoNamed, Question, Record, lot
from engines.parts.registry import ProgressCallback, no_progress
from engines.sure.config import SureConfig
from engines.sure.perturbations import Document, join_sentences, split_sentences
from workbench.contract import DataError

Match = Literal["words", "substring"]
"""An answer must stand as whole words, or may be part of a word (as in the paper: "art" in "party")."""
_PUNCTUATION = string.punctuation.encode()
_SPACES = b" \t\n\v\f\r\x1c\x1d\x1e\x1f"
_TO_SPACE = bytes.maketrans(_SPACES, b" " * len(_SPACES))
_TAGS_TO_SPACE = bytes.maketrans(_SPACES + b"<>", b" " * (len(_SPACES) + 2))
_BUT_TAGS = bytes(mark for mark in _PUNCTUATION if mark not in b"<>")
_KNOWN = _PUNCTUATION + _SPACES + (string.ascii_lowercase + string.digits).encode()
_ARTICLE = re.compile(" (?:a|an|the)(?= )")
KEPT_TEXTS = 4096
FIRST_WIDE = "\u2e80"
"""From here on are scripts that put no space between words."""


def fast_normalised(text: str) -> str:
    """Equal to `normalised`: lower case, without punctuation, articles and spare spaces."""
    return _words_of(text, _TO_SPACE, _PUNCTUATION).strip()


@lru_cache(maxsize=KEPT_TEXTS)
def searchable(text: str) -> str:
    """A text normalised so that answers can be looked for, with a space at either end.

    The angle brackets of tags part words ("<p>Oslo</p>").
    """
    return _words_of(text, _TAGS_TO_SPACE, _BUT_TAGS)


def _words_of(text: str, spaces: bytes, dropped: bytes) -> str:
    lower = text.lower().encode("utf-8", "surrogatepass")
    other = lower.translate(None, _KNOWN)
    # Letters and digits of any script are parts of words; any other mark or space is left to the plain way.
    if other and not other.decode("utf-8", "surrogatepass").isalnum():
        marks = "<>" if dropped is _BUT_TAGS else ""
        return f" {normalised(text.translate(dict.fromkeys(map(ord, marks), ' ')))} "
    said = b" %b " % lower.translate(spaces, dropped)
    while b"  " in said:
        said = said.replace(b"  ", b" ")
    return _ARTICLE.sub("", said.decode("utf-8"))


class GoldAnswers:
    """The answers that count as right for one question.

    Answers that normalise to nothing ("the", "?!") can be found nowhere and are left out; `usable` says whether any is
    left.
    """

    def __init__(self, answers: Iterable[str], match: Match = "words") -> None:
        golds = dict.fromkeys(fast_normalised(answer) for answer in answers)
        self._needles = [_needle(gold, match) for gold in golds if gold]

    @property
    def usable(self) -> bool:
        """Whether any answer can be found at all."""
        return bool(self._needles)

    def within(self, text: str) -> bool:
        """Whether the text contains one of the answers."""
        said = searchable(text)
        return any(needle in said for needle in self._needles)


def _needle(gold: str, match: Match) -> str:
    # Scripts without spaces have no whole words to ask for.
    return f" {gold} " if match == "words" and max(gold) < FIRST_WIDE else gold


PAIR_COLUMNS = frozenset(("perturbation", "before", "text"))
"""A file with these columns holds pairs of an earlier run."""


class RagQuestion(Question):
    """A question with the passage, or passages, that a retriever found for it."""

    passages: Annotated[tuple[str, ...], AlsoNamed("contexts", "documents", "ctxs", "retrieved")] = ()
    """Several passages; those that hold an answer are Golden documents, the others Noise."""


class PairRow(Record):
    """A pair of documents as a run of this pair_set saved it."""

    instance: str
    question: str
    answers: tuple[str, ...]
    document: str
    perturbation: str
    before: str
    text: str
    title: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class AskedQuestion:
    """A question ready to be asked.

    Attributes:
        name: unique in the data.
        answers: gold answers as the data has them.
        documents: the passages that came with it, the first one foremost.
        cluster: what makes questions depend on each other: their title, else their passage.
        cut: how many of its documents were longer than `document_words`.
    """

    name: str
    question: str
    answers: tuple[str, ...]
    documents: tuple[Document, ...]
    cluster: str
    cut: int = 0


@dataclass(frozen=True)
class QuestionSet:
    """The questions of a run and the passages that noise is drawn from.

    Attributes:
        pool: every distinct passage of the data, those of questions that were not taken included.
        pairs: ready-made pairs, where the data are those of an earlier run; then there is no pool.
        notes: what a reader must know of what was left out.
        available: questions that the data could give; 0 where nobody counted.
    """

    questions: tuple[AskedQuestion, ...]
    pool: tuple[Document, ...]
    pairs: tuple[PairRow, ...]
    source: str
    credit: str
    notes: tuple[str, ...]
    available: int = 0


def open_questions(config: SureConfig, report: ProgressCallback = no_progress) -> QuestionSet:
    """Read what the settings name, and take as many questions as they ask for, spread over the passages.

    Raises:
        DataError: no such data, a column that is missing, or not one question that can be judged.
    """
    source = source_table(config.data, report)
    mapping = parse_mapping(config.columns) if config.columns else None
    if set(source.table.columns) >= PAIR_COLUMNS:
        return _of_pairs(_usable(records_of(source, PairRow, mapping)), config)
    records = _usable(records_of(source, RagQuestion, mapping))
    judged, lost = _judgeable(records.rows, config)
    pool = dict.fromkeys(document for asked in judged for document in asked.documents)
    taken = spread(judged, config.questions)
    notes = _notes(records, taken, lost, config)
    return QuestionSet(tuple(taken), tuple(pool), (), records.source, records.credit, notes, len(judged))


def _usable(records: Records[Kind]) -> Records[Kind]:
    if not records.rows:
        first = records.errors[0]
        raise DataError(
            f"None of the {len(records.errors):,} rows of {records.source} can be used. {first.what}", first.remedy,
            row=first.line, field=first.field or None,
        )  # fmt: skip
    return records


def _judgeable(rows: Sequence[RagQuestion], config: SureConfig) -> tuple[list[AskedQuestion], dict[str, int]]:
    lost = {"have no passage": 0, "have no answer that can be looked for": 0}
    found = []
    for row in rows:
        texts = [text.strip() for text in (row.passage, *row.passages) if text.strip()]
        if not texts:
            lost["have no passage"] += 1
        elif not GoldAnswers(row.answers, config.match).usable:
            lost["have no answer that can be looked for"] += 1
        else:
            documents = tuple(Document(row.title, cut_document(text, config.document_words)) for text in texts)
            cut = sum(document.text != text for document, text in zip(documents, texts, strict=True))
            found.append(AskedQuestion(row.id, row.question, row.answers, documents, row.title or texts[0][:80], cut))
    if not found:
        counted = ", ".join(f"{count} {why}" for why, count in lost.items() if count)
        raise DataError(
            f"Not one of {len(rows)} questions can be judged: {counted}.",
            "Give each question a passage and at least one answer of a word or a number.",
        )
    return found, lost


def _notes(
    records: Records[RagQuestion], taken: Sequence[AskedQuestion], lost: dict[str, int], config: SureConfig
) -> tuple[str, ...]:
    said = [f"{len(taken):,} of {len(records.rows):,} questions are asked."]
    said += [f"{count:,} questions were left out: they {why}." for why, count in lost.items() if count]
    cut = sum(asked.cut for asked in taken)
    if cut:
        said.append(f"{cut:,} documents of these questions were cut at {config.document_words} words.")
    if records.errors:
        first = records.errors[0]
        said.append(f"{len(records.errors):,} rows cannot be read; the first one: {first.what} {first.remedy}")
    return (*said, *records.notes)


def _of_pairs(records: Records[PairRow], config: SureConfig) -> QuestionSet:
    pairs = [row for row in records.rows if GoldAnswers(row.answers, config.match).usable]
    asked = {
        pair.instance: AskedQuestion(
            pair.instance, pair.question, pair.answers, (Document(pair.title, pair.document),),
            pair.cluster or pair.title or pair.document[:80],
        )
        for pair in pairs
    }  # fmt: skip
    taken = spread(list(asked.values()), config.questions)
    names = {one.name for one in taken}
    kept = tuple(pair for pair in pairs if pair.instance in names)
    note = f"{len(kept):,} ready-made pairs on {len(taken):,} of {len(asked):,} documents are read as they are."
    return QuestionSet(tuple(taken), (), kept, records.source, records.credit, (note, *records.notes), len(asked))


def spread(questions: Sequence[AskedQuestion], most: int) -> list[AskedQuestion]:
    """At most that many questions, one of each cluster before a second of any, and of its passages in turn.

    The order is drawn from names alone, so it does not depend on the order of the data, and a smaller draw is part of a
    larger one.
    """
    ordered = sorted(questions, key=lambda asked: lot(0, asked.name))
    by_passage = _in_turn(ordered, lambda asked: (asked.cluster, asked.documents[0]))
    by_cluster = _in_turn(by_passage, lambda asked: asked.cluster)
    return by_cluster[:most]


def _in_turn(questions: Sequence[AskedQuestion], group: Callable[[AskedQuestion], Hashable]) -> list[AskedQuestion]:
    """One question of each group, then a second one of each, and so on; groups and questions keep their order."""
    taken: Counter[Hashable] = Counter()
    ranks = []
    for asked in questions:
        ranks.append(taken[group(asked)])
        taken[group(asked)] += 1
    return [questions[at] for at in sorted(range(len(questions)), key=lambda at: ranks[at])]


def cut_document(text: str, most: int) -> str:
    """Whole sentences of a text up to `most` words; of a longer first sentence its first words."""
    if len(text.split()) <= most:
        return text
    kept, count = [], 0
    for sentence in split_sentences(text):
        count += len(sentence.split())
        if count > most:
            break
        kept.append(sentence)
    return join_sentences(kept) if kept else " ".join(text.split()[:most])


def held_out_clusters(clusters: Sequence[str], share: float) -> set[str]:
    """Choose the clusters that no training sees: `share` percent of them, at least one where there are two.

    Clusters are taken in the order of the draw, as they first appear, and held out at even steps, so that what is held
    out of the first questions stays so however many more are asked.
    """
    ordered = list(dict.fromkeys(clusters))
    counts = [_held_out_of_first(count, share) for count in range(len(ordered) + 1)]
    return {cluster for at, cluster in enumerate(ordered) if counts[at + 1] > counts[at]}


def _held_out_of_first(count: int, share: float) -> int:
    return min(max(1, int(count * share / 100 + 0.5)), count - 1) if share and count > 1 else 0
