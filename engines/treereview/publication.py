"""What the paper says, what becomes of it here, what is measured, and which claims that settles."""

from dataclasses import replace
from math import inf, log

from engines.treereview.config import SHIPPED_PAPER, TreeReviewConfig
from workbench.contract import Cell, Claim, Design, Equation, Fidelity, Metric, Paper, Reported, Superiority, Trend

PAPER = Paper(
    title="TreeReview: A Dynamic Tree of Questions Framework for Deep and Efficient LLM-based Scientific Peer Review",
    authors="Yuan Chang, Ziyue Li, Hengyuan Zhang, Yuanbo Kong, Yanru Wu, Hayden Kwok-Hay So, Zhijiang Guo, Liya Zhu, "
    "Ngai Wong",
    venue="EMNLP",
    year=2025,
    url="https://arxiv.org/abs/2506.07642",
    pages="15662--15693",
)

EQUATIONS = (
    Equation(
        r"\{q_{i1}, \dots, q_{in}\} = M_q(q_i, P_{\mathrm{meta}}, l), \qquad n \le W_{\max}(l+1), \quad l < D_{\max}",
        "Questions: a question at depth l is divided, knowing only title, abstract and table of contents of the paper. "
        "W_max are the widths, D_max the depth; an empty list makes the question a leaf.",
    ),
    Equation(
        r"a_i = M_a(q_i, C_{\mathrm{top}\,k}(q_i)) \;\text{at a leaf}, \qquad "
        r"a_i \text{ or } \{q_{\mathrm{new}}\} = M_a(q_i, \{(q_{ij}, a_{ij})\}) \;\text{above}",
        "Answers: a leaf reads its k most relevant chunks; an inner question is answered from the answers below it, or "
        "asks for more, within a budget. The root reads the paper and the answers of depth 1.",
    ),
    Equation(
        r"s(c, q) = -\frac{1}{T} \sum_{t=1}^{T} \log p(x_t \mid c, x_{<t})",
        "Relevance of chunk c: the mean negative log-likelihood of the T tokens of the question and a fixed sentence "
        "right after the chunk; lower is more relevant (tables here show it with the opposite sign).",
    ),
)

FIDELITY = (
    Fidelity(
        "Tree of questions",
        "reproduced",
        "Depth, widths, follow-up allowance and what each call sees, as in the released code. Nodes of one level are "
        "asked at once, which gives the same tree, because none of them sees another.",
    ),
    Fidelity(
        "Follow-ups",
        "approximated",
        "Cut to their budget (the release only asks for that), none at the root; an empty list means that the node "
        "answers, where the release asks for ever; new questions that repeat a sibling are left out.",
    ),
    Fidelity(
        "Chunks and their ranking",
        "reproduced",
        "Whole paragraphs under section path and number; question-aware perplexity with a restrictive sentence of the "
        "same meaning. Tokens are those of the chosen model, not of GPT-4o. Keys and values of a chunk are computed "
        "once for all questions, which changes no score.",
    ),
    Fidelity(
        "Prompts",
        "reconstructed",
        "Our own wording from a description of what each prompt asks; the release has no licence. JSON is constrained "
        "where the model allows it, validated, repaired once, then read leniently; the rate is shown.",
    ),
    Fidelity(
        "Root",
        "approximated",
        "Reads the full paper where it fits the context, else a digest of its sections; the run says which.",
    ),
    Fidelity(
        "Models",
        "approximated",
        "The paper's are large hosted models. The default here is small enough for two processor cores: it shows the "
        "mechanics, and its reviews are not worth reading.",
    ),
    Fidelity(
        "Quality of reviews and comments",
        "not tested",
        "Reported, on 80 papers: overall 8.18, specificity +12.27 %, comprehensiveness +11.22 %, technical depth "
        "+6.45 % against the best baseline; comments +5.7 % Jaccard over MARG; people preferred the reviews in 66.25 % "
        "to 90.00 % of judgements; without the tree the rating error rises from 1.17 to 1.88. Benchmark and baselines "
        "are not here; with human comments of your own the overlap is measured.",
    ),
    Fidelity(
        "Distinct, evidence, specificity, overlap",
        "reconstructed",
        "Ours: counts that anybody can check by hand, instead of a judge's marks. A judge can be asked besides.",
    ),
    Fidelity(
        "Comparison with reading everything", "reconstructed", "Ours: the same questions, each with the full paper."
    ),
)

