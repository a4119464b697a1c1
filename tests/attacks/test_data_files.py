"""Data files and packages made to escape, to exhaust or to confuse; each ends in a typed error or as harmless text."""

import csv
import gzip
import io
import json
import time
import tracemalloc
import zipfile

import pytest

from engines.parts.corpora.bundled_data import BUNDLED_DATA, BundledData, fetch_data
from engines.parts.corpora.message_catalogues import LICENCE_MEMBER, write_messages
from engines.parts.datasets.datasets import (
    DEFAULT_LANGUAGES,
    parallel_sentences,
    sentence_table,
)
from engines.parts.datasets.fixed_files import fixed_file
from engines.parts.datasets.records import read_records
from engines.parts.records.question_records import Question
from engines.parts.registry.packages import copy_member
from tests.engines.parts.small_wheel import make_wheel
from workbench.contract.errors import DataError, WorkbenchError
from workbench.storage.home import place


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    return tmp_path / "home"


def upload(name, content):
    (place("uploads") / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return f"upload:{name}"


def tree(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "ref",
    [
        "/etc/passwd",
        "/proc/self/environ",
        "upload:../history.db",
        "upload:/etc/passwd",
        "upload:%2e%2e/history.db",
        "upload:..\\history.db",
        "run:../x/y",
        "run:x/../../history.db",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "../../etc/passwd",
        "~root/.ssh/id_rsa",
        "/" * 5_000,
        "/dev/zero",
        "\u202e/etc/passwd",
    ],
)
def test_no_reference_reads_a_foreign_file_or_makes_one(ref, tmp_path):
    place("uploads"), place("runs"), place("models"), place("data")
    before = tree(tmp_path)
    with pytest.raises(DataError) as caught:
        sentence_table(ref)
    assert len(str(caught.value)) < 600
    assert tree(tmp_path) == before


def test_a_bomb_of_a_package_fills_no_disk(tmp_path):
    package = make_wheel(tmp_path / "shelf", "bomb", {"django/conf/locale/fr/LC_MESSAGES/django.po": bytes(50_000_000)})
    data = BundledData("bomb", "parallel sentences", package, write_messages, "")
    with pytest.raises(DataError, match="unpacks to more than"):
        fetch_data(data)
    assert not data.folder().exists()
    assert sum(path.stat().st_size for path in (tmp_path / "home").rglob("*") if path.is_file()) < 1_000


def test_a_bomb_of_many_members_is_refused(tmp_path):
    package = make_wheel(tmp_path / "shelf", "many", {f"x/{number}": b"" for number in range(20_001)})
    with pytest.raises(DataError, match="at most 20,000 are allowed"):
        fetch_data(BundledData("many", "parallel sentences", package, write_messages, ""))


def test_member_names_that_climb_are_never_paths(tmp_path):
    wheel = tmp_path / "evil.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(LICENCE_MEMBER, "x")
        for name in ("../../climbed", "/climbed", "django/../../climbed/locale/fr/LC_MESSAGES/django.po"):
            archive.writestr(name, 'msgid "One two three four"\nmsgstr "Un deux trois"')
    (tmp_path / "out").mkdir()
    write_messages(wheel, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["LICENSE", "rows.jsonl"]
    assert (tmp_path / "out" / "rows.jsonl").read_text().strip() == ""
    assert not list(tmp_path.rglob("*climbed*"))


def test_a_link_inside_a_package_is_copied_as_text(tmp_path):
    wheel = tmp_path / "evil.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        entry = zipfile.ZipInfo("model/config.json")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    copy_member(wheel, "model/config.json", tmp_path / "config.json", 100)
    assert not (tmp_path / "config.json").is_symlink()
    assert (tmp_path / "config.json").read_text() == "/etc/passwd"


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 1_000,
        b"\xff\xfe\x00\x00" + "en,fr\na,b".encode("utf-32-le"),
        bytes(range(256)),
        b"PK\x03\x04" + b"x" * 100,
        b'"' * 100_001,
        b"en,fr\n" + b'"' * 99_999,
        b",".join([b"en", b"fr"] * 5_000),
        "en,fr\n" + "a,b," * 50_000,
        "\ufeff\ufeffen,fr\na,b",
        "=cmd|' /C calc'!A0,+1\n@SUM(1),-1",
    ],
)
def test_hostile_tables_end_in_a_typed_error(content):
    with pytest.raises(DataError) as caught:
        parallel_sentences(upload("t.csv", content), ["en", "fr"])
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    "line",
    [
        '{"en": NaN, "fr": "x"}',
        '{"en": Infinity, "fr": "x"}',
        '{"en": 1e400, "fr": "x"}',
        '{"en": ' + "[" * 10_000 + "]" * 10_000 + ', "fr": "x"}',
        '{"en": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + ', "fr": "x"}',
        '{"en": "\\ud800", "fr": "x"}',
        '{"en": ["a"], "fr": "x"}',
        '{"en": "a", "fr": "x"',
        '"en"',
    ],
)
def test_hostile_json_lines_end_in_a_typed_error_with_the_row(line):
    with pytest.raises(DataError) as caught:
        parallel_sentences(upload("t.jsonl", '{"en": "a", "fr": "b"}\n' + line), ["en", "fr"])
    assert caught.value.row == 2
    assert len(str(caught.value)) < 600


