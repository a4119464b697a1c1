import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.datasets.data_statistics import Lengths, kind_of, lengths_of, statistics_of


def test_a_small_table_by_hand():
    rows = [
        {"q": "Who is it?", "n": "1", "l": ["a", "b"]},
        {"q": "Why?", "n": "2", "l": ["a"]},
        {"q": "Who is it?", "n": "1", "l": ["a", "b"]},
        {"q": " ", "n": "3.5"},
    ]
    found = statistics_of(["q", "n", "l"], rows)
    assert (found.rows, found.repeats, found.gaps) == (4, 1, 1)
    question, number, several = found.columns
    assert (question.kind, question.filled, question.missing, question.distinct) == ("text", 3, 1, 2)
    assert question.characters == Lengths(4, 4, 10, 10, 10, 10)
    assert question.words == Lengths(1, 1, 3, 3, 3, 3)
    assert question.examples == ("Who is it?", "Why?")
    assert (number.kind, number.distinct) == ("numbers", 3)
    assert (several.kind, several.missing, several.examples) == ("lists", 1, ('["a", "b"]', '["a"]'))


def test_an_empty_column_has_no_lengths():
    column = statistics_of(["a"], [{"a": None}, {}]).columns[0]
    assert (column.kind, column.characters, column.words, column.examples) == ("empty", None, None, ())
    assert statistics_of([], []).rows == 0


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-20"], "whole numbers"),
        ([1, 2.5], "numbers"),
        (["1.5", "2e3", "7"], "numbers"),
        (["007", "12"], "mixed"),
        (["yes", "no"], "yes or no"),
        ([True], "yes or no"),
        ([{"a": 1}], "objects"),
        (["a", 1], "mixed"),
        ([], "empty"),
    ],
)
def test_kinds_of_columns(values, kind):
    assert kind_of(values) == kind


def test_words_of_scripts_without_spaces_are_characters():
    assert statistics_of(["a"], [{"a": "日本 word きれい"}]).columns[0].words == Lengths(6, 6, 6, 6, 6, 6)


def test_long_examples_are_cut():
    assert len(statistics_of(["a"], [{"a": "x" * 500}]).columns[0].examples[0]) == 120


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=50))
def test_quantiles_are_lengths_that_occur_in_order(numbers):
    found = lengths_of(numbers)
    quantiles = [found.shortest, found.quarter, found.median, found.three_quarters, found.nearly_all, found.longest]
    assert quantiles == sorted(quantiles) and set(quantiles) <= set(numbers)
    assert (found.shortest, found.longest) == (min(numbers), max(numbers))
