"""Room in the context: by hand, always within it, and refused with the number of the prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.completions.context_budget import context_room
from engines.parts.completions.generation import Sampling
from workbench.contract.errors import DataError


@pytest.mark.parametrize(
    ("tokens", "longest", "expected"),
    [(60, 30, (0, 30)), (80, 30, (0, 20)), (99, 30, (0, 1))],
)
def test_a_prompt_that_fits_is_read_whole(tokens: int, longest: int, expected: tuple[int, int]):
    assert context_room(0, tokens, Sampling(max_tokens=longest), 100) == expected


@pytest.mark.parametrize(
    ("tokens", "longest", "expected"),
    [(60, 30, (0, 30)), (80, 30, (10, 30)), (500, 90, (450, 50))],
)
def test_truncation_makes_room_for_the_answer(tokens: int, longest: int, expected: tuple[int, int]):
    sampling = Sampling(max_tokens=longest, too_long="truncate left")
    assert context_room(0, tokens, sampling, 100) == expected


@given(st.integers(1, 300), st.integers(1, 300), st.integers(2, 100), st.sampled_from(["refuse", "truncate left"]))
def test_prompt_and_answer_fit_in_the_context(tokens: int, longest: int, context: int, too_long):
    try:
        truncated, room = context_room(0, tokens, Sampling(max_tokens=longest, too_long=too_long), context)
    except DataError:
        assert too_long == "refuse" and tokens >= context
    else:
        assert 1 <= room <= longest and tokens - truncated + room <= context


@pytest.mark.parametrize(("tokens", "says"), [(0, "no tokens"), (100, "100 tokens; the model reads 100")])
def test_a_prompt_that_cannot_be_read_is_named_by_its_number(tokens: int, says: str):
    with pytest.raises(DataError, match=says) as refused:
        context_room(4, tokens, Sampling(), 100)
    assert refused.value.row == 5
