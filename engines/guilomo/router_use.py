"""Use of experts by routers: load and entropy on test problems, the top expert of each token of an asked text."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import torch
from torch import Tensor

from engines.guilomo.allocation import layer_of, module_of
from engines.guilomo.config import AskedSentence, GuilomoConfig
from engines.guilomo.rows import RouterLoad, TokenExpert, TrainedArm
from engines.parts.expert_layers import expert_layers
from engines.parts.models import load_causal
from engines.parts.tasks import Task, digest_of
from engines.parts.training import encode_examples
from workbench.contract import DataError, ModelError, Parent, RunCell, RunLog

METERED = 16
"""Test problems on which routers are watched, the first ones."""


@dataclass(frozen=True)
class ExpertUse:
    """Use of one expert of one module.

    Attributes:
        expert: counted from 1.
        load: share of the routed tokens; 1 / experts is even.
        probability: mean router probability.
        entropy: of the module's router probabilities, mean over tokens, as a share of the highest, log experts.
        tokens: that passed the module.
    """

    path: str
    expert: int
    load: float
    probability: float
    entropy: float
    tokens: int


@dataclass(frozen=True)
class TokenExperts:
    """The top expert of each token in one module.

    Attributes:
        tokens: texts of the tokens.
        experts: counted from 1.
        weights: gate of that expert.
    """

    path: str
    tokens: tuple[str, ...]
    experts: tuple[int, ...]
    weights: tuple[float, ...]


class UseMeter:
    """Sums over the tokens that passed while it watched."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[Tensor, Tensor, float, int]] = {}

    def __call__(self, path: str, logits: Tensor, gates: Tensor) -> None:
        """Count tokens by their router logits and gates, both [N, E]."""
        probabilities = logits.float().softmax(-1)
        entropy = float(torch.special.entr(probabilities).sum()) / math.log(logits.shape[-1])
        loads, likely = (gates > 0).sum(0).double().cpu(), probabilities.sum(0).double().cpu()
        before = self._sums.get(path, (torch.zeros_like(loads), torch.zeros_like(likely), 0.0, 0))
        self._sums[path] = (
            before[0] + loads, before[1] + likely, before[2] + entropy, before[3] + logits.shape[0]
        )  # fmt: skip

    def rows(self) -> list[ExpertUse]:
        """Return the use of each expert, modules in the order in which they were met; empty where no token passed."""
        return [
            ExpertUse(path, at + 1, float(load), float(likely) / tokens, entropy / tokens, tokens)
            for path, (loads, probabilities, entropy, tokens) in self._sums.items()
            for at, (load, likely) in enumerate(zip(loads / loads.sum(), probabilities, strict=True))
        ]


@contextmanager
def watching(model: Any) -> Iterator[UseMeter]:
    """Meter the routers of a model inside the block, padding included.

    Raises:
        ModelError: the model has no routed experts.
    """
    routing, before = _routing(model), _routing(model).watch
    meter = UseMeter()
    routing.watch = meter
    try:
        yield meter
    finally:
        routing.watch = before


@torch.no_grad()
def experts_of_text(model: Any, tokenizer: Any, text: str, most_tokens: int = 256) -> list[TokenExperts]:
    """Return the top expert of each token of a text, for each module; tokens beyond the most are left out.

    Raises:
        DataError: the text is empty.
        ModelError: the model has no routed experts.
    """
    ids = tokenizer(text)["input_ids"][:most_tokens]
    if not text.strip() or not ids:
        raise DataError("The text is empty.", "Write a sentence.")
    tokens = tuple(tokenizer.decode([one]) for one in ids)
    found: list[TokenExperts] = []

    def watch(path: str, logits: Tensor, gates: Tensor) -> None:
        weights, experts = gates.max(-1)
        found.append(TokenExperts(path, tokens, tuple((experts + 1).tolist()), tuple(weights.tolist())))

    routing, before, training = _routing(model), _routing(model).watch, model.training
    routing.watch = watch
    model.eval()
    try:
        model(input_ids=torch.tensor([ids], device=next(model.parameters()).device), use_cache=False)
    finally:
        routing.watch = before
        model.train(training)
    return found


def _routing(model: Any) -> Any:
    layers = expert_layers(model)
    if not layers:
        raise ModelError("The model has no routed experts.", "Use a model that was trained with them.")
    return next(iter(layers.values())).routing


def watched_routers(cell: RunCell, ref: str, task: Task, config: GuilomoConfig, log: RunLog) -> pd.DataFrame:
    """Watch a model's routers once and report it; rows of `RouterLoad`, none for a plain adapter."""

    def watch() -> pd.DataFrame:
        rows = [row.model_dump() for row in router_rows(cell, ref, task, config)]
        frame = pd.DataFrame(rows, columns=list(RouterLoad.model_fields))
        log.table(RouterLoad, frame)
        return frame

    name = f"routers {cell.arm} {cell.seed}"
    return cast(pd.DataFrame, log.once(name, pd.DataFrame, watch, key=digest_of(task.examine[:METERED])))


def router_rows(cell: RunCell, ref: str, task: Task, config: GuilomoConfig) -> list[RouterLoad]:
    """Return load, mean probability and entropy of each expert over the tokens of the first test problems.

    Their answers are read too.

    Raises:
        DataError: no problem is short enough for the model.
    """
    loaded = load_causal(ref, config.dtype)
    if not expert_layers(loaded.model):
        return []
    examples = task.examples(task.examine[:METERED])
    rows = encode_examples(loaded.tokenizer, examples, loaded.context).rows
    with watching(loaded.model) as meter, torch.inference_mode():
        for row in rows:
            loaded.model(input_ids=torch.tensor([row["input_ids"]], device=loaded.device), use_cache=False)
    return [
        RouterLoad(
            task=task.name, arm=cell.arm, seed=cell.seed, path=use.path, layer=layer_of(use.path),
            module=module_of(use.path), expert=use.expert, load=use.load, probability=use.probability,
            entropy=use.entropy, tokens=use.tokens,
        )
        for use in meter.rows()
    ]  # fmt: skip


def ask(question: AskedSentence, parent: Parent, log: RunLog) -> None:
    """Read the sentence with a trained model of the run.

    Raises:
        DataError: the run has no such model, or it has no experts.
    """
    config = GuilomoConfig.model_validate(parent.spec.settings)
    with log.phase("Read the sentence"):
        loaded = load_causal(model_of(question, parent), config.dtype)
        found = experts_of_text(loaded.model, loaded.tokenizer, question.text)
        rows = [
            TokenExpert(
                path=one.path, layer=layer_of(one.path), module=module_of(one.path), place=place, token=token,
                expert=expert, weight=weight,
            ).model_dump()
            for one in found
            for place, (token, expert, weight) in enumerate(zip(one.tokens, one.experts, one.weights, strict=True))
        ]  # fmt: skip
        log.table(TokenExpert, pd.DataFrame(rows, columns=list(TokenExpert.model_fields)))


def model_of(question: AskedSentence, parent: Parent) -> str:
    """Return the reference of the model that an arm trained under a seed on a task.

    Raises:
        DataError: the run has no such model.
    """
    trained = parent.chosen(TrainedArm, question.arm, question.seed)
    kept = trained[trained["model"].astype(str) != ""].set_index("task")["model"]
    if question.task not in kept:
        raise DataError(
            f"The run kept no model of {question.arm[:40]!r} on {question.task[:40]!r}, seed {question.seed}; it has "
            f"those on {', '.join(kept.index) or 'no task'}.",
            "Choose one of them; models of the planted task are not kept.",
        )
    return str(kept[question.task])
