"""Claims reduce to weighted cells against a bar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.contract.claims import (
    Cell,
    Contrast,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Share,
    Superiority,
    Trend,
    contrast_of,
    slice_matches,
)

METRICS = (Metric("accuracy", "share", "higher", "h"), Metric("tokens", "tokens", "lower", "h"))
A, B = Cell("accuracy", "method"), Cell("accuracy", "baseline")


@pytest.mark.parametrize(
    ("kind", "contrast"),
    [
        (Superiority(A, B), Contrast(((1.0, A), (-1.0, B)), 0.0, "above")),
        (NonInferiority(A, B, 0.02), Contrast(((1.0, A), (-1.0, B)), -0.02, "above")),
        (Equivalence(A, B, 0.02), Contrast(((1.0, A), (-1.0, B)), 0.02, "within")),
        (Share(A, 0.5), Contrast(((1.0, A),), 0.5, "above")),
        (Share(A, 0.5, "below"), Contrast(((-1.0, A),), -0.5, "above")),
    ],
)
def test_kinds_reduce(kind: Superiority, contrast: Contrast) -> None:
    assert contrast_of(kind, METRICS) == contrast


def test_lower_is_better_flips_the_sign() -> None:
    few, many = Cell("tokens", "tree", log=True), Cell("tokens", "exhaustive", log=True)
    assert contrast_of(Superiority(few, many), METRICS).terms == ((-1.0, few), (1.0, many))


def test_difference_of_differences_by_hand() -> None:
    low = (Cell("accuracy", "m", "low"), Cell("accuracy", "b", "low"))
    high = (Cell("accuracy", "m", "high"), Cell("accuracy", "b", "high"))
    terms = contrast_of(DifferenceOfDifferences(low, high), METRICS).terms
    assert [weight for weight, _ in terms] == [1.0, -1.0, -1.0, 1.0]


def test_trend_is_the_least_squares_slope_by_hand() -> None:
    terms = contrast_of(Trend(along=Cell("accuracy", "m", "layer/*")), METRICS, ["layer/2", "layer/0", "layer/1", "x"])
    assert sorted((cell.slice, weight) for weight, cell in terms.terms) == [
        ("layer/0", -0.5),
        ("layer/1", 0.0),
        ("layer/2", 0.5),
    ]


steps = st.integers(-10_000, 10_000).map(lambda n: n / 100)


@given(st.lists(steps, min_size=2, max_size=8, unique=True), st.floats(-5, 5), st.floats(-5, 5))
def test_trend_recovers_a_line(xs: list[float], slope: float, start: float) -> None:
    points = tuple((x, Cell("accuracy", f"a{i}")) for i, x in enumerate(xs))
    terms = contrast_of(Trend(points=points), METRICS).terms
    spread = max(xs) - min(xs)
    recovered = sum(weight * (start + slope * x) for (weight, _), x in zip(terms, xs, strict=True))
    assert recovered == pytest.approx(slope, abs=1e-6 + 1e-6 / max(spread, 1e-3))


def test_trend_without_points_is_empty() -> None:
    assert contrast_of(Trend(along=Cell("accuracy", "m", "layer/*")), METRICS, []).terms == ()


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("", "anything/at/all", True),
        ("", "", True),
        ("K-G", "K-G/style/simple", True),
        ("*/style", "K-G/style/simple", True),
        ("K-G/style/simple/x", "K-G/style/simple", False),
        ("K", "K-G/style", False),
        ("layer/1", "layer/12", False),
        ("layer/*", "layer", False),
    ],
)
def test_slices_match_part_by_part(glob: str, path: str, matches: bool) -> None:
    assert slice_matches(glob, path) is matches


def test_metrics_of_opposite_directions_are_refused() -> None:
    lower = Metric("error", "", "lower", "")
    with pytest.raises(ValueError, match="opposite directions"):
        contrast_of(Superiority(Cell("accuracy", "m"), Cell("error", "m")), (*METRICS, lower))
