import json

import pytest

from engines.parts.files import table_files, text_files
from engines.parts.files.table_files import read_table
from engines.parts.files.text_files import decoded
from workbench.contract.errors import DataError

PAIRS = [("Good day", "Bonjour"), ('He said "no", twice', "a;b,c\td"), ("two\nlines", "日本")]


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimited_tables_of_every_kind_read_alike(tmp_path, separator, ending, encoding):
    lines = [f"en{separator}fr", *(f"{quoted(en)}{separator}{quoted(fr)}" for en, fr in PAIRS)]
    path = write(tmp_path, "t.csv", ending.join(lines).encode(encoding))
    table = read_table(path)
    assert table.columns == ("en", "fr")
    assert [tuple(cells.values()) for _, cells in table.rows] == PAIRS
    assert [line for line, _ in table.rows] == [2, 3, 4]


def test_json_lines_read_the_same_rows(tmp_path):
    lines = [json.dumps({"en": en, "fr": fr}, ensure_ascii=False) for en, fr in PAIRS]
    table = read_table(write(tmp_path, "t.jsonl", "\n\n".join(lines) + "\r\n"))
    assert [tuple(cells.values()) for _, cells in table.rows] == PAIRS
    assert [line for line, _ in table.rows] == [1, 3, 5]


def test_a_line_separator_inside_a_sentence_ends_no_line(tmp_path):
    text = json.dumps({"en": "a\u2028b\x85c", "fr": "x"}, ensure_ascii=False)
    assert read_table(write(tmp_path, "t.jsonl", text)).rows == [(1, {"en": "a\u2028b\x85c", "fr": "x"})]


def test_blank_lines_above_the_header_are_passed_over(tmp_path):
    assert read_table(write(tmp_path, "t.csv", "\n\nen,fr\na,b\n")).rows == [(4, {"en": "a", "fr": "b"})]


def test_a_very_long_cell_is_kept_whole(tmp_path):
    long = "word " * 60_000
    [(_, cells)] = read_table(write(tmp_path, "t.csv", f"en,fr\n{long},x")).rows
    assert cells["en"] == long


def test_columns_appear_in_order_of_first_appearance(tmp_path):
    path = write(tmp_path, "t.jsonl", '{"fr": "a", " en ": "b"}\n{"de": "c"}')
    assert read_table(path).columns == ("fr", "en", "de")


@pytest.mark.parametrize(
    ("name", "content", "reason", "row"),
    [
        ("t.csv", "", "is empty", None),
        ("t.csv", " \n\t\n", "is empty", None),
        ("t.csv", "\ufeff", "has no rows", None),
        ("t.csv", "en,fr\n", "has no rows", None),
        ("t.csv", "en,fr\n , \n\n", "has no rows", None),
        ("t.csv", 'en,fr\na,b\n"c,d\n', "Row 3 is wrongly quoted", 3),
        ("t.csv", 'en,fr\n"a"b,c\n', "Row 2 is wrongly quoted", 2),
        ("t.csv", "en,fr\na,b\na\n", "Row 3 has 1 cells, the header names 2 columns", 3),
        ("t.csv", "en,fr\na,b,c\n", "Row 2 has 3 cells", 2),
        ("t.csv", "en,en\na,b\n", "'en' appears 2 times", 1),
        ("t.jsonl", '{"en": "a"}\nnot json', "Row 2 is not a JSON object", 2),
        ("t.jsonl", '[{"en": "a"}]', "Row 1 is a JSON list", 1),
        ("t.jsonl", "[" * 10_000 + "]" * 10_000, "Row 1 is (not a JSON object|a JSON list)", 1),
        ("t.jsonl", '{"en": ' + "9" * 5_000 + "}", "Row 1 is not a JSON object", 1),
        ("t.docx", "en,fr\na,b", "is a .docx file", None),
        ("t", "en,fr\na,b", "is a nameless file", None),
        ("t.csv", "en,fr\na,b\nc,\0d", "NUL character in row 3", 3),
        ("t.csv", "en,fr\na,b".encode("utf-16-le"), "NUL character in row 1", 1),
    ],
)
def test_what_is_wrong_is_refused_with_its_row(tmp_path, name, content, reason, row):
    with pytest.raises(DataError, match=reason) as caught:
        read_table(write(tmp_path, name, content)).require_sound()
    assert caught.value.row == row
    assert caught.value.hint


def test_another_encoding_is_refused_with_its_byte_and_row(tmp_path):
    content = "en,fr\na,b\nday,journée\n".encode("latin-1")
    with pytest.raises(DataError, match=f"byte {content.index(0xE9)} cannot be read") as caught:
        decoded(write(tmp_path, "t.csv", content))
    assert caught.value.row == 3
    assert "UTF-8" in caught.value.hint


def test_too_large_a_file_and_too_many_rows_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(text_files.LARGEST_FILE + 1)
    with pytest.raises(DataError, match="at most 200,000,000 are read"):
        read_table(path)
    monkeypatch.setattr(table_files, "MOST_ROWS", 2)
    with pytest.raises(DataError, match="more than 2 rows") as caught:
        read_table(write(tmp_path, "t.csv", "en,fr\na,b\nc,d\ne,f"))
    assert caught.value.row == 4


def test_a_row_of_another_encoding_is_an_error_of_its_own(tmp_path):
    rows = [f"{number},jour".encode() for number in range(500)]
    rows[41] = b"41,journ\xe9e"
    table = read_table(write(tmp_path, "t.csv", b"\n".join([b"n,text", *rows])))
    assert len(table.rows) == 499
    assert [(error.line, error.field) for error in table.errors] == [(43, "text")]
    assert table.errors[0].what == "There is a byte that is not UTF-8 in row 43, column 'text'."


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_of_a_long_table_the_beginning_is_read(tmp_path, name):
    line = "{},x\n" if name == "t.csv" else '{{"n": {}, "text": "x"}}\n'
    text = "".join(line.format(number) for number in range(120_000))
    path = write(tmp_path, name, ("n,text\n" if name == "t.csv" else "") + text)
    table = read_table(path, first=10)
    assert [int(cells["n"]) for _, cells in table.rows] == list(range(10)) and not table.complete
    whole = read_table(path)
    assert len(whole.rows) == 120_000 and whole.complete and whole.rows[:10] == table.rows
