"""An answer as a server streams it: events out of bytes, and the completion out of events, believing neither.

Stays ours: openai's event decoder sets no bound to the bytes of a line or event.
"""

import json
from collections.abc import AsyncIterator, Sequence
from math import ceil
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from engines.parts.completions.generation import Completion, Sampling, TokenChoice
from engines.parts.servers.server_addresses import ServerAddress
from workbench.contract.errors import ModelError

LONGEST_EVENT = 1 << 20
"""Bytes of one event."""
CHARACTERS_A_TOKEN = 4
"""Rule of thumb for English text, where a server tells no count."""
SURPLUS = 64
"""Events beyond one per token that an answer may have: the role, the finish, the count, signs of life."""

_PROTOCOL = "Check that the address is that of a server that speaks OpenAI's protocol."


class _Delta(BaseModel):
    content: str | None = None


class _Chosen(BaseModel):
    token: str
    logprob: float
    top_logprobs: list["_Chosen"] = []


class _Logprobs(BaseModel):
    """As chats tell them (`content`), or as plain completions do (the others)."""

    content: list[_Chosen] | None = None
    tokens: list[str] = []
    token_logprobs: list[float | None] = []
    top_logprobs: list[dict[str, float] | None] | None = None


class _Choice(BaseModel):
    delta: _Delta = _Delta()
    text: str | None = None
    logprobs: _Logprobs | None = None
    finish_reason: str | None = None


class _Count(BaseModel):
    prompt_tokens: int
    completion_tokens: int = 0


class _Event(BaseModel):
    model: str | None = None
    choices: list[_Choice] = []
    usage: _Count | None = None
    error: Any = None


async def streamed_events(chunks: AsyncIterator[bytes], address: ServerAddress) -> AsyncIterator[Any]:
    """Yield the JSON values of a stream of server-sent events, up to its end or its "[DONE]".

    Raises:
        ModelError: something else than such a stream, or an event that does not end.
    """
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_EVENT:
            raise ModelError(f"{address.origin} sends an event that does not end.", _PROTOCOL)
        for line in filter(None, map(bytes.strip, lines)):
            if line == b"data: [DONE]":
                return
            if not line.startswith((b":", b"event:", b"id:", b"retry:")):
                yield _value(line, address)
    if rest.strip() not in (b"", b"data: [DONE]"):
        yield _value(rest.strip(), address)


class StreamedAnswer:
    """What a server has said of one answer so far.

    Args:
        sampling: how it was asked.
        address: the server.
        names: of the model; another one in the answer is refused.
        read: estimate of the prompt's tokens, for servers that do not count.
    """

    def __init__(self, sampling: Sampling, address: ServerAddress, names: Sequence[str], read: int) -> None:
        self.text = ""
        self.sampling = sampling
        self._address = address
        self._names = names
        self._read = read
        self._events = 0
        self._finish = ""
        self._count: _Count | None = None
        self._choices: list[TokenChoice] = []

    def take(self, value: Any) -> None:
        """Take an event.

        Raises:
            ModelError: it is no such event, tells of an error, is by another model, or one too many.
        """
        self._events += 1
        if self._events > 2 * self.sampling.max_tokens + SURPLUS:
            raise ModelError(
                f"{self._address.origin} streams on: {self._events:,} events, where {self.sampling.max_tokens:,} "
                "tokens were asked for.",
                "It does not heed max_tokens; choose another server.",
            )
        event = _event(value, self._address)
        if event.model and not _is_one_of(event.model, self._names):
            raise ModelError(
                f"{self._names[0]!r} was asked and {self._address.excerpt(event.model)!r} answers.",
                "Name the model as the server calls it, or serve the one that you want.",
            )
        self._count = event.usage or self._count
        for choice in event.choices[:1]:
            self.text += choice.text or choice.delta.content or ""
            self._finish = choice.finish_reason or self._finish
            if choice.logprobs and self.sampling.logprobs:
                self._choices += _token_choices(choice.logprobs, self.sampling.alternatives)

    @property
    def shown(self) -> str:
        """Return the answer so far, without the stop text that ends it."""
        ends = [at for stop in self.sampling.stop if (at := self.text.find(stop)) >= 0]
        return self.text[: min(ends)] if ends else self.text

    def completion(self, truncated: int = 0) -> Completion:
        """Return the answer after its last event.

        Raises:
            ModelError: it does not end, or tells no log-probabilities where they were asked for.
        """
        if not self._finish:
            raise ModelError(
                f"{self._address.origin} stopped in the middle of an answer, after {len(self.text):,} characters.",
                "See the server's own log; then press Resume. Answers that had finished are kept.",
            )
        if self.sampling.logprobs and self.text and not self._choices:
            raise ModelError(
                f"{self._address.origin} tells no log-probabilities.",
                "Choose a server that does: vLLM, or a model of this machine.",
            )
        read, written = self._read, max(len(self._choices), estimated_tokens(self.text))
        if self._count:
            read, written = self._count.prompt_tokens, self._count.completion_tokens
        finish: Literal["stop", "length"] = "length" if self._finish == "length" else "stop"
        return Completion(self.shown, finish, read, written, read + written, tuple(self._choices), truncated=truncated)


def estimated_tokens(text: str) -> int:
    """Return tokens of a text by the rule of thumb, rounded up."""
    return ceil(len(text) / CHARACTERS_A_TOKEN)


def _value(line: bytes, address: ServerAddress) -> Any:
    try:
        return json.loads(line.removeprefix(b"data:"))
    except (ValueError, RecursionError):
        said = address.excerpt(line[:100].decode("utf-8", "replace"))
        raise ModelError(f"{address.origin} answers what is no answer: {said!r}.", _PROTOCOL) from None


def _event(value: Any, address: ServerAddress) -> _Event:
    try:
        event = _Event.model_validate(value)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"])) or "the event"
        raise ModelError(
            f"{address.origin} answers what is no answer: {place} is not as OpenAI's protocol has it.", _PROTOCOL
        ) from None
    if event.error is not None:
        raise ModelError(f"{address.origin} failed in the middle of an answer: {address.excerpt(str(event.error))}")
    return event


def _is_one_of(given: str, names: Sequence[str]) -> bool:
    """Whether a model's name is one of those asked for, or a dated issue of it ("gpt-x" and "gpt-x-2026-01-31")."""
    return any(given == name or given.startswith((f"{name}-", f"{name}:")) for name in names)


def _token_choices(told: _Logprobs, alternatives: int) -> list[TokenChoice]:
    if told.content is not None:
        return [
            TokenChoice(_text(each.token), each.logprob, _likeliest(
                [(other.token, other.logprob) for other in each.top_logprobs], alternatives
            ))
            for each in told.content
        ]  # fmt: skip
    tops = told.top_logprobs or [None] * len(told.tokens)
    return [
        TokenChoice(
            _text(token), 0.0 if logprob is None else logprob, _likeliest(list((top or {}).items()), alternatives)
        )
        for token, logprob, top in zip(told.tokens, told.token_logprobs, tops, strict=False)
    ]


def _likeliest(tokens: list[tuple[str, float]], most: int) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(tokens, key=lambda token: -token[1])[:most])


def _text(token: str) -> str:
    """What a token adds; part of a character, which servers show as the replacement mark, adds nothing yet."""
    return "" if "\ufffd" in token else token
