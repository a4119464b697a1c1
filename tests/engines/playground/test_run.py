"""The playground on real, tiny models: answers in pieces, token by token, and one failure that stops nobody else."""

import math

import pytest

from engines.parts.completions.generation import Sampling
from engines.parts.completions.prompts import chat
from engines.parts.generation.generator import Use, open_generator
from engines.parts.generation.speeds import speed_of
from engines.parts.rows.token_use import TokenUse
from engines.playground import TOOL
from engines.playground.run import prompt_of, sampling_of
from tests.engines.parts.fault_server import Faults, fault_server
from tests.engines.parts.tiny_model import make_tiny_model
from tests.engines.worked_tools import worked
from workbench.contract.errors import RunStopped
from workbench.storage.home import place
from workbench.tool_questions.playground import Answered, AnswerPiece, AnswerToken, Prompting, Unanswered


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return str(make_tiny_model(place("models") / "tiny"))


def asked(models, **given):
    return {"prompt": "the cat", "models": models, "reading": "text", "max_tokens": 12, **given}


def test_answers_come_in_order_with_their_tokens(tiny, tmp_path):
    said = worked(TOOL, asked([tiny, tiny], temperature=1.0), tmp_path)
    first, second = said.rows(Answered)
    assert (first["model"], second["model"], first["ref"]) == (0, 1, tiny)
    for answer in (first, second):
        tokens = [token for token in said.rows(AnswerToken) if token["model"] == answer["model"]]
        assert [token["place"] for token in tokens] == list(range(answer["tokens"]))
        assert "".join(token["text"] for token in tokens).startswith(answer["text"])
    assert second["reused"] and second["tokens_per_second"] is None and not first["reused"]
    assert first["text"] == second["text"] and first["prompt_tokens"] > 0
    assert [use["model"] for use in said.rows(TokenUse)] == ["tiny", "tiny"]


def test_tokens_carry_the_models_own_probabilities(tiny, tmp_path):
    said = worked(TOOL, asked([tiny]), tmp_path)
    sampling = Sampling(max_tokens=12, logprobs=True, alternatives=5)
    ((same,),) = open_generator(tiny, cached=False).generate(["the cat"], sampling, Use("Answer"))
    for token, choice in zip(said.rows(AnswerToken), same.choices, strict=True):
        assert token["probability"] == pytest.approx(math.exp(choice.logprob), rel=1e-4)
        assert len(token["alternatives"]) == 5
        shares = [share for _, share in token["alternatives"]]
        assert shares == sorted(shares, reverse=True) and sum(shares) <= 1 + 1e-6
        # greedy: the likeliest token is the one that was taken
        assert token["probability"] == pytest.approx(shares[0], rel=1e-4)


def test_pieces_put_together_are_the_answer(tiny, tmp_path):
    said = worked(TOOL, asked([tiny], temperature=1.5, max_tokens=40), tmp_path)
    text = ""
    for piece in said.rows(AnswerPiece):
        text = text[: piece["begin"]] + piece["text"]
    assert text == said.rows(Answered)[0]["text"]


def test_a_model_that_cannot_answer_says_why_and_the_others_go_on(tiny, tmp_path):
    said = worked(TOOL, asked(["no-such-model", tiny, "/etc"]), tmp_path)
    first, last = said.rows(Unanswered)
    assert (first["model"], last["model"]) == (0, 2)
    assert "no model reference" in first["message"] and "outside the folders" in last["message"] and last["hint"]
    assert [answer["model"] for answer in said.rows(Answered)] == [1]


def test_a_model_without_a_chat_template_says_so(tiny, tmp_path):
    (refused,) = worked(TOOL, asked([tiny], reading="chat"), tmp_path).rows(Unanswered)
    assert "no chat template" in refused["message"] and "plain text" in refused["hint"]


def test_the_speed_is_measured_and_kept(tiny, tmp_path):
    (answer,) = worked(TOOL, asked([tiny], max_tokens=40, temperature=1.0, seed=3), tmp_path).rows(Answered)
    generator = open_generator(tiny)
    kept = speed_of(generator.fingerprint, generator.dtype)
    if answer["tokens"] >= 32:
        assert kept == answer["tokens_per_second"] == pytest.approx(answer["tokens"] / answer["seconds"])
    else:
        assert kept is answer["tokens_per_second"] is None


def test_stop_ends_the_answers(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.worker.runlog.FolderLog.stopping", lambda log: True)
    with pytest.raises(RunStopped):
        worked(TOOL, asked([tiny]), tmp_path)


def test_the_prompt_is_a_chat_or_a_text_as_asked():
    question = Prompting(prompt="Why?", system="Be brief.", models=("a",))
    assert prompt_of(question) == chat("Why?", "Be brief.")
    assert prompt_of(question.model_copy(update={"reading": "text"})) == "Be brief.\n\nWhy?"
    assert prompt_of(question.model_copy(update={"reading": "text", "system": ""})) == "Why?"
    sampling = sampling_of(question.model_copy(update={"temperature": 0.7, "seed": 5, "max_tokens": 9}))
    assert (sampling.temperature, sampling.seed, sampling.max_tokens, sampling.logprobs) == (0.7, 5, 9, True)


def test_the_speed_of_a_server_is_found_by_its_reference(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    with fault_server(Faults(pause=0.01, context=400)) as address:
        ref = f"openai:toy@{address}"
        prompt = " ".join(["word"] * 40)
        (answer,) = worked(TOOL, asked([ref], prompt=prompt, max_tokens=100), tmp_path).rows(Answered)
    assert answer["tokens"] >= 32 and answer["dtype"] == ""
    assert speed_of(ref, "") == answer["tokens_per_second"] == pytest.approx(answer["tokens"] / answer["seconds"])
