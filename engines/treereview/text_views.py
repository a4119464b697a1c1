"""Texts with marks: a question and what it was answered from, the paper, the review, two reviews compared."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from engines.parts.files import find_quotation, marked, shared_runs, words_of
from engines.treereview.prompts import SCORES
from engines.treereview.replies import reads_well
from engines.treereview.rows import (
    ChunkRelevance,
    DocumentFinding,
    FurtherAnswer,
    PaperParagraph,
    QuestionNode,
    ReviewComment,
    ReviewText,
)
from workbench.contract import Config, NoControls, Passage, Span, Tables

STATUS = {
    "open": "to be divided", "leaf": "waits for passages",
    "inner": "waits for answers below", "answered": "answered", "dropped": "dropped",
}  # fmt: skip
ORIGIN = {"follow-up": "follow-up", "reader": "your question"}
INSTRUCTION = "instruction"
MOSTLY = 0.75
QUOTED, READ, SHARED = "quoted by a comment", "read", "same words"
NOTHING = "Nothing was written."
ONLY_FIRST, ONLY_SECOND = "only the first", "only the second"


class ReviewControl(Config):
    """Which review is shown."""

    review: str = ""
    """arm/seed/paper."""


class NodeControl(Config):
    """Which question is shown; a click on the tree or on the heatmap chooses it."""

    node: str = ""
    """arm/seed/paper/number."""


class DifferenceControl(Config):
    """Which two reviews are compared."""

    first: str = ""
    """arm/seed/paper."""
    second: str = ""
    """The same."""


class PaperControl(ReviewControl):
    """Which review's paper is shown, and how much of it."""

    paragraphs: Literal["used", "all"] = "used"
    """Paragraphs that were read, quoted or hold instructions; or all of them."""


def review_of(node: str) -> str:
    """Return arm/seed/paper of arm/seed/paper/number."""
    return node.rsplit("/", 1)[0]


def latest(tables: Tables) -> pd.DataFrame:
    """Return each question as it stands now, in the order in which the questions were asked."""
    rows = tables[QuestionNode]
    return rows.drop_duplicates("node", keep="last").set_index("node").loc[rows["node"].drop_duplicates()].reset_index()


