"""The shape of a spec: what passes, and each refusal by key."""

from typing import Any

import pytest

from workbench.contract.errors import ConfigError
from workbench.specs.spec_shape import spec_shaped


def test_a_well_shaped_spec_passes_as_it_is() -> None:
    body = {"preset": "quick", "settings": {"items": 3}, "arms": ["plain"], "seeds": [0], "own_arms": {"wild": {}}}
    assert spec_shaped(body) is body
    assert spec_shaped({}) == {}


@pytest.mark.parametrize(
    ("body", "key", "words"),
    [
        (None, "spec", "must be a mapping"),
        ([{}], "spec", "must be a mapping"),
        ({"password": 1}, "password", "no such key"),
        ({"preset": 3}, "preset", "must be text"),
        ({"settings": []}, "settings", "must be a mapping"),
        ({"seeds": "0"}, "seeds", "must be a list"),
        ({"own_arms": {"wild": 3}}, "own_arms", "mapping of settings"),
    ],
)
def test_what_is_of_another_shape_is_refused_by_key(body: Any, key: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        spec_shaped(body)
    assert set(refused.value.problems) == {key}
    assert words in refused.value.problems[key]


def test_only_the_keys_that_the_place_allows() -> None:
    with pytest.raises(ConfigError, match="no such key"):
        spec_shaped({"engine": "counting"}, keys=("preset",))
