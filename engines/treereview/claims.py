"""What the paper says and what we say besides, each with what settles it: claims over papers, sentences and runs."""

from dataclasses import replace
from math import log

from engines.treereview.config import SHIPPED_PAPER, TreeReviewConfig
from engines.treereview.publication import NOTES
from workbench.contract import Cell, Claim, Design, Reported, Superiority, Trend

TOKENS_SPREAD = 0.4
"""Standard deviation, over papers, of the logarithm of the token ratio: 0.38 over five papers of 2,000 to 10,000
tokens, whose lengths it follows."""
RANKING_LEVEL = 0.4
"""Share of sections that three random chunks of 192 tokens find: 0.43 over five papers of up to 10,000 tokens."""
WORDS_LEVEL = 0.7
"""Share of sections that BM25 finds: 0.71 over the same papers."""
RANKING_SPREAD = 0.4
"""Standard deviation of a sentence's difference: 0.37 against chance, 0.39 against BM25, over 56 sentences."""
RANKING_LIKENESS = 0.05
"""Of these differences within papers: 0.02 against chance, 0.01 against BM25."""
DEPTH_SPREAD = 0.5
"""Standard deviation, over papers, of the distinct comments that one more level brings: 0.46 over five papers."""
DEPTH_COST_SPREAD = 0.1
"""The same of the logarithm of tokens: 0.09."""


def papers_of(config: TreeReviewConfig) -> int:
    """Return how many papers a run reviews: one report where only that is named, else as many as asked for.

    How many papers a folder or an upload holds only the run can tell; it says so where they are fewer.
    """
    return 1 if config.paper == SHIPPED_PAPER and not config.more_papers else config.papers


def tokens_design(config: TreeReviewConfig) -> Design:
    """Return the sample of token ratios: one a paper. At temperature 0 seeds change nothing."""
    papers = papers_of(config)
    return Design(items=papers, clusters=papers, spread=TOKENS_SPREAD, seed_spread=0.25 if config.temperature else 0.0)


def ranking_design(config: TreeReviewConfig) -> Design:
    """Return the sample of held-out sentences against chance: alike within a paper; seeds change nothing."""
    papers = papers_of(config)
    return Design(papers * config.held_out, papers, RANKING_LIKENESS, spread=RANKING_SPREAD, level=RANKING_LEVEL)


def words_design(config: TreeReviewConfig) -> Design:
    """Return the sample of the same sentences against BM25."""
    return replace(ranking_design(config), level=WORDS_LEVEL)


def depth_design(config: TreeReviewConfig) -> Design:
    """Return the sample of slopes of comments: one a paper."""
    return replace(tokens_design(config), spread=DEPTH_SPREAD)


def depth_cost_design(config: TreeReviewConfig) -> Design:
    """Return the sample of slopes of the logarithm of tokens a paper."""
    return replace(tokens_design(config), spread=DEPTH_COST_SPREAD)


def _hits(ranking: str) -> Cell:
    return Cell("hit_at_k", "treereview", f"ranking/{ranking}")


def _by_depth(metric: str, logarithm: bool = False) -> Trend:
    depths = ((float(depth), Cell(metric, f"depth_{depth}", log=logarithm)) for depth in (1, 2, 3))
    return Trend(tuple(depths))


COMPARATOR = (
    "The comparator is ours: the same questions, each with the whole paper. The paper compares with multi-agent "
    "methods at other questions, which is not tested here."
)
UNCOUNTED = "What the ranking model reads is not counted: every chunk once, and every question once for each chunk."
AS_READ_HERE = (
    "The ranking model is counted as it reads here: every chunk once, and every question once for each chunk. One that "
    "keeps no keys and values reads every chunk again with each question. A token of it counts as much as one of the "
    "model that answers, whatever their sizes."
)
CLAIMS = (
    Claim(
        "fewer_tokens",
        "A review takes fewer tokens than reading the whole paper for every question.",
        Superiority(
            Cell("tokens_all_models", "treereview", log=True), Cell("tokens_all_models", "exhaustive", log=True)
        ),
        paper=Reported("about 459K against 2.3M tokens a paper for MARG, -80.2 %: another comparator", NOTES),
        note="Over papers: one ratio a paper. The paper's number is against a multi-agent baseline, is shown as "
        "reported, and is not tested here.",
        headline=True,
        finding="a review from passages takes {amount} than one with the whole paper for every question",
        # A third fewer: less would not pay for the calls that a tree makes and one reading does not.
        smallest=log(1.5),
        design=tokens_design,
        cautions=(COMPARATOR, AS_READ_HERE),
    ),
    Claim(
        "fewer_tokens_asked",
        "The model that asks and answers reads and writes fewer tokens than with the whole paper for every question.",
        Superiority(Cell("tokens", "treereview", log=True), Cell("tokens", "exhaustive", log=True)),
        note="Over papers, without what the ranking model reads: what a hosted model would charge for.",
        finding="the model that answers takes {amount} from passages than with the whole paper for every question",
        smallest=log(1.5),
        design=tokens_design,
        cautions=(COMPARATOR, UNCOUNTED),
    ),
    Claim(
        "ranking_beats_chance",
        "Ranking chunks by the question's perplexity finds a sentence's own section more often than chance.",
        Superiority(_hits("perplexity"), _hits("chance")),
        note="Our own test of what every answer rests on: that the passages read are those that were asked for. The "
        "default ranking model has 135 million parameters, the released code's 8 billion.",
        headline=True,
        finding="ranking by perplexity finds the section of {amount} than drawing chunks by chance does",
        # Fifteen of a hundred questions more with the right passage: less is not worth a model that reads the paper.
        smallest=0.15,
        design=ranking_design,
        cautions=("Sentences of the paper stand in for the questions of a reviewer, whose words differ more from it.",),
    ),
    Claim(
        "fewer_tokens_in_this_run",
        "The reviews of this run took fewer tokens than reading the whole paper for every question would.",
        Superiority(
            Cell("tokens_all_models_in_run", "treereview", log=True),
            Cell("tokens_all_models_in_run", "exhaustive", log=True),
        ),
        note="Counted at the same questions, for the papers of this run alone.",
        finding="the reviews of this run, from passages, took {amount} than with the whole paper for every question",
        cautions=(COMPARATOR, AS_READ_HERE),
    ),
    Claim(
        "ranking_beats_bm25",
        "Ranking chunks by the question's perplexity finds a sentence's own section more often than BM25.",
        Superiority(_hits("perplexity"), _hits("bm25")),
        note="Our own test. Sentences share words with their section, which is what BM25 looks for. To see ten more "
        "of 100 sentences takes about 28 papers.",
        finding="ranking by perplexity finds the section of {amount} than BM25 does",
        smallest=0.1,
        design=words_design,
    ),
    Claim(
        "deeper_says_more",
        "Deeper trees give more distinct comments.",
        _by_depth("distinct_comments"),
        note="Our own claim, over papers: the paper reports that trees help, not by how much each level does. How many "
        "comments are written is also bounded by a setting.",
        finding="each further level of questions brings {amount}",
        smallest=1.0,
        design=depth_design,
        cautions=("Comments count as distinct by the cosine of their embeddings, whatever they are worth.",),
    ),
    Claim(
        "deeper_costs_more",
        "Deeper trees cost more tokens.",
        _by_depth("tokens", logarithm=True),
        note="Our own claim, over papers.",
        finding="each further level of questions costs {amount} the tokens",
        smallest=log(1.1),
        design=depth_cost_design,
    ),
)
