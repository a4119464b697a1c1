"""Answers of the model with what they cost: JSON of a fixed shape, or plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from engines.parts.completions import Completion, Listen, Prompt, Sampling
from engines.treereview.drafts import Form, Reply

if TYPE_CHECKING:
    from pydantic import BaseModel

    from engines.parts.generation import Generator, Use


@dataclass(frozen=True)
class JsonAnswer:
    """One answer.

    Attributes:
        value: its fields, None where it could not be read.
        text: as the model wrote it.
        prompt_tokens, tokens: read and written for it, repairs included.
        cut: it ended at its token limit (after a repair, the repaired one).
    """

    value: dict[str, Any] | None
    text: str
    form: Form
    prompt_tokens: int
    tokens: int
    cut: bool = False

    def reply(self, node: str, **fields: Any) -> Reply:
        """What it means to a node, with what it cost."""
        return Reply(
            node=node, form=self.form, prompt_tokens=self.prompt_tokens, tokens=self.tokens, cut=self.cut,
            empty=not self.text.strip(), **fields,
        )  # fmt: skip


def ask_text(
    generator: "Generator", prompts: Sequence[Prompt], sampling: Sampling, use: "Use", listen: Listen | None = None
) -> list[JsonAnswer]:
    """Plain text to each prompt."""
    found = [answers[0] for answers in generator.generate(prompts, sampling, use, listen)]
    return [
        JsonAnswer(None, each.text, "plain", each.prompt_tokens, each.tokens, each.finish == "length") for each in found
    ]


def ask_json(
    generator: "Generator", prompts: Sequence[Prompt], shape: "type[BaseModel]", sampling: Sampling, use: "Use"
) -> list[JsonAnswer]:
    """JSON of a shape to each prompt: validated, repaired once, then read leniently; never an error of form."""
    from engines.parts.generation import generate_json

    counted = _Counting(generator)
    found = generate_json(cast(Any, counted), prompts, shape, sampling, use)
    costs = counted.costs(prompts)
    return [
        JsonAnswer(None if each.value is None else each.value.model_dump(), each.text, _form(each), *cost)
        for each, cost in zip(found, costs, strict=True)
    ]


def _form(found: Any) -> Form:
    if found.value is None:
        return "unusable"
    if found.lenient:
        return "lenient"
    return "repaired" if found.repaired else "valid"


@dataclass
class _Counting:
    """A generator that remembers what it was asked, and what its answers cost."""

    generator: "Generator"
    calls: list[tuple[Sequence[Prompt], list[Completion]]] = field(default_factory=list)

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, use: "Use", listen: Listen | None = None
    ) -> list[list[Completion]]:
        """As `Generator.generate`."""
        found = self.generator.generate(prompts, sampling, use, listen)
        self.calls.append((prompts, [answers[0] for answers in found]))
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.generator, name)

    def costs(self, prompts: Sequence[Prompt]) -> list[tuple[int, int, bool]]:
        """(prompt tokens, tokens, cut) of each prompt: of its own answer, and of the repair that goes on with it."""
        costs: list[tuple[int, int, bool]] = [(0, 0, False) for _ in prompts]
        for asked, answers in self.calls:
            places = _begun_by(prompts, asked)
            for at, answer in zip(places, answers, strict=True):
                read, written, _ = costs[at]
                costs[at] = (read + answer.prompt_tokens, written + answer.tokens, answer.finish == "length")
        return costs


def _begun_by(prompts: Sequence[Prompt], asked: Sequence[Prompt]) -> list[int]:
    """For each prompt asked, the place of the first one that it begins with and that none before it took."""
    left = list(range(len(prompts)))
    found = []
    for each in asked:
        at = next((at for at in left if each[: len(prompts[at])] == prompts[at]), left[0])
        left.remove(at)
        found.append(at)
    return found
