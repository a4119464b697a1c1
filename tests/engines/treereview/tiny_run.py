"""A whole run in seconds: a scripted model in place of a real one, a small paper, a run folder of its own."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from engines.parts.completions.generation import Completion, Listen, Request, Sampling
from engines.parts.completions.prompts import Prompt
from engines.parts.generation.generator import Generator
from engines.treereview import ENGINE
from tests.engines import worked_runs
from tests.engines.treereview.papers import SMALL
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.storage.home import place

EVIDENCE = "The vectors are means over 83 sentences."
start = partial(worked_runs.start, ENGINE)
tables = partial(worked_runs.tables, ENGINE)


def said(prompt: Prompt) -> str:
    """All of a prompt as one text."""
    return prompt if isinstance(prompt, str) else "\n".join(turn.content for turn in prompt)


def scripted(prompt: Prompt, schema: str) -> str:
    """A reply of the asked form, decided by the prompt alone."""
    number = sum(map(ord, said(prompt))) % 97
    if not schema:
        passage = said(prompt).split("]\n", 1)[-1]
        return f"The passages say: {' '.join(passage.split()[:9])} ({number})"
    fields = properties(json.loads(schema))
    kind = next(kind for kind in REPLIES if kind in fields)
    return json.dumps(REPLIES[kind](number, fields))


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form; of one that is either of two, those of both."""
    forms = [schema["$defs"][each["$ref"].rsplit("/", 1)[-1]] for each in schema.get("anyOf", [])] or [schema]
    return {name: field for form in forms for name, field in form["properties"].items()}


def _questions(number: int, fields: dict[str, Any]) -> dict[str, Any]:
    most = fields["questions"].get("maxItems", 9)
    words = ["How", "Which", "Why", "What", "Does"]
    return {"questions": [f"{words[at % 5]} is said of part {number + at}?" for at in range(most)]}


REPLIES: dict[str, Callable[[int, dict[str, Any]], dict[str, Any]]] = {
    "comments": lambda number, fields: {
        "comments": [
            {"comment": "Only 83 sentences were used, which Table 1 hides.", "evidence": EVIDENCE},
            {"comment": "The noise floor is unclear.", "evidence": "This stands nowhere in the paper."},
        ]
    },
    "summary": lambda number, fields: {
        "summary": f"Good work, number {number}.", "strengths": ["It is clear to read."],
        "weaknesses": ["It is a small study."], "questions": ["Why is it so small?"], "soundness": 3, "presentation": 2,
        "contribution": 2, "rating": 6, "confidence": 4,
    },
    "sufficient": lambda number, fields: {
        "reasoning": "Because of this and that.", "sufficient": number % 2 == 0,
        **({"answer": f"So it is with {number}, all told."} if number % 2 == 0 else
           {"follow_up_questions": [f"What is missing about {number}?"]}),
    },
    "answer": lambda number, fields: {
        "reasoning": "Because of this and that.", "answer": f"In sum it is number {number}.",
    },
    "specificity": lambda number, fields: {
        "specificity": 4, "comprehensiveness": 5, "technical_depth": 3, "overall": 4
    },
    "questions": _questions,
}  # fmt: skip
"""What each form is filled with; a form is known by a field that those before it lack."""


class ScriptedBackend:
    """Answers by rule; counts words as tokens."""

    name, fingerprint, dtype = "scripted", "5" * 16, "float32"

    def __init__(self, reply: Callable[[Prompt, str], str] = scripted, context: int = 3000) -> None:
        self.reply, self.context, self.calls = reply, context, 0

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        return [len(said(prompt).split()) for prompt in prompts]

    def complete(
        self, requests: Sequence[Request], sampling: Sampling, listen: Listen | None = None
    ) -> Iterator[tuple[int, Completion]]:
        for at, request in enumerate(requests):
            self.calls += 1
            read = self.count([request.prompt])[0]
            assert read + sampling.max_tokens <= self.context or sampling.too_long != "refuse", (
                "a prompt was not fitted"
            )
            text = self.reply(request.prompt, sampling.schema)
            written = min(sampling.max_tokens, len(text.split()))
            yield at, Completion(text, "stop", read, written, read + written)


def use_backend(patch: pytest.MonkeyPatch, backend: ScriptedBackend) -> None:
    """Let the run's models be this one; nothing is cached, so that every call is seen."""
    patch.setattr("engines.parts.generation.open_generator", lambda ref, log=None, **_: Generator(backend, log, None))


def paper_file(name: str = "small.md", text: str = SMALL) -> str:
    """An upload; its reference."""
    (place("uploads") / name).write_text(text, "utf-8")
    return f"upload:{name}"


def tiny_spec(preset: str = "quick", arms: Any = None, seeds: Sequence[int] = (0,), **settings: Any) -> RunSpec:
    """A spec over the small paper, without a ranking model."""
    own = {
        "paper": paper_file(), "ranking": "bm25", "gold": "", "chunk_tokens": 60, "held_out": 0, "widths": (2, 2),
        "most_nodes": 20, "papers": 9,
    }  # fmt: skip
    return read_spec(ENGINE, preset=preset, settings={**own, **settings}, arms=arms, seeds=seeds)