HONESTY = (
    "The paper, the passages, the token counts and the rankings are real. The default model, SmolLM2-135M, writes "
    "fluently and judges badly: with it the tree shows how the method works, and no sentence of the review should be "
    "believed. Choose a model of several billion parameters, or a server, for reviews. What is said over papers needs "
    "papers. One report ships, and no package registry holds others that may be handed on: the preset study decides "
    "its headlines only over 14 papers that you name (vignettes of R packages are papers that anyone may read). A "
    "review by a model is no substitute for a reviewer; ask before you upload what is not yours."
)


NOTES = "two third-party notes"
COUNT = (0.0, inf)

METRICS = (
    Metric(
        "tokens", "tokens", "lower", "Tokens read and written for one review, whoever computed them.",
        title="Tokens of a review", bounds=COUNT,
    ),
    Metric(
        "tokens_in_run", "tokens", "lower", "Tokens read and written for all reviews of this run together.",
        title="Tokens of all reviews", bounds=COUNT, counted=True,
    ),
    Metric(
        "nodes", "questions", None, "Questions of one tree, the root included.", title="Questions asked", bounds=COUNT
    ),
    Metric(
        "distinct_comments", "comments", "higher", "Comments that repeat no earlier one of the same review.",
        floor=0.0, title="Distinct comments", bounds=COUNT,
    ),
    Metric(
        "hit_at_k", "share", "higher",
        "A sentence taken out of the paper: whether one of the k chunks ranked first holds text of its section.",
        floor=0.0, ceiling=1.0, title="Sections found", things="sentences",
    ),
    Metric(
        "evidence_found", "share", "higher", "Comments whose quoted evidence stands in the paper, word for word.",
        title="Evidence found in the paper", things="comments",
    ),
    Metric(
        "specificity", "anchors", "higher", "Numbers, tables, names and headings of the paper that a comment names.",
        title="Anchors of a comment", bounds=COUNT,
    ),
    Metric(
        "gold_met", "share", "higher", "Human comments that some comment of the review resembles.",
        title="Human comments met", things="human comments",
    ),
    Metric(
        "fallback_rate", "share", "lower", "Answers that did not keep the asked JSON form at once.",
        title="Answers out of form", things="answers",
    ),
    Metric(
        "answered", "share", "higher",
        "Questions with an answer: neither empty, nor JSON, nor the question or the instructions copied back.",
        title="Questions answered", things="questions",
    ),
    *(
        Metric(
            f"judged_{name}", "points", "higher", "Mark of the judge model, 1 to 10.", floor=1.0, ceiling=10.0,
            title=f"Mark for {name.replace('_', ' ')}", bounds=(1.0, 10.0),
        )
        for name in ("specificity", "comprehensiveness", "technical_depth", "overall")
    ),
)  # fmt: skip

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
CLAIMS = (
    Claim(
        "fewer_tokens",
        "A review takes fewer tokens than reading the whole paper for every question.",
        Superiority(Cell("tokens", "treereview", log=True), Cell("tokens", "exhaustive", log=True)),
        paper=Reported("about 459K against 2.3M tokens a paper for MARG, -80.2 %: another comparator", NOTES),
        note="Over papers: one ratio a paper. The paper's number is against a multi-agent baseline, is shown as "
        "reported, and is not tested here.",
        headline=True,
        finding="a review from passages takes {amount} than one with the whole paper for every question",
        # A third fewer: less would not pay for the calls that a tree makes and one reading does not.
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
        Superiority(Cell("tokens_in_run", "treereview", log=True), Cell("tokens_in_run", "exhaustive", log=True)),
        note="Counted at the same questions, for the papers of this run alone.",
        finding="the reviews of this run, from passages, took {amount} than with the whole paper for every question",
        cautions=(COMPARATOR, UNCOUNTED),
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
