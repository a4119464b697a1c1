"""What a search for experts and ranks is asked."""

from typing import Annotated, ClassVar, Literal, get_args

from annotated_types import Ge, Gt, Le
from pydantic import StringConstraints

from engines.guilomo.search_settings import Estimator, Order
from engines.parts.tasks import TaskSettings, Verifier
from engines.parts.training import Schedule, TrainingFields
from workbench.contract import (
    BASIC,
    PER_ARM,
    Config,
    DataKind,
    InPaper,
    LongText,
    ModelRef,
    OneOf,
    Percent,
    Probability,
    Unit,
)

CODE = "released code"
FIGURE = "figure of the released repository"
NOTES = "third-party notes of the paper"
OURS = "the paper does not say"

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
PLANTED = "planted"
TASKS = (PLANTED, "glosses", "svamp", "own")
REAL_TASKS = tuple(name for name in TASKS if name != PLANTED)
OwnRef = Annotated[
    str,
    StringConstraints(max_length=400, strip_whitespace=True),
    DataKind(
        "a prompt, the response to learn, and for choices the options",
        "engines.parts.tasks.tasks:TaskRow",
        "columns",
    ),
]
AllocationKind = Literal[
    "guilomo", "uniform", "experts_only", "ranks_only", "plain", "dora", "triangle", "inverted", "random",
    "perturbed_experts", "perturbed_ranks", "oracle", "untrained",
]  # fmt: skip
ALLOCATIONS = frozenset(get_args(AllocationKind))


class SearchFields(Config):
    """Settings of the tasks and of the search; all arms share model, tasks and examples."""

    model: Annotated[ModelRef, BASIC, InPaper("LLaMA-2-7B, LLaMA-3-8B, Mistral-7B and more", NOTES, "unverified")] = (
        "smollm2-135m-instruct"
    )
    """The causal language model that gets experts. It must run here, unquantised."""
    tasks: Annotated[
        tuple[str, ...], BASIC, OneOf(TASKS), InPaper("ScienceQA in the code; more by notes", CODE, "unverified")
    ] = ("planted", "glosses")
    """What is learned, one after the other: planted (synthetic, on a tiny model of its own, the truth is known),
    glosses (which of four WordNet glosses fits the word in the sentence), svamp (word problems), own (your data)."""
    data: Annotated[OwnRef, BASIC, InPaper("none", OURS)] = ""
    """Your data for the task own: prompts with the responses to learn, in any table."""
    columns: Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True), InPaper("none", OURS)] = ""
    """Which column of your table is which field where the names do not say it, for instance
    prompt=Question,response=Answer."""
    verifier: Annotated[Verifier, InPaper("the option's letter", CODE)] = "number"
    """How an answer to your data is judged: options (the likeliest of the row's options must be its response), number
    (equal final numbers), letter (the same option letter), text (the same words)."""
    prompting: Annotated[Literal["chat", "plain"], InPaper("Alpaca's template", CODE)] = "chat"
    """Through the model's chat template, or as a plain text for models that have none."""
    train_items: Annotated[int, Ge(2), Le(1_000_000), BASIC, InPaper("the whole training set", CODE)] = 64
    """Examples that are learned from, in the search and afterwards; at most four fifths of the problems there are."""
    validation: Annotated[Percent, InPaper("50 (batches alternate)", CODE)] = 50.0
    """Share of the training examples on which the search learns its vectors; it learns the weights on the others. The
    final training uses all."""
    test_items: Annotated[int, Ge(1), Le(1_000_000), InPaper("the whole test set", CODE)] = 30
    """Problems that every trained model answers; none of them is trained on. More of them begin with the same ones."""
    own_senses: Annotated[int, Ge(0), Le(3), InPaper("none", OURS)] = 1
    """Of the three wrong glosses, how many are other senses of the very word (where it has as many); the rest belong to
    other words of the same part of speech."""
    option_score: Annotated[Literal["mean", "sum"], InPaper("none: the letter is generated", CODE)] = "mean"
    """Options are compared by their log-likelihood per token, or by that of the whole option."""
    answer_tokens: Annotated[int, Ge(1), Le(2048), Unit("tokens"), InPaper("128", CODE)] = 32
    """Longest answer where one is written out (svamp, own); greedy."""
    targets: Annotated[tuple[str, ...], OneOf(TARGETS, open=True), InPaper("all seven", CODE)] = TARGETS
    """Names of the linear layers that get experts."""
    layers: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), InPaper("all", CODE)] = "last 3"
    """Blocks that get experts: all, last N, or numbers such as 0-5, 12. Fewer blocks at the end are much faster, since
    nothing has to be carried back through those before."""
    max_experts: Annotated[int, Ge(2), Le(64), InPaper("8", CODE)] = 8
    """Experts of each layer while searching: the most that can be found."""
    max_rank: Annotated[int, Ge(1), Le(256), InPaper("8", CODE)] = 8
    """Rank of each expert while searching: the highest that can be found."""
    top_k: Annotated[int, Ge(1), Le(64), PER_ARM, InPaper("2", CODE)] = 2
    """Experts that each token uses."""
    search_steps: Annotated[int, Ge(1), Le(1_000_000), BASIC, PER_ARM, InPaper("4 epochs", CODE)] = 10
    """Steps of the search on the real tasks."""
    search_batch: Annotated[int, Ge(1), Le(512), InPaper("64 (16 at a time)", CODE)] = 4
    """Examples of a training batch and of a validation batch of the search."""
    search_rate: Annotated[float, Gt(0), Le(1), PER_ARM, InPaper("3e-4", CODE)] = 3e-4
    """Learning rate of the weights while searching."""
    search_warmup: Annotated[int, Ge(0), Le(100_000), Unit("steps"), InPaper("100", CODE)] = 0
    """Linear rise of that rate."""
    search_schedule: Annotated[Literal["constant", "linear"], PER_ARM, InPaper("linear", CODE)] = "constant"
    """How that rate moves afterwards: it stays, or falls to zero as in the released code."""
    vector_rate: Annotated[float, Gt(0), Le(10), PER_ARM, InPaper("3e-3", CODE)] = 2e-2
    """Learning rate of the selection vectors. A step moves an entry about as far as this says; higher than the paper's,
    for much fewer steps."""
    order: Annotated[Order, PER_ARM, InPaper("second", CODE)] = "second"
    """Second order counts how the vectors act through the weights (five passes a step); first leaves that out
    (three)."""
    estimator: Annotated[Estimator, PER_ARM, InPaper("released", CODE)] = "released"
    """How gradients pass the argmax: as in the released code; selected hears at the argmax alone; every is ours, where
    all entries are heard at a price per parameter."""
    init_std: Annotated[float, Ge(0), Le(1), PER_ARM, InPaper("0.02", CODE)] = 0.02
    """Deviation of both factors at the start of the search; 0 starts as LoRA does, from the base itself."""


