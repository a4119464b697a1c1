"""The preliminary test: documents ranked by the reader's own likelihood of the answer, and the form of both ends.

Oracle(x, y) = sum_t log p(y_t | x, y_<t), where x is instruction, document and question and y an answer; the mean over
the answer's variants of fewer than five tokens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from engines.parts.answers import GoldAnswers
from engines.parts.completions import answer_ids
from engines.parts.records import lot
from engines.parts.retrieval import Bm25
from engines.parts.scoring import FEATURES, features_of, open_scorer
from engines.sure.config import SureConfig
from engines.sure.instances import blocks_of, digest, joined
from engines.sure.perturbations import Document
from engines.sure.questions import AskedQuestion, QuestionSet
from engines.sure.readers import reading_prompt, runs_here
from engines.sure.rows import FeatureTest, RankedDocument
from workbench.contract import RunCell, RunLog

if TYPE_CHECKING:
    from engines.parts.scoring import Scorer, Tell

MOST_ANSWER_TOKENS = 4
BINS = 32
"""Of the histograms that stand for a feature's distribution when it is resampled."""
PREFERRED, LEAST = "preferred", "least preferred"
RANDOM = ("random a", "random b")
Search = Callable[[str], Sequence[Document]]
"""Finds documents for a question, best first."""
GROUPS: Mapping[str, tuple[str, str]] = {"ranked": (PREFERRED, LEAST), "random": RANDOM}


@dataclass(frozen=True)
class Candidates:
    """Documents for one question that hold an answer, two at least, and the answers that are short enough."""

    asked: AskedQuestion
    documents: tuple[Document, ...]
    answers: tuple[str, ...]


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
    counts, names = form_gaps(ranked)
    for seed in log.seeds:
        log.outcomes("form_gap", RunCell("reader", seed), counts, names["item"], names["cluster"], names["slice"])


def _ranked(questions: Sequence[AskedQuestion], search: Search, config: SureConfig, log: RunLog) -> pd.DataFrame:
    scorer = open_scorer(config.reader, config.dtype)
    candidates = candidates_of(questions, search, config, scorer)
    scores = oracle_scores(candidates, config, scorer, lambda done, total: log.progress(done, total, "documents"))
    return ranked_documents(candidates, scores, scorer)


def candidates_of(
    questions: Sequence[AskedQuestion], search: Search, config: SureConfig, scorer: "Scorer"
) -> list[Candidates]:
    """Keep the questions for which the search finds at least two documents that hold an answer.

    Differs from the paper: BM25 stands for Contriever, and the pool is the data set itself.
    """
    found = []
    for one in questions:
        gold = GoldAnswers(one.answers, config.match)
        documents = tuple(document for document in search(one.question) if gold.within(document.plain()))
        short = tuple(
            answer for answer in one.answers if len(answer_ids(answer, scorer.model.tokenizer)) <= MOST_ANSWER_TOKENS
        )
        if len(documents) > 1 and short:
            found.append(Candidates(one, documents, short))
    return found


def passage_search(pool: Sequence[Document], config: SureConfig) -> Search:
    """Search the passages of the data by BM25, for `oracle_documents` at most."""
    index = Bm25([document.plain() for document in pool])
    return lambda question: [pool[hit.passage] for hit in index.search(question, config.oracle_documents)]


def oracle_scores(
    candidates: Sequence[Candidates], config: SureConfig, scorer: "Scorer", tell: "Tell | None" = None
) -> list[np.ndarray]:
    """Score documents by the oracle: for each question those of its documents, shape (documents,); higher is better."""
    pairs = [
        (reading_prompt(one.asked.question, document.plain(), config), answer)
        for one in candidates
        for document in one.documents
        for answer in one.answers
    ]
    scored = iter(scorer.score(pairs, "truncate left", tell))
    return [
        np.array([np.mean([next(scored).logprob for _ in one.answers]) for _ in one.documents]) for one in candidates
    ]


def ranked_documents(candidates: Sequence[Candidates], scores: Sequence[np.ndarray], scorer: "Scorer") -> pd.DataFrame:
    """Choose of each question the first and the last document, and two at random, as rows of `RankedDocument`.

    The random two are drawn by the question's name, without regard to the scores.
    """
    rows = []
    for one, score in zip(candidates, scores, strict=True):
        order = np.argsort(-score, kind="stable")
        names = sorted(range(len(one.documents)), key=lambda at: lot(3, f"{one.asked.name} {one.documents[at].text}"))
        places = {PREFERRED: order[0], LEAST: order[-1], RANDOM[0]: names[0], RANDOM[1]: names[1]}
        rows += [
            {
                "question": one.asked.name,
                "cluster": one.asked.cluster,
                "group": group,
                "document": one.documents[at].text,
                "score": float(score[at]),
                "candidates": len(score),
            }
            for group, at in places.items()
        ]
    frame = pd.DataFrame(rows, columns=[name for name in RankedDocument.model_fields if name not in FEATURES])
    texts = list(dict.fromkeys(frame["document"]))
    measured = pd.DataFrame(features_of(texts, scorer), index=texts) if texts else pd.DataFrame()
    for name in FEATURES:
        frame[name] = frame["document"].map(measured[name]) if name in measured else np.nan
    return frame[list(RankedDocument.model_fields)]


def feature_tests(ranked: pd.DataFrame) -> list[FeatureTest]:
    """Measure the Kolmogorov-Smirnov distance of every feature: of ranked groups, and of random ones as a control.

    Differs from the paper: no p value, for questions share documents, and those are counted once for each. The claims
    take whole topics as the sample instead.
    """
    from scipy.stats import ks_2samp

    found = []
    for feature in FEATURES:
        for groups, names in GROUPS.items():
            samples = [ranked.loc[ranked["group"] == name, feature].dropna().to_numpy() for name in names]
            if min(map(len, samples)) < 2:
                continue
            distance = float(ks_2samp(*samples).statistic)
            found.append(FeatureTest(feature=feature, groups=groups, documents=len(samples[0]), statistic=distance))
    return found


def form_gaps(ranked: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Count a pair of histograms for each question, feature and pair of groups, for metric form_gap.

    Bins hold equal shares of all documents of the test, so that the gap of summed histograms is the
    Kolmogorov-Smirnov distance up to the width of a bin.

    Returns:
        Counts, shape (n, 2 BINS), and columns item, cluster and slice of each.
    """
    counts, names = [np.empty((0, 2 * BINS))], [pd.DataFrame(columns=["item", "cluster", "slice"])]
    for feature in FEATURES:
        values = ranked[feature].to_numpy(float)
        if not np.isfinite(values).all() or not len(values):
            continue
        edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        bins = np.searchsorted(edges, values, side="right")
        for groups, (first, second) in GROUPS.items():
            of_first = ranked[ranked["group"] == first]
            counts.append(_histograms(bins[ranked["group"] == first], bins[ranked["group"] == second]))
            named = {"item": of_first["question"], "cluster": of_first["cluster"], "slice": f"form/{groups}/{feature}"}
            names.append(pd.DataFrame(named))
    return np.concatenate(counts), pd.concat(names, ignore_index=True)


def _histograms(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return one document of each group a row, as counts of its bin, shape (n, 2 BINS)."""
    counts = np.zeros((len(first), 2 * BINS))
    counts[np.arange(len(first)), first] = 1
    counts[np.arange(len(first)), BINS + second] = 1
    return counts
