"""Questions with passages and gold answers: the bundled set, a file of one's own, or the pairs of an earlier run."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, StringConstraints

from engines.parts.answers import GoldAnswers, join_sentences, split_sentences, word_count
from engines.parts.datasets import Kind, Records, parse_mapping, records_of, source_table
from engines.parts.records import AlsoNamed, Question, Record, lot
from engines.parts.registry import ProgressCallback, no_progress
from engines.sure.config import SureConfig
from engines.sure.perturbations import Document
from workbench.contract import DataError

PAIR_COLUMNS = frozenset(("perturbation", "before", "text"))
"""A file with these columns holds pairs of an earlier run."""


MOST_NAMED = 5
"""Documents that a note names."""
_TEXTS = ("text", "contents", "content", "passage", "paragraph", "paragraph_text", "document", "body", "sentences")


class RetrievedPassage(BaseModel, frozen=True, str_strip_whitespace=True):
    """One passage that a retriever found; its title may be empty."""

    text: str
    title: str = ""


def retrieved_passage(value: Any) -> Any:
    """Bring a retrieved passage to text and title, however retrievers write it.

    A text; an object (DPR's ctxs: title, text); a pair of a title and sentences (HotpotQA's context).

    Raises:
        ValueError: an object without a text.
    """
    if isinstance(value, Mapping):
        text = next((value[name] for name in _TEXTS if value.get(name)), None)
        if text is None:
            raise ValueError(f"a passage needs a text (one of {', '.join(_TEXTS)})")
        return {"title": str(value.get("title") or ""), "text": _one_text(text)}
    if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str):
        return {"title": value[0], "text": _one_text(value[1])}
    return {"text": value} if isinstance(value, str) else value


def _one_text(text: Any) -> Any:
    return " ".join(map(str, text)) if isinstance(text, list | tuple) else text


class RagQuestion(Question):
    """A question with the passage, or passages, that a retriever found for it."""

    passages: Annotated[
        tuple[Annotated[RetrievedPassage, BeforeValidator(retrieved_passage)], ...],
        AlsoNamed("contexts", "documents", "ctxs", "retrieved"),
    ] = ()
    """Several passages; those that hold an answer are Golden documents, the others Noise."""


AsItIs = Annotated[str, StringConstraints(strip_whitespace=False)]
"""One more space at its end is a form of its own."""


class PairRow(Record):
    """A pair of documents as a run of this pair_set saved it."""

    instance: str
    question: str
    answers: tuple[str, ...]
    document: str
    perturbation: str
    before: AsItIs
    text: AsItIs
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
    """

    name: str
    question: str
    answers: tuple[str, ...]
    documents: tuple[Document, ...]
    cluster: str


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
        texts = [(row.title, row.passage.strip()), *((each.title or row.title, each.text) for each in row.passages)]
        texts = [(title, text) for title, text in texts if text]
        answers = GoldAnswers(row.answers, config.match)
        if not texts:
            lost["have no passage"] += 1
        elif not answers.usable:
            lost["have no answer that can be looked for"] += 1
        else:
            documents = tuple(shortened(Document(*one), config.document_words, answers) for one in texts)
            cluster = documents[0].title or texts[0][1][:80]
            found.append(AskedQuestion(row.id, row.question, row.answers, documents, cluster))
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
    said += cut_note([document for asked in taken for document in asked.documents], config)
    if records.errors:
        first = records.errors[0]
        said.append(f"{len(records.errors):,} rows cannot be read; the first one: {first.what} {first.remedy}")
    return (*said, *records.notes)


def cut_note(documents: Sequence[Document], config: SureConfig) -> list[str]:
    """Say how many documents were cut, and name the first ones; nothing where none was."""
    cut = [document for document in dict.fromkeys(documents) if document.words]
    if not cut:
        return []
    named = "; ".join(f"{one.title or one.text[:40]!r} ({one.words:,} words)" for one in cut[:MOST_NAMED])
    count, most, more = len(set(documents)), config.document_words, " and others" * (len(cut) > MOST_NAMED)
    return [f"{len(cut):,} of {count:,} documents have more than {most} words; sentences around the answer are kept: "
            f"{named}{more}."]  # fmt: skip


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


def shortened(document: Document, most: int, answers: GoldAnswers) -> Document:
    """Cut a document of more than `most` words to whole sentences around its first answer.

    Without an answer its beginning is kept; of a sentence that is too long itself the words around the answer.
    """
    words = word_count(document.text)
    if words <= most:
        return document
    pieces = split_sentences(document.text)
    text = join_sentences(_around(pieces, most, answers))
    if word_count(text) > most:
        text = " ".join(_around(text.split(), most, answers))
    lost = answers.within(document.text) and not answers.within(text)
    return document if lost else Document(document.title, text, words)


def _around(pieces: Sequence[str], most: int, answers: GoldAnswers) -> Sequence[str]:
    """Choose neighbouring pieces of `most` words in all: those of the first answer, and as many on either side."""
    begin, end = _holding(pieces, answers)
    sizes = [word_count(piece) for piece in pieces]
    left = most - sum(sizes[begin:end])
    before = _fitting(sizes[:begin][::-1], left // 2)
    left -= sum(sizes[begin - before : begin])
    after = _fitting(sizes[end:], left)
    left -= sum(sizes[end : end + after])
    before += _fitting(sizes[: begin - before][::-1], left)
    return pieces[begin - before : end + after]


def _fitting(sizes: Sequence[int], room: int) -> int:
    return bisect_right(list(accumulate(sizes)), room)


def _holding(pieces: Sequence[str], answers: GoldAnswers) -> tuple[int, int]:
    """Find the fewest neighbouring pieces that hold the first answer: begin and end; the first piece without one."""
    if not answers.within(" ".join(pieces)):
        return 0, 1
    end = bisect_left(range(len(pieces) + 1), True, key=lambda at: answers.within(" ".join(pieces[:at])))
    kept = bisect_left(range(1, end + 1), True, key=lambda count: answers.within(" ".join(pieces[end - count : end])))
    return end - 1 - kept, end


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
