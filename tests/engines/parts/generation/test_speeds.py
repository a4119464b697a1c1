"""Kept speeds: what was measured comes back, what cannot be a speed does not."""

import json

import pytest

from engines.parts.generation.speeds import LEAST_TOKENS, keep_speed, speed_of


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))


def test_the_last_speed_of_each_model_and_format_is_kept():
    assert speed_of("ab", "float32") is None
    assert keep_speed("ab", "float32", 64, 2.0) == 32.0
    keep_speed("ab", "bfloat16", 640, 5.0)
    keep_speed("cd", "float32", 100, 100.0)
    assert (speed_of("ab", "float32"), speed_of("ab", "bfloat16"), speed_of("cd", "float32")) == (32.0, 128.0, 1.0)
    keep_speed("ab", "float32", 64, 4.0)
    assert speed_of("ab", "float32") == 16.0


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [(LEAST_TOKENS - 1, 1.0), (0, 1.0), (64, 0.0), (64, -1.0), (64, float("nan")), (64, float("inf"))],
)
def test_too_little_to_tell_changes_nothing(tokens: int, seconds: float):
    keep_speed("ab", "float32", LEAST_TOKENS, 1.0)
    assert keep_speed("ab", "float32", tokens, seconds) is None
    assert speed_of("ab", "float32") == LEAST_TOKENS


@pytest.mark.parametrize("damage", ["fast", True, None, 0, -3, [5]])
def test_a_damaged_entry_counts_as_not_measured(tmp_path, damage: object):
    keep_speed("ab", "float32", 64, 1.0)
    (tmp_path / "models" / "speeds.json").write_text(json.dumps({"ab float32": damage}))
    assert speed_of("ab", "float32") is None
