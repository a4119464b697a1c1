"""What a review says: the form, the comments, two reviews beside each other, and what was found in the document."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from engines.treereview.rows import (
    DifferenceControl,
    DocumentFinding,
    FurtherAnswer,
    ListedControl,
    PaperParagraph,
    PaperRead,
    ReviewComment,
    ReviewControl,
    ReviewText,
)
from engines.treereview.schemas import SCORES
from engines.treereview.tree_views import answer_spans, shared_spans
from workbench.contract import NoControls, Span, Tables

NOTHING = "Nothing was written."
ONLY_FIRST, ONLY_SECOND = "only the first", "only the second"


def reviews_written(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Reviews that have been written."""
    return {"review": list(tables[ReviewText]["review"].drop_duplicates())}


def reviews_commented(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Reviews that have comments."""
    return {"review": list(tables[ReviewComment]["review"].drop_duplicates())}


def two_reviews(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Reviews to compare; the second begins with the second one, where there is one."""
    found = list(tables[ReviewText]["review"].drop_duplicates())
    return {"first": found, "second": [*found[1:], *found[:1]]}


def fields_of(tables: Tables, review: str) -> list[tuple[str, str]]:
    """The fields of a review form, in order."""
    rows = tables[ReviewText]
    rows = rows[rows["review"] == review].drop_duplicates("field", keep="last")
    return list(zip(rows["field"], rows["text"], strict=True))


def review_spans(tables: Tables, controls: ReviewControl) -> list[Span]:
    """The review form as text."""
    fields = fields_of(tables, controls.review)
    if not fields:
        return [Span("No review has been written yet.")]
    scores = [f"{name} {text}" for name, text in fields if name.casefold() in SCORES]
    texts = [f"{name}\n{text or NOTHING}\n\n" for name, text in fields if name.casefold() not in SCORES]
    return [Span("".join(texts)), Span(" · ".join(scores))]


def comment_rows(tables: Tables, controls: ListedControl) -> pd.DataFrame:
    """The comments of a review with their evidence and measures."""
    rows = tables[ReviewComment]
    rows = rows[rows["review"] == controls.review].drop_duplicates("number", keep="last")
    if controls.only_distinct:
        rows = rows[rows["repeats"].isna()]
    shown = {
        "#": rows["number"],
        "comment": rows["comment"],
        "evidence": rows["evidence"],
        "found": rows["found"].map({True: "yes", False: "no"}),
        "anchors": rows["anchors"],
        "repeats": rows["repeats"].map(lambda number: "" if pd.isna(number) else f"{int(number)}"),
        "nearest human comment": rows["gold"],
        "cosine": [
            f"{value:.2f}" if gold else "" for value, gold in zip(rows["gold_similarity"], rows["gold"], strict=True)
        ],
    }
    return pd.DataFrame(shown)


def finding_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """What was found in the documents, instructions first."""
    rows = tables[DocumentFinding]
    order = rows["kind"].map({"instructions found in the document": 0, "left out": 1, "read as": 2})
    rows = rows.assign(order=order).sort_values(["order", "paper"], kind="stable")
    where = rows["paragraph"].map(lambda at: "" if pd.isna(at) else "abstract" if at < 0 else f"{int(at) + 1}")
    return pd.DataFrame(
        {
            "paper": rows["paper"],
            "kind": rows["kind"],
            "finding": rows["finding"],
            "paragraph": where,
            "text": rows["text"],
        }
    )


def paper_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """The papers and their sizes."""
    rows = tables[PaperRead]
    sections = tables[PaperParagraph].groupby("paper")["section"].nunique()
    return rows[["paper", "title", "tokens", "paragraphs", "chunks"]].assign(
        sections=[int(sections.get(paper, 0)) for paper in rows["paper"]]
    )


def difference_spans(tables: Tables, controls: DifferenceControl) -> list[Span]:
    """Field by field, the words of two reviews, with those that only one of them has marked."""
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
    """Two texts as one: common words plain, the others marked."""
    a, b = (re.findall(r"\S+\s*", text) for text in (first, second))
    spans: list[Span] = []
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, _bare(a), _bare(b), autojunk=False).get_opcodes():
        if kind == "equal":
            spans.append(Span("".join(a[a0:a1])))
            continue
        for words, mark in ((a[a0:a1], ONLY_FIRST), (b[b0:b1], ONLY_SECOND)):
            text = "".join(words)
            spans += [Span(text.rstrip(), mark), Span(text[len(text.rstrip()) :] or " ")] if text.strip() else []
    return spans


def _bare(words: Sequence[str]) -> list[str]:
    return [word.strip() for word in words]


def further_spans(tables: Tables, controls: NoControls) -> list[Span]:
    """A further question, its answer, and the passages it was answered from."""
    rows = tables[FurtherAnswer].sort_values("rank")
    if rows.empty:
        return [Span("Nothing has been asked yet.")]
    answer = str(rows["answer"].iloc[0])
    spans = [
        Span(f"{rows['question'].iloc[0]}\n\nAnswer: "),
        *answer_spans(answer, list(rows["passage"])),
        Span("\n\n"),
    ]
    for row in rows.itertuples():
        spans.append(Span(f"Passage {int(row.rank)} (chunk {row.chunk}, relevance {row.score:.3f})\n"))
        spans += shared_spans(str(row.passage), answer, "same words")
        spans.append(Span("\n\n"))
    return spans
