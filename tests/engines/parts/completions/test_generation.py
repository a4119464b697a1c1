"""How a model may be asked: bounds, the canonical key, and schemas as text."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from engines.parts.completions.generation import Sampling, schema_text
from workbench.contract.errors import ConfigError

OTHER: dict[str, Any] = {
    "max_tokens": 5,
    "temperature": 0.5,
    "top_p": 0.5,
    "top_k": 3,
    "stop": ("x",),
    "seed": 1,
    "logprobs": True,
    "alternatives": 2,
    "schema": "{}",
    "too_long": "truncate left",
}


def test_everything_but_the_number_of_samples_is_in_the_key():
    assert set(OTHER) | {"n"} == {field.name for field in fields(Sampling)}
    assert Sampling(n=5).key() == Sampling().key()
    keys = {replace(Sampling(), **{name: value}).key() for name, value in OTHER.items()} | {Sampling().key()}
    assert len(keys) == len(OTHER) + 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_tokens", 0), ("temperature", -0.1), ("top_p", 0), ("top_p", float("nan")), ("n", 0), ("alternatives", 21)],
)
def test_what_is_out_of_bounds_is_refused(name, value):
    with pytest.raises(ConfigError, match=f"{name}: .*; allowed are"):
        replace(Sampling(), **{name: value})


def test_an_empty_stop_text_is_refused():
    with pytest.raises(ConfigError, match="end every answer at once"):
        Sampling(stop=("a", ""))


def test_a_schema_keeps_the_order_of_its_properties():
    schema = {"type": "object", "properties": {"reason": {"type": "string"}, "grade ✓": {"type": "integer"}}}
    assert list(json.loads(schema_text(schema))["properties"]) == ["reason", "grade ✓"]
    assert "✓" in schema_text(schema)
