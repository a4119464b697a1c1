"""The ways of ranking compared on the run's own papers: sentences taken out of a paper, and looked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from engines.treereview.config import TreeReviewConfig
from engines.treereview.held_out import HeldOut, chance_of_hit, hold_out
from engines.treereview.material import Desk
from engines.treereview.rows import SectionHit
from workbench.contract import Outcome

if TYPE_CHECKING:
    from workbench.contract import RunLog

Compared = Literal["perplexity", "bm25", "dense"]
COMPARED: tuple[Compared, ...] = get_args(Compared)


def try_rankings(desk: Desk, paper: str) -> pd.DataFrame:
    """`SectionHit` rows of one paper: each held-out sentence under each way of ranking, and by chance."""
    config = desk.config
    chunks = desk.chunks(paper, config)
    held, texts = hold_out(desk.papers[paper], chunks, config.held_out)
    if len(held) < config.held_out:
        desk.log.note(f"{paper}: {len(held)} of {config.held_out} sentences could be taken out, one of a paragraph.")
    rows = [_chance(paper, each, len(chunks), config.top_k) for each in held]
    for name in COMPARED if held else ():
        ranking = desk.ranking_of(texts, config.model_copy(update={"ranking": name}), 0)
        scores = ranking.scores([each.sentence for each in held])
        if ranking.cut:
            desk.log.note(
                f"{paper}: of {ranking.cut} of {len(texts)} chunks the ranking model read the beginning only."
            )
        rows += hits(paper, held, scores, name, config)
    return pd.DataFrame([row.model_dump() for row in rows], columns=list(SectionHit.model_fields))


def hits(
    paper: str, held: Sequence[HeldOut], scores: np.ndarray, ranking: Compared, config: TreeReviewConfig
) -> list[SectionHit]:
    """Rows of one way of ranking; `scores` has shape (sentences, chunks)."""
    rows = []
    for each, row in zip(held, scores, strict=True):
        order = [int(chunk) for chunk in np.argsort(-row, kind="stable")]
        rank = 1 + next(at for at, chunk in enumerate(order) if chunk in each.chunks)
        rows.append(_row(paper, each, ranking, float(rank), float(rank <= config.top_k)))
    return rows


def _chance(paper: str, held: HeldOut, chunks: int, k: int) -> SectionHit:
    # The first of R relevant chunks among N in random order stands at (N + 1) / (R + 1) on average.
    mean_rank = (chunks + 1) / (len(held.chunks) + 1)
    return _row(paper, held, "chance", mean_rank, chance_of_hit(chunks, len(held.chunks), k))


def _row(paper: str, held: HeldOut, ranking: Literal[Compared, "chance"], rank: float, hit: float) -> SectionHit:
    return SectionHit(
        paper=paper, paragraph=held.paragraph, section=held.section, sentence=held.sentence, ranking=ranking,
        rank=rank, hit=hit,
    )  # fmt: skip


def report(log: "RunLog", frame: pd.DataFrame, arm: str, seed: int) -> None:
    """Emit the hits, and as outcomes of `arm` and `seed` under a slice for each way of ranking.

    Seeds change none of them, so that one stands for all.
    """
    log.table(SectionHit, frame)
    rows = [
        {
            "arm": arm, "metric": "hit_at_k", "seed": seed, "value": row.hit,
            "item": f"{row.paper}/paragraph {row.paragraph}", "cluster": row.paper, "slice": f"ranking/{row.ranking}",
        }
        for row in frame.itertuples()
    ]  # fmt: skip
    if rows:
        log.table(Outcome, pd.DataFrame(rows, columns=list(Outcome.model_fields)))
