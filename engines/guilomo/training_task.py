"""What a run searches and trains on: a task on real text with the run's model, or the planted one with a tiny model."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import pandas as pd
from pydantic import BaseModel

from engines.guilomo.allocation import Allocation, Shapes
from engines.guilomo.arm_allocations import Plain, Untrained, allocated, chosen_layers, within
from engines.guilomo.cautions import left_out_cautions, untrained_cautions
from engines.guilomo.config import ALLOCATIONS, GuilomoConfig
from engines.guilomo.rows import TrainedArm
from engines.guilomo.searching import Found, ReadySearch, search_settings
from engines.parts.completions import Sampling
from engines.parts.experts import ExpertLayout, ExpertSettings, shapes_of
from engines.parts.models import LoadedModel, load_causal, load_own, resolve_model
from engines.parts.tasks import Examination, Problem, Task, examined, examined_untrained, tuned
from engines.parts.training import TrainingSettings, encode_examples, padded_batch
from workbench.contract import DataError, Fact, RunCell, RunLog

if TYPE_CHECKING:
    from engines.parts.training import Encoded


@dataclass(frozen=True)
class Judged:
    """How many answers were judged on a task, those of the untrained model included.

    Attributes:
        cut: answers that the token limit ended.
        empty: answers without any text.
    """

    answers: int = 0
    cut: int = 0
    empty: int = 0


class ArmTraining(BaseModel):
    """A training of one arm under one seed, as it is kept; what it is worth is judged apart."""

    arm: str
    seed: int
    model: str = ""
    """Reference of the tuned model; empty on the planted task, whose model is not kept."""
    parameters: int
    budget: int
    """Parameters of the searched allocation, which every arm should match."""
    updates: int
    first_loss: float
    last_loss: float
    examples: int = 0
    left_out: int = 0
    """Examples that were too long."""
    seconds: float

    def row(self, task: str, score: float) -> TrainedArm:
        """Return the training's row with what it is worth."""
        return TrainedArm(task=task, score=score, **self.model_dump(exclude={"examples", "left_out"}))


class TrainingTask(Protocol):
    """A task that can be searched and trained on."""

    @property
    def name(self) -> str:
        """The task's name."""
        ...

    @property
    def allocations(self) -> frozenset[str]:
        """Kinds of allocations that are trained on it."""
        ...

    def threads(self) -> AbstractContextManager[None]:
        """Return how many threads the work on it is worth."""
        ...

    def ready(self, config: GuilomoConfig, seed: int) -> ReadySearch:
        """Make a search ready."""
        ...

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> ArmTraining:
        """Train one arm under one seed, and report what does not depend on the items it is judged on."""
        ...

    def judge(self, trainings: Sequence[ArmTraining], config: GuilomoConfig, log: RunLog) -> Judged:
        """Judge all trainings on the items that the run asks for."""
        ...


class ModelFacts(BaseModel):
    """Size and number format of the model, as it ran."""

    parameters: int
    dtype: str


class TextTask:
    """A task on real text.

    Args:
        task: whose problems to learn from are shared out between the two halves of the search.
        percent: of them that are for the selection vectors (validation).

    Attributes:
        train_part, validation_part: what the search learns weights and vectors on; the final training learns from both.

    Raises:
        DataError: a half of the search would be empty.
    """

    def __init__(self, task: Task, percent: float) -> None:
        self.task = task
        self.train_part, self.validation_part = search_parts(task.learn, percent)
        if not (self.train_part and self.validation_part):
            raise DataError(
                f"{task.name}: of {len(task.learn)} training examples {len(self.validation_part)} would be for the "
                "validation of the search; both parts need at least one.",
                "Set validation between 1 and 99 %, and use more examples.",
                field="validation",
            )

    allocations = ALLOCATIONS - {"oracle", "untrained"}

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task.name

    @property
    def learned(self) -> list[Problem]:
        """All problems of the final training, those of the search's weights first."""
        return [*self.train_part, *self.validation_part]

    def threads(self) -> AbstractContextManager[None]:
        """As many as there are."""
        return nullcontext()

    def ready(self, config: GuilomoConfig, seed: int) -> ReadySearch:
        """Load the model and lay out the batches.

        Raises:
            ConfigError: the model lacks a chosen block, or a layer is smaller than the highest rank.
            DataError: no example is short enough.
            ModelError: the model cannot be used, or a target matches no layer that can have experts.
        """
        from engines.guilomo.search import Search

        base = load_own(resolve_model(config.model), config.dtype)
        encoded = [self.encoded(part, base, config) for part in (self.train_part, self.validation_part)]
        train, validation = (batches_of(part, base, config.search_batch) for part in encoded)
        search = Search(base.model, search_settings(config, seed), adapted_paths(base, config))
        return ReadySearch(search, train, validation, tuple(filter(None, (part.note() for part in encoded))))

    def encoded(self, problems: Sequence[Problem], base: LoadedModel, config: GuilomoConfig) -> "Encoded":
        """Return token ids of problems and responses, those left out counted.

        Raises:
            DataError: no example is short enough.
        """
        return encode_examples(base.tokenizer, self.task.examples(problems), min(config.longest, base.context))

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> ArmTraining:
        """Train an adapter, which is kept as an artifact."""
        allocation = allocated(cell, config, found, log)
        assert not isinstance(allocation, Untrained), "the untrained arm has no training"
        settings = training_settings(config, allocation, found.shapes, cell.seed)
        row = tuned(cell, config.model, self.task.examples(self.learned), settings, log)
        return ArmTraining(
            arm=cell.arm, seed=cell.seed, model=row.model, parameters=allocation.parameters(found.shapes),
            budget=found.budget, updates=row.updates, first_loss=row.first_loss, last_loss=row.last_loss,
            examples=row.examples, left_out=row.left_out, seconds=row.seconds,
        )  # fmt: skip

    def judge(self, trainings: Sequence[ArmTraining], config: GuilomoConfig, log: RunLog) -> Judged:
        """Have every trained model and the untrained one answer the test problems, and watch the routers."""
        from engines.guilomo.router_use import watched_routers

        record_facts(config, trainings, log)
        how = examination(config)
        told = [examined_untrained(config.model, self.task, log, how)]
        for trained in trainings:
            cell = RunCell(trained.arm, trained.seed, self.name)
            told.append(examined(cell, trained.model, self.task, log, how))
            watched_routers(cell, trained.model, self.task, config, log)
            log.row(trained.row(self.name, float(told[-1]["right"].mean())))
        answers = pd.concat(told, ignore_index=True)
        for caution in (*untrained_cautions(self.name, answers, log.arms), *left_out_cautions(self.name, trainings)):
            log.row(caution)
        return judged(answers)


