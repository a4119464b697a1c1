"""Text generation by a server that speaks OpenAI's protocol: a vLLM server first of all, or any other.

Design decisions:
- Every sample is a request of its own with a seed of its own, from (seed, prompt, sample index): as repeatable as the
  server is. Near-ties may flip with what else it computes at the time, as with any batched arithmetic.
- Answers are always streamed: a server that falls silent, never ends or turns out to be another model is noticed at
  once, and Stop and the listener work while an answer grows.
- What vLLM offers beyond the protocol is used where it is found: exact counts, truncation on the left.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from engines.parts.completions.generation import Completion, Listen, Request, Sampling
from engines.parts.completions.prompts import Prompt
from engines.parts.servers.background_loop import all_or_none, answer_of, yielded_by
from engines.parts.servers.server_addresses import ServerAddress, find_server
from engines.parts.servers.server_connection import Patience, connected, failures_of
from engines.parts.servers.server_questions import (
    AskedServer,
    OfferedModel,
    asked_stream,
    counted,
    offered_models,
    says_no_completions,
    says_too_long,
    truncated_to,
)
from engines.parts.servers.server_stream import StreamedAnswer, estimated_tokens, streamed_events
from workbench.contract.errors import DataError, ModelError

if TYPE_CHECKING:
    import openai

TOKENS_A_TURN = 4
"""What a chat template adds to a turn, by the rule of thumb."""

Say = Callable[[tuple[int, str | Completion]], None]


class ServerBackend:
    """A model that a server answers for.

    Args:
        address: checked and resolved.
        offered: the model as the server lists it.
    """

    def __init__(self, address: ServerAddress, offered: OfferedModel, patience: Patience | None = None) -> None:
        self._server = AskedServer(address, offered.id, offered.max_model_len)
        self._names = [offered.id, *filter(None, [offered.root])]
        self._patience = patience or Patience()
        self._chats_only = False

    @property
    def name(self) -> str:
        """Return the model's name, as the server has it."""
        return self._server.model

    @property
    def address(self) -> str:
        """Return the server's address; it holds no secret."""
        return self._server.address.text

    @property
    def fingerprint(self) -> str:
        """Return 16 hex digits over the server's address, the model's name, and where the server has it from."""
        return hashlib.sha256("\n".join([self.address, *self._names]).encode()).hexdigest()[:16]

    @property
    def dtype(self) -> str:
        """Return "": a server does not tell."""
        return ""

    @property
    def context(self) -> int | None:
        """Return most tokens of prompt and answer together, where the server tells (vLLM)."""
        return self._server.context

    @cached_property
    def counts_exactly(self) -> bool:
        """Return whether the server counts tokens (vLLM); else `count` takes four characters for a token.

        Raises:
            ModelError: the server cannot be reached.
        """
        return self._counts(["a"])[0] is not None

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Return tokens of each prompt: by the server's own tokenizer where it offers that, else an estimate.

        Raises:
            ModelError: the server cannot be reached.
        """
        counts = self._counts(prompts) if self.counts_exactly else [None] * len(prompts)
        return [_estimate(prompt) if count is None else count for prompt, count in zip(prompts, counts, strict=True)]

    def remarks(self) -> list[str]:
        """Return what the reader of a run should know of how the server was asked."""
        if not self._chats_only:
            return []
        return [f"{self.address} answers chats only: plain prompts were given to {self.name} as a user's turn."]

    def complete(
        self, requests: Sequence[Request], sampling: Sampling, listen: Listen | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """Answer each request once; yields its index and its completion as it finishes. Closing it ends the work.

        Raises:
            DataError: a prompt is empty or too long; `row` is the index of the request, from 1.
            ModelError: the server cannot answer; what was yielded before stands.
        """
        for index, request in enumerate(requests, start=1):
            if not request.prompt:
                raise DataError(f"Prompt {index} is empty.", "Give it at least one word.", row=index)

        async def ask_all(say: Say) -> None:
            waiting = iter(enumerate(requests))
            async with connected(self._server.address, self._patience) as client:
                workers = min(self._patience.at_once, len(requests))
                await all_or_none(self._work_off(client, waiting, sampling, say) for _ in range(workers))

        with closing(yielded_by(ask_all)) as heard:
            for index, told in heard:
                if isinstance(told, Completion):
                    yield index, told
                elif listen:
                    listen(index, told)

    async def _work_off(
        self, client: "openai.AsyncOpenAI", waiting: Iterator[tuple[int, Request]], sampling: Sampling, say: Say
    ) -> None:
        for asked in waiting:
            with failures_of(self._server.address, self._patience):
                say((asked[0], await self._timed(client, asked, sampling, say)))

    async def _timed(
        self, client: "openai.AsyncOpenAI", asked: tuple[int, Request], sampling: Sampling, say: Say
    ) -> Completion:
        longest = self._patience.silence + self._patience.each_token * sampling.max_tokens
        try:
            async with asyncio.timeout(longest):
                return await self._answer(client, asked, sampling, say)
        except TimeoutError as error:
            raise ModelError(
                f"{self._server.address.origin} did not finish an answer within {longest:,.0f} seconds.",
                "See the server's own log, or ask for fewer tokens; then press Resume.",
            ) from error

    async def _answer(
        self, client: "openai.AsyncOpenAI", asked: tuple[int, Request], sampling: Sampling, say: Say
    ) -> Completion:
        import openai

        plain = isinstance(asked[1].prompt, str)
        try:
            return await self._streamed(client, asked, sampling, say)
        except openai.APIStatusError as error:
            if says_too_long(error):
                return await self._shorter(client, asked, sampling, say)
            if not plain or self._chats_only or not says_no_completions(error):
                raise
            self._chats_only = True
        return await self._answer(client, asked, sampling, say)

    async def _streamed(
        self, client: "openai.AsyncOpenAI", asked: tuple[int, Request], sampling: Sampling, say: Say
    ) -> Completion:
        (index, request), address = asked, self._server.address
        as_chat = self._chats_only or not isinstance(request.prompt, str)
        answer = StreamedAnswer(sampling, address, self._names, _estimate(request.prompt))
        async with asked_stream(client, self._server, request, sampling, as_chat) as response:
            async for event in streamed_events(response.iter_bytes(), address):
                answer.take(event)
                say((index, answer.shown))
        done = answer.completion()
        if done.prompt_tokens == truncated_to(self._server, sampling):
            whole = await counted(client, self._server, request.prompt)
            done = replace(done, truncated=max(0, (whole or 0) - done.prompt_tokens))
        return done

    async def _shorter(
        self, client: "openai.AsyncOpenAI", asked: tuple[int, Request], sampling: Sampling, say: Say
    ) -> Completion:
        """The answer in the room that the prompt leaves, which is less than `max_tokens`."""
        index, request = asked
        read, context = await counted(client, self._server, request.prompt), self.context
        room = context - read if context and read else 0
        if 0 < room < sampling.max_tokens:
            return await self._streamed(client, asked, replace(sampling, max_tokens=room), say)
        length = "" if read is None else f" has {read:,} tokens and"
        limit = "" if context is None else f" of {context:,}, answer included"
        raise DataError(
            f"Prompt {index + 1}{length} is too long for the context of {self.name}{limit}.",
            "Shorten it, have prompts truncated, or choose a model with a longer context.",
            row=index + 1,
        ) from None

    def _counts(self, prompts: Sequence[Prompt]) -> list[int | None]:
        async def ask() -> list[int | None]:
            gate = asyncio.Semaphore(self._patience.at_once)
            async with connected(self._server.address, self._patience) as client:

                async def one(prompt: Prompt) -> int | None:
                    async with gate:
                        return await counted(client, self._server, prompt)

                return await asyncio.gather(*map(one, prompts))

        with failures_of(self._server.address, self._patience):
            return answer_of(ask)


def open_server(ref: str, patience: Patience | None = None) -> ServerBackend:
    """Open the model `MODEL@ADDRESS` or `MODEL@NAME`; the server is asked whether it has it.

    Raises:
        ModelError: no such reference, server or model, an address that may not be asked, or a wrong key.
    """
    model, address = find_server(ref)
    patience = patience or Patience()

    async def ask() -> list[OfferedModel]:
        async with connected(address, patience) as client:
            return await offered_models(client, address)

    with failures_of(address, patience):
        offered = answer_of(ask)
    return ServerBackend(address, _chosen(model, offered, address), patience)


def _chosen(model: str, offered: Sequence[OfferedModel], address: ServerAddress) -> OfferedModel:
    found = next((each for each in offered if each.id == model), None)
    if found or not offered:
        return found or OfferedModel(id=model)
    names = [each.id for each in offered]
    near = get_close_matches(model, names, n=1)
    raise ModelError(
        f"{address.origin} has no model {model[:80]!r}; it offers {address.excerpt(', '.join(names))}.",
        f"Did you mean {near[0]}?" if near else "Name one of these before the @.",
    )


def _estimate(prompt: Prompt) -> int:
    """Tokens by the rule of thumb of four characters each; a chat has its template besides."""
    if isinstance(prompt, str):
        return estimated_tokens(prompt)
    return sum(estimated_tokens(turn.content) + TOKENS_A_TURN for turn in prompt)
