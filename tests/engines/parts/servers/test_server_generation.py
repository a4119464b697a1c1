"""The server backend against a real server that answers, misbehaves, and dies."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from engines.parts.completions.generation import Completion, Request, Sampling
from engines.parts.completions.prompts import chat
from engines.parts.completions.request_keys import request_seed
from engines.parts.generation.generator import Generator, Use, open_generator
from engines.parts.servers.server_connection import Patience
from engines.parts.servers.server_generation import ServerBackend, open_server
from tests.engines.parts.fault_server import MODEL, Faults, fault_server
from tests.engines.parts.heard_log import HeardLog
from tests.live import free_port
from workbench.contract.errors import DataError, ModelError, RunStopped

SHORT = Patience(connect=1.0, silence=1.0, each_token=0.1, retries=1)
KEY = "sk-benchwright-0123456789"
TEN = Sampling(max_tokens=10)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def address(faults: Faults) -> Iterator[str]:
    with fault_server(faults) as address:
        yield address


@pytest.fixture
def server(address: str) -> ServerBackend:
    return open_server(f"{MODEL}@{address}", SHORT)


def answers(server: ServerBackend, *prompts: Any, sampling: Sampling = TEN) -> list[Completion]:
    done = dict(server.complete([Request(prompt) for prompt in prompts], sampling))
    return [done[index] for index in range(len(prompts))]


def test_chats_and_plain_texts_are_answered_as_they_grow(server: ServerBackend):
    requests = [Request("one two"), Request(chat("three")), Request("one two", 1)]
    heard: dict[int, list[str]] = {0: [], 1: [], 2: []}
    done = dict(server.complete(requests, TEN, lambda index, text: heard[index].append(text)))
    for index, request in enumerate(requests):
        assert done[index].text.endswith(f"seed{request_seed(0, request)} ")
        assert heard[index][-1] == done[index].text
        assert all(later.startswith(earlier) for earlier, later in zip(heard[index], heard[index][1:], strict=False))
    assert (done[0].prompt_tokens, done[0].tokens, done[0].finish) == (2, 3, "stop")


def test_who_it_is(server: ServerBackend, address: str):
    assert (server.name, server.address, server.dtype, server.context) == (MODEL, address, "", 40)
    with fault_server(Faults()) as elsewhere:
        assert open_server(f"{MODEL}@{elsewhere}").fingerprint != server.fingerprint
    assert open_server(f"{MODEL}@{address}").fingerprint == server.fingerprint
    assert open_server(f"other@{address}").fingerprint != server.fingerprint


def test_tokens_are_counted_by_vllm_and_estimated_elsewhere(server: ServerBackend, faults: Faults):
    prompts = ["a b c", chat("hello there you", "system")]
    assert server.counts_exactly and server.count(prompts) == [3, 4]
    faults.vllm = False
    other = open_server(f"{MODEL}@{server.address}")
    assert not Generator(other).counts_exactly and other.context is None
    assert other.count(prompts) == [2, (4 + 4) + (2 + 4)]


def test_a_server_without_a_list_is_taken_at_its_word(faults: Faults, address: str):
    faults.way = "no list"
    assert open_server(f"anything@{address}").name == "anything"


def test_no_more_are_asked_at_once_than_allowed(address: str, faults: Faults):
    faults.pause = 0.02
    server = open_server(f"{MODEL}@{address}", Patience(at_once=3))
    assert len(answers(server, *[f"prompt {n}" for n in range(9)])) == 9
    assert 2 <= faults.together <= 3


def test_a_server_for_chats_only_gets_plain_texts_as_turns_and_that_is_told(server: ServerBackend, faults: Faults):
    faults.completions = False
    log = HeardLog()
    (answer,) = Generator(server, log.as_log()).generate(["plain"], TEN, Use("Answer"))[0]
    assert answer.text.startswith("plain ")
    assert len(log.notes) == 1 and "chats only" in log.notes[0]
    assert answers(server, "again")[0].text.startswith("again ")
    assert [path for path, _, _ in faults.heard].count("/v1/completions") == 1


def test_a_wrong_model_is_met_with_what_there_is(address: str):
    with pytest.raises(ModelError, match="no model 'toi'; it offers toy, other") as refused:
        open_server(f"toi@{address}")
    assert refused.value.hint == "Did you mean toy?"


def test_a_wrong_key_is_named_by_its_variable(address: str, faults: Faults, monkeypatch: pytest.MonkeyPatch):
    faults.key = KEY
    variable = "BENCHWRIGHT_KEY_127_0_0_1_" + address.split(":")[2].removesuffix("/v1")
    with pytest.raises(ModelError, match="asked without a key"):
        open_server(f"{MODEL}@{address}")
    monkeypatch.setenv(variable, "another-key-altogether")
    with pytest.raises(ModelError, match=f"refuses the key in {variable}") as refused:
        open_server(f"{MODEL}@{address}")
    assert "another-key" not in str(refused.value)
    monkeypatch.setenv(variable, KEY)
    assert answers(open_server(f"{MODEL}@{address}"), "a")[0].text.startswith("a ")


def test_nobody_at_the_address_is_a_sentence():
    with pytest.raises(ModelError, match="refuses the connection"):
        open_server(f"{MODEL}@http://127.0.0.1:{free_port()}/v1", SHORT)


@pytest.mark.parametrize("way", ["busy", "broken"])
def test_a_passing_refusal_is_waited_out(server: ServerBackend, faults: Faults, way: str):
    faults.way, faults.refusals = way, 1
    begun = time.monotonic()
    assert answers(server, "a")[0].text.startswith("a ")
    assert way == "broken" or time.monotonic() - begun >= 1, "Retry-After asked for a second"


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("broken", "status 500: Internal error"),
        ("busy for long", r"lets no more requests through for now \(429\): Come back tomorrow"),
        ("forbidden", r"asked without a key \(403\)"),
        ("redirect", "redirects are not followed"),
        ("strange", "status 418"),
        ("packed", "compressed"),
        ("garbage", "what is no answer: 'data: {not json'"),
        ("plain text", "what is no answer: 'hello there'"),
        ("wrong shape", "choices.0.delta.content is not as"),
        ("list", "the event is not as"),
        ("deep", "what is no answer"),
        ("endless line", "what is no answer|does not end"),
        ("silent", "silent for 1 seconds"),
        ("dies", "stopped in the middle of an answer"),
        ("fails", "failed in the middle of an answer: .*CUDA error"),
        ("endless", "streams on"),
        ("other model", "'toy' was asked and 'quite-another' answers"),
    ],
)
def test_every_fault_is_a_typed_error_that_says_what(server: ServerBackend, faults: Faults, way: str, says: str):
    faults.way = way
    with pytest.raises(ModelError, match=says):
        answers(server, "one two three")


def test_a_dated_issue_of_the_model_is_the_model(server: ServerBackend, faults: Faults):
    faults.way = "dated"
    assert answers(server, "a")[0].text.startswith("a ")


def test_log_probabilities_that_do_not_come_are_missed(server: ServerBackend, faults: Faults):
    asked = Sampling(max_tokens=10, logprobs=True, alternatives=2)
    assert [choice.logprob for choice in answers(server, "a", sampling=asked)[0].choices] == [-0.5, -0.5]
    faults.way = "mute"
    with pytest.raises(ModelError, match="no log-probabilities"):
        answers(server, "a", sampling=asked)


def test_an_answer_that_takes_too_long_is_given_up(address: str, faults: Faults):
    faults.pause = 0.2
    server = open_server(f"{MODEL}@{address}", Patience(silence=0.5, each_token=0.01, retries=0))
    with pytest.raises(ModelError, match="did not finish an answer within 1 seconds"):
        answers(server, "one two three four five six")


def test_prompts_that_fill_the_context(server: ServerBackend):
    assert answers(server, "word " * 35)[0].tokens == 5, "less room, a shorter answer"
    with pytest.raises(DataError, match="Prompt 2 has 60 tokens and is too long for the context of toy of 40") as long:
        answers(server, "short", "word " * 60)
    assert long.value.row == 2
    cut = answers(server, "word " * 60, sampling=Sampling(max_tokens=10, too_long="truncate left"))[0]
    assert (cut.prompt_tokens, cut.truncated) == (30, 30)


@pytest.mark.parametrize("prompt", ["", ()])
def test_an_empty_prompt_is_refused(server: ServerBackend, prompt: Any):
    with pytest.raises(DataError, match="Prompt 2 is empty") as refused:
        answers(server, "fine", prompt)
    assert refused.value.row == 2


def test_closing_ends_the_work_at_once(server: ServerBackend, faults: Faults):
    faults.pause = 0.05
    with closing(server.complete([Request(f"{n} " * 20) for n in range(8)], Sampling(max_tokens=15))) as work:  # pyright: ignore[reportArgumentType]
        next(work)
        begun = time.monotonic()
    assert time.monotonic() - begun < 0.5


def test_stop_is_heard_while_an_answer_grows(server: ServerBackend, faults: Faults):
    faults.pause = 0.05
    begun = time.monotonic()
    log = HeardLog(stop=lambda: time.monotonic() - begun > 0.15)
    with pytest.raises(RunStopped):
        Generator(server, log.as_log()).generate(["word " * 20], Sampling(max_tokens=20), Use("Answer"))
    assert time.monotonic() - begun < 0.6


def test_a_run_knows_whom_it_asked_and_what_was_kept(address: str, faults: Faults, fresh_home):
    log = HeardLog()
    for _ in range(2):
        open_generator(f"openai:{MODEL}@{address}", log.as_log()).generate(["a b"], TEN, Use("Answer"))
    (fact,) = log.facts.items()
    assert fact[0] == f"generator {MODEL}" and address in fact[1]
    assert [row.reused for row in log.rows] == [0, 1]  # pyright: ignore[reportAttributeAccessIssue]
    assert (fresh_home / "responses" / "responses.db").is_file()