def reviews_grown(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """List reviews whose tree has begun, finished ones whose answers read well first, larger trees before others."""
    rows = latest(tables)
    rows = rows.assign(review=rows["node"].map(review_of), well=[reads_well(answer) for answer in rows["answer"]])
    trees = rows.groupby("review")["well"].agg(["mean", "size"])
    roots = rows[rows["number"] == "0"]
    places = {
        row.review: (row.status != "answered", trees["mean"][row.review] < MOSTLY, -trees["size"][row.review])
        for row in roots.itertuples()
    }
    return {"review": sorted(places, key=lambda review: places[review])}


def nodes_grown(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """List questions, first those answered from passages in words that read well, of the review that is shown first."""
    rows = latest(tables)
    read, first = set(tables[ChunkRelevance]["node"]), reviews_grown(tables)["review"]
    places = {
        row.node: (row.node not in read, not reads_well(row.answer), first.index(review_of(str(row.node))))
        for row in rows.itertuples()
    }
    return {"node": sorted(places, key=lambda node: (*places[node], node.endswith("/0")))}


def status_of(row: Any) -> str:
    """Say how a question stands and where it comes from."""
    parts = [STATUS[row.status], ORIGIN.get(row.origin, ""), "pinned" if row.pinned else ""]
    return ", ".join(part for part in parts if part)


def node_spans(tables: Tables, controls: NodeControl) -> list[Span]:
    """Show a question, its answer, and the passages it read, with the words that answer and passages share."""
    rows = latest(tables)
    found = rows[rows["node"] == controls.node]
    if found.empty:
        return [Span("No question has been asked yet.")]
    row = found.iloc[0]
    head = (
        f"Question {row['number']}: {row['question']}\n({status_of(row)}; {int(row['prompt_tokens']):,} tokens read, "
    )
    spans = [Span(f"{head}{int(row['tokens']):,} written)\n\n")]
    passages = read_passages(tables, controls.node, str(row["paper"]))
    if row["reasoning"]:
        spans.append(Span(f"Reasoning: {row['reasoning']}\n\n"))
    if row["answer"]:
        spans += [Span("Answer: "), *answer_spans(str(row["answer"]), [text for _, text in passages]), Span("\n\n")]
    for title, text in passages:
        spans.append(Span(f"{title}\n"))
        spans += shared_spans(text, str(row["answer"]), SHARED)
        spans.append(Span("\n\n"))
    below = rows[rows["parent"] == controls.node]
    if len(below):
        spans.append(Span("Below it:\n" + "\n".join(f"{each.number} {each.question}" for each in below.itertuples())))
    return spans


def read_passages(tables: Tables, node: str, paper: str) -> list[tuple[str, str]]:
    """Return (title, text) of each passage that a question was answered from, best first."""
    ranked = tables[ChunkRelevance]
    ranked = ranked[(ranked["node"] == node) & ranked["read"].astype(bool)].drop_duplicates("chunk", keep="last")
    paragraphs = tables[PaperParagraph]
    paragraphs = paragraphs[paragraphs["paper"] == paper]
    found = []
    for row in ranked.sort_values("rank").itertuples():
        inside = paragraphs[paragraphs["chunk"] == row.chunk]
        sections = " · ".join(dict.fromkeys(inside["section"].replace("", "before the first heading")))
        title = f"Passage {int(row.rank)} (chunk {row.chunk}, relevance {row.score:.3f}): {sections}"
        found.append((title, "\n\n".join(inside["text"])))
    return found


def shared_spans(text: str, answer: str, mark: str) -> list[Span]:
    """Mark in a text the words that it shares with an answer."""
    return [Span(piece, mark if on else "") for piece, on in marked(text, shared_runs(answer, words_of(text)))]


def answer_spans(answer: str, passages: Sequence[str]) -> list[Span]:
    """Mark in an answer the words that it shares with some passage."""
    words = words_of(answer)
    runs = [run for text in passages for run in shared_runs(text, words)]
    return [Span(piece, SHARED if on else "") for piece, on in marked(answer, runs)]


def paper_spans(tables: Tables, controls: PaperControl) -> list[Span]:
    """Show the paper with what questions read, what comments quote, and instructions that stand in it."""
    paper = controls.review.rsplit("/", 1)[-1]
    rows = tables[PaperParagraph]
    rows = rows[rows["paper"] == paper].drop_duplicates("paragraph").sort_values("paragraph")
    counts = {chunk: times for (review, chunk), times in times_read(tables).items() if review == controls.review}
    comments = tables[ReviewComment]
    quoted = list(comments.loc[(comments["review"] == controls.review) & comments["found"].astype(bool), "evidence"])
    findings = tables[DocumentFinding]
    findings = findings[(findings["paper"] == paper) & findings["kind"].str.startswith("instructions")]
    spans: list[Span] = []
    section, left_out = None, 0
    for row in rows.itertuples():
        told = list(findings.loc[findings["paragraph"] == row.paragraph, "finding"])
        found = _paragraph_spans(str(row.text), counts.get(row.chunk, 0), quoted, told)
        if controls.paragraphs == "used" and not any(span.mark for span in found):
            left_out += 1
            continue
        head = f"({left_out} paragraphs not used)\n\n" if left_out else ""
        head += f"{row.section}\n" if row.section and row.section != section else ""
        section, left_out = row.section, 0
        spans += [*([Span(head)] if head else []), *found, Span("\n\n")]
    if left_out:
        spans.append(Span(f"({left_out} paragraphs not used)"))
    return spans or [Span("No paper has been read yet.")]


def times_read(tables: Tables) -> pd.Series:
    """Count the questions that were answered from each chunk, by (review, chunk)."""
    rows = tables[ChunkRelevance]
    read = rows[rows["read"].astype(bool)]
    by_chunk = read.groupby([read["node"].map(review_of).rename("review"), "chunk"])["node"]
    return by_chunk.nunique().rename("times")


def _paragraph_spans(text: str, count: int, quoted: Sequence[str], told: Sequence[str]) -> list[Span]:
    if told:
        return [Span(text, INSTRUCTION, "; ".join(told))]
    words = words_of(text)
    places = [place for quotation in quoted for place in find_quotation(quotation, words)]
    rest = READ if count else ""
    note = f"read for {count} question{'s' if count > 1 else ''}" if count else ""
    return [Span(piece, QUOTED if on else rest, "" if on else note) for piece, on in marked(text, places)]


def two_reviews(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """List reviews to compare; the second begins with the second one, where there is one."""
    found = list(tables[ReviewText]["review"].drop_duplicates())
    return {"first": found, "second": [*found[1:], *found[:1]]}


def fields_of(tables: Tables, review: str) -> list[tuple[str, str]]:
    """Return the fields of a review form, in order."""
    rows = tables[ReviewText]
    rows = rows[rows["review"] == review].drop_duplicates("field", keep="last")
    return list(zip(rows["field"], rows["text"], strict=True))


def review_spans(tables: Tables, controls: ReviewControl) -> list[Span]:
    """Show the review form as text."""
    fields = fields_of(tables, controls.review)
    if not fields:
        return [Span("No review has been written yet.")]
    scores = [f"{name} {text}" for name, text in fields if name.casefold() in SCORES]
    texts = [f"{name}\n{text or NOTHING}\n\n" for name, text in fields if name.casefold() not in SCORES]
    return [Span("".join(texts)), Span(" · ".join(scores))]


def difference_spans(tables: Tables, controls: DifferenceControl) -> list[Span]:
    """Show field by field the words of two reviews, with those that only one of them has marked."""
    first, second = (dict(fields_of(tables, name)) for name in (controls.first, controls.second))
    if not first or not second:
        return [Span("No two reviews have been written yet.")]
    if controls.first == controls.second:
        return [Span(f"Both are {controls.first}. A run with several arms, papers or seeds has reviews to compare.")]
    spans = [Span(f"First: {controls.first}\nSecond: {controls.second}\n\n")]
    for name in dict.fromkeys([*first, *second]):
        spans.append(Span(f"{name}\n"))
        spans += word_difference(first.get(name, ""), second.get(name, ""))
        spans.append(Span("\n\n"))
    return spans


def word_difference(first: str, second: str) -> list[Span]:
    """Join two texts: common words plain, the others marked."""
    a, b = (re.findall(r"\S+\s*", text) for text in (first, second))
    spans: list[Span] = []
    bare = ([word.strip() for word in words] for words in (a, b))
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, *bare, autojunk=False).get_opcodes():
        if kind == "equal":
            spans.append(Span("".join(a[a0:a1])))
            continue
        for words, mark in ((a[a0:a1], ONLY_FIRST), (b[b0:b1], ONLY_SECOND)):
            text = "".join(words)
            spans += [Span(text.rstrip(), mark), Span(text[len(text.rstrip()) :] or " ")] if text.strip() else []
    return spans


def further_spans(tables: Tables, controls: NoControls) -> list[Span]:
    """Show a further question, its answer, and the passages it was answered from."""
    rows = tables[FurtherAnswer].sort_values("rank")
    if rows.empty:
        return [Span("Nothing has been asked yet.")]
    answer = str(rows["answer"].iloc[0])
    head = Span(f"{rows['question'].iloc[0]}\n\nAnswer: ")
    spans = [head, *answer_spans(answer, list(rows["passage"])), Span("\n\n")]
    for row in rows.itertuples():
        spans.append(Span(f"Passage {int(row.rank)} (chunk {row.chunk}, relevance {row.score:.3f})\n"))
        spans += shared_spans(str(row.passage), answer, SHARED)
        spans.append(Span("\n\n"))
    return spans


NODE = Passage(
    "node", "One question and its evidence", (QuestionNode, PaperParagraph, ChunkRelevance), node_spans,
    controls=NodeControl, options=nodes_grown, group="Tree",
    help="The question, its answer, and the passages it was answered from, best first. Words that the answer shares "
    "with a passage, six or more in a row, are marked in both.",
)  # fmt: skip
REVIEW = Passage(
    "review", "The review", (ReviewText,), review_spans, controls=ReviewControl,
    options=lambda tables: {"review": two_reviews(tables)["first"]},
    group="Review", help="The form that the root filled in, from the paper and the answers of depth 1.",
)  # fmt: skip
PAPER = Passage(
    "paper", "The paper as it was used",
    (PaperParagraph, QuestionNode, ChunkRelevance, ReviewComment, DocumentFinding), paper_spans,
    controls=PaperControl, options=reviews_grown, group="Paper",
    help="Paragraphs that some question was answered from, sentences that a comment quotes, and instructions found "
    "in the document.",
)  # fmt: skip
DIFFERENCE = Passage(
    "difference", "Two reviews compared", (ReviewText,), difference_spans, controls=DifferenceControl,
    options=two_reviews, group="Review", help="Words that only the first or only the second review has.",
)  # fmt: skip
FURTHER_ANSWER = Passage(
    "further_answer", "The answer and its evidence", (FurtherAnswer,), further_spans,
    help="Words that the answer shares with a passage, six or more in a row, are marked.",
)  # fmt: skip
