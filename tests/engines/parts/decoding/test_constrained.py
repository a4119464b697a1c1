"""Answers held to a JSON schema: random models cannot leave it, whatever they would rather write."""

import json

import jsonschema
import pytest
import torch

from engines.parts.completions.generation import Request, Sampling, schema_text
from engines.parts.decoding.constrained import SchemaGrammar, constrained
from engines.parts.generation.local_generation import LocalBackend
from tests.engines.parts.small_tokenizer import WORDS, small_chat_model, small_tokenizer
from workbench.contract.errors import ConfigError, ModelError

pytestmark = pytest.mark.usefixtures("told_speeds")
SCHEMA = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["yes", "no"]},
        "score": {"type": "integer", "minimum": 1, "maximum": 5},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 6}, "maxItems": 2},
    },
    "required": ["verdict", "score", "tags"],
    "additionalProperties": False,
}
TOKENIZER = small_tokenizer()
ENDS = frozenset({2, 4})
BACKEND = LocalBackend(small_chat_model())


def grammar(schema) -> SchemaGrammar:
    return SchemaGrammar(schema_text(schema), TOKENIZER, WORDS, ENDS)


def allowed(guide) -> set[str]:
    logits = constrained(torch.zeros(1, WORDS), [guide])[0]
    return {TOKENIZER.decode([token]) for token in (logits == 0).nonzero()[:, 0].tolist()}


def test_only_what_goes_on_is_allowed():
    guide = grammar({"enum": ["yes", "no"]}).guide()
    assert allowed(guide) == {'"'}
    assert not guide.take(TOKENIZER('"')["input_ids"][0])
    assert allowed(guide) == {"y", "n"}
    assert [guide.take(token) for token in TOKENIZER('no"')["input_ids"]] == [False, False, True]


def test_a_number_may_end_or_go_on():
    guide = grammar({"type": "integer"}).guide()
    assert not guide.take(TOKENIZER("4")["input_ids"][0])
    assert {"<|stop|>", "<|end|>", "0"} <= allowed(guide)
    assert guide.take(4)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_random_model_answers_in_shape(temperature):
    sampling = Sampling(max_tokens=120, temperature=temperature, schema=schema_text(SCHEMA), logprobs=True)
    requests = [Request(prompt, sample) for prompt in ("the river", "what is", "a") for sample in range(3)]
    found = dict(BACKEND.complete(requests, sampling))
    for answer in found.values():
        jsonschema.validate(json.loads(answer.text), SCHEMA)
        assert list(json.loads(answer.text)) == list(SCHEMA["properties"])
        assert answer.finish == "stop"
        assert "".join(choice.text for choice in answer.choices) == answer.text
    if temperature:
        assert len({answer.text for answer in found.values()}) > 4
        alone = dict(BACKEND.complete(requests[4:5], sampling))
        assert alone[0].text == found[4].text


def test_a_shape_that_is_cut_off_says_so():
    sampling = Sampling(max_tokens=5, schema=schema_text(SCHEMA))
    assert dict(BACKEND.complete([Request("a")], sampling))[0].finish == "length"


@pytest.mark.parametrize("schema", ['{"type": "frob"}', "[1", "true", '{"type": "string", "pattern": "(?!a)b"}'])
def test_schemas_that_are_none_are_refused(schema):
    with pytest.raises(ConfigError, match="schema: This JSON schema cannot be used"):
        SchemaGrammar(schema, TOKENIZER, WORDS, ENDS)


def test_what_no_grammar_holds_is_left_to_the_validator():
    assert grammar({"type": "string", "format": "postcode"}).guide()


def test_a_slow_tokenizer_is_refused():
    with pytest.raises(ModelError, match="no fast tokenizer"):
        SchemaGrammar("{}", object(), WORDS, ENDS)
