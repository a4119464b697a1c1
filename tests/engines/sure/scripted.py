"""A generator that answers by a function: what a model would say is written down, all around it is real."""

from collections.abc import Callable, Iterator, Sequence

from engines.parts.completions.generation import Completion, Listen, Request, Sampling
from engines.parts.completions.prompts import Prompt
from engines.parts.generation.generator import Generator


def text_of(prompt: Prompt) -> str:
    """What a prompt says."""
    return prompt if isinstance(prompt, str) else "\n".join(turn.content for turn in prompt)


class ScriptedBackend:
    """Answers each prompt with what a function says of its text and its place among the prompts."""

    name, fingerprint, dtype, context = "scripted", "0" * 16, "", None

    def __init__(self, said: Callable[[str, int], str]) -> None:
        self.said = said

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        return [len(text_of(prompt).split()) for prompt in prompts]

    def complete(
        self, requests: Sequence[Request], sampling: Sampling, listen: Listen | None = None
    ) -> Iterator[tuple[int, Completion]]:
        for at, request in enumerate(requests):
            text = self.said(text_of(request.prompt), at)
            yield at, Completion(text, "stop", len(text_of(request.prompt).split()), len(text.split()), 0)


def scripted_generator(said: Callable[[str, int], str]) -> Generator:
    """A generator over such a backend, without a cache."""
    return Generator(ScriptedBackend(said))
