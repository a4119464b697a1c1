"""States, durations, sizes and numbers in words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.contract.runs import State
from workbench.number_format import quantity

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class StateWords:
    """How a state is told: a mark that is no colour, a word, and the CSS tone that goes with it."""

    mark: str
    word: str
    tone: str


STATES: Mapping[State, StateWords] = {
    "queued": StateWords("◷", "Waiting in the queue", "calm"),
    "starting": StateWords("◌", "Starting", "calm"),
    "running": StateWords("▶", "Running", "live"),
    "stopping": StateWords("◼", "Stopping", "warn"),
    "finished": StateWords("✓", "Finished", "good"),
    "failed": StateWords("✕", "Failed", "bad"),
    "stopped": StateWords("◼", "Stopped", "warn"),
    "interrupted": StateWords("⚡", "Interrupted", "warn"),
}


def duration(seconds: float) -> str:
    """Seconds as a reader says them: "0.4 s", "42 s", "3 min 20 s", "2 h 05 min", "3 d 4 h"."""
    if not math.isfinite(seconds) or seconds < 0:
        return "unknown"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02d} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def size(count: float) -> str:
    """Bytes in decimal units: "812 B", "3.4 MB", "1.2 GB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.3g} {unit}"
        count /= 1_000
    return f"{count:,.3g} TB"


def number(value: float | None, unit: str = "") -> str:
    """A measured number with its unit; the unit "share" is told as a percentage, None as a dash."""
    return quantity(value, unit)


def count(many: int, noun: str, plural: str = "") -> str:
    """ "1 seed", "3 seeds", "12,000 rows"."""
    return f"{many:,} {noun if many == 1 else plural or noun + 's'}"
