"""Pictures of reviews: the tree of questions, relevance and coverage, what a review cost, comments and findings."""

from dataclasses import replace
from typing import Any

import pandas as pd

from engines.parts.rows import TOKEN_USE, TokenUse
from engines.treereview import text_views
from engines.treereview.publication import METRICS
from engines.treereview.rows import (
    ChunkRelevance,
    Comparison,
    DocumentFinding,
    JsonForm,
    PaperParagraph,
    PaperRead,
    QuestionNode,
    ReviewComment,
)
from engines.treereview.text_views import ReviewControl, latest, review_of, reviews_grown, status_of, times_read
from workbench.contract import Bars, Matrix, Measures, Node, Pick, Rows, Source, Tables, Tree

LONGEST_LABEL = 120
FIRST_HEADING = "before the first heading"
INSTRUCTIONS = "instructions found in the document"
BY_SLICE = ("hit_at_k", "human_agreement")
REVIEW = Pick("review", help="Which review is shown: arm/seed/paper.")


def tree_nodes(tables: Tables, controls: ReviewControl) -> list[Node]:
    """Return the questions of one review as a hierarchy."""
    rows = latest(tables)
    rows = rows[rows["node"].map(review_of) == controls.review]
    return [
        Node(
            id=str(row.node),
            parent=None if row.number == "0" else str(row.parent),
            label=_label(row),
            status=status_of(row),
        )
        for row in rows.itertuples()
    ]


def _label(row: Any) -> str:
    text = f"{row.number} {row.question}" if row.number != "0" else f"Review of {row.question}"
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 4]} ..."


