"""What a run tells: searches while they run and when they end, allocations, trainings, answers, the use of experts."""

from math import nan
from typing import Annotated

from workbench.contract import MEASURED, Row


class SearchProgress(Row):
    """One step of a search."""

    task: str
    search: str
    """How gradients pass the argmax, and the order: "released, second"."""
    seed: int
    step: int
    """Counted from 1."""
    train_loss: float
    validation_loss: float
    """After the weights' next step, as the vectors see it."""
    learning_rate: float
    gradient: float
    """Length of the vectors' gradient."""
    product: float
    """Length of its second-order part."""
    zero_sum: float = nan
    """How far the gradient over a router's kept experts is from adding up to zero, as a share of its size."""
    seconds: Annotated[float, MEASURED]


class ExpertCount(Row):
    """How many experts a layer keeps at a moment of a search."""

    task: str
    search: str
    seed: int
    step: int
    """0 is the start."""
    path: str
    """The layer's path in the model."""
    layer: int
    module: str
    """Its own name, such as q_proj."""
    experts: int


class ExpertRank(Row):
    """The rank of one expert at a moment of a search."""

    task: str
    search: str
    seed: int
    step: int
    path: str
    layer: int
    module: str
    expert: int
    """Counted from 1."""
    rank: int
    """0 where the layer does not keep the expert."""


class SelectionEntry(Row):
    """One entry of a selection vector at a moment of a search."""

    task: str
    search: str
    seed: int
    step: int
    path: str
    vector: str
    """"experts", or "rank of expert 3"."""
    entry: int
    """The count that it stands for, from 1."""
    value: float


class VectorMove(Row):
    """The count that a selection vector stood for at the start and at the end of a search."""

    task: str
    search: str
    seed: int
    path: str
    vector: str
    first: int
    last: int


class SearchEnd(Row):
    """What a search found, in numbers."""

    task: str
    search: str
    seed: int
    outcome: str
    """"finished", or "not a number": then everything is as after the last good step."""
    steps: int
    parameters: int
    """Trainable parameters of the allocation it found: the budget of all arms under this seed."""
    experts: float
    """Mean over layers."""
    rank: float
    """Mean over kept experts."""
    stayed: float
    """Share of the vectors whose count did not move."""
    zero_sum: float = nan
    """Sum of the gradient over a router's kept experts, as a share of its absolute values, mean over steps: 0 where
    numbers of experts cannot be learned."""
    second_order: float = nan
    """Length of the second-order part as a share of the vectors' gradient, mean over steps; nan at first order."""
    warning: str
    """A sentence where the result rests on the initialisation; else empty."""
    message: str
    """What went wrong; else empty."""


class SeedAgreement(Row):
    """How alike the counts of searches under several seeds are."""

    task: str
    search: str
    counts: str
    """Of what: "experts" or "ranks"."""
    seeds: int
    exact: float
    """Share of equal counts, mean over pairs of seeds; nan with one seed."""
    chance: float
    """The same if each seed's counts were dealt out at random."""
    spearman: float
    warning: str


class PlantedModule(Row):
    """Planted truth beside what a search found, for one layer of the tiny model. Synthetic."""

    search: str
    seed: int
    path: str
    layer: int
    module: str
    planted_number: int
    planted_rank: int
    found_number: int
    found_rank: float
    """Mean over the kept experts."""
    entropy_rank: float = nan
    """Effective rank of the updates that a fully trained student learned: a reference that needs no search."""


class ArmAllocation(Row):
    """What an arm gives one layer in the final training."""

    task: str
    arm: str
    seed: int
    path: str
    layer: int
    module: str
    experts: int
    """1 for plain LoRA and DoRA."""
    ranks: str
    """Of the experts, "8 4 1"."""


class TrainedArm(Row):
    """A finished final training."""

    task: str
    arm: str
    seed: int
    model: str
    """Reference of the tuned model; empty on the planted task, whose model is not kept."""
    parameters: int
    budget: int
    """Parameters of the searched allocation, which every arm should match."""
    updates: int
    first_loss: float
    last_loss: float
    """Mean of the first and of the last quarter of the updates."""
    score: float
    """Share of right answers; on the planted task the divergence from the teacher, lower is better."""
    seconds: Annotated[float, MEASURED]


class RouterLoad(Row):
    """How much a router uses one expert on test problems."""

    task: str
    arm: str
    seed: int
    path: str
    layer: int
    module: str
    expert: int
    load: float
    """Share of the routed tokens."""
    probability: float
    entropy: float
    """Of the router's probabilities, as a share of the highest; the same for all experts of a layer."""
    tokens: int


class TokenExpert(Row):
    """The top expert of one token of the asked text in one layer."""

    path: str
    layer: int
    module: str
    place: int
    token: str
    expert: int
    weight: float