def search_parts(learned: Sequence[Problem], percent: float) -> tuple[list[Problem], list[Problem]]:
    """Share out examples evenly along their order: those on which the search learns weights, and those for its vectors.

    An example stays in its part when more follow it.

    Args:
        percent: of the examples that are for the vectors (validation).
    """
    parts: tuple[list[Problem], list[Problem]] = ([], [])
    for place, problem in enumerate(learned):
        parts[int((place + 1) * percent / 100) > int(place * percent / 100)].append(problem)
    return parts


def adapted_paths(base: LoadedModel, config: GuilomoConfig) -> list[str]:
    """Return paths of the layers that get experts.

    Raises:
        ConfigError: the model lacks a chosen block.
        ModelError: a target matches no layer that can have experts.
    """
    shapes = shapes_of(base.model, config.targets)
    return list(within(shapes, chosen_layers(config.layers, base.layers)))


def batches_of(encoded: "Encoded", base: LoadedModel, size: int) -> list[dict[str, Any]]:
    """Return batches of "input_ids", "attention_mask" and "labels" [B, T]; only responses are labelled."""
    parts = (encoded.rows[at : at + size] for at in range(0, len(encoded.rows), size))
    padding: Any = base.tokenizer.pad_token_id
    return [padded_batch(part, int(padding or 0), base.device) for part in parts]


def examination(config: GuilomoConfig) -> Examination:
    """Return how trained models are examined: the likeliest option, or what is written to the end of the line."""
    sampling = Sampling(max_tokens=config.answer_tokens, stop=("\n",))
    return Examination(sampling, config.option_score, dtype=config.dtype)


def expert_settings(config: GuilomoConfig) -> ExpertSettings:
    """Return how experts act in the final training: the balance as switch transformers have it, as released."""
    return ExpertSettings(config.top_k, config.alpha, config.dropout, config.balance, by_experts=True)


def training_settings(
    config: GuilomoConfig, allocation: Allocation | Plain, shapes: Shapes, seed: int
) -> TrainingSettings:
    """Return how an arm is trained."""
    own: dict[str, Any] = {"dropout": config.dropout, "targets": tuple(shapes), "dtype": config.dtype}
    if isinstance(allocation, Plain):
        own |= {"rank": allocation.rank, "alpha": allocation.alpha, "dora": allocation.dora}
        own |= {"learning_rate": config.plain_rate}
    else:
        own |= {"rank": 1, "alpha": config.alpha, "experts": ExpertLayout(allocation.ranks, expert_settings(config))}
    return config.training_settings(seed, **own)


def judged(answers: pd.DataFrame) -> Judged:
    """Count answers, those that were cut and those without text; `answers` are rows of `TaskAnswer`."""
    empty = answers["answer"].astype(str).str.strip() == ""
    return Judged(len(answers), int(answers["cut"].sum()), int(empty.sum()))


def record_facts(config: GuilomoConfig, trainings: Sequence[ArmTraining], log: RunLog) -> None:
    """Record size and number format of the model and how long it was trained, of the shortest training."""

    def facts() -> ModelFacts:
        loaded = load_causal(config.model, config.dtype)
        return ModelFacts(parameters=loaded.parameters, dtype=loaded.dtype)

    model = cast(ModelFacts, log.once("model", ModelFacts, facts))
    log.record(Fact.PARAMETERS, model.parameters)
    log.record(Fact.DTYPE, model.dtype)
    log.record(Fact.STEPS, min(trained.updates for trained in trainings))
    log.record(Fact.ITEMS, min(trained.examples for trained in trainings))
