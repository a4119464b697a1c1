"""Answers to test problems: the likeliest option, or what the model writes; in blocks that never change."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import pandas as pd

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.problems import VERIFIERS, Problem, digest_of
from engines.guilomo.rows import TaskAnswer
from engines.guilomo.tasks import Task, prompt_of, response_of
from engines.parts.completions import Sampling
from engines.parts.generation import Use, open_generator
from engines.parts.rows import TokenUse
from workbench.contract import RunCell, RunLog

BLOCK = 20
"""Problems that a model reads together. What lies in a block depends on the draw alone, so that rounding in batches is
the same however many blocks follow, and a run that is extended reads the new ones only."""
UNTRAINED = "untrained"
"""How answers name the model before any training; it is no arm."""


@dataclass(frozen=True)
class Answerer:
    """A model that answers the test problems of a task.

    Attributes:
        names: arm and seed.
        ref: of the model.
        reported: its answers are outcomes of the run.
    """

    task: Task
    names: tuple[str, int]
    ref: str
    config: GuilomoConfig
    reported: bool = True


def answers_of(asked: Answerer, log: RunLog) -> pd.DataFrame:
    """Answer every test problem, each block once; rows of `TaskAnswer` in the order of the problems.

    Raises:
        DataError, ModelError, ResourceError: as `scoring.Scorer.score` and `Generator.generate`.
    """
    arm, seed = asked.names
    test, found = asked.task.test, []
    for begin in range(0, len(test), BLOCK):
        log.progress(begin, len(test), f"problems, {arm}, seed {seed}")
        block = test[begin : begin + BLOCK]
        answer = partial(_told, asked, block, log)
        name = f"answers {arm} {seed} {begin // BLOCK}"
        found.append(cast(pd.DataFrame, log.once(name, pd.DataFrame, answer, key=digest_of(block))))
    log.progress(len(test), len(test), f"problems, {arm}, seed {seed}")
    return pd.concat(found, ignore_index=True)


def _told(asked: Answerer, block: Sequence[Problem], log: RunLog) -> pd.DataFrame:
    rows = block_answers(asked, block, log)
    log.table(TaskAnswer, rows)
    if asked.reported:
        task = asked.task.name
        log.outcomes("correct", RunCell(*asked.names), rows["right"], f"{task}/" + rows["item"], slice=task)
    return rows


def block_answers(asked: Answerer, block: Sequence[Problem], log: RunLog) -> pd.DataFrame:
    """Answer some problems; rows of `TaskAnswer`. Errors are those of `answers_of`."""
    said = (_chosen if asked.task.verifier == "options" else _written)(asked, block, log)
    verify = VERIFIERS[asked.task.verifier]
    arm, seed = asked.names
    rows = [
        TaskAnswer(
            task=asked.task.name, arm=arm, seed=seed, item=one.item, question=one.question, gold=one.gold,
            answer=answer, right=verify(one.gold, answer), cut=cut,
        ).model_dump()
        for one, (answer, cut) in zip(block, said, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(TaskAnswer.model_fields))


Said = list[tuple[str, bool]]
"""Answers, and whether the token limit ended them."""


def _chosen(asked: Answerer, block: Sequence[Problem], log: RunLog) -> Said:
    """The likeliest option of each problem."""
    from engines.parts.completions import prompt_ids
    from engines.parts.scoring import open_scorer

    begun, config = time.perf_counter(), asked.config
    scorer = open_scorer(asked.ref, config.dtype)
    pairs = [(prompt_of(one, config), response_of(option, config)) for one in block for option in one.options]
    scored = scorer.score(pairs)
    lengths = [len(prompt_ids(prompt_of(one, config), scorer.model.tokenizer)) for one in block]
    written = sum(one.tokens for one in scored)
    log.row(
        TokenUse(
            stage=f"Score options, {asked.task.name}",
            arm=asked.names[0],
            seed=asked.names[1],
            model=scorer.model.source.name,
            calls=len(pairs),
            prompt_tokens=sum(count * len(one.options) for count, one in zip(lengths, block, strict=True)),
            completion_tokens=written,
            computed_tokens=sum(lengths) + written,
            reused=0,
            seconds=time.perf_counter() - begun,
        )
    )
    values = iter([one.mean if config.option_score == "mean" else one.logprob for one in scored])
    return [(likeliest(one.options, [next(values) for _ in one.options]), False) for one in block]


def likeliest(options: Sequence[str], values: Sequence[float]) -> str:
    """Return the option of the highest value; of equal ones the first."""
    return max(zip(values, range(len(options), 0, -1), options, strict=True))[2]


def _written(asked: Answerer, block: Sequence[Problem], log: RunLog) -> Said:
    """What the model writes, greedily, up to the end of the line."""
    generator = open_generator(asked.ref, log, asked.config.dtype)
    sampling = Sampling(max_tokens=asked.config.answer_tokens, stop=("\n",))
    prompts = [prompt_of(one, asked.config) for one in block]
    said = generator.generate(prompts, sampling, Use(f"Answer, {asked.task.name}", *asked.names), whole=True)
    return [(one[0].text.strip(), one[0].finish == "length") for one in said]
