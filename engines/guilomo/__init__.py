"""GuiLoMo: how many LoRA experts, and of which rank, does each layer need?"""

from engines.guilomo import arm_views, search_views
from engines.guilomo.arms import ARMS
from engines.guilomo.claims import CLAIMS
from engines.guilomo.config import (
    AskedSentence,
    GuilomoConfig,
    RanksControl,
    SearchControl,
    TaskControl,
    TokenControl,
    UseControl,
    VectorControl,
)
from engines.guilomo.fidelity import FIDELITY
from engines.guilomo.presets import PRESETS
from engines.guilomo.publication import EQUATIONS, HONESTY, METRICS, PAPER, PUBLISHED
from engines.guilomo.rows import (
    ArmAllocation,
    ExpertCount,
    ExpertRank,
    PlantedModule,
    RouterLoad,
    SearchEnd,
    SearchProgress,
    SeedAgreement,
    SelectionEntry,
    TaskAnswer,
    TokenExpert,
    TrainedArm,
    VectorMove,
)
from engines.parts.token_use import TOKEN_USE, TokenUse
from engines.parts.training import TrainingStep
from workbench.engine import Ask, Engine, Tab
from workbench.views import Chart, Listing, Measures, Passage

VIEWS = (
    Measures(
        "arm_scores",
        "Scores of the arms",
        ("correct", "divergence", "budget_spent"),
        help="Right answers on real tasks; divergence from the teacher on the planted one, where lower is better; and "
        "the parameters that each arm trains, as a percentage of what the search arrived at.",
    ),
    Measures(
        "recovery",
        "Recovery of what was planted",
        ("recovered_numbers", "recovered_ranks"),
        help="Rank correlation of found and planted counts over the layers of a tiny model: 1 is recovery, 0 is luck.",
    ),
    Measures(
        "experts_by_block",
        "Experts by block",
        ("experts",),
        along="real/*",
        help="Mean number of experts of a block's layers, from the input up.",
    ),
    Chart(
        "experts",
        "Experts by layer",
        (ExpertCount,),
        search_views.draw_experts,
        search_views.describe_experts,
        controls=SearchControl,
        options=search_views.searches_of(ExpertCount),
        help="How many experts each layer keeps, while the search runs and at its end. Blocks run from the input down.",
    ),
    Chart(
        "ranks",
        "Ranks by expert",
        (ExpertRank,),
        search_views.draw_ranks,
        search_views.describe_ranks,
        controls=RanksControl,
        options=search_views.searches_of(ExpertRank, {"module": "module"}),
        help="The rank of each expert of one kind of layer; 0 is an expert that is not kept.",
    ),
    Chart(
        "vector",
        "A selection vector",
        (SelectionEntry,),
        search_views.draw_vector,
        search_views.describe_vector,
        controls=VectorControl,
        options=search_views.searches_of(SelectionEntry, {"module": "path", "vector": "vector"}),
        help="Each line is an entry; the highest one is the count that is kept. As released, only the highest entry of "
        "an expert vector is ever moved by its gradient.",
    ),
    Chart(
        "moves",
        "First and last counts",
        (VectorMove, SearchEnd),
        search_views.draw_moves,
        search_views.describe_moves,
        controls=SearchControl,
        options=search_views.searches_of(VectorMove),
        help="What lies on the diagonal ended where its random start had put it. A search that only kept its start has "
        "found nothing.",
    ),
    Listing(
        "searches",
        "Searches",
        (SearchEnd,),
        search_views.end_rows,
        help="What each search found. Its parameters are the budget of every arm under that seed.",
    ),
    Listing(
        "agreement",
        "Agreement of seeds",
        (SeedAgreement,),
        search_views.agreement_rows,
        help="If the task decided, seeds would agree more than chance would have them. Kappa is 0 at chance and 1 "
        "where all counts are equal; up to 0.2 it is called slight.",
    ),
    Chart(
        "planted",
        "Planted and found",
        (PlantedModule,),
        search_views.draw_planted,
        search_views.describe_planted,
        help="Synthetic: each point is a layer of a tiny model that must learn a known number of changes of a known "
        "rank. A good search rises from left to right.",
    ),
    Chart(
        "search_losses",
        "Losses of the search",
        (SearchProgress,),
        search_views.draw_losses,
        search_views.describe_losses,
        controls=SearchControl,
        options=search_views.searches_of(SearchProgress),
        help="Each step has one training and one validation batch, so that single points are noisy.",
    ),
    Chart(
        "scores",
        "Parameters and score",
        (TrainedArm,),
        arm_views.draw_scores,
        arm_views.describe_scores,
        controls=TaskControl,
        options=arm_views.tasks_trained,
        help="All arms have the parameters of the searched allocation, to within a rank: what differs is how they are "
        "shared out. On the planted task lower is better.",
    ),
    Listing(
        "arms",
        "Trained arms",
        (TrainedArm, ArmAllocation),
        arm_views.arm_rows,
        help="Each trained model is an adapter: name its model elsewhere, or try it in Models & data.",
    ),
    Chart(
        "training",
        "Losses of the trainings",
        (TrainingStep,),
        arm_views.draw_training,
        arm_views.describe_training,
        controls=TaskControl,
        options=arm_views.tasks_trained,
        help="Mean over seeds, before each update.",
    ),
    Chart(
        "load",
        "Load of the experts",
        (RouterLoad,),
        arm_views.draw_load,
        arm_views.describe_load,
        controls=UseControl,
        options=arm_views.arms_metered,
        help="Share of the routed tokens that each expert gets on test problems, mean over seeds.",
    ),
    Chart(
        "entropy",
        "Entropy of the routers",
        (RouterLoad,),
        arm_views.draw_entropy,
        arm_views.describe_entropy,
        controls=UseControl,
        options=arm_views.arms_metered,
        help="100 % is a router that finds all experts equally likely; 0 % one that always takes the same.",
    ),
    Listing(
        "answers",
        "Answers",
        (TaskAnswer,),
        arm_views.answer_rows,
        controls=TaskControl,
        options=lambda tables: {"task": tables[TaskAnswer]["task"].drop_duplicates().tolist()[::-1]},
        help="Problems on which the arms differ most come first.",
    ),
    TOKEN_USE,
)

ASK = Ask(
    title="Colour a sentence by expert",
    question=AskedSentence,
    views=(
        Passage(
            "tokens",
            "Tokens by expert",
            (TokenExpert,),
            arm_views.token_spans,
            controls=TokenControl,
            options=arm_views.layers_asked,
            help="Each token is marked with the expert that the layer's router weighs most for it.",
        ),
        Listing("layers", "Experts in use", (TokenExpert,), arm_views.token_rows),
    ),
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
    rows=(
        ExpertCount,
        ExpertRank,
        SelectionEntry,
        SearchProgress,
        VectorMove,
        SearchEnd,
        PlantedModule,
        SeedAgreement,
        ArmAllocation,
        TrainingStep,
        TaskAnswer,
        RouterLoad,
        TrainedArm,
        TokenUse,
    ),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="test_items",
    published=PUBLISHED,
)