def standard_scores(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Standardise relevance by question (columns review and standard); a question alike for all chunks has zeros."""
    rows = rows.drop_duplicates(["node", "chunk"], keep="last")
    scores = rows["score"].astype(float).groupby(rows["node"], sort=False)
    spread = scores.transform("std", ddof=0).replace(0.0, 1.0)
    rows = rows.assign(review=rows["node"].map(review_of), standard=(rows["score"] - scores.transform("mean")) / spread)
    # Reviews as they came, the questions of each in the order of its tree.
    return rows.assign(place=rows.groupby("review", sort=False).ngroup()).sort_values(["place", "node"], kind="stable")


def say_relevance(matrix: pd.DataFrame) -> str:
    """Say which chunk is the most wanted, and how many come first for some question."""
    first = matrix.idxmax(axis=1).nunique()
    return (
        f"{len(matrix)} questions over {len(matrix.columns)} chunks; chunk {matrix.mean(axis=0).idxmax()} is the most "
        f"relevant on average, and {first} different chunks come first for some question."
    )


def coverage_rows(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Count by review and paragraph the questions that read its chunk (columns paragraph from 1, section, times)."""
    rows = rows.drop_duplicates(["paper", "paragraph"]).sort_values("paragraph", kind="stable")
    nodes = tables[QuestionNode]
    reviews = nodes.loc[nodes["number"] == "0", ["node", "paper"]].drop_duplicates()
    reviews = reviews.assign(review=reviews["node"].map(review_of))[["review", "paper"]]
    whole = reviews.merge(rows, on="paper").merge(times_read(tables).reset_index(), on=["review", "chunk"], how="left")
    sections = [section.split(" > ")[0] or FIRST_HEADING for section in whole["section"]]
    times = whole["times"].astype(float).fillna(0.0)
    return whole.assign(paragraph=whole["paragraph"].astype(int) + 1, section=sections, times=times)


def say_coverage(frame: pd.DataFrame) -> str:
    """Say how much of the paper some question read, and which sections none did."""
    never = frame.groupby("section", sort=False)["value"].sum()
    left = [section for section, times in never.items() if times == 0]
    text = f"{int((frame['value'] > 0).sum())} of {len(frame)} paragraphs were read to answer some question."
    return text + (f" Nothing was read of: {', '.join(map(str, left))}." if left else "")


PASSAGES, WHOLE, COUNTED = "from passages", "from the whole paper", "from the whole paper (counted)"
RANKED = "read to rank the passages"


def both_ways(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return tokens of each review in one column count, way by way; a whole paper that no answer read is counted."""
    ways = ["tokens", "ranker_tokens", "tokens_exhaustive"]
    long = rows.melt(["arm", "seed", "paper", "run"], ways, "way", "count").dropna(subset="count")
    whole = long["run"].astype(bool).map({True: WHOLE, False: COUNTED})
    own = long["way"].map({"tokens": PASSAGES, "ranker_tokens": RANKED})
    return long.assign(way=whole.where(long["way"] == "tokens_exhaustive", own))


def say_saving(frame: pd.DataFrame) -> str:
    """Say the tokens of all papers both ways, and for how many of them whole papers were counted only."""
    sums = frame.groupby("way")["value"].sum()
    ranked = sums.get(RANKED, 0.0)
    ours = sums.get(PASSAGES, 0.0) + ranked
    whole = sums.get(WHOLE, 0.0) + sums.get(COUNTED, 0.0)
    counted, papers = frame.loc[frame["way"] == COUNTED, "paper"].nunique(), frame["paper"].nunique()
    change = f"{abs(1 - ours / whole):.0%} {'fewer' if ours <= whole else 'more'}"
    ranking = f", {ranked:,.0f} of them read to rank" if ranked else " (what the ranking model read was not counted)"
    text = f"{ours:,.0f} tokens from passages{ranking}, {whole:,.0f} from whole papers: {change}."
    return text + (
        f" For {counted} of {papers} papers answers from the whole were counted, not written." if counted else ""
    )


def read_and_written(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return tokens by stage in one column count; column kind is "read" or "written"."""
    long = rows.melt("stage", ["prompt_tokens", "completion_tokens"], "kind", "count")
    return long.assign(kind=long["kind"].map({"prompt_tokens": "read", "completion_tokens": "written"}))


def say_stages(frame: pd.DataFrame) -> str:
    """Say the tokens of all stages and the most expensive stage."""
    sums = frame.groupby("stage", sort=False)["value"].sum()
    return f"{sums.sum():,.0f} tokens in all; most for {sums.idxmax()} ({sums.max():,.0f})."


def form_rates(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Sum by arm and stage how often JSON was valid, repaired, lenient, cut or unusable; and the share of these."""
    counts = ["asked", "valid", "repaired", "lenient", "cut", "unusable"]
    sums = rows.groupby(["arm", "stage"], sort=False)[counts].sum().reset_index()
    failed = 1 - sums["valid"] / sums["asked"].where(sums["asked"] > 0, 1)
    return sums.assign(fallback=[f"{share:.0%}" for share in failed])


def listed_comments(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return comments as they are read: evidence found or not, what they repeat, the nearest human comment."""
    rows = rows.drop_duplicates(["review", "number"], keep="last")
    pairs = zip(rows["gold_similarity"], rows["gold"], strict=True)
    return rows.assign(
        which=["distinct" if pd.isna(number) else "repeated" for number in rows["repeats"]],
        found=rows["found"].map({True: "yes", False: "no"}),
        repeats=["" if pd.isna(number) else f"{int(number)}" for number in rows["repeats"]],
        cosine=[f"{value:.2f}" if gold else "" for value, gold in pairs],
    )


def listed_findings(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return what was found in the documents, instructions first; paragraphs count from 1."""
    order = rows["kind"].map({INSTRUCTIONS: 0, "left out": 1, "read as": 2})
    rows = rows.assign(order=order).sort_values(["order", "paper"], kind="stable")
    return rows.assign(
        paragraph=["" if pd.isna(at) else "abstract" if at < 0 else f"{int(at) + 1}" for at in rows["paragraph"]]
    )


def sized_papers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the papers with their number of sections."""
    sections = tables[PaperParagraph].groupby("paper")["section"].nunique()
    return rows.assign(sections=[int(sections.get(paper, 0)) for paper in rows["paper"]])


def titled(*columns: str, **renamed: str) -> dict[str, str]:
    """Return columns under their own names, then those that are renamed."""
    return {name: name for name in columns} | renamed


VIEWS = (
    Tree(
        "question_tree", "The tree of questions", (QuestionNode,), tree_nodes, controls=ReviewControl,
        options=reviews_grown, selects="node", group="Tree",
        help="Every question stands below the one it helps to answer: its level by colour, its status by shape. Click "
        "one to see what it was answered from.",
    ),
    text_views.NODE,
    text_views.REVIEW,
    Rows(
        "comments", "Comments",
        Source(
            ReviewComment, where=listed_comments,
            picks=(REVIEW, Pick("which", "all comments", help="Leave out those that repeat an earlier one, or not.")),
        ),
        {"number": "#", **titled("comment", "evidence", "found", "anchors", "repeats"),
         "gold": "nearest human comment", "cosine": "cosine"},
        group="Review",
        help="Evidence counts as found when it stands in the paper word for word. Anchors are numbers, tables, names "
        "and headings of the paper that a comment names.",
    ),
    text_views.PAPER,
    Matrix(
        "relevance", "Questions and chunks", Source(ChunkRelevance, where=standard_scores, picks=(REVIEW,)), "node",
        "chunk", "standard", unit="Relevance (standard scores)", axes=("Chunk of the paper", "Question"), middle=0.0,
        digits=1, label="number", selects="node", says=say_relevance, group="Tree",
        help="How relevant each chunk of the paper is to each question, standardised by question; a click opens the "
        "question.",
    ),
    Bars(
        "coverage", "What of the paper was read",
        Source(PaperParagraph, (ChunkRelevance, QuestionNode), coverage_rows, (REVIEW,)), "paragraph", "times",
        by="section", axes=("Paragraph", "Questions answered from it"), stacked=True, says=say_coverage, group="Paper",
        help="For each paragraph, how many questions were answered from its chunk.",
    ),
    Bars(
        "saving", "Tokens against reading everything", Source(Comparison, where=both_ways), "paper", "count", by="way",
        axes=("Paper", "Tokens read and written"), says=say_saving, group="Cost", claim="fewer_tokens",
        help="The same questions answered from passages, and from the whole paper. What the ranking model reads is "
        "part of the price of passages: every chunk once, and every question once for each chunk.",
    ),
    Rows(
        "comparisons", "Whole papers, review by review", Source(Comparison),
        titled("paper", "arm", "seed", leaves="questions that read", paper_tokens="tokens of the paper",
               leaf_tokens="their tokens, passages", leaf_tokens_exhaustive="their tokens, whole paper",
               reason="counted, not run, because"),
        group="Cost", claim="fewer_tokens",
        help="Tokens of the questions that read the paper themselves, from passages and from the whole paper. A "
        "reason says why answers from the whole paper were counted and not written.",
    ),
    Bars(
        "stages", "Tokens by stage", Source(TokenUse, where=read_and_written), "stage", "count", by="kind",
        axes=("Stage", "Tokens"), total=True, says=say_stages, group="Cost",
        help="Read and written, by what it was for.",
    ),
    replace(TOKEN_USE, group="Cost"),
    Measures(
        "rankings", "Which ranking finds the section", ("hit_at_k",), along="ranking/*", group="Ranking",
        claim="ranking_beats_chance",
        help="Sentences taken out of the papers: share whose own section is among the k chunks ranked first; by chance "
        "it is computed, not drawn.",
    ),
    Measures(
        "yardsticks", "How many human comments are met, and by whom", ("human_agreement",), along="yardstick/*",
        group="Review",
        help="What this review meets, beside what another human reviewer meets (much) and what comments on another "
        "paper meet (by chance of the subject).",
    ),
    Measures(
        "measures", "Arms and measures", tuple(metric.name for metric in METRICS if metric.name not in BY_SLICE),
        group="Arms", help="Over papers, comments or answers; tokens of all reviews are counted.",
    ),
    Rows(
        "forms", "How well the model kept the form", Source(JsonForm, where=form_rates),
        titled("arm", "stage", "asked", "valid", "repaired", "lenient", "cut", "unusable", fallback="fallback rate"),
        group="Arms",
        help="JSON that was valid at once, after one repair, only by lenient reading, cut so that only some of its "
        "fields were read, or not at all.",
    ),
    Rows(
        "findings", "What was found in the document", Source(DocumentFinding, where=listed_findings),
        titled("paper", "kind", "finding", "paragraph", "text"), group="Paper",
        help="How the paper was read, what was left out, and instructions that stand in it. Such instructions stay in "
        "the text; what the model is asked for is fixed by schema and budget.",
    ),
    text_views.DIFFERENCE,
    Rows(
        "papers", "Papers", Source(PaperRead, (PaperParagraph,), sized_papers),
        titled("paper", "title", words="words of the file", words_read="words read", left_out="left out",
               tokens="tokens", paragraphs="paragraphs", chunks="chunks", sections="sections"),
        group="Paper",
        help="What is left out, with its words: references, thanks, running heads, figures and tables, comments of the "
        "source. What is neither read nor left out is marks of the markup.",
    ),
)  # fmt: skip
