"""TreeReview: what would a reviewer ask of this paper, and what do the answers add up to?"""

from engines.parts.rows import TokenUse
from engines.treereview import rows, text_views
from engines.treereview.claims import CLAIMS
from engines.treereview.config import (
    ARMS,
    PRESETS,
    AddQuestion,
    DropBranch,
    FurtherQuestion,
    PinQuestion,
    TreeReviewConfig,
)
from engines.treereview.pictures import VIEWS
from engines.treereview.publication import EQUATIONS, FIDELITY, HONESTY, METRICS, PAPER
from workbench.contract import Ask, Engine, Fact, Tab, row_types

ASK = Ask(
    title="Ask the paper", question=FurtherQuestion, views=(text_views.FURTHER_ANSWER,), rows=(rows.FurtherAnswer,)
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
    config=TreeReviewConfig,
    presets=PRESETS,
    arms=ARMS,
    metrics=METRICS,
    claims=CLAIMS,
    fidelity=FIDELITY,
    rows=(*row_types(rows), TokenUse),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    commands={"pin_question": PinQuestion, "add_question": AddQuestion, "drop_branch": DropBranch},
    items="papers",
    probe={
        "widths": (1, 1),
        "most_nodes": 3,
        "held_out": 1,
        "most_comments": 1,
        "root_tokens": 200,
        "question_tokens": 48,
        "answer_tokens": 40,
        "review_tokens": 180,
    },
    shrink=({"depth": 2, "widths": ((2, 2),), "answer_tokens": 128}, {"held_out": 8}, {"papers": 1}),
    # Of the ranking model, Llama-3.1-8B-Instruct; how large the hosted model is that asks and answers is not known.
    published={Fact.PARAMETERS: 8.03e9},
)
