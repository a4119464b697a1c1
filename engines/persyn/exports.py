"""What a run gives away: training sets of its arms as chat lines, and routers as folders that load in five lines.

A router travels as a ZIP: router.safetensors (arrays, and in the header what they are), facts.json (the same facts to
read) and README.md with an example that loads the unpacked folder. Nothing is pickled.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engines.parts.completions import Prompt
from engines.persyn.config import PersynConfig
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.routers import Router, RouterFacts, artifact_name, opened, read_router
from engines.persyn.routing import Routing
from engines.persyn.teachers import teaching_prompt
from workbench.contract import DataError, RunLog

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
class TaughtExample:
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


def chat_lines(examples: Iterable[TaughtExample]) -> Iterator[str]:
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


def write_training_set(path: Path, examples: Iterable[TaughtExample]) -> int:
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


def examples_of(routing: Routing, matrix: RewardMatrix, config: PersynConfig) -> Iterator[TaughtExample]:
    """Yield what the student of an arm learns from, in the order of the data; failed responses are left out."""
    for place in matrix.pool.places("calibration", "routed"):
        column = int(routing.chosen.teacher[place])
        text = matrix.texts.get((place, column), "")
        if text:
            asked = matrix.pool.prompts[place]
            prompt = teaching_prompt(asked.text, config.exam_profile)
            teacher = matrix.pool.teachers[column].name
            yield TaughtExample(asked.name, prompt, text, teacher, str(routing.chosen.how[place]))