class GuilomoConfig(TrainingFields, SearchFields):
    """Settings of the search and of the trainings that follow."""

    sections: ClassVar = {
        "Task and data": "columns verifier prompting validation test_items own_senses option_score answer_tokens",
        "Experts": "targets layers max_experts max_rank top_k alpha dropout balance balance_over",
        "Search": "search_batch search_rate search_warmup search_schedule vector_rate order estimator init_std",
        "Final training": "epochs batch accumulation learning_rate plain_rate schedule warmup_steps longest",
        "Allocation": "allocation uniform_experts perturb_by perturb_layers",
        "Planted task": "planted_layers planted_width planted_steps planted_rate planted_vector_rate",
        "Pictures and machine": "snapshots dtype",
    }
    titles: ClassVar = {
        "search_steps": "Steps of the search", "vector_rate": "Rate of the selection vectors",
        "top_k": "Experts of a token · k", "alpha": "LoRA scale · α", "order": "Order of the gradient",
        "init_std": "Start of the factors · σ", "balance": "Weight of the load-balance loss",
    }  # fmt: skip

    epochs: Annotated[float, Gt(0), Le(1000), PER_ARM, InPaper("20", CODE)] = 1.0
    """Passes over the training examples in the final training."""
    batch: Annotated[int, Ge(1), Le(512), PER_ARM, InPaper("16", CODE)] = 8
    """Examples of a forward pass in the final training."""
    accumulation: Annotated[int, Ge(1), Le(512), PER_ARM, InPaper("4", CODE)] = 1
    learning_rate: Annotated[float, Gt(0), Le(1), PER_ARM, InPaper("3e-4", CODE)] = 1e-3
    """Of the final training; higher than the paper's, for much fewer updates."""
    schedule: Annotated[Schedule, PER_ARM, InPaper("linear", CODE, "unverified")] = "linear"
    warmup_steps: Annotated[int, Ge(0), Le(100_000), Unit("updates"), PER_ARM, InPaper("100", CODE)] = 0
    longest: Annotated[int, Ge(8), Le(100_000), Unit("tokens"), InPaper("256", CODE)] = 256
    allocation: Annotated[AllocationKind, PER_ARM, InPaper("guilomo", CODE)] = "guilomo"
    """How experts and ranks are shared out in the final training. The arms set this."""
    uniform_experts: Annotated[int, Ge(2), Le(64), PER_ARM, InPaper("5 (MoLA 5555)", NOTES, "unverified")] = 5
    """Experts of every layer in the uniform allocation."""
    perturb_by: Annotated[int, Ge(-16), Le(16), PER_ARM, InPaper("2 and 4, more and fewer", NOTES, "unverified")] = -2
    """How many experts a perturbed allocation adds (above 0) or takes away."""
    perturb_layers: Annotated[
        str,
        StringConstraints(max_length=200, strip_whitespace=True),
        PER_ARM,
        InPaper("8, 16 or 24", NOTES, "unverified"),
    ] = "all"
    """Blocks in which it does so."""
    alpha: Annotated[int, Ge(1), Le(1024), InPaper("16", CODE)] = 16
    """An expert's update is scaled by alpha over its own rank."""
    dropout: Annotated[Probability, InPaper("0.05", CODE)] = 0.05
    """Of what the experts read, while learning."""
    balance: Annotated[float, Ge(0), Le(10), PER_ARM, InPaper("0.001", CODE)] = 0.001
    """Weight of the load-balance loss."""
    balance_over: Annotated[Literal["module", "block"], PER_ARM, InPaper("block, in the search", CODE)] = "module"
    """In the search each router's load is balanced by itself, or a block's pooled as in the released code."""
    plain_rate: Annotated[float, Gt(0), Le(1), PER_ARM, InPaper("none", OURS)] = 1e-3
    """Learning rate of plain LoRA and DoRA in the final training: one update learns best at another rate than routed
    experts, of which each sees a part of the tokens."""
    planted_layers: Annotated[int, Ge(1), Le(12), InPaper("none", OURS)] = 2
    """Blocks of the tiny model of the planted task."""
    planted_width: Annotated[int, Ge(16), Le(512), InPaper("none", OURS)] = 32
    """Its width, a multiple of 8 and at least max_rank."""
    planted_steps: Annotated[int, Ge(1), Le(100_000), InPaper("none", OURS)] = 20
    """Steps of the search on the planted task, and updates of each training after it."""
    planted_rate: Annotated[float, Gt(0), Le(1), InPaper("none", OURS)] = 1e-2
    """Learning rate of the weights on the planted task, in search and training."""
    planted_vector_rate: Annotated[float, Gt(0), Le(10), PER_ARM, InPaper("none", OURS)] = 2e-2
    """Learning rate of the selection vectors on the planted task."""
    snapshots: Annotated[int, Ge(1), Le(1000), InPaper("none", OURS)] = 10
    """How often during a search the counts and vectors are shown."""
    dtype: Annotated[Literal["auto", "bfloat16", "float32"], InPaper("float16", CODE)] = "auto"
    """Number format of the frozen model; auto takes bfloat16 where this machine is measurably faster with it."""

    def task_settings(self) -> TaskSettings:
        """Return what to open of a real task."""
        return TaskSettings(
            learn_items=self.train_items,
            examine_items=self.test_items,
            prompting=self.prompting,
            data=self.data,
            columns=self.columns,
            verifier=self.verifier,
            own_senses=self.own_senses,
        )


SEARCH_FIELDS = (
    "estimator", "order", "vector_rate", "init_std", "search_steps", "search_rate", "planted_vector_rate", "balance",
    "top_k", "search_schedule", "balance_over",
)  # fmt: skip
"""Settings that an arm may change and that make another search."""


class AskedSentence(Config):
    """A sentence of one's own, read by a model of the run."""

    text: Annotated[
        str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True), LongText(4000), BASIC
    ] = "The river burst its bank near the old mill, and the bank refused to lend the miller any money."
    """The text whose tokens are coloured by expert."""
    arm: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True), BASIC] = "guilomo"
    """Which trained arm of the run reads it; it must have experts."""
    seed: Annotated[int, Ge(0)] = 0
    """The seed of the run under which it was trained."""
    task: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)] = "glosses"
    """The task on which it was trained: a real one, since the planted task has no words."""


class TokenControl(Config):
    """Whose choice of experts is shown."""

    module: str = ""
    """The path of a layer; empty shows the last."""
