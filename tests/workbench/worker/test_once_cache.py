"""Kept values: models, frames and named arrays read back as they were, damage is seen, nothing is a pickle."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from workbench.contract.errors import DataError
from workbench.worker.once_cache import OnceCache, checksum


class Point(BaseModel):
    """A model with everything that JSON makes difficult."""

    x: float
    path: tuple[int, ...] = ()
    by_layer: dict[int, str] = {}


VALUES: list[tuple[type[Any], Callable[[], Any]]] = [
    (Point, lambda: Point(x=math.inf, path=(1, 2), by_layer={3: "three"})),
    (pd.DataFrame, lambda: pd.DataFrame({"a": [1.5, math.nan], "b": ["x", None]}, index=[3, 4])),
    (dict, lambda: {"turned": np.arange(6, dtype=np.float32).reshape(2, 3).T, "one": np.array(2.5)}),
    (dict, lambda: {}),
]


@pytest.mark.parametrize(("kind", "make"), VALUES)
def test_a_value_reads_back(tmp_path: Path, kind: type[Any], make: Callable[[], Any]) -> None:
    cache = OnceCache(tmp_path)
    assert cache.kept("once:value", kind) is None
    cache.keep("once:value", kind, make())
    read = cache.kept("once:value", kind)
    assert repr(read) == repr(make())
    if kind is dict and read:
        assert np.array_equal(read["turned"], make()["turned"])
    assert not list(tmp_path.glob(".*"))
    assert not list(tmp_path.glob("*.pkl"))


@given(x=st.floats(), path=st.lists(st.integers(), max_size=4))
def test_every_float_reads_back_exactly(tmp_path_factory: pytest.TempPathFactory, x: float, path: list[int]) -> None:
    cache = OnceCache(tmp_path_factory.mktemp("kept"))
    cache.keep("once:x", Point, Point(x=x, path=tuple(path)))
    read = cache.kept("once:x", Point)
    assert read.path == tuple(path)
    assert read.x == x or (math.isnan(read.x) and math.isnan(x))


def test_scopes_that_look_alike_do_not_meet(tmp_path: Path) -> None:
    cache = OnceCache(tmp_path)
    for number, scope in enumerate(["once:a/b", "once:a b", "phase/once:a b", "once:ä b"]):
        cache.keep(scope, Point, Point(x=number))
    kept = [cache.kept(scope, Point).x for scope in ["once:a/b", "once:a b", "phase/once:a b", "once:ä b"]]
    assert kept == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", [list, str, np.ndarray])
def test_other_kinds_are_refused(tmp_path: Path, kind: type[Any]) -> None:
    with pytest.raises(DataError, match=f"promises a {kind.__name__}"):
        OnceCache(tmp_path).kept("once:x", kind)


def test_damage_is_seen(tmp_path: Path) -> None:
    cache = OnceCache(tmp_path)
    cache.keep("once:x", Point, Point(x=1.0))
    (file,) = tmp_path.glob("*.json")
    before = checksum(file)
    file.write_bytes(file.read_bytes().replace(b"1.0", b"2.0"))
    assert checksum(file) != before
    assert cache.kept("once:x", Point) is None
