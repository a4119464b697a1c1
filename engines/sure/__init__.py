"""SURE: does a reader change its answer when a document changes its form, and does training on flips repair it?"""

from engines.parts.rows import TOKEN_USE, TokenUse, TrainingStep, TunedModel
from engines.sure import document_pictures, pictures, rows
from engines.sure.claims import CLAIMS
from engines.sure.config import ARMS, PRESETS, AskedDocument, SureConfig
from engines.sure.publication import EQUATIONS, FIDELITY, HONESTY, METRICS, PAPER, PUBLISHED
from workbench.contract import Ask, Engine, Tab, row_types

VIEWS = (
    *pictures.ROBUSTNESS,
    *document_pictures.FLIPS,
    *document_pictures.PREFERRED,
    *pictures.FINE_TUNING,
    *pictures.COUNTS,
    TOKEN_USE,
)

ASK = Ask("Try your own document", AskedDocument, document_pictures.ASK_VIEWS, (rows.AskedForm,))

ENGINE = Engine(
    name="sure",
    title="SURE: spurious features",
    tab=Tab.PROBE,
    question="Does my reader change its answer when a document only changes its form?",
    idea="A reader that answers from retrieved documents should not care whether they come as JSON, in another order "
    "or with a time stamp. SURE changes only the form of documents, checks that the answer is still there, and counts "
    "the answers that flip. It asks which forms the reader prefers, and tunes it on its own flips.",
    paper=PAPER,
    config=SureConfig,
    presets=PRESETS,
    arms=ARMS,
    metrics=METRICS,
    claims=CLAIMS,
    fidelity=FIDELITY,
    rows=(*(kind for kind in row_types(rows) if kind is not rows.AskedForm), TrainingStep, TunedModel, TokenUse),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="questions",
    published=PUBLISHED,
    probe={
        "questions": 3,
        "perturbations": ("reverse", "json", "timestamp_pre", "source_wiki", "reread", "trailing_space"),
        "oracle_questions": 2,
        "attention_pairs": 1,
        "answer_tokens": 12,
        "document_words": 60,
    },
    shrink=(
        {"batch": 1, "rank": 4},
        {
            "questions": 1,
            "noise_questions": 1,
            "oracle_questions": 1,
            "held_out_questions": 1,
            "mending_pairs": 1,
            "attention_pairs": 1,
        },
    ),
)
