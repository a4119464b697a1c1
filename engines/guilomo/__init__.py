"""GuiLoMo: how many LoRA experts, and of which rank, does each layer need?"""

from engines.guilomo import rows
from engines.guilomo.arm_pictures import ARM_VIEWS, ASK_VIEWS
from engines.guilomo.claims import CLAIMS
from engines.guilomo.config import AskedSentence, GuilomoConfig
from engines.guilomo.presets import ARMS, PRESETS
from engines.guilomo.publication import EQUATIONS, FIDELITY, HONESTY, METRICS, PAPER, PUBLISHED
from engines.guilomo.rows import TokenExpert
from engines.guilomo.search_pictures import SEARCH_VIEWS
from engines.parts.rows import TOKEN_USE, TaskAnswer, TokenUse, TrainingStep, TunedModel
from workbench.contract import Ask, Engine, Measures, Tab, row_types

VIEWS = (
    Measures(
        "arm_scores",
        "Scores of the arms",
        ("correct", "divergence", "budget_spent"),
        help="Right answers on real tasks; divergence from the teacher on the planted one, where lower is better; and "
        "the parameters that each arm trains, as a percentage of what the search arrived at.",
        group="Arms",
        claim="as_good_as_uniform",
    ),
    Measures(
        "recovery",
        "Recovery of what was planted",
        ("recovered_numbers", "recovered_ranks", "entropy_ranks"),
        help="Rank correlation of found and planted counts over the layers of a tiny model: 1 is recovery, 0 is luck. "
        "By entropy: the effective ranks of a fully trained student, a reference that needs no search.",
        group="Planted task",
        claim="search_recovers_numbers",
    ),
    Measures(
        "experts_by_block",
        "Experts by block",
        ("experts",),
        along="real/*",
        noun="block",
        help="Mean number of experts of a block's layers, from the input up.",
        group="Allocation",
        claim="higher_layers_get_more_experts",
    ),
    *SEARCH_VIEWS,
    *ARM_VIEWS,
    TOKEN_USE,
)

ASK = Ask(
    title="Colour a sentence by expert",
    question=AskedSentence,
    views=ASK_VIEWS,
    rows=(TokenExpert,),
)

ENGINE = Engine(
    name="guilomo",
    title="GuiLoMo: experts and ranks",
    tab=Tab.TRAIN,
    question="How many LoRA experts, and of which rank, does each layer need for my task?",
    idea="A LoRA-MoE puts several low-rank experts and a router on each layer, usually as many of the same rank "
    "everywhere. GuiLoMo first searches: vectors that choose how many experts and which ranks are kept learn on "
    "validation batches while the weights learn on training batches. A fresh adapter is then trained with what was "
    "found, beside other ways to share out the same number of parameters.",
    paper=PAPER,
    config=GuilomoConfig,
    presets=PRESETS,
    arms=ARMS,
    metrics=METRICS,
    claims=CLAIMS,
    fidelity=FIDELITY,
    rows=(*row_types(rows), TrainingStep, TunedModel, TaskAnswer, TokenUse),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="test_items",
    published=PUBLISHED,
    probe={
        "layers": "last 1",
        "targets": ("q_proj", "down_proj"),
        "train_items": 4,
        "search_batch": 2,
        "search_steps": 2,
        "test_items": 2,
        "planted_layers": 1,
        "planted_steps": 4,
    },
    shrink=(
        {"search_steps": 4, "train_items": 16, "test_items": 20, "planted_steps": 20},
        {"batch": 1, "search_batch": 1},
        {"layers": ("last 2", "last 1")},
    ),
)
