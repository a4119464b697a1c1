"""What a model server is asked, in OpenAI's protocol and in vLLM's additions to it, and how it says what it lacks."""

import json
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from engines.parts.completions.context_budget import kept_tokens
from engines.parts.completions.generation import Request, Sampling
from engines.parts.completions.prompts import Message, Prompt
from engines.parts.completions.request_keys import request_seed
from engines.parts.servers.server_addresses import OPENAI_HOST, ServerAddress
from workbench.contract.errors import ModelError

if TYPE_CHECKING:
    import openai

_TOO_LONG = re.compile(r"context.{0,12}(length|window|size)|context_length|model.?len|too (long|many tokens)", re.I)


class OfferedModel(BaseModel):
    """A model on a server's list.

    Attributes:
        root: where the server has it from, if it tells (vLLM).
        max_model_len: most tokens of prompt and answer together, if it tells (vLLM).
    """

    id: str
    root: str | None = None
    max_model_len: int | None = None


@dataclass(frozen=True)
class AskedServer:
    """A model of a server, ready to be asked.

    Attributes:
        context: most tokens of prompt and answer together; None where the server does not tell.
    """

    address: ServerAddress
    model: str
    context: int | None = None


async def offered_models(client: "openai.AsyncOpenAI", address: ServerAddress) -> list[OfferedModel]:
    """Return what the server offers; an empty list where it keeps none.

    Raises:
        ModelError: it answers something else than a list of models.
    """
    import openai

    try:
        listed = await client.get("/models", cast_to=object)
    except openai.NotFoundError:
        return []
    except json.JSONDecodeError as error:
        raise _no_list(address, error.doc) from None
    try:
        return [OfferedModel.model_validate(each) for each in cast(Any, listed)["data"]]
    except (ValidationError, KeyError, TypeError):
        raise _no_list(address, str(listed)) from None


def _no_list(address: ServerAddress, said: str) -> ModelError:
    return ModelError(
        f"{address.text}/models is no list of models: {address.excerpt(said)}",
        "Check that the address is that of a server that speaks OpenAI's protocol; it usually ends in /v1.",
    )


async def counted(client: "openai.AsyncOpenAI", server: AskedServer, prompt: Prompt) -> int | None:
    """Return tokens of a prompt by the server's own tokenizer; None where it does not tell (all but vLLM)."""
    import openai

    body: dict[str, Any] = {"model": server.model}
    body |= {"prompt": prompt} if isinstance(prompt, str) else {"messages": _turns(prompt)}
    try:
        told = await client.post(f"{server.address.origin}/tokenize", cast_to=object, body=body)
        return int(cast(Any, told)["count"])
    except (openai.APIStatusError, KeyError, TypeError, ValueError):
        return None


def asked_stream(
    client: "openai.AsyncOpenAI", server: AskedServer, request: Request, sampling: Sampling, as_chat: bool
) -> AbstractAsyncContextManager[Any]:
    """Open the request for one answer as a stream of events.

    Args:
        as_chat: a plain text becomes the turn of a user; for servers that answer chats only.
    """
    body = _body(server, request, sampling)
    if not as_chat:
        assert isinstance(request.prompt, str)
        told = {"logprobs": sampling.alternatives} if sampling.logprobs else {}
        completions = client.completions.with_streaming_response
        return completions.create(model=server.model, prompt=request.prompt, extra_body=body | told)
    prompt = (Message("user", request.prompt),) if isinstance(request.prompt, str) else request.prompt
    told = {"logprobs": True, "top_logprobs": sampling.alternatives} if sampling.logprobs else {}
    turns: Any = _turns(prompt)
    chats = client.chat.completions.with_streaming_response
    return chats.create(model=server.model, messages=turns, extra_body=body | told)


def says_too_long(error: "openai.APIStatusError") -> bool:
    """Return whether a refusal says that the prompt leaves no room for the answer."""
    return error.status_code in (400, 413, 422) and bool(_TOO_LONG.search(f"{error.message} {error.body}"))


def says_no_completions(error: "openai.APIStatusError") -> bool:
    """Return whether a refusal says that the server (or this model) answers chats only."""
    return error.status_code in (404, 405, 501)


def _body(server: AskedServer, request: Request, sampling: Sampling) -> dict[str, Any]:
    longest = "max_completion_tokens" if server.address.host == OPENAI_HOST else "max_tokens"
    body: dict[str, Any] = {
        longest: sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": request_seed(sampling.seed, request),
        # told to the server alone: the stream is read by us, not by the package
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if sampling.top_k:
        body["top_k"] = sampling.top_k
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.schema:
        shape = {"name": "answer", "schema": json.loads(sampling.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    kept = truncated_to(server, sampling)
    return body | ({"truncate_prompt_tokens": kept} if kept else {})


def truncated_to(server: AskedServer, sampling: Sampling) -> int | None:
    """Return most tokens of a prompt that is truncated on the left; None without truncation or a known context."""
    if sampling.too_long == "refuse" or server.context is None:
        return None
    return kept_tokens(sampling, server.context)


def _turns(prompt: Sequence[Message]) -> list[dict[str, str]]:
    return [asdict(turn) for turn in prompt]
