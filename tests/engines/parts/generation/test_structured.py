"""Values from answers: right at once, after a repair, read leniently, or not to be had."""

import json
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from engines.parts.completions.generation import Completion, Request, Sampling
from engines.parts.completions.prompts import Message, chat
from engines.parts.generation.generator import Generator, Use
from engines.parts.generation.local_generation import LocalBackend
from engines.parts.generation.structured import Structured, generate_json, read_leniently, repair_prompt, salvaged
from tests.engines.parts.small_tokenizer import small_chat_model


class Verdict(BaseModel):
    """What a judge says."""

    reason: str = Field(max_length=12)
    score: int = Field(ge=1, le=5)


RIGHT = '{"reason": "clear", "score": 4}'
VALUE = Verdict(reason="clear", score=4)
USE = Use(stage="Judge")


class Scripted:
    """A server that ignores schemas: says what stands in its script, one answer after the other."""

    name, fingerprint, dtype, context = "scripted", "0" * 16, "", None

    def __init__(self, *script: str) -> None:
        self.script = list(script)
        self.heard: list[tuple[Request, Sampling]] = []

    def count(self, prompts: Sequence[object]) -> list[int]:
        return [1 for _ in prompts]

    def complete(self, requests, sampling, listen=None) -> Iterator[tuple[int, Completion]]:
        for index, request in enumerate(requests):
            self.heard.append((request, sampling))
            yield index, Completion(self.script.pop(0), "stop", 1, 1, 1)


def asked(*script: str, n: int = 1) -> tuple[list[Structured[Verdict]], Scripted]:
    backend = Scripted(*script)
    sampling = Sampling(n=n, temperature=1.0)
    return generate_json(Generator(backend), [chat("Judge.")], Verdict, sampling, USE), backend


def test_a_right_answer_needs_nothing_more():
    (found,), backend = asked(RIGHT)
    assert found == Structured(VALUE, RIGHT)
    schema = json.loads(backend.heard[0][1].schema)
    assert list(schema["properties"]) == ["reason", "score"]
    assert schema["additionalProperties"] is False


def test_a_wrong_answer_is_repaired_once():
    (found,), backend = asked('{"reason": "clear", "score": 9}', RIGHT)
    assert found == Structured(VALUE, RIGHT, repaired=True)
    prompt = backend.heard[1][0].prompt
    assert isinstance(prompt, tuple)
    assert prompt[:2] == (Message("user", "Judge."), Message("assistant", '{"reason": "clear", "score": 9}'))
    assert "score: Input should be less than or equal to 5." in prompt[2].content
    assert '"maximum": 5' in prompt[2].content


def test_a_fence_around_all_of_it_costs_no_second_call():
    (found,), backend = asked(f"```json\n{RIGHT}\n```")
    assert found == Structured(VALUE, f"```json\n{RIGHT}\n```", lenient=True)
    assert len(backend.heard) == 1


@pytest.mark.parametrize("first", [f"Sure! {RIGHT} I hope it helps.", '{"reason": "clear", "score": 4,}'])
def test_what_was_not_repaired_is_read_leniently(first):
    (found,), _ = asked(first, "I have no idea.")
    assert found == Structured(VALUE, first, lenient=True)
    (found,), _ = asked("no", first)
    assert found == Structured(VALUE, first, repaired=True, lenient=True)


def test_a_value_that_cannot_be_had_says_why():
    (found,), _ = asked("no", '{"reason": 1}')
    assert (found.value, found.text, found.repaired) == (None, '{"reason": 1}', True)
    assert found.problem == "reason: Input should be a valid string; score: Field required."


def test_only_wrong_samples_are_asked_again():
    found, backend = asked(RIGHT, "no", RIGHT, "{}", RIGHT, RIGHT, n=4)
    assert [one.repaired for one in found] == [False, True, False, True]
    assert [one.value for one in found] == [VALUE] * 4
    assert len(backend.heard) == 6


def test_a_plain_text_and_an_empty_answer_are_repaired_too():
    text = repair_prompt("Judge: ", "", "it is empty.", "{}")
    assert isinstance(text, str)
    assert text.startswith("Judge: (nothing)\n\nThat is not the JSON")


def test_the_first_value_of_the_shape_counts():
    text = 'So {this} and [1, 2] and {"score": 2, "reason": "a, ]"}, then {"score": 3, "reason": "b"}'
    assert read_leniently(text, Verdict) == Verdict(reason="a, ]", score=2)
    assert read_leniently("", Verdict) is None
    assert read_leniently("[" * 100_000, Verdict) is None


@given(st.text(max_size=60))
def test_any_text_can_be_read(text):
    assert read_leniently(text, Verdict) is None or "{" in text


@given(st.text(max_size=12), st.integers(1, 5), st.text("{[,}] \n", max_size=12))
def test_a_value_is_found_in_any_text(reason, score, around):
    value = Verdict(reason=reason, score=score)
    assert read_leniently(f"no {around[:6]} {value.model_dump_json()[:-1]},}} {around}", Verdict) == value


def test_a_model_held_to_the_schema_is_right_at_once(told_speeds):
    generator = Generator(LocalBackend(small_chat_model()))
    sampling = Sampling(max_tokens=80, temperature=1.0, n=2)
    found = generate_json(generator, [chat("what is"), "the sea"], Verdict, sampling, USE)
    assert len(found) == 4
    for one in found:
        assert one.value == Verdict.model_validate_json(one.text)
        assert not (one.repaired or one.lenient or one.problem)
    assert len(told_speeds) == 1


def test_fields_of_what_was_cut_are_read_and_its_repair_has_twice_the_room():
    (found,), backend = asked('{"reason": "clear", "sco', '{"reason": "far too long a reason", "score": 4')
    assert found.value is None and found.fields == {"reason": "far too long a reason", "score": 4}
    assert [sampling.max_tokens for _, sampling in backend.heard] == [256, 512]
    assert salvaged("no {{ and {broken") == {} and salvaged('x {"a": ["b", "c') == {"a": ["b", "c"]}
    assert salvaged("{" * 100_000) == {}
