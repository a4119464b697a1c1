"""Streams of servers: cut anywhere, doubted everywhere."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.completions.generation import Sampling
from engines.parts.servers.server_addresses import ServerAddress
from engines.parts.servers.server_stream import LONGEST_EVENT, StreamedAnswer, estimated_tokens, streamed_events
from workbench.contract.errors import ModelError

ADDRESS = ServerAddress("http", "127.0.0.1", 8130, "/v1", "127.0.0.1", "V", "a-secret-key")


async def sent(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def events(*chunks: bytes) -> list[Any]:
    async def collect() -> list[Any]:
        return [event async for event in streamed_events(sent(chunks), ADDRESS)]

    return asyncio.run(collect())


def answer(*told: Any, **asked: Any) -> StreamedAnswer:
    answer = StreamedAnswer(Sampling(**asked), ADDRESS, ["toy", "/models/toy"], 9)
    for event in told:
        answer.take(event)
    return answer


def said(text: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"model": "toy", "choices": [{"delta": {"content": text}, "finish_reason": finish, **more}]}


@given(st.lists(st.text(), max_size=4), st.lists(st.integers(1, 30)), st.sampled_from([b"\n\n", b"\r\n\r\n"]))
def test_events_do_not_depend_on_where_the_bytes_are_cut(texts: list[str], lengths: list[int], end: bytes):
    data = b": alive" + end + b"".join(b"data: " + json.dumps({"x": text}).encode() + end for text in texts)
    data += b"data: [DONE]" + end + b"data: ignored"
    chunks = []
    for length in lengths:
        chunks.append(data[:length])
        data = data[length:]
    assert events(*chunks, data) == [{"x": text} for text in texts]


def test_a_stream_may_end_without_saying_so():
    assert events(b'data: {"a": 1}\n\ndata: {"a": 2}') == [{"a": 1}, {"a": 2}]
    assert events(b'event: x\nid: 3\nretry: 5\ndata:{"a": 1}\n') == [{"a": 1}]
    assert events() == []


@pytest.mark.parametrize("data", [b"<html>", b"data: {", b"data: " + b"[" * 100_000, b"\xff\xfe\n", b'{"choices": []'])
def test_what_is_no_event_is_refused(data: bytes):
    with pytest.raises(ModelError, match="what is no answer"):
        events(data + b"\n")


def test_an_event_without_end_is_refused():
    with pytest.raises(ModelError, match="does not end"):
        events(*[b"x" * 65536] * (LONGEST_EVENT // 65536 + 1))


def test_what_a_server_said_is_shown_without_the_key():
    with pytest.raises(ModelError) as refused:
        events(b"wrong key: a-secret-key\n")
    assert "a-secret-key" not in str(refused.value)
    with pytest.raises(ModelError, match="failed in the middle") as failed:
        answer({"error": {"message": "key a-secret-key is blocked"}})
    assert "a-secret-key" not in str(failed.value)


def test_a_chat_is_put_together():
    done = answer(
        said(""),
        said("Hel"),
        said("lo", "stop"),
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}},
    ).completion()
    assert (done.text, done.finish, done.prompt_tokens, done.tokens, done.computed_tokens) == ("Hello", "stop", 7, 2, 9)


def test_a_plain_completion_is_put_together():
    done = answer(
        {"choices": [{"text": "one"}]}, {"choices": [{"text": " two", "finish_reason": "length"}]}
    ).completion(3)
    assert (done.text, done.finish, done.truncated) == ("one two", "length", 3)
    assert (done.prompt_tokens, done.tokens) == (9, 2), "estimates, where the server tells no counts"


def test_a_stop_text_is_cut_off_by_us_too():
    growing = answer(said("a b END c", "stop"), stop=("c", "END"))
    assert growing.shown == growing.completion().text == "a b "


def test_log_probabilities_of_chats_and_of_plain_completions():
    tops = [{"token": "b", "logprob": -2.0}, {"token": "a", "logprob": -0.1}, {"token": "c", "logprob": -3.0}]
    chat = answer(
        said("a", "stop", logprobs={"content": [{"token": "a", "logprob": -0.1, "top_logprobs": tops}]}),
        logprobs=True, alternatives=2,
    ).completion()  # fmt: skip
    told = {"tokens": ["a"], "token_logprobs": [-0.1], "top_logprobs": [{"b": -2.0, "a": -0.1, "c": -3.0}]}
    plain = answer(
        {"choices": [{"text": "a", "finish_reason": "stop", "logprobs": told}]}, logprobs=True, alternatives=2
    ).completion()
    assert chat.choices == plain.choices
    (choice,) = chat.choices
    assert (choice.text, choice.logprob, choice.alternatives) == ("a", -0.1, (("a", -0.1), ("b", -2.0)))


def test_part_of_a_character_adds_nothing_yet():
    told = [{"token": token, "logprob": -1.0} for token in ("\ufffd", "\ufffd\ufffd", "a")]
    done = answer(said("éa", "stop", logprobs={"content": told}), logprobs=True).completion()
    assert [choice.text for choice in done.choices] == ["", "", "a"]


def test_missing_log_probabilities_are_said():
    with pytest.raises(ModelError, match="no log-probabilities"):
        answer(said("a", "stop"), logprobs=True).completion()
    assert answer(said("", "stop"), logprobs=True).completion().choices == ()


@pytest.mark.parametrize("name", ["toy", "/models/toy", "toy-2026-01-31", "toy:free", None])
def test_the_model_that_was_asked_may_answer(name: str | None):
    assert answer({**said("x", "stop"), "model": name}).completion().text == "x"


@pytest.mark.parametrize("name", ["other", "toyota", "/models/other"])
def test_another_model_is_refused(name: str):
    with pytest.raises(ModelError, match=f"'toy' was asked and '{name}' answers"):
        answer({**said("x"), "model": name})


def test_a_stream_that_ends_early_or_never_is_refused():
    with pytest.raises(ModelError, match="in the middle of an answer, after 1 char"):
        answer(said("x")).completion()
    with pytest.raises(ModelError, match="streams on"):
        answer(*[said("x")] * 100, max_tokens=4)


@pytest.mark.parametrize(
    "event",
    [[], "text", 3, {"choices": 1}, {"choices": [{"delta": {"content": 1}}]}, {"usage": {"prompt_tokens": "x"}}],
)
def test_other_shapes_are_refused(event: Any):
    with pytest.raises(ModelError, match="not as OpenAI's protocol has it"):
        answer(event)


def test_tokens_by_the_rule_of_thumb():
    assert [estimated_tokens(text) for text in ("", "a", "four", "fives")] == [0, 1, 1, 2]
