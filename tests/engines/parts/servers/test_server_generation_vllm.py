"""The server backend against a real vLLM server; run with BENCHWRIGHT_VLLM_PYTHON=.../python pytest -m vllm."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from engines import ENGINES, TOOLS
from engines.parts.completions.generation import Completion, Request, Sampling, schema_text
from engines.parts.completions.prompts import chat
from engines.parts.generation.local_generation import open_local
from engines.parts.models.models import resolve_model
from engines.parts.rows.token_use import TokenUse
from engines.parts.servers.server_generation import ServerBackend, open_server
from tests.engines.parts.vllm_server import CONTEXT, PYTHON, SERVED, vllm_server
from tests.rooms import asking
from workbench.bench.session import open_session
from workbench.contract.errors import DataError, ModelError
from workbench.contract.fields import read_spec, tool_spec
from workbench.tool_questions.playground import Answered, AnswerToken

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not PYTHON, reason="BENCHWRIGHT_VLLM_PYTHON names no interpreter"),
]

MODEL = "smollm2-135m-instruct"
QUESTION = chat("What is the capital of France? Answer in one sentence.")
KEY = "benchwright-test-key"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    output = tmp_path_factory.mktemp("vllm") / "server.txt"
    with vllm_server(resolve_model(MODEL).path, output, key=KEY) as address:
        yield address


@pytest.fixture
def server(address: str, monkeypatch: pytest.MonkeyPatch) -> ServerBackend:
    host_and_port = address.removeprefix("http://").removesuffix("/v1")
    monkeypatch.setenv("BENCHWRIGHT_KEY_" + host_and_port.replace(".", "_").replace(":", "_"), KEY)
    return open_server(f"{SERVED}@{address}")


def answer(server: ServerBackend, request: Request, sampling: Sampling) -> Completion:
    return dict(server.complete([request], sampling))[0]


def test_it_answers_chats_and_plain_texts(server: ServerBackend):
    heard: list[str] = []
    asked = [Request(QUESTION), Request("The capital of France is")]
    said = dict(server.complete(asked, Sampling(max_tokens=12), lambda index, text: heard.append(text)))
    assert "Paris" in said[0].text and "Paris" in said[1].text
    assert said[0].prompt_tokens == server.count([QUESTION])[0]
    assert said[1].tokens == 12 and said[1].finish == "length"
    assert len(heard) >= 12


def test_prompts_are_read_and_counted_as_by_transformers(server: ServerBackend):
    prompts = [QUESTION, "The capital of France is", chat("Hi", "You are terse.")]
    assert server.counts_exactly and server.context == CONTEXT
    assert server.count(prompts) == open_local(MODEL, "float32").count(prompts)


def test_log_probabilities_agree_with_transformers(server: ServerBackend):
    sampling = Sampling(max_tokens=24, logprobs=True, alternatives=5)
    served = answer(server, Request(QUESTION), sampling)
    local = dict(open_local(MODEL, "bfloat16").complete([Request(QUESTION)], sampling))[0]
    pairs = [
        (one.logprob, other.logprob)
        for one, other in zip(served.choices, local.choices, strict=False)
        if one.text == other.text
    ]
    assert len(pairs) >= 5
    assert sum(abs(one - other) for one, other in pairs) / len(pairs) < 0.1
    assert all(len(each.alternatives) == 5 for each in served.choices)
    assert served.choices[0].alternatives[0][0] == local.choices[0].alternatives[0][0]


def test_one_seed_gives_one_answer_and_samples_differ(server: ServerBackend):
    warm = Sampling(max_tokens=24, temperature=1.0, seed=3)
    first = [answer(server, Request("Once upon a time", sample), warm).text for sample in (0, 1, 0)]
    assert first[0] == first[2] != first[1]
    assert answer(server, Request("Once upon a time"), replace(warm, seed=4)).text != first[0]


def test_a_schema_gives_json_of_that_shape(server: ServerBackend):
    shape = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}, "size": {"enum": ["small", "large"]}},
        "required": ["city", "size"],
        "additionalProperties": False,
    }
    sampling = Sampling(max_tokens=80, schema=schema_text(shape))
    for prompt in (QUESTION, "A city and its size as JSON: "):
        value = json.loads(answer(server, Request(prompt), sampling).text)
        assert set(value) == {"city", "size"} and value["size"] in ("small", "large")


def test_stop_texts_end_an_answer(server: ServerBackend):
    said = answer(server, Request("One, two, three, four,"), Sampling(max_tokens=40, stop=("seven", "eight")))
    assert said.finish == "stop" and "seven" not in said.text


def test_long_prompts_are_refused_shortened_or_truncated(server: ServerBackend):
    words = "word " * (CONTEXT - 20)
    said = answer(server, Request(words), Sampling(max_tokens=200))
    assert (said.finish, said.tokens) == ("length", CONTEXT - said.prompt_tokens)
    with pytest.raises(DataError, match="too long") as refused:
        answer(server, Request(words * 2), Sampling(max_tokens=20))
    assert refused.value.row == 1
    cut = answer(server, Request(words * 2), Sampling(max_tokens=20, too_long="truncate left"))
    assert cut.prompt_tokens == CONTEXT - 20
    assert cut.truncated == server.count([words * 2])[0] - cut.prompt_tokens


def test_a_wrong_model_or_key_is_said(address: str, server: ServerBackend, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ModelError, match=f"it offers {SERVED}") as refused:
        open_server(f"smolm2@{address}")
    assert refused.value.hint == f"Did you mean {SERVED}?"
    variable = server._server.address.key_variable
    monkeypatch.setenv(variable, "another-key-altogether")
    with pytest.raises(ModelError, match="401") as wrong:
        open_server(f"{SERVED}@{address}")
    assert variable in wrong.value.hint


def test_the_playground_asks_it_beside_a_model_of_this_machine(address: str, server: ServerBackend, fresh_home):
    asked = tool_spec(
        TOOLS["playground"],
        {"prompt": "Name a colour.", "models": (f"openai:{SERVED}@{address}", MODEL), "max_tokens": 16},
    )
    with open_session({**ENGINES, **TOOLS}) as session:  # pyright: ignore[reportArgumentType]
        run = session.bench.start(asked)
        record = session.bench.wait(run, 300)
        assert record.state == "finished", record.error
        answers = session.history.table(run, Answered)
        tokens = session.history.table(run, AnswerToken)
    assert answers["name"].tolist() == [SERVED, MODEL]
    assert set(tokens["model"]) == {0, 1} and tokens["probability"].between(0, 1).all()
    assert tokens["alternatives"].map(len).eq(5).all()


def test_a_run_asks_it(address: str, server: ServerBackend, fresh_home):
    with open_session(asking.ENGINES, asking.WORKER) as session:
        model = f"openai:{SERVED}@{address}"
        run = session.bench.start(read_spec(asking.ASKING, settings={"model": model, "questions": 40}))
        record = session.bench.wait(run, 300)
        assert record.state == "finished", record.error
        (entry,) = session.history.table(run, TokenUse).to_dict("records")
    assert (entry["calls"], entry["reused"], entry["model"]) == (40, 0, SERVED)
    assert 0 < entry["completion_tokens"] <= 40 * 8
