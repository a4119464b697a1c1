import pytest

from engines.guilomo.search_settings import SearchSettings
from workbench.contract.errors import ConfigError


def test_the_rate_rises_and_stays():
    asked = SearchSettings(learning_rate=1.0, warmup=4)
    assert [asked.rate(step) for step in (1, 2, 4, 9)] == [0.25, 0.5, 1, 1]
    assert SearchSettings(learning_rate=1.0, warmup=0).rate(1) == 1


def test_one_expert_and_other_impossible_settings_are_named():
    with pytest.raises(ConfigError) as caught:
        SearchSettings(most_experts=1, most_rank=0, learning_rate=0, steps=0)
    assert set(caught.value.problems) == {"most_experts", "most_rank", "learning_rate", "steps"}


def test_the_rate_rises_then_stays_or_falls_as_released():
    stays, falls = (
        SearchSettings(steps=6, warmup=2, learning_rate=1.0, schedule=kind) for kind in ("constant", "linear")
    )
    assert [stays.rate(step) for step in range(1, 7)] == [0.5, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert [falls.rate(step) for step in range(1, 7)] == [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]
