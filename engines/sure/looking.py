"""Looking into a reader that runs here: which documents it prefers, and where its attention goes."""

from collections.abc import Sequence
from functools import cache, partial

import pandas as pd

from engines.parts.models import load_causal
from engines.parts.scoring import open_scorer
from engines.sure.attention import attention_outcomes, attention_rows, chosen_pairs
from engines.sure.blocks import blocks_of, digest, joined
from engines.sure.config import SureConfig
from engines.sure.judging import Probe
from engines.sure.oracle import (
    Search,
    candidates_of,
    feature_tests,
    gap_outcomes,
    oracle_scores,
    passage_search,
    ranked_documents,
)
from engines.sure.questions import Asked, QuestionSet
from engines.sure.readers import runs_here
from engines.sure.rows import AttentionChange, RankedDocument
from workbench.contract import Outcome, RunLog


def preliminary_test(asked: QuestionSet, config: SureConfig, log: RunLog) -> None:
    """Rank the documents of each question, measure the form of both ends, and report it for every seed."""
    if not config.oracle_questions or not asked.pool or not runs_here(config.reader):
        log.note("The preliminary test was left out: it needs passages to rank and a reader that runs here.")
        return
    search = cache(partial(passage_search, asked.pool, config))
    frames = [
        log.once(
            f"ranked documents, block {number}",
            pd.DataFrame,
            lambda block=block: _ranked(block, search(), config, log),
            key=digest(block),
        )
        for number, block in enumerate(blocks_of(asked.questions[: config.oracle_questions]))
    ]
    ranked = joined(frames, list(RankedDocument.model_fields))
    log.table(RankedDocument, ranked)
    for test in feature_tests(ranked):
        log.row(test)
    questions, documents = ranked["question"].nunique(), ranked["document"].nunique()
    log.note(f"{questions:,} questions have two documents or more that hold an answer; {documents:,} were ranked.")
    for seed in log.seeds:
        log.table(Outcome, gap_outcomes(ranked, "reader", seed))


def _ranked(questions: Sequence[Asked], search: Search, config: SureConfig, log: RunLog) -> pd.DataFrame:
    scorer = open_scorer(config.reader, config.dtype)
    candidates = candidates_of(questions, search, config, scorer)
    scores = oracle_scores(candidates, config, scorer, lambda done, total: log.progress(done, total, "documents"))
    return ranked_documents(candidates, scores, scorer)


def look_at_attention(answers: pd.DataFrame, probe: Probe, config: SureConfig, log: RunLog) -> None:
    """Read some pairs of each outcome again with plain attention, and report it for every seed."""
    if not config.attention_pairs or not runs_here(config.reader):
        log.note("Attention was left out: it needs a reader that runs here.")
        return
    chosen = chosen_pairs(answers, config.attention_pairs)
    frames = []
    for number, block in enumerate(probe.blocks()):
        pairs = chosen[chosen["instance"].isin(block.instances["instance"])]
        if len(pairs):
            look = partial(_attention, pairs, block, config, log)
            frames.append(log.once(f"attention, block {number}", pd.DataFrame, look, key=digest(pairs)))
    rows = joined(frames, list(AttentionChange.model_fields))
    log.table(AttentionChange, rows)
    for seed in log.seeds:
        log.table(Outcome, attention_outcomes(rows, probe.clusters(), "reader", seed))


def _attention(pairs: pd.DataFrame, probe: Probe, config: SureConfig, log: RunLog) -> pd.DataFrame:
    model = load_causal(config.reader, config.dtype, eager=True)
    rows = attention_rows(pairs, probe, model, config, lambda done: log.progress(done, len(pairs), "pairs"))
    return pd.DataFrame([row.model_dump() for row in rows], columns=list(AttentionChange.model_fields))
