"""Answers to test problems: the likeliest option, or what the model writes."""

import time
from collections.abc import Sequence

import pandas as pd

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.problems import VERIFIERS
from engines.guilomo.rows import RouterLoad, TaskAnswer
from engines.guilomo.tasks import Task, prompt_of, response_of
from engines.parts.generation import Sampling
from engines.parts.generator import Use, open_generator
from engines.parts.token_use import TokenUse
from workbench.engine import RunLog

METERED = 16
"""Test problems on which routers are watched."""


def answers_of(task: Task, names: tuple[str, int], ref: str, config: GuilomoConfig, log: RunLog) -> pd.DataFrame:
    """What a model answers to the test problems of a task; rows of `TaskAnswer`.

    Args:
        names: arm and seed.
        ref: of the model.

    Raises:
        DataError, ModelError, ResourceError: as `scoring.Scorer.score` and `Generator.generate`.
    """
    said = (_chosen if task.verifier == "options" else _written)(task, names, ref, config, log)
    verify = VERIFIERS[task.verifier]
    rows = [
        TaskAnswer(
            task=task.name, arm=names[0], seed=names[1], item=one.item, question=one.question, gold=one.gold,
            answer=answer, right=verify(one.gold, answer),
        ).model_dump()
        for one, answer in zip(task.test, said, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(TaskAnswer.model_fields))


def _chosen(task: Task, names: tuple[str, int], ref: str, config: GuilomoConfig, log: RunLog) -> list[str]:
    """The likeliest option of each problem."""
    from engines.parts.scoring import open_scorer

    begun = time.perf_counter()
    scorer = open_scorer(ref, config.dtype)
    pairs = [(prompt_of(one, config), response_of(option, config)) for one in task.test for option in one.options]
    scored = scorer.score(pairs, tell=lambda done, total: log.progress(done, total, "options"))
    counts = [len(ids) for ids in _prompt_lengths(task, config, scorer)]
    log.row(
        TokenUse(
            stage=f"Score options, {task.name}",
            arm=names[0],
            seed=names[1],
            model=scorer.model.source.name,
            calls=len(pairs),
            prompt_tokens=sum(count * len(one.options) for count, one in zip(counts, task.test, strict=True)),
            completion_tokens=sum(one.tokens for one in scored),
            computed_tokens=sum(counts) + sum(one.tokens for one in scored),
            reused=0,
            seconds=time.perf_counter() - begun,
        )
    )
    values = iter([one.mean if config.option_score == "mean" else one.logprob for one in scored])
    return [likeliest(one.options, [next(values) for _ in one.options]) for one in task.test]


def likeliest(options: Sequence[str], values: Sequence[float]) -> str:
    """The option of the highest value; of equal ones the first."""
    return max(zip(values, range(len(options), 0, -1), options, strict=True))[2]


def _prompt_lengths(task: Task, config: GuilomoConfig, scorer: "object") -> list[list[int]]:
    from engines.parts.prompts import prompt_ids

    tokenizer = scorer.model.tokenizer  # type: ignore[attr-defined]
    return [prompt_ids(prompt_of(one, config), tokenizer) for one in task.test]


def _written(task: Task, names: tuple[str, int], ref: str, config: GuilomoConfig, log: RunLog) -> list[str]:
    """What the model writes, greedily, up to the end of the line."""
    generator = open_generator(ref, log, config.dtype)
    sampling = Sampling(max_tokens=config.answer_tokens, stop=("\n",))
    prompts = [prompt_of(one, config) for one in task.test]
    said = generator.generate(prompts, sampling, Use(f"Answer, {task.name}", *names))
    return [one[0].text.strip() for one in said]


def router_rows(task: Task, names: tuple[str, int], ref: str, config: GuilomoConfig) -> list[RouterLoad]:
    """How the routers of a trained model use their experts on the first test problems; none for a plain adapter."""
    import torch

    from engines.guilomo.allocation import layer_of, module_of
    from engines.guilomo.router_use import watching
    from engines.parts.lora_experts import expert_layers
    from engines.parts.models import load_causal
    from engines.parts.training_examples import encode_examples

    loaded = load_causal(ref, config.dtype)
    if not expert_layers(loaded.model):
        return []
    from engines.guilomo.tasks import examples_of

    rows = encode_examples(loaded.tokenizer, examples_of(task.test[:METERED], config), loaded.context).rows
    with watching(loaded.model) as meter, torch.inference_mode():
        for row in rows:
            loaded.model(input_ids=torch.tensor([row["input_ids"]], device=loaded.device), use_cache=False)
    return [
        RouterLoad(
            task=task.name, arm=names[0], seed=names[1], path=use.path, layer=layer_of(use.path),
            module=module_of(use.path), expert=use.expert, load=use.load, probability=use.probability,
            entropy=use.entropy, tokens=use.tokens,
        )
        for use in meter.rows()
    ]  # fmt: skip
