"""How much of the machine runs may take: settings of the bench, from the environment or code."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.contract.errors import ConfigError

_WORDS = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class BenchSettings:
    """Settings of the bench.

    Attributes:
        slots: runs side by side; pre-flights and questions have `side_slots` of their own.
        threads: computing threads of a worker.
        niceness: added to a worker's niceness, so that the page stays quick while a run computes.
        spare: keep a worker ready that has imported the heavy libraries (about half a gigabyte).
        grace_seconds: how long a stopped run may take to save what it has, before it is ended by force.
        memory_limit_bytes: most private memory of a worker, None for no limit.
        warm_minutes: how long a worker that finished stays with its loaded model for follow-up questions.
    """

    slots: int = 1
    threads: int = field(default_factory=usable_cores)
    niceness: int = 10
    spare: bool = True
    grace_seconds: float = 10.0
    memory_limit_bytes: int | None = None
    warm_minutes: float = 10.0
    side_slots: int = 2

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "BenchSettings":
        """Return the settings named by BENCHWRIGHT_SLOTS, _THREADS, _NICENESS, _SPARE, _GRACE_SECONDS, _MEMORY_GIB,
        _WARM_MINUTES; defaults for the others.

        Raises:
            ConfigError: a variable holds something else than is allowed.
        """
        given = os.environ if environment is None else environment
        problems: dict[str, str] = {}

        def number(name: str, default: float, low: float, high: float) -> float:
            text = given.get(f"BENCHWRIGHT_{name}", "").strip()
            try:
                value = float(text or default)
            except ValueError:
                value = float("nan")
            if not low <= value <= high:
                problems[f"BENCHWRIGHT_{name}"] = f"{text!r} was given; it must be a number from {low:g} to {high:g}."
            return value

        plain = cls()
        spare = _WORDS.get(given.get("BENCHWRIGHT_SPARE", "").strip().lower() or "yes")
        if spare is None:
            problems["BENCHWRIGHT_SPARE"] = f"{given['BENCHWRIGHT_SPARE']!r} was given; it must be yes or no."
        slots = number("SLOTS", plain.slots, 1, 64)
        threads = number("THREADS", plain.threads, 1, 1024)
        niceness = number("NICENESS", plain.niceness, 0, 19)
        grace = number("GRACE_SECONDS", plain.grace_seconds, 0.1, 3600)
        memory = number("MEMORY_GIB", 0, 0, 1 << 20)
        warm = number("WARM_MINUTES", plain.warm_minutes, 0, 1440)
        if problems:
            raise ConfigError(problems, "Correct the environment variables and start again.")
        limit = int(memory * 2**30) or None
        return cls(int(slots), int(threads), int(niceness), bool(spare), grace, limit, warm)
