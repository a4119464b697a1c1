"""Pictures of a tree over its paper: the questions, what one was answered from, relevance and coverage."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.treereview.evidence import find_quotation, marked, shared_runs, words_of
from engines.treereview.rows import (
    ChunkRelevance,
    DocumentFinding,
    NodeControl,
    PaperControl,
    PaperParagraph,
    QuestionNode,
    ReviewComment,
    ReviewControl,
)
from workbench.contract import Node, Span, Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

STATUS = {
    "open": "to be divided",
    "leaf": "waits for passages",
    "inner": "waits for answers below",
    "answered": "answered",
    "dropped": "dropped",
}
ORIGIN = {"follow-up": "follow-up", "reader": "your question"}
LONGEST_LABEL = 72
INSTRUCTION = "instruction"
QUOTED, READ, SHARED = "quoted by a comment", "read", "same words"


def review_of(node: str) -> str:
    """arm/seed/paper of arm/seed/paper/number."""
    return node.rsplit("/", 1)[0]


def latest(tables: Tables) -> pd.DataFrame:
    """Each question as it stands now, in the order in which the questions were asked."""
    rows = tables[QuestionNode]
    return rows.drop_duplicates("node", keep="last").set_index("node").loc[rows["node"].drop_duplicates()].reset_index()


def reviews_grown(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Reviews whose tree has begun."""
    rows = tables[QuestionNode]
    return {"review": [review_of(node) for node in rows.loc[rows["number"] == "0", "node"].drop_duplicates()]}


