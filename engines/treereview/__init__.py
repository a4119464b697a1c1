"""TreeReview: what would a reviewer ask of this paper, and what do the answers add up to?"""

from engines.parts.rows import TOKEN_USE, TokenUse
from engines.treereview import cost_views, review_views, tree_views
from engines.treereview.claims import CLAIMS, METRICS
from engines.treereview.config import AddQuestion, DropBranch, FurtherQuestion, PinQuestion
from engines.treereview.presets import PRESETS
from engines.treereview.publication import EQUATIONS, FIDELITY, HONESTY, PAPER
from engines.treereview.rows import (
    ChunkRelevance,
    Comparison,
    DifferenceControl,
    DocumentFinding,
    FurtherAnswer,
    JsonForm,
    ListedControl,
    NodeControl,
    PaperControl,
    PaperParagraph,
    PaperRead,
    QuestionNode,
    ReviewComment,
    ReviewControl,
    ReviewText,
    SectionHit,
)
from workbench.contract import Arm, Ask, Chart, Engine, Fact, Listing, Measures, Passage, Tab, Tree

ARMS = (
    Arm("treereview", "TreeReview", "method", "A tree of questions with follow-ups, answered from passages.", {}),
    Arm(
        "exhaustive",
        "Whole paper for every question",
        "baseline",
        "The same questions, but each one without sub-questions reads the whole paper; counted where that exceeds the "
        "context.",
        {"reading": "whole paper"},
    ),
    Arm("depth_1", "Depth 1", "ablation", "One level of questions, no follow-ups.", {"depth": 1, "follow_ups": False}),
    Arm("depth_2", "Depth 2", "ablation", "Two levels, no follow-ups.", {"depth": 2, "follow_ups": False}),
    Arm("depth_3", "Depth 3", "ablation", "Three levels, no follow-ups.", {"depth": 3, "follow_ups": False}),
    Arm(
        "no_follow_ups", "No follow-ups", "ablation", "The tree is not asked for more.", {"follow_ups": False}, on=False
    ),
    Arm("no_tree", "No tree", "baseline", "One prompt reads the paper and writes the review.", {"depth": 0}, on=False),
    Arm("by_words", "Ranked by words", "ablation", "Chunks are found by BM25.", {"ranking": "bm25"}, on=False),
    Arm("by_meaning", "Ranked by meaning", "ablation", "By sentence embeddings.", {"ranking": "dense"}, on=False),
    Arm("at_random", "Ranked at random", "control", "Chunks are drawn at random.", {"ranking": "random"}, on=False),
)

