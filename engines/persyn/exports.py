"""What leaves a run: training sets as chat lines, routers as folders, and a router's answer to a prompt of one's own.

A router travels as a ZIP: router.safetensors (arrays, and in the header what they are), facts.json (the same facts to
read) and README.md with an example that loads the unpacked folder. Nothing is pickled.
"""

import json
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engines.parts.answers import final_of
from engines.parts.bradley_terry import centred, chances_to_win
from engines.parts.completions import Prompt
from engines.parts.generation import Use, open_generator
from engines.persyn.config import AskedPrompt, PersynConfig
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.routers import Router, RouterFacts, artifact_name, opened, read_router
from engines.persyn.routing import Routing
from engines.persyn.rows import AskedAnswer, AskedTeacher, RouterRow, TeacherRow
from engines.persyn.teachers import teaching_prompt, teaching_sampling
from workbench.contract import DataError, ModelError, Parent, RunLog

WEIGHTS, FACTS, README = "router.safetensors", "facts.json", "README.md"
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that equal routers are equal files."""
EXAMPLE = """from engines.persyn.exports import open_router
teachers, router = open_router(".")  # the folder that this file lies in
scores = router.scores(["Lena had 14 marbles and gave 5 of them away. How many are left?"])
best = teachers[scores[0].argmax()]
print(best, dict(zip(teachers, scores[0].round(2).tolist())))"""
HOW = {
    "linear": "Without Benchwright: with e(x) the sentence embedding of a prompt by the backbone, of unit length, the "
    "scores are `(e(x) - centre) @ weight + bias`, the three arrays of `router.safetensors`.",
    "encoder": "The head reads the mean state of the backbone with its LoRA adapter; the arrays carry their names in "
    "PEFT.",
    "causal": "The head reads the state of the last token of the backbone with its LoRA adapter; the arrays carry "
    "their names in PEFT.",
}


@dataclass(frozen=True)
class TrainingExample:
    """One example of a training set.

    Attributes:
        name: of the prompt in the data.
        prompt: as the student is asked it: a text, or the turns of a chat.
        response: of the teacher.
        teacher: who gave it.
        how: why it was this teacher, as in `Choice.how`.
    """

    name: str
    prompt: Prompt
    response: str
    teacher: str
    how: str


def training_set_name(arm: str, seed: int) -> str:
    """Return the name of an arm's training set among the files of a run."""
    return f"training-set-{arm}-{seed}.jsonl"


def router_folder_name(arm: str, seed: int) -> str:
    """Return the name of a packed router folder among the files of a run."""
    return f"router-{arm}-{seed}.zip"


def chat_lines(examples: Iterable[TrainingExample]) -> Iterator[str]:
    """Yield one JSON object a line: "messages" in the common chat format, then prompt name, teacher and reason.

    A prompt that is a text becomes a user turn. Letters that are no characters (halves of surrogate pairs) become "?".
    """
    for example in examples:
        turns: list[dict[str, str]] = (
            [{"role": "user", "content": example.prompt}]
            if isinstance(example.prompt, str)
            else [{"role": turn.role, "content": turn.content} for turn in example.prompt]
        )
        line: dict[str, Any] = {
            "messages": [*turns, {"role": "assistant", "content": example.response}],
            "prompt": example.name,
            "teacher": example.teacher,
            "how": example.how,
        }
        yield json.dumps(line, ensure_ascii=False)


def write_training_set(path: Path, examples: Iterable[TrainingExample]) -> int:
    """Save a training set as JSONL in chat format (`chat_lines`); the number of examples."""
    count = 0
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for line in chat_lines(examples):
            file.write(f"{line}\n")
            count += 1
    return count


def pack_router(path: Path, weights: Path) -> None:
    """Pack a saved router and how to load it into one ZIP.

    Args:
        path: of the ZIP (`router_folder_name`).
        weights: the file that `routers.write_router` wrote.

    Raises:
        DataError: `weights` holds no router.
    """
    facts, _ = read_router(weights)
    members = {
        WEIGHTS: weights.read_bytes(),
        FACTS: (json.dumps(asdict(facts), ensure_ascii=False, indent=1) + "\n").encode(),
        README: readme_of(facts).encode(),
    }
    scratch = path.with_name(f".{path.name}.tmp")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_STORED) as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name, FIRST_MOMENT), content)
    scratch.replace(path)


def readme_of(facts: RouterFacts) -> str:
    """Say what the folder holds, with an example of five lines that loads it."""
    named = "\n".join(f"{at}. {teacher}" for at, teacher in enumerate(facts.teachers))
    return (
        f"# Router over {len(facts.teachers)} teachers\n\nKind: {facts.kind}. Backbone: {facts.backbone} (fingerprint "
        f"{facts.fingerprint}).\n\nIt scores every teacher for a prompt, before anybody answers. The highest score is "
        "its choice; only differences within one prompt mean anything: `1 / (1 + exp(a - b))` is the chance that the "
        "teacher with score b gives the better response than the one with score a, for the student and the weight of "
        f"learnability that it was trained for.\n\nScores stand in this order:\n\n{named}\n\nWith Benchwright "
        f"installed, in the unpacked folder:\n\n```python\n{EXAMPLE}\n```\n\n{HOW.get(facts.kind, '')}\n"
    )


def open_router(folder: str | Path) -> tuple[tuple[str, ...], Router]:
    """Open the teachers and the router of an unpacked folder.

    Raises:
        DataError: the folder holds no router, or its backbone is another one than in training.
        ModelError: the backbone cannot be used.
    """
    path = Path(folder) / WEIGHTS
    if not path.is_file():
        raise DataError(f"{Path(folder).name or folder} holds no {WEIGHTS}.", "Unpack the ZIP and name its folder.")
    facts, arrays = read_router(path)
    return facts.teachers, opened(facts, arrays, "float32")


def save_files(routings: Sequence[Routing], matrix: RewardMatrix, config: PersynConfig, log: RunLog) -> None:
    """Save the training set of every arm and seed, and the packed routers, among the files of the run."""
    for routing in routings:
        path = log.artifact(training_set_name(routing.arm, routing.seed))
        write_training_set(path, examples_of(routing, matrix, config))
        if routing.scores is not None:
            weights = log.artifact(artifact_name(routing.arm, routing.seed))
            pack_router(log.artifact(router_folder_name(routing.arm, routing.seed)), weights)


def examples_of(routing: Routing, matrix: RewardMatrix, config: PersynConfig) -> Iterator[TrainingExample]:
    """Yield what the student of an arm learns from, in the order of the data; failed responses are left out."""
    for place in matrix.pool.places("calibration", "routed"):
        column = int(routing.chosen.teacher[place])
        text = matrix.texts.get((place, column), "")
        if text:
            asked = matrix.pool.prompts[place]
            prompt = teaching_prompt(asked.text, config.exam_profile)
            teacher = matrix.pool.teachers[column].name
            yield TrainingExample(asked.name, prompt, text, teacher, str(routing.chosen.how[place]))


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
