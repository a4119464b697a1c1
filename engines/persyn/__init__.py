"""PerSyn: which teacher should write the training example of which prompt, before anybody writes it?"""

from engines.parts.rows import TokenUse, TrainingStep
from engines.persyn.arms import ARMS
from engines.persyn.claims import CLAIMS
from engines.persyn.config import PersynConfig
from engines.persyn.fidelity import FIDELITY
from engines.persyn.pictures import ASK, VIEWS
from engines.persyn.presets import PRESETS
from engines.persyn.publication import EQUATIONS, HONESTY, METRICS, PAPER, PUBLISHED
from engines.persyn.rows import (
    ArmCost,
    Choice,
    CurvePoint,
    LeftOut,
    PairBin,
    PromptRow,
    Response,
    Reward,
    RouterRow,
    RouterScore,
    StudentAnswer,
    StudentRow,
    TeacherRow,
)
from workbench.contract import Engine, Tab

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
    rows=(
        PromptRow,
        TeacherRow,
        Response,
        Reward,
        Choice,
        RouterScore,
        RouterRow,
        CurvePoint,
        PairBin,
        ArmCost,
        StudentRow,
        StudentAnswer,
        LeftOut,
        TrainingStep,
        TokenUse,
    ),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="held_out",
    published=PUBLISHED,
)
