"""Write states, durations, sizes and numbers in words, in the reader's language."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.contract.runs import State
from workbench.messages import noted, say
from workbench.number_format import localised, quantity

MINUTE, HOUR, DAY = 60, 3_600, 86_400
TERABYTE = "TB"


@dataclass(frozen=True)
class StateWords:
    """How a state is told: a mark that is no colour, a word to be said, and the CSS tone that goes with it."""

    mark: str
    word: str
    tone: str


STATES: Mapping[State, StateWords] = {
    "queued": StateWords("◷", noted("Waiting in the queue"), "calm"),
    "starting": StateWords("◌", noted("Starting"), "calm"),
    "running": StateWords("▶", noted("Running"), "live"),
    "stopping": StateWords("◼", noted("Stopping"), "warn"),
    "finished": StateWords("✓", noted("Finished"), "good"),
    "failed": StateWords("✕", noted("Failed"), "bad"),
    "stopped": StateWords("◼", noted("Stopped"), "warn"),
    "interrupted": StateWords("⚡", noted("Interrupted"), "warn"),
}


def duration(seconds: float) -> str:
    """Write seconds as a reader says them: "0.4 s", "42 s", "3 min 20 s", "2 h 05 min", "3 d 4 h"."""
    if not math.isfinite(seconds) or seconds < 0:
        return say("unknown")
    if seconds < 10:
        return say("{s} s", s=localised(f"{seconds:.1f}"))
    whole = round(seconds)
    if whole < MINUTE:
        return say("{s} s", s=whole)
    if whole < HOUR:
        return say("{min} min {s} s", min=whole // MINUTE, s=f"{whole % MINUTE:02d}")
    if whole < DAY:
        return say("{h} h {min} min", h=whole // HOUR, min=f"{whole % HOUR // MINUTE:02d}")
    return say("{d} d {h} h", d=whole // DAY, h=whole % DAY // HOUR)


def size(count: float) -> str:
    """Write bytes in decimal units: "812 B", "3.4 MB", "1.2 GB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{localised(f'{count:.3g}')} {unit}"
        count /= 1_000
    return f"{localised(f'{count:,.3g}')} {TERABYTE}"


def number(value: float | None, unit: str = "") -> str:
    """Write a measured number with its unit; the unit "share" is told as a percentage, None as a dash."""
    return quantity(value, unit)


def count(many: int, noun: str, plural: str = "") -> str:
    """Write a count with its English noun, for what is not shown on the page: "1 seed", "12,000 rows"."""
    return f"{many:,} {noun if many == 1 else plural or noun + 's'}"
