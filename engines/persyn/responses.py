"""Responses of teachers: generated block by block, or read from a file; what cannot be used is named, never zero."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import numpy as np
import pandas as pd

from engines.parts.answers import is_foreign
from engines.parts.completions import Completion
from engines.parts.generation import Generator, Use, open_generator
from engines.parts.models import resolve_model
from engines.persyn.config import PersynConfig
from engines.persyn.reward_matrix import RewardMatrix, score_responses
from engines.persyn.routing import Routing
from engines.persyn.teacher_pool import Block, TeacherPool, block_of, blocks_of, digest_of
from engines.persyn.teachers import teaching_prompt, teaching_sampling
from workbench.contract import DataError, ModelError, RunLog

COLUMNS = ("place", "column", "text", "tokens", "seconds", "cut", "reason")
GIVE_UP = 3
"""A teacher that fails on its first prompts, so many of them, is not asked the others."""
FIRST, FIRST_BLOCK = 6, "calibration, first"
"""Calibration prompts that are asked and shown before the others."""
Wanted = Sequence[tuple[int, int]]
"""Places of prompts and columns of teachers."""


class Teachers:
    """Opens the model of each teacher once.

    Args:
        log: of the run.
    """

    def __init__(self, config: PersynConfig, log: RunLog | None, cached: bool = True) -> None:
        self._config, self._log, self._cached = config, log, cached
        self._open: dict[str, Generator] = {}

    def __call__(self, ref: str) -> Generator:
        """The generator of a model.

        Raises:
            ModelError, DataError, ResourceError: as `open_generator`.
        """
        if ref not in self._open:
            self._open[ref] = open_generator(ref, self._log, self._config.dtype, self._cached)
        return self._open[ref]

    def phase(self, column: int, pool: TeacherPool) -> AbstractContextManager[None]:
        """Open the phase in which a teacher answers."""
        name = f"Teacher {column + 1} of {len(pool.teachers)} answers: {pool.names[column]}"
        return self._log.phase(name) if self._log else nullcontext()


def collect(pool: TeacherPool, wanted: Wanted, config: PersynConfig, teachers: Teachers, use: str) -> pd.DataFrame:
    """Collect the responses to some prompts by some teachers.

    Args:
        use: what for, in the ledger.

    Returns:
        Columns `COLUMNS`; tokens is -1 where a file does not tell. Seconds of a teacher are shared out by tokens, and
        NaN for what was answered before; cut says that an answer ended at the token limit. Rows stand by teacher, then
        by place.

    Raises:
        DataError, ModelError: a teacher's model cannot be opened.
    """
    rows: list[tuple[object, ...]] = []
    for column, _ in enumerate(pool.teachers):
        places = [place for place, asked in wanted if asked == column]
        if not places:
            continue
        found = _given(pool, places, column) if pool.given is not None else []
        rows += found or _generated(pool, places, column, config, (teachers, use))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.assign(reason=[_reason(pool, row, config) for row in frame.itertuples()])


def _given(pool: TeacherPool, places: Sequence[int], column: int) -> list[tuple[object, ...]]:
    name, rows = pool.teachers[column].name, []
    for place in places:
        given = (pool.given or {}).get((pool.prompts[place].name, name))
        if given is None:
            rows.append((place, column, "", -1, np.nan, False, "no response in the file"))
        else:
            tokens = -1 if given.tokens is None else given.tokens
            seconds = np.nan if given.seconds is None else given.seconds
            rows.append((place, column, given.text, tokens, seconds, False, ""))
    return rows


def _generated(
    pool: TeacherPool, places: Sequence[int], column: int, config: PersynConfig, asked: tuple[Teachers, str]
) -> list[tuple[object, ...]]:
    teacher, (teachers, use) = pool.teachers[column], asked
    model = teachers(teacher.model)
    prompts = [teaching_prompt(pool.prompts[place].text, teacher.profile) for place in places]
    sampling, ledger = teaching_sampling(teacher.profile, config), Use(f"{use}: {teacher.name}")
    begun = time.perf_counter()
    try:
        with teachers.phase(column, pool):
            said: list[Completion | str] = [one[0] for one in model.generate(prompts, sampling, ledger, whole=True)]
    except (DataError, ModelError):
        # One prompt may be to blame; what has been answered comes from the cache.
        said = []
        for prompt in prompts:
            if len(said) >= GIVE_UP and all(isinstance(one, str) for one in said):
                said.append(said[-1])
                continue
            try:
                said.append(model.generate([prompt], sampling, ledger)[0][0])
            except (DataError, ModelError) as error:
                said.append(f"error: {str(error)[:160]}")
    return list(_shared_out(places, column, said, time.perf_counter() - begun))


def _shared_out(
    places: Sequence[int], column: int, said: Sequence[Completion | str], seconds: float
) -> list[tuple[object, ...]]:
    new = sum(one.tokens for one in said if isinstance(one, Completion) and not one.reused)
    rows: list[tuple[object, ...]] = []
    for place, one in zip(places, said, strict=True):
        if isinstance(one, str):
            rows.append((place, column, "", 0, np.nan, False, one))
        else:
            share = np.nan if one.reused or not new else one.tokens / new
            rows.append((place, column, one.text.strip(), one.tokens, seconds * share, one.finish == "length", ""))
    return rows


def _reason(pool: TeacherPool, row: "pd.Series | object", config: PersynConfig) -> str:
    reason, text = str(getattr(row, "reason")), str(getattr(row, "text"))  # noqa: B009
    if reason:
        return reason
    if not text.strip():
        return "empty"
    prompt = pool.prompts[int(getattr(row, "place"))].text  # noqa: B009
    return "another language" if config.foreign == "exclude" and is_foreign(prompt, text) else ""


def parallel_blocks(pool: TeacherPool, arms: Mapping[str, PersynConfig]) -> list[Block]:
    """Return prompts that every teacher answers: calibration and held-out; all where given or an oracle runs.

    The first calibration prompts are a block of their own, whose rewards are there early.
    """
    everything = pool.given is not None or any(arm.policy == "oracle" for arm in arms.values())
    calibration = pool.places("calibration")
    first, rest = calibration[:FIRST], calibration[FIRST:]
    blocks = [block_of(pool, FIRST_BLOCK, first), *([block_of(pool, "calibration", rest)] if rest else [])]
    return blocks + blocks_of(pool, *(("routed",) if everything else ()), "held_out")


def require_chats(pool: TeacherPool, config: PersynConfig) -> None:
    """Refuse models that cannot answer a chat, all of them by name, before any is loaded or asked.

    Raises:
        ModelError: teachers, the student or the judge cannot.
    """
    models = [teacher.model for teacher in pool.teachers if teacher.model] + [config.student]
    models += [config.quality_model] if config.quality == "judge" and config.quality_model else []
    silent: dict[str, str] = {}
    for model in dict.fromkeys(models):
        try:
            reason = "it has no chat template" if not has_chat_template(model) else ""
        except (DataError, ModelError) as error:
            reason = str(error).rstrip(".")
        silent |= {model: reason} if reason else {}
    if silent:
        told = "; ".join(f"{model}: {reason}" for model, reason in silent.items())
        raise ModelError(
            f"{len(silent)} of {len(dict.fromkeys(models))} models cannot answer. {told}.",
            "Choose instruction-tuned models that are at hand, or start their server; nobody has been asked yet.",
        )


def has_chat_template(ref: str) -> bool:
    """Return whether a model lays out chats, without loading it; a server that answers is taken to do so.

    Raises:
        DataError, ModelError: no such model, or a server that does not answer.
    """
    if ref.startswith("openai:"):
        open_generator(ref, None, cached=False)
        return True
    folder = resolve_model(ref.removeprefix("vllm:")).path
    if any((folder / name).is_file() for name in ("chat_template.jinja", "chat_template.json")):
        return True
    told = folder / "tokenizer_config.json"
    return told.is_file() and bool(json.loads(told.read_text("utf-8")).get("chat_template"))


def ask_block(pool: TeacherPool, block: Block, config: PersynConfig, teachers: Teachers, log: RunLog) -> pd.DataFrame:
    """Ask every teacher the prompts of a block (`collect`).

    Raises:
        DataError, ModelError: a teacher's model cannot be opened.
    """
    wanted = [(place, column) for place in block.places for column in range(len(pool.teachers))]
    work = partial(collect, pool, wanted, config, teachers, "Ask every teacher")
    return log.once(f"responses {block.name}", pd.DataFrame, work, key=block.key)


def score_block(
    pool: TeacherPool, block: Block, asked: pd.DataFrame, config: PersynConfig, log: RunLog
) -> pd.DataFrame:
    """Score the frame of `ask_block`: quality and learnability (`reward_matrix.score_responses`).

    Raises:
        DataError: right answers are missing.
        ModelError, ResourceError: the scorer or the student cannot be used.
    """
    work = partial(score_responses, asked, pool, config, log, learnable=True)
    return log.once(f"scores {block.name}", pd.DataFrame, work, key=block.key)


def ask_chosen(
    matrix: RewardMatrix, routings: Sequence[Routing], asked: tuple[PersynConfig, Teachers], log: RunLog
) -> list[pd.DataFrame]:
    """Ask the teachers that arms chose and that have not answered yet; a frame for each teacher, scored.

    What is kept of a teacher depends on the prompts that arms and seeds chose it for; of a run that goes on, answers
    that it has already given come from the cache.

    Raises:
        DataError, ModelError: a teacher's model cannot be opened.
    """
    pool, (config, teachers) = matrix.pool, asked
    frames = []
    for column in range(len(pool.teachers)):
        places = _chosen_places(matrix, routings, column)
        wanted = [(place, column) for place in places]
        key = digest_of(pool.prompts[place].name for place in places)
        work = partial(_collected, pool, wanted, config, teachers, log)
        frames.append(log.once(f"chosen {column + 1}", pd.DataFrame, work, key=key))
    return frames


def _chosen_places(matrix: RewardMatrix, routings: Sequence[Routing], column: int) -> list[int]:
    """Routed prompts for which some arm chose a teacher that has not answered them."""
    places = np.array(matrix.pool.places("routed"), int)
    chosen = np.zeros(len(places), bool)
    for routing in routings:
        chosen |= routing.chosen.teacher[places] == column
    return places[chosen & ~matrix.asked[places, column]].tolist()


def _collected(
    pool: TeacherPool, wanted: Wanted, config: PersynConfig, teachers: Teachers, log: RunLog
) -> pd.DataFrame:
    if not wanted:
        return pd.DataFrame(columns=list(COLUMNS))
    found = collect(pool, wanted, config, teachers, "Ask the chosen teacher")
    return score_responses(found, pool, config, log, learnable=False)
