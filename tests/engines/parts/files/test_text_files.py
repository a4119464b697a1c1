import gzip
import zipfile

import pytest

from engines.parts.files.text_files import ESCAPED, decoded
from workbench.contract.errors import DataError


def write(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    return tmp_path / "a.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_marked_encoding_reads_alike(tmp_path, encoding):
    assert decoded(write(tmp_path, "é\n日本 🙂".encode(encoding))) == "é\n日本 🙂"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("head", range(11, 40))
def test_a_beginning_ends_with_a_whole_line(tmp_path, encoding, head):
    text = "ab\né🙂é\nlast line of the file, long enough\n"
    found = decoded(write(tmp_path, text.encode(encoding)), head)
    assert text.startswith(found) and (found.endswith("\n") or "\n" not in found)
    assert decoded(write(tmp_path, text.encode(encoding)), 10_000) == text


@pytest.mark.parametrize(
    ("encoding", "text", "said"),
    [
        ("cp1251", "вопрос,ответ\nКакой сегодня день,понедельник\n", "cp1251"),
        ("cp932", "今日は何曜日ですか,月曜\n", "cp932"),
    ],
)
def test_another_encoding_is_guessed_for_the_remedy(tmp_path, encoding, text, said):
    with pytest.raises(DataError, match="is not UTF-8: byte 0") as caught:
        decoded(write(tmp_path, (text * 20).encode(encoding)))
    assert caught.value.hint.endswith(f"It seems to be written in {said}.")


def test_archives_are_named_and_refused(tmp_path):
    packed = tmp_path / "a.csv"
    packed.write_bytes(gzip.compress(bytes(50_000_000)))
    with pytest.raises(DataError, match=r"a\.csv is a gzip archive, not text") as caught:
        decoded(packed)
    assert "Unpack it" in caught.value.hint
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "x")
    with pytest.raises(DataError, match="a zip archive"):
        decoded(packed)


def test_a_file_with_a_nul_in_its_first_line_is_no_text(tmp_path):
    with pytest.raises(DataError, match="NUL character in row 1"):
        decoded(write(tmp_path, b"a\0b\nc"))
    assert decoded(write(tmp_path, b"a,b\nc,\0")) == "a,b\nc,\0"


@pytest.mark.parametrize(("lines", "wrong", "read"), [(300, 2, True), (300, 5, False), (50, 1, False)])
def test_few_lines_of_another_encoding_are_let_through_marked(tmp_path, lines, wrong, read):
    rows = ["h,é", *("journée" for _ in range(lines))]
    encodings = ["latin-1" if 7 <= number < 7 + wrong else "utf-8" for number in range(len(rows))]
    content = b"\n".join(row.encode(encoding) for row, encoding in zip(rows, encodings, strict=True))
    path = write(tmp_path, content)
    with pytest.raises(DataError, match="is not UTF-8"):
        decoded(path)
    if not read:
        with pytest.raises(DataError, match="is not UTF-8"):
            decoded(path, tolerant=True)
        return
    found = decoded(path, tolerant=True).split("\n")
    assert [number for number, line in enumerate(found) if ESCAPED.search(line)] == [7, 8]
    assert found[:7] == rows[:7] and found[9:] == rows[9:]
