"""The sentence under a picture against the data of the figure that it stands under, for every shipped example."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from engines import ENGINES
from tests.engines.shown_views import joined, shipped_tables, shown
from workbench.contract.pictures import Curves, Matrix, Picture
from workbench.contract.views import Chart

NUMBER = r"(−?[\d.,]*\d)"
COURSE = re.compile(rf" from {NUMBER} to {NUMBER}, lowest {NUMBER} at ([\d.]*\d), highest {NUMBER} at ([\d.]*\d)")
EXTREMES = re.compile(rf"lowest {NUMBER} \(.*?\), highest {NUMBER} \(.*?\), mean {NUMBER}")
PICTURES = [
    pytest.param(engine, view, id=f"{engine.name}-{view.name}")
    for engine in ENGINES.values()
    for view in engine.views
    if isinstance(view, Picture) and isinstance(joined(view), Chart)
]


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def courses(figure) -> Iterator[tuple[float, ...]]:
    """First, last, lowest, where, highest and where of each curve that is drawn."""
    for trace in figure.data:
        if trace.type != "scatter" or trace.y is None or not str(trace.mode or "lines").startswith("lines"):
            continue
        x, y = np.asarray(trace.x, float), np.asarray(trace.y, float)
        x, y = x[np.isfinite(y)], y[np.isfinite(y)]
        if len(y):
            yield y[0], y[-1], y.min(), x[y.argmin()], y.max(), x[y.argmax()]


def says_as(said: Sequence[float], found: Sequence[float]) -> bool:
    """Whether numbers are those found, to the three digits that they are said with."""
    return all(abs(a - b) <= max(6e-3 * abs(b), 6e-4) for a, b in zip(said, found, strict=True))


@pytest.mark.parametrize(("engine", "view"), PICTURES)
def test_a_caption_says_what_its_figure_shows(engine, view):
    figure, words = shown(view, shipped_tables(engine))
    assert words.strip() and "nan" not in words
    if isinstance(view, Curves):
        drawn = list(courses(figure))
        for said in COURSE.findall(words):
            assert any(says_as([*map(number, said)], found) for found in drawn), (said, drawn)
    if isinstance(view, Matrix) and (said := EXTREMES.search(words)):
        cells = np.asarray(figure.data[0].z, float)
        if view.mirrored:
            np.fill_diagonal(cells, np.nan)
        found = [np.nanmin(cells), np.nanmax(cells), np.nanmean(cells)]
        assert says_as([*map(number, said.groups())], found), (said.groups(), found)


def test_enough_captions_are_compared():
    said = [shown(case.values[1], shipped_tables(case.values[0]))[1] for case in PICTURES]
    assert len([words for words in said if COURSE.search(words) or EXTREMES.search(words)]) >= 6
