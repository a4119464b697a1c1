"""Settings of the bench, from the environment."""

import pytest

from workbench.contract.errors import ConfigError
from workbench.launch.bench_settings import BenchSettings, usable_cores


def test_settings_come_from_the_environment() -> None:
    given = {"BENCHWRIGHT_SLOTS": "2", "BENCHWRIGHT_SPARE": "no", "BENCHWRIGHT_MEMORY_GIB": "1.5"}
    settings = BenchSettings.from_environment(given)
    assert (settings.slots, settings.spare, settings.memory_limit_bytes) == (2, False, 3 << 29)
    assert BenchSettings.from_environment({}) == BenchSettings()
    with pytest.raises(ConfigError) as refused:
        BenchSettings.from_environment({"BENCHWRIGHT_SLOTS": "zero", "BENCHWRIGHT_SPARE": "perhaps"})
    assert set(refused.value.problems) == {"BENCHWRIGHT_SLOTS", "BENCHWRIGHT_SPARE"}


def test_threads_are_the_cores_unless_said_otherwise() -> None:
    assert BenchSettings().threads == usable_cores() >= 1
    assert BenchSettings.from_environment({"BENCHWRIGHT_THREADS": "3"}).threads == 3


@pytest.mark.parametrize(("name", "value"), [("THREADS", "0"), ("NICENESS", "20"), ("WARM_MINUTES", "nan")])
def test_values_out_of_range_are_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"BENCHWRIGHT_{name}: '{value}' was given"):
        BenchSettings.from_environment({f"BENCHWRIGHT_{name}": value})
