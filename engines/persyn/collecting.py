"""Responses of teachers: generated, or read from a file; what cannot be used is named and never counts as zero."""

import time
from collections.abc import Sequence

import pandas as pd

from engines.parts.completions import Completion
from engines.parts.generation import Generator, Use, open_generator
from engines.persyn.config import PersynConfig
from engines.persyn.language_check import is_foreign
from engines.persyn.panel import Panel
from engines.persyn.teachers import teaching_prompt, teaching_sampling
from workbench.contract import DataError, ModelError, RunLog

COLUMNS = ("place", "column", "text", "tokens", "seconds", "cut", "reason")
GIVE_UP = 3
"""A teacher that fails on its first prompts, so many of them, is not asked the others."""
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


def collect(panel: Panel, wanted: Wanted, config: PersynConfig, teachers: Teachers, use: str) -> pd.DataFrame:
    """The responses to some prompts by some teachers.

    Args:
        use: what for, in the ledger.

    Returns:
        Columns `COLUMNS`; tokens is -1 where a file does not tell. Seconds of a teacher are shared out by tokens, and 0
        for what was answered before; cut says that an answer ended at the token limit. Rows stand by teacher, then by
        place.

    Raises:
        DataError, ModelError: a teacher's model cannot be opened.
    """
    rows: list[tuple[object, ...]] = []
    for column, _ in enumerate(panel.teachers):
        places = [place for place, asked in wanted if asked == column]
        if not places:
            continue
        found = _given(panel, places, column) if panel.given is not None else []
        rows += found or _generated(panel, places, column, config, (teachers, use))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.assign(reason=[_reason(panel, row, config) for row in frame.itertuples()])


def _given(panel: Panel, places: Sequence[int], column: int) -> list[tuple[object, ...]]:
    name, rows = panel.teachers[column].name, []
    for place in places:
        given = (panel.given or {}).get((panel.prompts[place].name, name))
        if given is None:
            rows.append((place, column, "", -1, 0.0, False, "no response in the file"))
        else:
            tokens = -1 if given.tokens is None else given.tokens
            rows.append((place, column, given.text, tokens, given.seconds or 0.0, False, ""))
    return rows


def _generated(
    panel: Panel, places: Sequence[int], column: int, config: PersynConfig, asked: tuple[Teachers, str]
) -> list[tuple[object, ...]]:
    teacher, (teachers, use) = panel.teachers[column], asked
    model = teachers(teacher.model)
    prompts = [teaching_prompt(panel.prompts[place].text, teacher.profile) for place in places]
    sampling, ledger = teaching_sampling(teacher.profile, config), Use(f"{use}: {teacher.name}")
    begun = time.perf_counter()
    try:
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
            rows.append((place, column, "", 0, 0.0, False, one))
        else:
            share = 0.0 if one.reused or not new else one.tokens / new
            rows.append((place, column, one.text.strip(), one.tokens, seconds * share, one.finish == "length", ""))
    return rows


def _reason(panel: Panel, row: "pd.Series | object", config: PersynConfig) -> str:
    reason, text = str(getattr(row, "reason")), str(getattr(row, "text"))  # noqa: B009
    if reason:
        return reason
    if not text.strip():
        return "empty"
    prompt = panel.prompts[int(getattr(row, "place"))].text  # noqa: B009
    return "another language" if config.foreign == "exclude" and is_foreign(prompt, text) else ""
