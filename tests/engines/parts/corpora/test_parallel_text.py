import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.corpora.parallel_text import (
    SentenceTable,
    drawn,
    in_languages,
    is_language,
    not_sentences,
    table_of_file,
)
from engines.parts.files.table_files import RawTable
from workbench.contract.errors import DataError


def table(*rows, languages=("en", "fr", "pt_BR")):
    return SentenceTable("t.csv", "", languages, [(str(at + 2), row) for at, row in enumerate(rows)], row_is_line=True)


def test_rows_with_gaps_and_repeats_are_left_out_and_counted():
    found = in_languages(
        table(
            {"en": "a", "fr": "x"},
            {"en": "b", "fr": " "},
            {"en": "c"},
            {"en": "a ", "fr": "x"},
            {"en": "d", "fr": None},
        ),
        ["en", "fr"],
        None,
        0,
    )
    assert found.rows == [{"en": "a", "fr": "x"}]
    assert found.ids == ["2"]
    assert found.notes == (
        "3 of 5 rows lack one of the languages and were left out.",
        "1 rows repeat an earlier row and were left out.",
    )


def test_only_the_asked_languages_must_be_there():
    found = in_languages(table({"en": "a", "fr": "x", "pt_BR": ""}), ["fr", "en"], None, 0)
    assert (found.languages, found.rows) == (("fr", "en"), [{"fr": "x", "en": "a"}])


def test_a_tag_is_found_however_it_is_written():
    found = in_languages(table({"en": "a", "pt_BR": "x"}), ["EN", "pt-br", "pt_BR"], None, 0)
    assert found.languages == ("en", "pt_BR")


def test_a_missing_language_names_what_is_there_and_what_is_close():
    with pytest.raises(DataError, match="no column 'pt'; it has en, fr, pt_BR") as caught:
        in_languages(table({"en": "a"}), ["en", "pt"], None, 0)
    assert caught.value.field == "pt"
    assert "pt_BR" in caught.value.hint


@pytest.mark.parametrize("asked", [[], ["en"], ["en", "EN"]])
def test_fewer_than_two_languages_are_refused(asked):
    with pytest.raises(DataError, match="at least 2 are needed"):
        in_languages(table({"en": "a"}), asked, None, 0)


@pytest.mark.parametrize(
    ("cell", "kind"), [(1, "int"), (True, "bool"), (float("nan"), "float"), (["a"], "list"), ({"a": 1}, "dict")]
)
def test_a_cell_that_is_no_text_is_refused_with_row_and_column(cell, kind):
    with pytest.raises(DataError, match=f"a {kind}, not text") as caught:
        in_languages(table({"en": "a", "fr": "x"}, {"en": "b", "fr": cell}), ["en", "fr"], None, 0)
    assert (caught.value.row, caught.value.field) == (3, "fr")


def test_half_a_character_is_refused():
    with pytest.raises(DataError, match="lone surrogate") as caught:
        in_languages(table({"en": "\ud800", "fr": "x"}), ["en", "fr"], None, 0)
    str(caught.value).encode("utf-8")


def test_no_complete_row_is_an_error():
    with pytest.raises(DataError, match=r"No row of t\.csv has text in all of en, fr"):
        in_languages(table({"en": "a"}, {"fr": "x"}), ["en", "fr"], None, 0)


def test_a_file_needs_two_language_columns():
    with pytest.raises(DataError, match=r"has 1 language columns \(en\); other columns: 'Sentence'") as caught:
        table_of_file(RawTable(("en", "Sentence"), [(2, {"en": "a"})]), "t.csv")
    assert caught.value.row == 1


def test_hostile_column_names_are_text():
    hostile = ("<script>alert(1)</script>", "=HYPERLINK(1)", "../../etc", "", "en; DROP TABLE", "x" * 9_000)
    found = table_of_file(RawTable(("en", "fr", *hostile), [(2, {"en": "a", "fr": "b"})]), "t.csv")
    assert found.languages == ("en", "fr")
    assert len(found.notes[0]) < 400