def test_markup_and_formulas_in_cells_stay_the_text_they_are():
    cells = [
        "<img src=x onerror=alert(1)>",
        "=HYPERLINK(1)",
        "'; DROP TABLE runs; --",
        "\u202eevil",
        "{{7*7}}",
        "🙂" * 500,
    ]
    lines = [json.dumps({"en": cell, "fr": cell}) for cell in cells]
    found = parallel_sentences(upload("t.jsonl", "\n".join(lines)), ["en", "fr"])
    assert [row["fr"] for row in found.rows] == cells


def test_a_hostile_file_name_is_text():
    ref = upload("<b>x' \u202e.csv", "en,fr\na,b")
    assert parallel_sentences(ref, ["en", "fr"]).source == "<b>x' \u202e.csv"


@pytest.mark.parametrize("language", ["<script>", "../../x", "en;fr", "", "x" * 10_000, "\0", "EN\n"])
def test_hostile_languages_are_refused_or_folded(language):
    ref = upload("t.csv", "en,fr\na,b")
    try:
        assert parallel_sentences(ref, ["fr", language]).languages == ("fr", "en")
    except WorkbenchError as error:
        assert len(str(error)) < 600


def test_one_enormous_line_is_read_in_reasonable_time():
    begin = time.monotonic()
    ref = upload("t.jsonl", json.dumps({"en": "word " * 4_000_000, "fr": "x"}))
    assert len(parallel_sentences(ref, ["en", "fr"]).rows[0]["en"]) == 19_999_999
    assert time.monotonic() - begin < 20


def test_reading_a_table_leaves_the_csv_limit_large_enough_for_the_next():
    parallel_sentences(upload("t.csv", "en,fr\na,b"), ["en", "fr"])
    assert csv.field_size_limit() >= 200_000_000


BOMBS = {
    "zeros.gz.csv": lambda: gzip.compress(bytes(100_000_000)),
    "sheet.csv": lambda: zipped("xl/worksheets/sheet1.xml", bytes(100_000_000)),
    "report.md": lambda: zipped("word/document.xml", bytes(100_000_000)),
    "rows.jsonl": lambda: gzip.compress(b'{"question": "a?", "answers": "b"}\n' * 1_000_000),
    "table.parquet": lambda: gzip.compress(bytes(100_000_000)),
    "paper.pdf": lambda: zipped("word/document.xml", bytes(100_000_000)),
}


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("name", BOMBS)
def test_an_archive_under_any_ending_is_refused_before_memory_is_taken(name):
    ref = upload(name, BOMBS[name]())
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as caught:
            read_records(ref, Question)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b"question,answers\n" + b"a?,b\n" * 100 + b'"never closed,' + b"x" * 200_000,
        b"question,answers\n" + b'"' * 100_001 + b"\na?,b",
        b"question,answers\na?,b\n" + b"," * 100_000,
        b"question,answers\na?,b\nc?,\0",
        b"question,answers\n\xe2\x80\xae?,b\n=1+1?,c",
    ],
)
def test_hostile_rows_cost_no_others(content):
    records = read_records(upload("t.csv", content), Question)
    assert records.rows
    assert all(error.what and error.remedy and len(error.what) < 600 for error in records.errors)


@pytest.mark.parametrize("depth", [100, 5_000, 200_000])
@pytest.mark.parametrize("name", ["t.json", "t.jsonl", "t.csv"])
def test_deep_nesting_is_an_error_of_its_row_or_file(name, depth):
    deep = "[" * depth + "]" * depth
    rows = {
        "t.json": f'[{{"question": "a?", "answers": "b"}}, {{"question": "c?", "answers": {deep}}}]',
        "t.jsonl": f'{{"question": "a?", "answers": "b"}}\n{{"question": "c?", "answers": {deep}}}',
        "t.csv": f"question,answers\na?,b\nc?,{deep}\n",
    }
    try:
        records = read_records(upload(name, rows[name]), Question)
        assert records.rows[0].answers == ("b",)
        assert all(len(error.what) < 600 for error in records.errors)
    except DataError as error:
        assert len(str(error)) < 600


def test_formulas_never_reach_a_spreadsheet(tmp_path):
    cells = ["=cmd|' /C calc'!A0?", "+1?", "-1?", "@SUM(1)?", "\t=1?"]
    ref = upload("t.jsonl", "\n".join(json.dumps({"question": cell, "answers": ["=1"]}) for cell in cells))
    files = fixed_file(read_records(ref, Question), tmp_path / "fixed.csv")
    with files.usable.open(encoding="utf-8", newline="") as file:
        found = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in found if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_many_empty_objects_take_time_and_memory_in_proportion():
    begin = time.monotonic()
    with pytest.raises(DataError, match="no column that is clearly the question"):
        read_records(upload("t.jsonl", '{"a":[[],[],[],{}]}\n' * 50_000), Question)
    assert time.monotonic() - begin < 30


def test_a_package_that_is_not_the_pinned_one_leaves_nothing(tmp_path):
    package = make_wheel(tmp_path / "shelf", "somesentences", {"x": b""}, sha256="0" * 64)
    data = BundledData("some-sentences", "parallel sentences", package, write_messages, "")
    with pytest.raises(DataError, match="expected 0000"):
        fetch_data(data)
    assert not data.folder().exists()


def test_a_damaged_cache_of_bundled_rows_is_said(tmp_path):
    data = BUNDLED_DATA["django-messages"]
    data.folder().mkdir()
    (data.folder() / "rows.jsonl").write_text('{"id": "a", "texts": {"en": "x"')
    with pytest.raises(DataError, match="damaged") as caught:
        parallel_sentences("django-messages", DEFAULT_LANGUAGES)
    assert "benchwright fetch" in caught.value.hint