def nodes_grown(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Questions; those that are answered from passages first, so that there is something to see."""
    rows = latest(tables)
    read = set(tables[ChunkRelevance]["node"])
    order = sorted(rows["node"], key=lambda node: (node not in read, node.endswith("/0")))
    return {"node": order}


def tree_nodes(tables: Tables, controls: ReviewControl) -> list[Node]:
    """The questions of one review as a hierarchy; every leaf is as wide as any other."""
    rows = latest(tables)
    rows = rows[rows["node"].map(review_of) == controls.review]
    inner = set(rows["parent"].dropna())
    return [
        Node(
            id=str(row.node),
            parent=None if row.number == "0" else str(row.parent),
            label=_label(row),
            value=0.0 if row.node in inner else 1.0,
            status=status_of(row),
        )
        for row in rows.itertuples()
    ]


def _label(row: Any) -> str:
    text = f"{row.number} {row.question}" if row.number != "0" else f"Review of {row.question}"
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 4]} ..."


def status_of(row: Any) -> str:
    """How a question stands and where it comes from, in words."""
    parts = [STATUS[row.status], ORIGIN.get(row.origin, ""), "pinned" if row.pinned else ""]
    return ", ".join(part for part in parts if part)


# One question


def node_spans(tables: Tables, controls: NodeControl) -> list[Span]:
    """A question, its answer, and the passages it read, with the words that answer and passages share."""
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
    """(title with rank, score and section, text) of each passage that a question was answered from, best first."""
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
    """A text, with the words that it shares with an answer marked."""
    return [Span(piece, mark if on else "") for piece, on in marked(text, shared_runs(answer, words_of(text)))]


def answer_spans(answer: str, passages: Sequence[str]) -> list[Span]:
    """An answer, with the words that it shares with some passage marked."""
    words = words_of(answer)
    runs = [run for text in passages for run in shared_runs(text, words)]
    return [Span(piece, SHARED if on else "") for piece, on in marked(answer, runs)]


# The paper


def paper_spans(tables: Tables, controls: PaperControl) -> list[Span]:
    """The paper with what questions read, what comments quote, and instructions that stand in it."""
    paper = controls.review.rsplit("/", 1)[-1]
    rows = tables[PaperParagraph]
    rows = rows[rows["paper"] == paper].drop_duplicates("paragraph").sort_values("paragraph")
    counts = times_read(tables, controls.review)
    comments = tables[ReviewComment]
    quoted = list(comments.loc[(comments["review"] == controls.review) & comments["found"].astype(bool), "evidence"])
    findings = tables[DocumentFinding]
    findings = findings[(findings["paper"] == paper) & findings["kind"].str.startswith("instructions")]
    spans: list[Span] = []
    section, left_out = None, 0
    for row in rows.itertuples():
        told = list(findings.loc[findings["paragraph"] == row.paragraph, "finding"])
        found = _paragraph_spans(str(row.text), counts.get(int(row.chunk), 0), quoted, told)  # type: ignore[arg-type]
        if controls.paragraphs == "used" and not any(span.mark for span in found):
            left_out += 1
            continue
        head = f"({_paragraphs(left_out)} not used)\n\n" if left_out else ""
        head += f"{row.section}\n" if row.section and row.section != section else ""
        section, left_out = row.section, 0
        spans += [*([Span(head)] if head else []), *found, Span("\n\n")]
    if left_out:
        spans.append(Span(f"({_paragraphs(left_out)} not used)"))
    return spans or [Span("No paper has been read yet.")]


def _paragraphs(count: int) -> str:
    return f"{count} paragraph{'' if count == 1 else 's'}"


def _paragraph_spans(text: str, count: int, quoted: Sequence[str], told: Sequence[str]) -> list[Span]:
    if told:
        return [Span(text, INSTRUCTION, "; ".join(told))]
    words = words_of(text)
    places = [place for quotation in quoted for place in find_quotation(quotation, words)]
    rest = READ if count else ""
    note = f"read for {count} question{'s' if count > 1 else ''}" if count else ""
    return [Span(piece, QUOTED if on else rest, "" if on else note) for piece, on in marked(text, places)]


def times_read(tables: Tables, review: str) -> dict[int, int]:
    """How many questions of a review were answered from each chunk."""
    rows = tables[ChunkRelevance]
    mine = rows["node"].map(review_of) == review if len(rows) else rows["node"] == review
    rows = rows[mine & rows["read"].astype(bool)].drop_duplicates(["node", "chunk"])
    return {int(chunk): int(count) for chunk, count in rows.groupby("chunk")["node"].nunique().items()}


def relevance_matrix(tables: Tables, controls: ReviewControl) -> pd.DataFrame:
    """Standardised relevance, questions by chunks; a question by the name of its node."""
    rows = tables[ChunkRelevance]
    rows = rows[rows["node"].map(review_of) == controls.review] if len(rows) else rows
    matrix = rows.drop_duplicates(["node", "chunk"], keep="last").pivot(index="node", columns="chunk", values="score")
    spread = matrix.std(axis=1, ddof=0).replace(0.0, 1.0)
    return matrix.sub(matrix.mean(axis=1), axis=0).div(spread, axis=0)


def draw_relevance(tables: Tables, controls: ReviewControl) -> "go.Figure":
    """Questions by chunks."""
    matrix = relevance_matrix(tables, controls)
    made = plotting.heatmap(
        matrix, Axes("Chunk of the paper", "Question"), unit="Relevance (standard scores)", middle=0.0, digits=1
    )
    if len(matrix):
        made.update_yaxes(tickvals=list(matrix.index), ticktext=[node.rsplit("/", 1)[-1] for node in matrix.index])
    return made


def describe_relevance(tables: Tables, controls: ReviewControl) -> str:
    """Which chunk is the most wanted, in words."""
    matrix = relevance_matrix(tables, controls)
    if matrix.empty:
        return "No question has been answered from passages yet."
    wanted = matrix.mean(axis=0)
    first = matrix.idxmax(axis=1).nunique()
    return (
        f"{len(matrix)} questions over {len(matrix.columns)} chunks; chunk {wanted.idxmax()} is the most relevant on "
        f"average, and {first} different chunks come first for some question."
    )


def coverage_rows(tables: Tables, controls: ReviewControl) -> pd.DataFrame:
    """For each paragraph of a review's paper how often it was read; columns paragraph, section, times."""
    paper = controls.review.rsplit("/", 1)[-1]
    rows = tables[PaperParagraph]
    rows = rows[rows["paper"] == paper].drop_duplicates("paragraph").sort_values("paragraph")
    counts = times_read(tables, controls.review)
    times = [counts.get(int(chunk), 0) for chunk in rows["chunk"]]
    sections = rows["section"].map(lambda section: section.split(" > ")[0] or "before the first heading")
    return pd.DataFrame({"paragraph": rows["paragraph"] + 1, "section": sections, "times": times})


def draw_coverage(tables: Tables, controls: ReviewControl) -> "go.Figure":
    """Bars over the paragraphs, coloured by section."""
    rows = coverage_rows(tables, controls)
    axes = Axes("Paragraph", "Questions answered from it", legend="Section")
    made = plotting.bars(rows, axes, Columns("paragraph", "times", by="section"))
    made.update_layout(barmode="stack", bargap=0.1)
    return made.update_yaxes(tickformat="d", nticks=6) if len(rows) else made


def describe_coverage(tables: Tables, controls: ReviewControl) -> str:
    """How much of the paper was read by questions, in words."""
    rows = coverage_rows(tables, controls)
    if rows.empty:
        return "No paper has been read yet."
    never = rows.groupby("section", sort=False)["times"].sum()
    left = [section for section, times in never.items() if times == 0]
    text = f"{int((rows['times'] > 0).sum())} of {len(rows)} paragraphs were read to answer some question."
    return text + (f" Nothing was read of: {', '.join(map(str, left))}." if left else "")