def file_with(**columns):
    rows = [
        (at + 2, dict(zip(columns, cells, strict=True))) for at, cells in enumerate(zip(*columns.values(), strict=True))
    ]
    return table_of_file(RawTable(tuple(columns), rows), "t.csv")


WORDS = [f"sentence {number} of many" for number in range(24)]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([str(number) for number in range(24)], "numbers"),
        ([number for number in range(24)], "numbers"),
        ([f"{number / 7:.2f}" for number in range(24)], "numbers"),
        ([f"s{number:04}" for number in range(24)], "identifiers"),
        (["news", "talk"] * 12, "2 labels"),
        (WORDS, ""),
        ([f"第{number}章" for number in range(24)], ""),
        ([None, *WORDS[1:]], ""),
        ([""] * 24, ""),
    ],
)
def test_columns_without_sentences_are_no_language(cells, kind):
    assert not_sentences(cells) == kind
    found = file_with(id=cells, en=WORDS, fr=WORDS)
    assert ("id" in found.languages) == (not kind)
    assert found.notes == ((f"Columns that are no language were ignored: id ({kind}).",) if kind else ())


def test_a_column_of_numbers_is_refused_by_name_and_one_of_identifiers_read_with_a_note():
    numbers = file_with(id=list(range(24)), en=WORDS, fr=WORDS)
    with pytest.raises(DataError, match=r"The column 'id' of t\.csv holds numbers, no sentences") as caught:
        in_languages(numbers, ["en", "id"], None, 0)
    assert caught.value.field == "id" and "en, fr" in caught.value.hint
    named = file_with(id=[f"s{number}" for number in range(24)], en=WORDS, fr=WORDS)
    assert "id (identifiers)" in in_languages(named, ["en", "id"], None, 0).notes[-1]
    assert len(in_languages(named, ["en", "fr"], None, 0).notes) == 1


def test_two_tagged_columns_of_which_one_is_numbers_are_too_few():
    with pytest.raises(DataError, match=r"has 1 language columns \(en\); other columns: no \(numbers\)"):
        file_with(no=list(range(24)), en=WORDS)


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        ("en", True),
        ("zh_Hans", True),
        ("pt-BR", True),
        ("ckb", True),
        ("EN", False),
        ("english", False),
        ("en\n", False),
    ],
)
def test_which_columns_are_languages(name, yes):
    assert is_language(name) == yes


def test_counts_say_how_many_rows_each_language_has():
    assert table({"en": "a", "fr": "x"}, {"en": "b", "fr": ""}).counts() == {"en": 2, "fr": 1, "pt_BR": 0}


ROWS = [(f"row {number}", {"en": str(number)}) for number in range(60)]


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 2**31))
def test_a_smaller_draw_is_part_of_a_larger_one_and_keeps_the_order(few, many, seed):
    few, many = sorted((few, many))
    smaller, larger = drawn(ROWS, few, seed), drawn(ROWS, many, seed)
    assert (len(smaller), len(larger)) == (few, many)
    assert [row for row in larger if row in smaller] == smaller
    assert [row for row in ROWS if row in larger] == larger


def test_seeds_draw_differently_and_evenly():
    draws = [{key for key, _ in drawn(ROWS, 15, seed)} for seed in range(400)]
    assert len({frozenset(draw) for draw in draws}) == 400
    counts = [sum(key in draw for draw in draws) for key, _ in ROWS]
    # Each row is drawn in a quarter of the draws: 100 of 400, standard deviation 8.7.
    assert min(counts) > 65 and max(counts) < 135


def test_the_limit_is_noted_only_where_it_cuts():
    sentences = table({"en": "a", "fr": "x"}, {"en": "b", "fr": "y"})
    assert in_languages(sentences, ["en", "fr"], 2, 0).notes == ()
    assert in_languages(sentences, ["en", "fr"], 1, 5).notes == ("1 of 2 complete rows were drawn with seed 5.",)
