"""Which blocks get experts: "all", "last 4", "0-5, 12"."""

import re
from collections.abc import Mapping, Sequence

from engines.guilomo.allocation import Shapes, layer_of
from workbench.contract import ConfigError

ALLOWED = "Write all, last N, or numbers and ranges such as 0-5, 12."


def chosen_layers(text: str, count: int, field: str = "layers") -> tuple[int, ...]:
    """Numbers of the blocks that a text names, in order, each below `count`.

    Raises:
        ConfigError: the text is none of the allowed forms, names no block, or one that the model lacks.
    """
    asked = text.strip().lower()
    if asked in ("all", ""):
        return tuple(range(count))
    last = re.fullmatch(r"last (\d{1,6})", asked)
    if last:
        if not 1 <= int(last[1]) <= count:
            raise ConfigError({field: f"{text!r}; the model has {count} blocks."}, ALLOWED)
        return tuple(range(count - int(last[1]), count))
    found: set[int] = set()
    for part in asked.split(","):
        numbers = re.fullmatch(r"\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*", part)
        if not numbers:
            raise ConfigError({field: f"{text[:60]!r} cannot be read."}, ALLOWED)
        low, high = int(numbers[1]), int(numbers[2] or numbers[1])
        if low > high or high >= count:
            raise ConfigError({field: f"{part.strip()!r}; the model has blocks 0 to {count - 1}."}, ALLOWED)
        found |= set(range(low, high + 1))
    return tuple(sorted(found))


def within(shapes: Shapes, layers: Sequence[int]) -> dict[str, tuple[int, int]]:
    """The shapes of the modules that lie in those blocks, in their order."""
    return {path: shape for path, shape in shapes.items() if layer_of(path) in layers}


def counts_by_layer(shapes: Mapping[str, object]) -> int:
    """Blocks of a model, from the paths of its modules: the highest number and one."""
    return max((layer_of(path) for path in shapes), default=-1) + 1
