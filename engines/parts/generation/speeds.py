"""How fast a model writes on this machine, as last measured: tokens a second by fingerprint and number format."""

import math

from engines.parts.registry.json_store import KeptFacts
from workbench.storage.home import place

LEAST_TOKENS = 32
"""Fewer tokens say more about the start of a call than about the model's speed."""


def speed_of(fingerprint: str, dtype: str) -> float | None:
    """Return the tokens a second that were last measured for a model on this machine; None where nobody measured.

    Args:
        fingerprint: of the model, as `ModelSource.fingerprint`.
        dtype: the number format that it ran in.
    """
    kept = _facts().get(_key(fingerprint, dtype))
    usable = isinstance(kept, int | float) and not isinstance(kept, bool) and math.isfinite(kept) and kept > 0
    return float(kept) if usable else None


def keep_speed(fingerprint: str, dtype: str, tokens: int, seconds: float) -> float | None:
    """Keep a measured speed in place of the earlier one; the speed, None where too little was written to tell.

    Args:
        tokens: completion tokens that were computed, over all answers that were written side by side.
        seconds: wall time from the first prompt to the last token.
    """
    if tokens < LEAST_TOKENS or not (math.isfinite(seconds) and seconds > 0):
        return None
    speed = tokens / seconds
    _facts().put(_key(fingerprint, dtype), speed)
    return speed


def _facts() -> KeptFacts:
    return KeptFacts(place("models") / "speeds.json")


def _key(fingerprint: str, dtype: str) -> str:
    return f"{fingerprint} {dtype}"
