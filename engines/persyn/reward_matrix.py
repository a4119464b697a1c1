"""Responses with their rewards, as a matrix of prompts and teachers; learnability is equation 1 of the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from engines.parts.answers import final_of
from engines.parts.completions import answer_ids, prompt_ids
from engines.parts.scoring import QualitySettings, ScoredResponse, open_quality, open_scorer
from engines.persyn.config import PersynConfig
from engines.persyn.rewards import combined, normalised
from engines.persyn.rows import LeftOut, Response, Reward
from engines.persyn.teacher_pool import TeacherPool
from engines.persyn.teachers import teaching_prompt
from workbench.contract import DataError, Fact, RunLog


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
    """Return r_l(y, theta) = 1/|y| sum_t log p(y_t | y_<t, x) of each response after its prompt.

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


USED = "used"
UNSCORED = "could not be scored"
CHEAP = ("verifier", "column")
"""Scorers of quality that take no model."""


@dataclass(frozen=True)
class RewardMatrix:
    """What every teacher said to every prompt; arrays of shape (P, N) with NaN where it was not asked, or failed.

    Attributes:
        frame: rows of `score_responses`.
        asked: whether the teacher was asked the prompt.
        quality, learnability: raw rewards.
        tokens, seconds: of responses that can be used.
        failed: whether a response cannot be used.
    """

    pool: TeacherPool
    frame: pd.DataFrame
    asked: np.ndarray
    quality: np.ndarray
    learnability: np.ndarray
    tokens: np.ndarray
    seconds: np.ndarray
    failed: np.ndarray

    @property
    def parallel(self) -> np.ndarray:
        """Return prompts that every teacher was asked, shape (P,)."""
        return np.asarray(self.asked.all(1))

    def rewards(self, config: PersynConfig) -> np.ndarray:
        """Return combined rewards under some settings, (P, N); NaN for prompts that not every teacher was asked."""
        quality, learnability = self.normalised(config)
        return combined(quality, learnability, config.alpha)

    def normalised(self, config: PersynConfig) -> tuple[np.ndarray, np.ndarray]:
        """Return both rewards within each prompt; NaN for prompts that not every teacher was asked."""
        whole = self.parallel[:, None]
        usable = whole & ~np.isnan(self.quality) & ~np.isnan(self.learnability)
        calibration = np.array([asked.split == "calibration" for asked in self.pool.prompts])
        quality, learnability = (
            normalised(np.where(usable, raw, np.nan), config.normalise, calibration)
            for raw in (self.quality, self.learnability)
        )
        return quality, learnability

    @cached_property
    def texts(self) -> dict[tuple[int, int], str]:
        """Return responses that can be used, by place and column."""
        usable = self.frame[self.frame["reason"] == ""]
        return {(int(row.place), int(row.column)): str(row.text) for row in usable.itertuples()}


def score_responses(
    frame: pd.DataFrame, pool: TeacherPool, config: PersynConfig, log: RunLog, learnable: bool
) -> pd.DataFrame:
    """Score collected responses.

    Args:
        frame: of `responses.collect`.
        learnable: also score how learnable they are, which takes a pass of the student, and their quality if that
            takes a model; without it only what costs nothing is scored.

    Returns:
        The frame with columns quality, learnability, final; a response that cannot be scored has its reason.

    Raises:
        DataError: right answers are missing.
        ModelError, ResourceError: the scorer or the student cannot be used.
    """
    frame = frame.reset_index(drop=True).assign(quality=np.nan, learnability=np.nan)
    frame["final"] = [final_of(str(text)) for text in frame["text"]]
    if learnable:
        prompts = [pool.prompts[place].text for place in frame["place"]]
        scored = learnability_of(prompts, list(frame["text"]), (frame["reason"] == "").to_numpy(), config, log)
        frame = frame.assign(learnability=scored.mean, reason=_first(frame["reason"], scored.reason))
        counted = np.where(frame["tokens"].to_numpy() < 0, scored.tokens, frame["tokens"].to_numpy())
        frame = frame.assign(tokens=counted)
    if not learnable and config.quality not in CHEAP:
        return frame
    usable = np.flatnonzero((frame["reason"] == "").to_numpy())
    quality = np.full(len(frame), np.nan)
    how = QualitySettings(config.quality, config.quality_model, config.judge_prompt, config.dtype)
    quality[usable] = open_quality(how, log).score([_said(pool, frame.iloc[at]) for at in usable])
    unscored = [("" if not ok else UNSCORED) for ok in np.isnan(quality)]
    return frame.assign(quality=quality, reason=_first(frame["reason"], unscored))


def _first(reasons: Sequence[str], more: Sequence[str]) -> list[str]:
    return [reason or other for reason, other in zip(reasons, more, strict=True)]


def _said(pool: TeacherPool, row: pd.Series) -> ScoredResponse:
    asked, teacher = pool.prompts[int(row["place"])], pool.teachers[int(row["column"])].name
    given = (pool.given or {}).get((asked.name, teacher))
    return ScoredResponse(asked.text, str(row["text"]), asked.answer, given.score if given else None)


