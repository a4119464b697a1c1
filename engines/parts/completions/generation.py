"""Text generation by any model that a reference names: what is asked, what comes back, and who answers.

Design decisions:
- A request is one sample of one prompt. Its randomness comes from (seed, prompt, sample index) alone, so that an answer
  depends neither on the batch it was computed in nor on what was asked before; the same four are its cache key.
- A backend yields completions as they finish, in any order; what has finished is in the cache even if the rest fails.
- Engines see `Generator` alone: it looks into the cache, asks the backend for what is missing, and accounts for both.

A reference is one of `models.resolve_model` (answered in this process by transformers), `vllm:FOLDER-OR-ID` (by vLLM in
this process, where it is installed) or `openai:MODEL@http://HOST:PORT/v1` (by a server that speaks OpenAI's protocol).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from engines.parts.completions.prompts import Prompt
from workbench.contract.errors import ConfigError


@dataclass(frozen=True)
class Sampling:
    """How to answer.

    Attributes:
        max_tokens: of each answer.
        temperature: 0 takes the likeliest token each time (greedy); then all samples of a prompt are equal.
        top_p, top_k: sample from the smallest set of tokens that holds this probability, from this many tokens;
            1 and 0 leave both off.
        stop: an answer ends before the first of these texts.
        n: samples per prompt.
        seed: with the prompt and the sample's index it decides the randomness.
        logprobs: also tell the log-probability of each token, under the untempered model.
        alternatives: with `logprobs`, the likeliest tokens at each place, this many (at most 20).
        schema: a JSON schema as text (`schema_text`); the answer is then a JSON value of that shape.
        too_long: what becomes of a prompt that leaves no room for the answer in the context.
    """

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    stop: tuple[str, ...] = ()
    n: int = 1
    seed: int = 0
    logprobs: bool = False
    alternatives: int = 0
    schema: str = ""
    too_long: Literal["refuse", "truncate left"] = "refuse"

    def __post_init__(self) -> None:
        bounds: Mapping[str, tuple[float, float]] = {
            "max_tokens": (1, 1_000_000),
            "temperature": (0, 10),
            "top_p": (1e-6, 1),
            "top_k": (0, 1_000_000),
            "n": (1, 10_000),
            "seed": (0, 2**63 - 1),
            "alternatives": (0, 20),
        }
        problems = {
            name: f"{getattr(self, name)}; allowed are {low:g} to {high:g}."
            for name, (low, high) in bounds.items()
            if not low <= getattr(self, name) <= high
        }
        if any(not text for text in self.stop):
            problems["stop"] = "An empty stop text would end every answer at once."
        if problems:
            raise ConfigError(problems, "Correct how the model is asked to answer.")

    def key(self) -> str:
        """Write what decides an answer, prompt, model and sample index apart, as canonical text; `n` does not."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "n"}, sort_keys=True)


def schema_text(schema: Mapping[str, Any]) -> str:
    """Write a JSON schema as the text that `Sampling.schema` takes; answers give its properties in this order."""
    return json.dumps(schema, ensure_ascii=False)


@dataclass(frozen=True)
class TokenChoice:
    """One token of an answer.

    Attributes:
        text: what it adds to the answer; may be part of a character, then it is "".
        logprob: in nats, under the untempered model.
        alternatives: the likeliest tokens at its place and their log-probabilities, likeliest first.
    """

    text: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Completion:
    """One answer.

    Attributes:
        text: without the stop text that ended it.
        finish: "stop" where the model or a stop text ended it, "length" where `max_tokens` or the context did.
        prompt_tokens, tokens: logical lengths of prompt and answer, whoever computed them.
        computed_tokens: prompt and answer tokens that were run through the model for this answer: fewer where a prefix
            was shared, 0 where the answer comes from the cache. What a server computes it does not tell; then the
            logical lengths stand here.
        choices: the tokens, where log-probabilities were asked for.
        reused: it comes from the cache.
        truncated: prompt tokens left out on the left.
    """

    text: str
    finish: Literal["stop", "length"]
    prompt_tokens: int
    tokens: int
    computed_tokens: int
    choices: tuple[TokenChoice, ...] = ()
    reused: bool = False
    truncated: int = 0


@dataclass(frozen=True)
class Request:
    """One sample of one prompt."""

    prompt: Prompt
    sample: int = 0


Listen = Callable[[int, str], None]
"""Hears the index of a request and its answer so far, as it grows; what it raises ends the generation."""


class Backend(Protocol):
    """Whoever computes answers: transformers or vLLM in this process, or a server."""

    @property
    def name(self) -> str:
        """Short, for titles."""
        ...

    @property
    def fingerprint(self) -> str:
        """Equal means the same model: of the weights where they are known, else of server address and model name."""
        ...

    @property
    def dtype(self) -> str:
        """Number format of the weights; "" where a server does not tell."""
        ...

    @property
    def context(self) -> int | None:
        """Most tokens of prompt and answer together; None where a server does not tell."""
        ...

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Count the tokens of each prompt as the model reads it."""
        ...

    def complete(
        self, requests: Sequence[Request], sampling: Sampling, listen: Listen | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """Answer each request once; yields its index and its completion as it finishes. Closing it ends the work.

        Raises:
            DataError: a prompt is empty or too long; `row` is the index of the request, from 1.
            ModelError: the model or server cannot answer; what was yielded before stands.
            ResourceError: memory ran out.
        """
        ...