VIEWS = (
    Tree(
        "question_tree",
        "The tree of questions",
        (QuestionNode,),
        tree_views.tree_nodes,
        controls=ReviewControl,
        options=tree_views.reviews_grown,
        selects="node",
        help="Every question is a tile, its status in words; click one to see what it was answered from.",
    ),
    Passage(
        "node",
        "One question and its evidence",
        (QuestionNode, PaperParagraph, ChunkRelevance),
        tree_views.node_spans,
        controls=NodeControl,
        options=tree_views.nodes_grown,
        help="The question, its answer, and the passages it was answered from, best first. Words that the answer "
        "shares with a passage, six or more in a row, are marked in both.",
    ),
    Passage(
        "review",
        "The review",
        (ReviewText,),
        review_views.review_spans,
        controls=ReviewControl,
        options=review_views.reviews_written,
        help="The form that the root filled in, from the paper and the answers of depth 1.",
    ),
    Listing(
        "comments",
        "Comments",
        (ReviewComment,),
        review_views.comment_rows,
        controls=ListedControl,
        options=review_views.reviews_commented,
        help="Evidence counts as found when it stands in the paper word for word. Anchors are numbers, tables, names "
        "and headings of the paper that a comment names.",
    ),
    Passage(
        "paper",
        "The paper as it was used",
        (PaperParagraph, QuestionNode, ChunkRelevance, ReviewComment, DocumentFinding),
        tree_views.paper_spans,
        controls=PaperControl,
        options=tree_views.reviews_grown,
        help="Paragraphs that some question was answered from, sentences that a comment quotes, and instructions found "
        "in the document.",
    ),
    Chart(
        "relevance",
        "Questions and chunks",
        (ChunkRelevance, QuestionNode),
        tree_views.draw_relevance,
        tree_views.describe_relevance,
        controls=ReviewControl,
        options=tree_views.reviews_grown,
        selects="node",
        help="How relevant each chunk of the paper is to each question, standardised by question; a click opens the "
        "question.",
    ),
    Chart(
        "coverage",
        "What of the paper was read",
        (PaperParagraph, ChunkRelevance),
        tree_views.draw_coverage,
        tree_views.describe_coverage,
        controls=ReviewControl,
        options=tree_views.reviews_grown,
        help="For each paragraph, how many questions were answered from its chunk.",
    ),
    Chart(
        "saving",
        "Tokens against reading everything",
        (Comparison,),
        cost_views.draw_saving,
        cost_views.describe_saving,
        help="The same questions answered from passages, and from the whole paper. Only what the model reads and "
        "writes is counted, not what the ranking model reads.",
    ),
    Chart(
        "stages",
        "Tokens by stage",
        (TokenUse,),
        cost_views.draw_stages,
        cost_views.describe_stages,
        help="Read and written, by what it was for.",
    ),
    TOKEN_USE,
    Measures(
        "rankings",
        "Which ranking finds the section",
        ("hit_at_k",),
        along="ranking/*",
        help="Sentences taken out of the papers: share whose own section is among the k chunks ranked first; by chance "
        "it is computed, not drawn.",
    ),
    Measures(
        "measures",
        "Arms and measures",
        tuple(metric.name for metric in METRICS if metric.name != "hit_at_k"),
        help="Over papers, comments or answers; tokens of all reviews are counted.",
    ),
    Listing(
        "forms",
        "How well the model kept the form",
        (JsonForm,),
        cost_views.form_rates,
        help="JSON that was valid at once, after one repair, only by lenient reading, or not at all.",
    ),
    Listing(
        "findings",
        "What was found in the document",
        (DocumentFinding,),
        review_views.finding_rows,
        help="How the paper was read, what was left out, and instructions that stand in it. Such instructions stay in "
        "the text; what the model is asked for is fixed by schema and budget.",
    ),
    Passage(
        "difference",
        "Two reviews compared",
        (ReviewText,),
        review_views.difference_spans,
        controls=DifferenceControl,
        options=review_views.two_reviews,
        help="Words that only the first or only the second review has.",
    ),
    Listing("papers", "Papers", (PaperRead, PaperParagraph), review_views.paper_rows),
)

ASK = Ask(
    title="Ask the paper",
    question=FurtherQuestion,
    views=(
        Passage(
            "further_answer",
            "The answer and its evidence",
            (FurtherAnswer,),
            review_views.further_spans,
            help="Words that the answer shares with a passage, six or more in a row, are marked.",
        ),
    ),
    rows=(FurtherAnswer,),
)

ENGINE = Engine(
    name="treereview",
    title="TreeReview: a paper reviewed as a tree of questions",
    tab=Tab.REVIEW,
    question="What would a reviewer ask of this paper, and what do the answers add up to?",
    idea="A reviewer does not judge a paper in one go. TreeReview asks what must be known to judge it, divides each "
    "question until it can be answered from a few passages, finds these, and puts the answers together from the leaves "
    "up, asking for more where they fall short. What comes out is a review and comments, each with the questions and "
    "passages behind it, for fewer tokens than reading the whole paper for every question.",
    paper=PAPER,
    config=type(PRESETS["quick"].config),
    presets=PRESETS,
    arms=ARMS,
    metrics=METRICS,
    claims=CLAIMS,
    fidelity=FIDELITY,
    rows=(
        PaperRead,
        PaperParagraph,
        DocumentFinding,
        TokenUse,
        QuestionNode,
        ChunkRelevance,
        ReviewText,
        ReviewComment,
        JsonForm,
        Comparison,
        SectionHit,
    ),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    commands={"pin_question": PinQuestion, "add_question": AddQuestion, "drop_branch": DropBranch},
    items="papers",
    # Of the ranking model, Llama-3.1-8B-Instruct; how large the hosted model is that asks and answers is not known.
    published={Fact.PARAMETERS: 8.03e9},
)
