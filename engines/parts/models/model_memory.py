"""Loaded models, kept within a budget of memory: the least recently used one leaves first.

The budget is half of the machine's memory (of the GPU's, where the models live there), or as many gigabytes as
`BENCHWRIGHT_MODEL_MEMORY` says. A model that exceeds it alone is kept alone.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import psutil

from workbench.contract.errors import ConfigError, ResourceError

Loaded = TypeVar("Loaded")

SHARE = 0.5
"""Of the machine's memory."""


def memory_budget() -> int:
    """Bytes that kept models may take together.

    Raises:
        ConfigError: `BENCHWRIGHT_MODEL_MEMORY` is not a number of gigabytes above 0.
    """
    asked = os.environ.get("BENCHWRIGHT_MODEL_MEMORY", "").strip()
    if not asked:
        return int(SHARE * _total())
    try:
        gigabytes = float(asked)
    except ValueError:
        gigabytes = 0.0
    if not 0 < gigabytes < 1e6:
        problem = f"{asked[:40]!r} is not a number of gigabytes above 0."
        raise ConfigError({"BENCHWRIGHT_MODEL_MEMORY": problem}, "Write, for example, 8, or leave it unset.")
    return int(gigabytes * 1e9)


class ModelStore(Generic[Loaded]):
    """Values by key, at most a budget of bytes of them. Safe to share: one is loaded at a time."""

    def __init__(self, budget: Callable[[], int] = memory_budget) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[int, Loaded]] = OrderedDict()

    def get(self, key: Hashable, needed: int, load: Callable[[], Loaded]) -> Loaded:
        """Return the value of that key, loaded unless it is kept.

        `needed` is the size in bytes that it is counted with.

        Raises:
            ResourceError: it does not fit in memory even after all kept ones have left.
        """
        with self._lock:
            if key not in self._kept:
                self._make_room(self._budget() - needed)
                self._kept[key] = (needed, self._loaded(load))
            self._kept.move_to_end(key)
            return self._kept[key][1]

    def clear(self) -> None:
        """Let all of them go."""
        with self._lock:
            self._kept.clear()

    def _make_room(self, left: int) -> None:
        while self._kept and sum(size for size, _ in self._kept.values()) > left:
            self._kept.popitem(last=False)

    def _loaded(self, load: Callable[[], Loaded]) -> Loaded:
        try:
            return load()
        except ResourceError:
            if not self._kept:
                raise
            self._kept.clear()
        return load()


def _total() -> int:
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_properties(0).total_memory
    return psutil.virtual_memory().total
