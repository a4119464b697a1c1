"""Comments that human reviewers made on a paper, for comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from engines.parts.datasets import read_records
from engines.parts.records import AlsoNamed, Record
from engines.treereview.paper_files import GOLD
from workbench.contract import DataError


class GoldComment(Record):
    """One comment of a human reviewer."""

    comment: Annotated[str, AlsoNamed("text", "feedback", "weakness", "gold")]
    """What it says."""
    paper: Annotated[str, AlsoNamed("paper_id", "document", "title")] = ""
    """The paper it is about, by the name of its file; may be empty where a run has one paper."""


@dataclass(frozen=True)
class GoldComments:
    """Human comments by paper, and how many are about none of the run's papers."""

    by_paper: Mapping[str, Sequence[str]]
    others: int = 0


def gold_comments(ref: str, papers: Sequence[str], alone: bool) -> GoldComments:
    """Human comments by paper; a comment that names no paper belongs to the only one.

    Args:
        ref: where they are; "" for none.
        papers: names of the run's papers.
        alone: only one paper was named, however many of those named are reviewed.

    Raises:
        DataError: they cannot be read, or none is about these papers.
    """
    if not ref:
        return GoldComments({})
    if ref in GOLD:
        lines = GOLD[ref].read_text("utf-8").splitlines()
        found = [GoldComment(comment=line, paper="subspace_report") for line in lines if line.strip()]
    else:
        found = list(read_records(ref, GoldComment).rows)
    only = papers[0] if alone else None
    by_paper: dict[str, list[str]] = {}
    for comment in found:
        paper = comment.paper if comment.paper in papers else only if not comment.paper else None
        if paper:
            by_paper.setdefault(paper, []).append(comment.comment)
    # A run of the shipped settings on another paper keeps their comments, which say nothing about it.
    if not by_paper and ref not in GOLD:
        raise DataError(
            f"None of the {len(found)} comments in {ref} names one of the papers: {', '.join(papers[:10])}.",
            "Add a column paper with the name of the paper's file, without its ending.",
            field="paper",
        )
    return GoldComments(by_paper, len(found) - sum(map(len, by_paper.values())))
