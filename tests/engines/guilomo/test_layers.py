import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.guilomo.layers import chosen_layers, counts_by_layer, within
from workbench.contract.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "found"),
    [("all", (0, 1, 2, 3)), ("", (0, 1, 2, 3)), ("last 2", (2, 3)), (" 0-1, 3", (0, 1, 3)), ("3,0,0", (0, 3))],
)
def test_blocks_are_named_in_words_numbers_and_ranges(text, found):
    assert chosen_layers(text, 4) == found


@pytest.mark.parametrize("text", ["last 5", "last 0", "4", "2-1", "x", "1;2", "-1", "0-4", "last", "1,,2"])
def test_what_names_no_block_is_refused_with_what_may_be_written(text):
    with pytest.raises(ConfigError, match="layers") as refused:
        chosen_layers(text, 4)
    assert "all, last N" in refused.value.hint


@given(st.sets(st.integers(0, 29), min_size=1))
def test_any_set_of_blocks_can_be_written(blocks):
    assert chosen_layers(", ".join(map(str, blocks)), 30) == tuple(sorted(blocks))


def test_modules_are_kept_by_their_block():
    shapes = {"model.layers.0.a": (1, 1), "model.layers.2.a": (1, 1), "model.layers.2.b": (1, 1)}
    assert list(within(shapes, (2,))) == ["model.layers.2.a", "model.layers.2.b"]
    assert counts_by_layer(shapes) == 3 and counts_by_layer({}) == 0
