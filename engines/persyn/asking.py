"""The follow-up question: a prompt of one's own, scored by a router of the run and sent to the teacher that wins."""

import time

import numpy as np

from engines.parts.generation import Use, open_generator
from engines.persyn.bradley_terry import centred, chances_to_win
from engines.persyn.config import AskedPrompt, PersynConfig
from engines.persyn.quality import final_of
from engines.persyn.routers import opened, read_router
from engines.persyn.rows import AskedAnswer, AskedTeacher, RouterRow, TeacherRow
from engines.persyn.teachers import teaching_prompt, teaching_sampling
from workbench.contract import DataError, ModelError, Parent, RunLog

FROM_FILE = "file"


def ask(question: AskedPrompt, parent: Parent, log: RunLog) -> None:
    """Score every teacher for one prompt and, where asked to, let the best one answer.

    Raises:
        DataError: the run has no such router.
        ModelError: the router's backbone cannot be used.
    """
    config = PersynConfig.model_validate(parent.spec.settings)
    with log.phase("Score the teachers"):
        router = parent.chosen(RouterRow, question.arm, question.seed)
        facts, arrays = read_router(parent.artifact(str(router["artifact"].iloc[0])))
        scores = centred(opened(facts, arrays, config.dtype).scores([question.prompt]).astype(np.float64))
        rows = asked_rows(facts.teachers, scores, parent)
        for row in rows:
            log.row(row)
    if question.send:
        winner = next(row.teacher for row in rows if row.chosen)
        with log.phase("Ask the teacher"):
            log.row(answer_of(winner, question, config, parent, log))


def asked_rows(teachers: tuple[str, ...], scores: np.ndarray, parent: Parent) -> list[AskedTeacher]:
    """Return one row a teacher, the highest score first.

    Args:
        scores: of one prompt, centred, shape (1, N).
    """
    listed = parent.table(TeacherRow)
    sizes = dict(zip(listed["teacher"], listed["parameters"].astype(float), strict=True))
    chances = chances_to_win(scores)[0]
    order = np.argsort(-scores[0], kind="stable")
    return [
        AskedTeacher(
            teacher=teachers[at],
            score=float(scores[0, at]),
            chance=float(chances[at]),
            chosen=rank == 0,
            parameters=sizes.get(teachers[at], float("nan")),
        )
        for rank, at in enumerate(order.tolist())
    ]


def answer_of(winner: str, question: AskedPrompt, config: PersynConfig, parent: Parent, log: RunLog) -> AskedAnswer:
    """Return what the chosen teacher answers, or why there is no answer where it cannot be asked."""
    model, profile = reference_of(winner, parent)
    if not model:
        return _silent(winner, "This teacher is known from a file of responses alone, so that nobody can ask it.")
    begun = time.perf_counter()
    try:
        teacher = open_generator(model, log, config.dtype)
        sampling = teaching_sampling(profile, config, question.seed)
        use = Use("Ask", question.arm, question.seed)
        said = teacher.generate([teaching_prompt(question.prompt, profile)], sampling, use)[0][0]
    except (ModelError, DataError) as error:
        # The scores stand: a teacher that is not at hand now does not take them back.
        return _silent(winner, f"{error} {error.hint}".strip())
    note = "" if said.text.strip() else "The teacher answered nothing."
    return AskedAnswer(
        teacher=winner, text=said.text, final=final_of(said.text), tokens=said.tokens,
        seconds=time.perf_counter() - begun, note=note,
    )  # fmt: skip


def reference_of(teacher: str, parent: Parent) -> tuple[str, str]:
    """Return model and profile of a teacher of the run; ("", "") for one that is known from a file alone."""
    listed = parent.table(TeacherRow)
    ref = next((str(row.ref) for row in listed.itertuples() if row.teacher == teacher), FROM_FILE)
    if ref == FROM_FILE:
        return "", ""
    model, _, profile = ref.rpartition("#")
    return model, profile


def _silent(teacher: str, note: str) -> AskedAnswer:
    return AskedAnswer(teacher=teacher, text="", final="", tokens=0, seconds=0.0, note=note)
