"""PerSyn: which teacher should write the training example of which prompt, before anybody writes it?"""

from engines.parts.rows import TokenUse, TrainingStep, TunedModel
from engines.persyn import rows
from engines.persyn.claims import ARMS, CLAIMS
from engines.persyn.config import PRESETS, PersynConfig
from engines.persyn.pictures import ASK, VIEWS
from engines.persyn.publication import EQUATIONS, FIDELITY, HONESTY, METRICS, PAPER, PUBLISHED
from workbench.contract import Engine, Tab, row_types

ENGINE = Engine(
    name="persyn",
    title="PerSyn: a teacher for every prompt",
    tab=Tab.ROUTE,
    question="Which teacher should write the training example of which prompt?",
    idea="A stronger teacher is not always the better one: its answers may be too far from what the student can learn. "
    "PerSyn lets all teachers answer a few prompts, scores each answer by its quality and by how likely the student "
    "finds it, and trains a router on these. Every other prompt is then answered by one teacher alone, whom the router "
    "chooses beforehand.",
    paper=PAPER,
    config=PersynConfig,
    presets=PRESETS,
    arms=ARMS,
    metrics=METRICS,
    claims=CLAIMS,
    fidelity=FIDELITY,
    rows=(*row_types(rows), TrainingStep, TunedModel, TokenUse),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="held_out",
    published=PUBLISHED,
    probe={"prompts": 10, "calibration": 6, "held_out": 6, "answer_tokens": 20, "dtype": "auto"},
    shrink=({"prompts": 8, "calibration": 4, "held_out": 4, "token_budget": 100},),
)