def matrix_of(pool: TeacherPool, frames: Sequence[pd.DataFrame]) -> RewardMatrix:
    """Make the matrix of some scored frames."""
    frame = pd.concat([each for each in frames if len(each)], ignore_index=True)
    shape = (len(pool.prompts), len(pool.teachers))
    at = (frame["place"].to_numpy(int), frame["column"].to_numpy(int))
    usable = (frame["reason"] == "").to_numpy()
    asked = np.zeros(shape, bool)
    asked[at] = True

    def laid(name: str) -> np.ndarray:
        matrix = np.full(shape, np.nan)
        matrix[at] = np.where(usable, frame[name].to_numpy(float), np.nan)
        return matrix

    failed = np.zeros(shape, bool)
    failed[at] = ~usable
    return RewardMatrix(
        pool, frame, asked, laid("quality"), laid("learnability"), laid("tokens"), laid("seconds"), failed
    )


def require_answers(matrix: RewardMatrix, places: Sequence[int]) -> None:
    """Refuse a teacher that has not given at least one usable response to the calibration prompts.

    Raises:
        DataError: one has not; it says what was wrong with its responses.
    """
    rows = matrix.frame[matrix.frame["place"].isin(places)]
    for column, teacher in enumerate(matrix.pool.teachers):
        mine = rows[rows["column"] == column]
        if len(mine) and not (mine["reason"] == "").any():
            reason = str(mine["reason"].mode().iloc[0])
            hint, field = _remedy(reason)
            raise DataError(
                f"The teacher {teacher.name} gave no response that can be used to {len(mine)} calibration prompts: "
                f"{reason}.",
                hint,
                field=field,
            )


def require_some(frame: pd.DataFrame) -> None:
    """Refuse scored responses of which none is usable.

    Raises:
        DataError: none is; it says what was wrong with most.
    """
    if len(frame) and not (frame["reason"] == "").any():
        reason = str(frame["reason"].mode().iloc[0])
        hint, field = _remedy(reason)
        raise DataError(f"Not one of {len(frame)} responses can be used: {reason}.", hint, field=field)


def _remedy(reason: str) -> tuple[str, str]:
    """What to do where no response of a teacher can be used, and the setting that it concerns."""
    if reason.startswith("too long"):
        return "Choose a student with a longer context, or shorter responses (answer_tokens).", "student"
    if reason == UNSCORED:
        return "Name the column that holds the scores (score=COLUMN), or choose another scorer of quality.", "quality"
    return "Leave this teacher out, or mend what it fails on.", "teachers"


def response_rows(matrix: RewardMatrix, places: Sequence[int]) -> pd.DataFrame:
    """Return rows of `Response` to some prompts."""
    frame, names = matrix.frame[matrix.frame["place"].isin(places)], matrix.pool.names
    return pd.DataFrame(
        {
            "place": frame["place"].astype(int),
            "teacher": [names[at] for at in frame["column"]],
            "text": frame["text"],
            "final": frame["final"],
            "tokens": np.maximum(frame["tokens"].to_numpy(), 0).astype(int),
            "seconds": frame["seconds"],
            "failed": frame["reason"] != "",
            "reason": frame["reason"],
        }
    )[list(Response.model_fields)]


def reward_rows(matrix: RewardMatrix, config: PersynConfig, places: Sequence[int]) -> pd.DataFrame:
    """Return rows of `Reward` of some prompts, by place and teacher."""
    wanted = np.isin(np.arange(len(matrix.asked)), list(places))
    place, column = np.nonzero(matrix.asked & wanted[:, None])
    quality, learnability = matrix.normalised(config)
    splits = np.array([asked.split for asked in matrix.pool.prompts])
    at = (place, column)
    frame = pd.DataFrame(
        {
            "place": place,
            "split": splits[place],
            "teacher": np.array(matrix.pool.names)[column],
            "quality": matrix.quality[at],
            "learnability": matrix.learnability[at],
            "quality_norm": quality[at],
            "learnability_norm": learnability[at],
            "reward": combined(quality, learnability, config.alpha)[at],
            "failed": matrix.failed[at],
            "parallel": matrix.parallel[place],
        }
    )
    return frame[list(Reward.model_fields)]


def left_out_rows(matrix: RewardMatrix) -> list[LeftOut]:
    """Return rows of `LeftOut`: responses counted by teacher and reason, those that are used among them."""
    named = matrix.frame.assign(reason=matrix.frame["reason"].replace("", USED))
    rows = []
    for (column, reason), group in named.groupby(["column", "reason"], sort=True):
        prompt = matrix.pool.prompts[int(group["place"].iloc[0])].text
        teacher = matrix.pool.teachers[int(column)].name  # pyright: ignore[reportArgumentType]
        rows.append(
            LeftOut(what="responses", teacher=teacher, reason=str(reason), count=len(group), example=prompt[:120])
        )
    return rows
