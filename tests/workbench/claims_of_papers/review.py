"""Claims of TreeReview: deep reviews for few tokens."""

from math import log

from tests.workbench.claims_of_papers.corpus import ratio
from tests.workbench.claims_of_papers.method_claims import MethodClaims, above, arms, best, both, points, share
from workbench.claims import Cell, Claim, Metric, NonInferiority, Reported, Share, Superiority, Trend

BASELINES = "direct structured_template reviewer2 sea_e marg"

TREEREVIEW = MethodClaims(
    "treereview",
    metrics=(
        Metric("specificity", "points", "higher", "Judge's mark from 1 to 10.", floor=1.0, ceiling=10.0),
        Metric("comprehensiveness", "points", "higher", "Judge's mark from 1 to 10.", floor=1.0, ceiling=10.0),
        Metric("technical_depth", "points", "higher", "Judge's mark from 1 to 10.", floor=1.0, ceiling=10.0),
        Metric("overall_quality", "points", "higher", "Judge's mark from 1 to 10.", floor=1.0, ceiling=10.0),
        Metric(
            "rating_error", "points", "lower", "Distance of the review's rating from the reviewers' mean.", floor=0.0
        ),
        Metric(
            "comment_jaccard",
            "",
            "higher",
            "Shared comments over all comments, of a corpus of papers.",
            aggregate=ratio,
            floor=0.0,
            ceiling=1.0,
        ),
        share("preferred", "A reader prefers the tree's review to the baseline's.", chance=0.5),
        Metric("tokens", "tokens", "lower", "Logical tokens read and written for one paper."),
        Metric("nodes", "nodes", None, "Questions asked for one paper."),
        Metric("distinct_comments", "comments", "higher", "Comments that say something no other comment says."),
        share("hit_at_3", "The paragraph that a question was made from is among the three retrieved.", chance=0.1),
    ),
    arms=arms(
        plain=f"tree {BASELINES} no_tree depth_1 depth_2 depth_3 no_follow_up full_paper_per_question "
        "rank_perplexity rank_bm25 rank_random"
    ),
    claims=(
        Claim(
            "more_specific",
            "Reviews are more specific than those of every baseline.",
            best("specificity", "tree", BASELINES),
            Reported("+12.27 % over the best baseline", "two notes"),
            clusters_needed=8,
        ),
        Claim(
            "more_comprehensive",
            "Reviews are more comprehensive than those of every baseline.",
            best("comprehensiveness", "tree", BASELINES),
            Reported("+11.22 % over the best baseline", "two notes"),
        ),
        Claim(
            "technically_deeper",
            "Reviews are technically deeper than those of every baseline.",
            best("technical_depth", "tree", BASELINES),
            Reported("+6.45 % over the best baseline", "one note", "medium"),
        ),
        Claim(
            "best_overall",
            "The judge gives the tree's reviews the highest overall mark.",
            best("overall_quality", "tree", BASELINES),
            Reported("8.18, scale not stated", "one note", "medium"),
        ),
        Claim(
            "preferred_by_people",
            "Readers prefer the tree's review.",
            Share(Cell("preferred", "tree"), 0.5),
            Reported("66.25 % to 90.00 % of judgements, kappa 0.70", "one note", "medium"),
        ),
        Claim(
            "comments_closer_to_reviewers",
            "Comments overlap with the reviewers' more than the multi-agent baseline's.",
            above("comment_jaccard", "tree", "marg"),
            Reported("+5.7 % (points or relative not stated)", "one note", "medium"),
        ),
        Claim(
            "fewer_tokens",
            "A paper takes less than 30 % of the multi-agent baseline's tokens, and the review is no less specific.",
            both(
                Superiority(Cell("tokens", "tree", log=True), Cell("tokens", "marg", log=True), -log(0.3)),
                NonInferiority(Cell("specificity", "tree"), Cell("specificity", "marg"), 0.5),
            ),
            Reported("459K against 2.3M tokens a paper, -80.2 %", "two notes"),
        ),
        Claim(
            "tree_is_needed",
            "Without the tree ratings stray further and fewer comments are shared.",
            both(above("rating_error", "tree", "no_tree"), above("comment_jaccard", "tree", "no_tree")),
            Reported("rating error 1.17 -> 1.88, Jaccard 15.33 % -> 7.93 %", "one secondary source", "low"),
        ),
        Claim(
            "retrieval_saves_tokens",
            "Answering leaves from three chunks takes fewer tokens than giving each the full paper.",
            Superiority(Cell("tokens", "tree", log=True), Cell("tokens", "full_paper_per_question", log=True)),
        ),
        Claim(
            "deeper_says_more",
            "Deeper trees find more distinct comments, and cost more tokens.",
            both(
                Trend(points("distinct_comments", [(1, "depth_1"), (2, "depth_2"), (3, "depth_3")])),
                Trend(points("tokens", [(1, "depth_1"), (2, "depth_2"), (3, "depth_3")])),
            ),
        ),
        Claim(
            "follow_ups_are_few",
            "Follow-up questions add less than a quarter of the nodes.",
            Superiority(Cell("nodes", "no_follow_up", log=True), Cell("nodes", "tree", log=True), -log(1.25)),
        ),
        Claim(
            "perplexity_finds_the_source",
            "Ranking chunks by the question's perplexity finds the source paragraph more often than chance, and BM25.",
            best("hit_at_3", "rank_perplexity", "rank_bm25 rank_random"),
        ),
    ),
)

METHODS = (TREEREVIEW,)
