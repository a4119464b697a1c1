"""Responses with their rewards, as a board of prompts and teachers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from engines.persyn.config import PersynConfig
from engines.persyn.learnability import learnability_of
from engines.persyn.panel import Panel
from engines.persyn.quality import Said, final_of, open_quality
from engines.persyn.rewards import combined, normalised
from engines.persyn.rows import LeftOut, Response, Reward
from workbench.contract import DataError, RunLog

USED = "used"
UNSCORED = "could not be scored"
CHEAP = ("verifier", "column")
"""Scorers of quality that take no model."""


@dataclass(frozen=True)
class Board:
    """What every teacher said to every prompt; arrays of shape (P, N) with NaN where it was not asked, or failed.

    Attributes:
        frame: rows of `judge`.
        asked: whether the teacher was asked the prompt.
        quality, learnability: raw rewards.
        tokens, seconds: of responses that can be used.
        failed: whether a response cannot be used.
    """

    panel: Panel
    frame: pd.DataFrame
    asked: np.ndarray
    quality: np.ndarray
    learnability: np.ndarray
    tokens: np.ndarray
    seconds: np.ndarray
    failed: np.ndarray

    @property
    def parallel(self) -> np.ndarray:
        """Prompts that every teacher was asked, shape (P,)."""
        return np.asarray(self.asked.all(1))

    def rewards(self, config: PersynConfig) -> np.ndarray:
        """Combined rewards under some settings, shape (P, N); NaN for prompts that not every teacher was asked."""
        quality, learnability = self.normalised(config)
        return combined(quality, learnability, config.alpha)

    def normalised(self, config: PersynConfig) -> tuple[np.ndarray, np.ndarray]:
        """Both rewards within each prompt; NaN for prompts that not every teacher was asked."""
        whole = self.parallel[:, None]
        usable = whole & ~np.isnan(self.quality) & ~np.isnan(self.learnability)
        return (
            normalised(np.where(usable, self.quality, np.nan), config.normalise),
            normalised(np.where(usable, self.learnability, np.nan), config.normalise),
        )

    @cached_property
    def texts(self) -> dict[tuple[int, int], str]:
        """Responses that can be used, by place and column."""
        usable = self.frame[self.frame["reason"] == ""]
        return {(int(row.place), int(row.column)): str(row.text) for row in usable.itertuples()}


def judge(frame: pd.DataFrame, panel: Panel, config: PersynConfig, log: RunLog, learnable: bool) -> pd.DataFrame:
    """Score collected responses.

    Args:
        frame: of `collecting.collect`.
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
        prompts = [panel.prompts[place].text for place in frame["place"]]
        scored = learnability_of(prompts, list(frame["text"]), (frame["reason"] == "").to_numpy(), config, log)
        frame = frame.assign(learnability=scored.mean, reason=_first(frame["reason"], scored.reason))
        counted = np.where(frame["tokens"].to_numpy() < 0, scored.tokens, frame["tokens"].to_numpy())
        frame = frame.assign(tokens=counted)
    if not learnable and config.quality not in CHEAP:
        return frame
    usable = np.flatnonzero((frame["reason"] == "").to_numpy())
    quality = np.full(len(frame), np.nan)
    quality[usable] = open_quality(config, log).score([_said(panel, frame.iloc[at]) for at in usable])
    unscored = [("" if not ok else UNSCORED) for ok in np.isnan(quality)]
    return frame.assign(quality=quality, reason=_first(frame["reason"], unscored))


def _first(reasons: Sequence[str], more: Sequence[str]) -> list[str]:
    return [reason or other for reason, other in zip(reasons, more, strict=True)]


def _said(panel: Panel, row: pd.Series) -> Said:
    asked, teacher = panel.prompts[int(row["place"])], panel.teachers[int(row["column"])].name
    given = (panel.given or {}).get((asked.name, teacher))
    return Said(asked.text, str(row["text"]), asked.answer, given.score if given else None)


def board_of(panel: Panel, frames: Sequence[pd.DataFrame]) -> Board:
    """The board of some judged frames."""
    frame = pd.concat([each for each in frames if len(each)], ignore_index=True)
    shape = (len(panel.prompts), len(panel.teachers))
    at = (frame["place"].to_numpy(int), frame["column"].to_numpy(int))
    usable = (frame["reason"] == "").to_numpy()
    asked = np.zeros(shape, bool)
    asked[at] = True

    def laid(name: str) -> np.ndarray:
        board = np.full(shape, np.nan)
        board[at] = np.where(usable, frame[name].to_numpy(float), np.nan)
        return board

    failed = np.zeros(shape, bool)
    failed[at] = ~usable
    return Board(panel, frame, asked, laid("quality"), laid("learnability"), laid("tokens"), laid("seconds"), failed)


def require_answers(board: Board, places: Sequence[int]) -> None:
    """Every teacher must have given at least one usable response to the calibration prompts.

    Raises:
        DataError: one has not; it says what was wrong with its responses.
    """
    rows = board.frame[board.frame["place"].isin(places)]
    for column, teacher in enumerate(board.panel.teachers):
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
    """Of some judged responses at least one must be usable.

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


def response_rows(board: Board) -> pd.DataFrame:
    """Rows of `Response`."""
    frame, names = board.frame, board.panel.names
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


def reward_rows(board: Board, config: PersynConfig) -> pd.DataFrame:
    """Rows of `Reward`, by place and teacher."""
    place, column = np.nonzero(board.asked)
    quality, learnability = board.normalised(config)
    splits = np.array([asked.split for asked in board.panel.prompts])
    at = (place, column)
    frame = pd.DataFrame(
        {
            "place": place,
            "split": splits[place],
            "teacher": np.array(board.panel.names)[column],
            "quality": board.quality[at],
            "learnability": board.learnability[at],
            "quality_norm": quality[at],
            "learnability_norm": learnability[at],
            "reward": combined(quality, learnability, config.alpha)[at],
            "failed": board.failed[at],
            "parallel": board.parallel[place],
        }
    )
    return frame[list(Reward.model_fields)]


def left_out_rows(board: Board) -> list[LeftOut]:
    """Rows of `LeftOut`: responses counted by teacher and reason, those that are used among them."""
    named = board.frame.assign(reason=board.frame["reason"].replace("", USED))
    rows = []
    for (column, reason), group in named.groupby(["column", "reason"], sort=True):
        prompt = board.panel.prompts[int(group["place"].iloc[0])].text
        teacher = board.panel.teachers[int(column)].name  # pyright: ignore[reportArgumentType]
        rows.append(
            LeftOut(what="responses", teacher=teacher, reason=str(reason), count=len(group), example=prompt[:120])
        )
    return rows
