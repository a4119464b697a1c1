"""Learnability: the mean log-likelihood of a response's tokens under the untuned student, equation 1 of the paper."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.parts.completions import answer_ids, prompt_ids
from engines.parts.scoring import open_scorer
from engines.persyn.config import PersynConfig
from engines.persyn.teachers import teaching_prompt
from workbench.contract import Fact, RunLog


@dataclass(frozen=True)
class Learnable:
    """Learnability of some responses.

    Attributes:
        mean: nats per token, at most 0; NaN where it could not be had; shape (n,).
        tokens: of each response in the student's tokenizer, shape (n,).
        reason: why it could not be had, "" where it could.
    """

    mean: np.ndarray
    tokens: np.ndarray
    reason: list[str]


def learnability_of(
    prompts: Sequence[str], responses: Sequence[str], usable: np.ndarray, config: PersynConfig, log: RunLog | None
) -> Learnable:
    """r_l(y, theta) = 1/|y| sum_t log p(y_t | y_<t, x) of each response after its prompt.

    Only tokens of the response count; the prompt is given as the student is asked it in its examination. Responses
    share their prompts, which are then read once.

    Args:
        usable: which responses are scored, shape (n,).

    Raises:
        ModelError, ResourceError: the student cannot be used.
    """
    scorer = open_scorer(config.student, config.dtype)
    tokenizer, context = scorer.model.tokenizer, scorer.model.context
    if log:
        log.record(Fact.DTYPE, scorer.model.dtype)
    asked = {text: prompt_ids(teaching_prompt(text, config.exam_profile), tokenizer) for text in dict.fromkeys(prompts)}
    said = [answer_ids(text, tokenizer) for text in responses]
    tokens = np.array([len(ids) for ids in said], int)
    reason = [
        _unfit(len(asked[prompt]), len(ids), context) if ok else ""
        for prompt, ids, ok in zip(prompts, said, usable, strict=True)
    ]
    fitting = [at for at in np.flatnonzero(usable).tolist() if not reason[at]]
    mean = np.full(len(said), np.nan)
    tell = (lambda done, total: log.progress(done, total, "responses")) if log else None
    scored = scorer.score_ids([(asked[prompts[at]], said[at]) for at in fitting], tell)
    mean[fitting] = [one.mean for one in scored]
    return Learnable(mean, tokens, reason)


def _unfit(prompt: int, response: int, context: int) -> str:
    """Why a response of so many tokens cannot be scored; "" where it can."""
    if not response:
        return "empty"
    return f"too long for the student, which reads {context:,} tokens" if prompt + response > context else ""
