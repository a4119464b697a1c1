"""Examination of a model in a task: the likeliest option of each problem, or what the model writes, block by block."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

from engines.parts.completions import Sampling
from engines.parts.generation import Use, open_generator
from engines.parts.models import DtypeName
from engines.parts.rows.task_answer import TaskAnswer
from engines.parts.rows.token_use import TokenUse
from engines.parts.tasks.problems import VERIFIERS, Problem, digest_of
from engines.parts.tasks.tasks import Task

if TYPE_CHECKING:
    import pandas as pd

    from workbench.contract import RunCell, RunLog

BLOCK = 20
"""Problems that a model reads together. What lies in a block depends on the draw alone, so that rounding in batches is
the same however many blocks follow, and a run that is extended reads the new ones only."""
LINE = Sampling(max_tokens=32, stop=("\n",))
"""A short answer, greedily, up to the end of the line."""


@dataclass(frozen=True)
class Examination:
    """How a model is examined.

    Attributes:
        sampling: how it writes, where it writes.
        option_score: options are compared by log-likelihood per token, or by that of the whole option.
        metric: of the outcomes, one item a problem; empty reports none.
        stage: what the ledger calls it.
    """

    sampling: Sampling = LINE
    option_score: Literal["mean", "sum"] = "mean"
    metric: str = "correct"
    dtype: DtypeName = "auto"
    stage: str = "Answer"


def examined(cell: "RunCell", ref: str, task: Task, log: "RunLog", how: Examination) -> "pd.DataFrame":
    """Answer every problem of the examination, each whole block once; return rows of `TaskAnswer` in their order.

    Emits them, and outcomes "TASK/ITEM" of `how.metric` under the slice of the task, in the problems' clusters.

    Args:
        ref: the model.

    Raises:
        DataError, ModelError, ResourceError: as `scoring.Scorer.score` and `Generator.generate`.
    """
    return examined_under([cell], ref, task, log, how)


def examined_under(cells: "Sequence[RunCell]", ref: str, task: Task, log: "RunLog", how: Examination) -> "pd.DataFrame":
    """Answer as `examined` does, once for cells that share a model: rows under the first, outcomes under each."""
    import pandas as pd

    cell, found = cells[0], []
    for begin in range(0, len(task.examine), BLOCK):
        log.progress(begin, len(task.examine), f"problems, {cell.arm}, seed {cell.seed}")
        block = task.examine[begin : begin + BLOCK]
        answer = partial(_emitted, cell, ref, task, block, (log, how))
        name = f"answers {cell.arm} {cell.seed} {begin // BLOCK}"
        rows = cast(pd.DataFrame, log.once(name, pd.DataFrame, answer, key=digest_of(block)))
        for other in cells[1:] if how.metric else ():
            repeat = partial(_reported, other, rows, task, block, (log, how))
            log.once(f"outcomes {other.arm} {other.seed} {begin // BLOCK}", pd.DataFrame, repeat, key=digest_of(block))
        found.append(rows)
    log.progress(len(task.examine), len(task.examine), f"problems, {cell.arm}, seed {cell.seed}")
    return pd.concat(found, ignore_index=True)


def _clusters(task: Task, block: Sequence[Problem]) -> list[str] | None:
    """Clusters of problems, one without a cluster being its own; None where no problem of the task has one."""
    if not any(one.cluster for one in task.examine):
        return None
    return [one.cluster or f"{task.name}/{one.item}" for one in block]


def _emitted(
    cell: "RunCell", ref: str, task: Task, block: Sequence[Problem], telling: "tuple[RunLog, Examination]"
) -> "pd.DataFrame":
    log, how = telling
    rows = answer_problems(cell, ref, task, block, log, how)
    log.table(TaskAnswer, rows)
    return _reported(cell, rows, task, block, telling) if how.metric else rows


def _reported(
    cell: "RunCell", rows: "pd.DataFrame", task: Task, block: Sequence[Problem], telling: "tuple[RunLog, Examination]"
) -> "pd.DataFrame":
    log, how = telling
    items = f"{task.name}/" + rows["item"]
    log.outcomes(how.metric, cell, rows["right"], items, _clusters(task, block), task.name)
    return rows


def answer_problems(
    cell: "RunCell", ref: str, task: Task, problems: Sequence[Problem], log: "RunLog", how: Examination
) -> "pd.DataFrame":
    """Answer some problems; return rows of `TaskAnswer` without emitting them. Errors are those of `examined`."""
    import pandas as pd

    said = (_chosen if task.verifier == "options" else _written)(cell, ref, task, problems, (log, how))
    right = task.verifier if callable(task.verifier) else VERIFIERS[task.verifier]
    rows = [
        TaskAnswer(
            task=task.name, arm=cell.arm, seed=cell.seed, item=one.item, question=one.question, gold=one.gold,
            answer=answer, right=right(one.gold, answer), cut=cut,
        ).model_dump()
        for one, (answer, cut) in zip(problems, said, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(TaskAnswer.model_fields))


Said = list[tuple[str, bool]]
"""Answers, and whether the token limit ended them."""


def _chosen(
    cell: "RunCell", ref: str, task: Task, problems: Sequence[Problem], telling: "tuple[RunLog, Examination]"
) -> Said:
    """Return the likeliest option of each problem."""
    from engines.parts.completions import prompt_ids
    from engines.parts.scoring import open_scorer

    begun, (log, how) = time.perf_counter(), telling
    scorer = open_scorer(ref, how.dtype)
    prompts = [task.prompt(one) for one in problems]
    pairs = [
        (prompt, task.lead + option) for prompt, one in zip(prompts, problems, strict=True) for option in one.options
    ]
    scored = scorer.score(pairs)
    lengths = [len(prompt_ids(prompt, scorer.model.tokenizer)) for prompt in prompts]
    written = sum(one.tokens for one in scored)
    log.row(
        TokenUse(
            stage=f"Score options, {task.name}",
            arm=cell.arm,
            seed=cell.seed,
            model=scorer.model.source.name,
            calls=len(pairs),
            prompt_tokens=sum(count * len(one.options) for count, one in zip(lengths, problems, strict=True)),
            completion_tokens=written,
            computed_tokens=sum(lengths) + written,
            reused=0,
            seconds=time.perf_counter() - begun,
        )
    )
    values = iter([one.mean if how.option_score == "mean" else one.logprob for one in scored])
    return [(likeliest(one.options, [next(values) for _ in one.options]), False) for one in problems]


def likeliest(options: Sequence[str], values: Sequence[float]) -> str:
    """Return the option of the highest value; of equal ones the first."""
    return max(zip(values, range(len(options), 0, -1), options, strict=True))[2]


def _written(
    cell: "RunCell", ref: str, task: Task, problems: Sequence[Problem], telling: "tuple[RunLog, Examination]"
) -> Said:
    """Return what the model writes to each problem."""
    log, how = telling
    generator = open_generator(ref, log, how.dtype)
    use = Use(f"{how.stage}, {task.name}", cell.arm, cell.seed)
    said = generator.generate([task.prompt(one) for one in problems], how.sampling, use, whole=True)
    return [(one[0].text.strip(), one[0].finish == "length") for one in said]
