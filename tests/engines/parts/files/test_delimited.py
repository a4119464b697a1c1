import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.files.delimited import MOST_COLUMNS, Dialect, delimited_rows, dialect_of
from engines.parts.records.row_errors import RowError
from workbench.contract.errors import DataError


def read(text, ending=".csv", cut=False):
    found = list(delimited_rows(text, ending, cut))
    return [row for row in found if not isinstance(row, RowError)], [row for row in found if isinstance(row, RowError)]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb\n1,2\t3,4\n", "\t"),
        ("a|b|c\nx,y|1|2\n", "|"),
        ('"a;b",c\n"1;2",3\n', ","),
        ("q,a\nWhat, when and where?,x\nWho, then?,y\nWhy?,z\n", ","),
        ("id;text\n1;hello, world, and, more\n2;a,b,c,d\n", ";"),
    ],
)
def test_the_separator_is_the_one_that_divides_the_rows_alike(text, separator):
    assert dialect_of(text, ",;\t|").separator == separator


def test_one_column_with_commas_in_its_text_stays_one_column():
    rows, errors = read("question\nWhat, when, and where?\nWho, then?\n")
    assert [cells for _, cells in rows] == [{"question": "What, when, and where?"}, {"question": "Who, then?"}]
    assert errors == []


def test_quotation_marks_behind_a_backslash_are_read():
    text = 'a,b\n"He said \\"no\\", twice",1\n"x\\"y",2\n'
    assert dialect_of(text, ",;") == Dialect(",", "\\")
    assert [cells["a"] for _, cells in read(text)[0]] == ['He said "no", twice', 'x"y']


def test_a_backslash_in_text_with_doubled_marks_stays_a_backslash():
    rows, errors = read('a,b\n"C:\\","say ""x"""\n"D:\\",2\n')
    assert [tuple(cells.values()) for _, cells in rows] == [("C:\\", 'say "x"'), ("D:\\", "2")] and errors == []


def test_an_open_quotation_mark_costs_its_own_row_alone():
    lines = ["a,b", "1,2", '"3,4', *(f"{n},{n}" for n in range(5, 100))]
    rows, errors = read("\n".join(lines))
    assert len(rows) == 96 and [error.line for error in errors] == [3]
    assert errors[0].row == '"3,4' and "wrongly quoted" in errors[0].what and errors[0].remedy
    assert rows[1] == (4, {"a": "5", "b": "5"})


def test_rows_after_a_broken_one_of_several_lines_are_read():
    rows, errors = read('a,b\n"x\ny"z,1\n"two\nlines",2\n')
    assert errors[0].line == 2
    assert rows[-1] == (4, {"a": "two\nlines", "b": "2"})


def test_many_open_quotation_marks_take_linear_time():
    text = "a,b\n" + 'x,"y\n' * 1 + "z,w\n" * 100_000
    begin = time.process_time()
    rows, errors = read(text)
    assert len(rows) == 100_000 and len(errors) == 1
    assert time.process_time() - begin < 5
    begin = time.process_time()
    read("a,b\n" + 'x,"y\n' * 50_000)
    assert time.process_time() - begin < 5


def test_lines_that_end_as_on_old_machines_are_lines():
    assert read("a,b\r1,2\r3,4\r")[0] == [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"})]


def test_what_the_end_of_a_beginning_lacks_is_no_error():
    whole, cut = 'a,b\n1,2\n"3\n4",5\n', 'a,b\n1,2\n"3\n'
    assert len(read(whole)[0]) == 2
    assert read(cut, cut=True) == ([(2, {"a": "1", "b": "2"})], [])
    assert len(read(cut)[1]) >= 1


def test_too_many_columns_are_refused():
    with pytest.raises(DataError, match="at most 4,096"):
        read(",".join(map(str, range(MOST_COLUMNS + 1))) + "\n")


def test_a_column_named_twice_is_refused_quickly():
    begin = time.process_time()
    with pytest.raises(DataError, match="appears 2 times"):
        read(",".join([*map(str, range(4_000)), "7"]) + "\n")
    assert time.process_time() - begin < 2


CELL = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8).filter(lambda rows: all(a.strip() for a, _ in rows)))
def test_what_the_standard_library_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    found, errors = read(out.getvalue())
    assert [tuple(cells.values()) for _, cells in found] == rows and errors == []


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_ends_in_rows_and_errors_with_true_lines(text):
    try:
        found = list(delimited_rows(f"a,b\n{text}", ".csv"))
    except DataError:
        return
    lines = [each.line if isinstance(each, RowError) else each[0] for each in found]
    assert lines == sorted(lines) and all(line >= 1 for line in lines)
