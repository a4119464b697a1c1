"""What servers are asked: every setting arrives, and only where it is meant."""

import asyncio
from typing import Any

import pytest

from engines.parts.completions.generation import Request, Sampling, schema_text
from engines.parts.completions.prompts import chat
from engines.parts.completions.request_keys import request_seed
from engines.parts.servers.server_addresses import OPENAI_HOST, ServerAddress, checked_address
from engines.parts.servers.server_connection import Patience, connected
from engines.parts.servers.server_questions import AskedServer, asked_stream, counted, offered_models, truncated_to
from tests.engines.parts.fault_server import Faults, fault_server
from workbench.contract.errors import ModelError

SCHEMA = {"type": "object"}
ALL = Sampling(
    max_tokens=7, temperature=0.5, top_p=0.9, top_k=3, stop=("x",), seed=4, logprobs=True, alternatives=2,
    schema=schema_text(SCHEMA), too_long="truncate left",
)  # fmt: skip


def heard(request: Request, sampling: Sampling, context: int | None = 40, as_chat: bool = False) -> tuple[str, Any]:
    """Path and body of the request as it reached a server."""
    faults = Faults()
    with fault_server(faults) as text:
        server = AskedServer(checked_address(text), "toy", context)

        async def ask() -> None:
            async with (
                connected(server.address, Patience()) as client,
                asked_stream(client, server, request, sampling, as_chat) as response,
            ):
                assert response.http_response.status_code == 200

        asyncio.run(ask())
    path, _, body = faults.heard[-1]
    return path, body


def test_every_setting_arrives():
    path, body = heard(Request(chat("hello", "be brief"), 1), ALL, as_chat=True)
    assert path == "/v1/chat/completions"
    assert body == {
        "model": "toy",
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}],
        "max_tokens": 7, "temperature": 0.5, "top_p": 0.9, "top_k": 3, "stop": ["x"], "stream": True,
        "seed": request_seed(4, Request(chat("hello", "be brief"), 1)), "stream_options": {"include_usage": True},
        "logprobs": True, "top_logprobs": 2, "truncate_prompt_tokens": 33,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}},
    }  # fmt: skip


def test_what_is_off_is_not_sent():
    path, body = heard(Request("plain"), Sampling(max_tokens=7))
    assert path == "/v1/completions" and body["prompt"] == "plain"
    assert set(body) == {"model", "prompt", "max_tokens", "temperature", "top_p", "seed", "stream", "stream_options"}


def test_a_plain_text_can_be_a_users_turn():
    assert heard(Request("plain"), Sampling(max_tokens=7), as_chat=True)[1]["messages"] == [
        {"role": "user", "content": "plain"}
    ]


def test_plain_completions_tell_log_probabilities_by_number():
    assert heard(Request("plain"), Sampling(max_tokens=7, logprobs=True))[1]["logprobs"] == 0


def test_truncation_needs_a_known_context():
    address = ServerAddress("https", OPENAI_HOST, 443, "/v1", "8.8.8.8")
    assert truncated_to(AskedServer(address, "toy"), ALL) is None
    assert truncated_to(AskedServer(address, "toy", 40), Sampling()) is None
    assert truncated_to(AskedServer(address, "toy", 40), Sampling(max_tokens=90, too_long="truncate left")) == 20


@pytest.mark.parametrize(("faults", "count"), [(Faults(), 3), (Faults(vllm=False), None)])
def test_counts_come_from_vllm_alone(faults: Faults, count: int | None):
    with fault_server(faults) as text:
        server = AskedServer(checked_address(text), "toy")

        async def ask() -> list[int | None]:
            async with connected(server.address, Patience()) as client:
                return [await counted(client, server, prompt) for prompt in ("a b c", chat("a b", "c"))]

        assert asyncio.run(ask()) == [count, count]


@pytest.mark.parametrize(("way", "names"), [("", ["toy", "other"]), ("no list", [])])
def test_the_list_of_models(way: str, names: list[str]):
    with fault_server(Faults(way=way)) as text:
        address = checked_address(text)

        async def ask() -> list[str]:
            async with connected(address, Patience()) as client:
                return [model.id for model in await offered_models(client, address)]

        assert asyncio.run(ask()) == names


def test_a_page_is_no_list_of_models():
    with fault_server(Faults(way="web page")) as text:
        address = checked_address(text)

        async def ask() -> None:
            async with connected(address, Patience()) as client:
                await offered_models(client, address)

        with pytest.raises(ModelError, match=r"no list of models.*Welcome"):
            asyncio.run(ask())
