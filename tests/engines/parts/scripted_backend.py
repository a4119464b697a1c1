"""A backend whose answers follow from the request alone, for tests of what lies around a model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engines.parts.completions.generation import Completion, Listen, Request, Sampling
from engines.parts.completions.prompts import Prompt
from engines.parts.completions.request_keys import prompt_text, request_seed


@dataclass
class ScriptedBackend:
    """Answers with the words of the prompt, its sample's index and seed; the last request first.

    Attributes:
        asked: every request that was computed.
        before: called with a request before it is answered; what it raises ends the work.
        closed: how often a work was closed or had ended.
    """

    name: str = "scripted"
    fingerprint: str = "f" * 16
    dtype: str = "float32"
    context: int | None = 100
    before: Callable[[Request], None] = lambda request: None
    asked: list[Request] = field(default_factory=list)
    runs_here: bool = True
    closed: int = 0

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        return [len(prompt_text(prompt).split()) for prompt in prompts]

    def complete(
        self, requests: Sequence[Request], sampling: Sampling, listen: Listen | None = None
    ) -> Iterator[tuple[int, Completion]]:
        try:
            for index in reversed(range(len(requests))):
                yield index, self._answer(index, requests[index], sampling, listen)
        finally:
            self.closed += 1

    def _answer(self, index: int, request: Request, sampling: Sampling, listen: Listen | None) -> Completion:
        self.before(request)
        words = [prompt_text(request.prompt).strip('"'), str(request.sample), str(request_seed(sampling.seed, request))]
        for end in range(1, len(words) + 1):
            if listen:
                listen(index, " ".join(words[:end]))
        self.asked.append(request)
        read = self.count([request.prompt])[0]
        return Completion(" ".join(words), "stop", read, len(words), read + len(words))
