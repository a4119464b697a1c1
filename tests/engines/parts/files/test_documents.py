import zlib

import pytest

from engines.parts.files.documents import clean_page, document_rows, read_document
from engines.parts.files.table_files import read_table
from tests.engines.parts.small_pdf import make_pdf
from workbench.contract.errors import DataError


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, "utf-8", newline="")
    return path


def test_a_pdf_is_one_row_per_page(tmp_path):
    path = make_pdf(tmp_path / "a.pdf", ["A first page of text.\nIt goes on.", "", "The third page (of three)."])
    document = read_document(path)
    assert document.numbers == (1, 3)
    assert document.text == "A first page of text.\nIt goes on.\n\nThe third page (of three)."
    assert document.notes == ("1 of 3 pages have no text.",)
    table = read_table(path)
    assert (table.columns, table.notes) == (("page", "text"), document.notes)
    assert table.rows[1] == (3, {"page": 3, "text": "The third page (of three)."})


def test_a_pdf_without_text_says_that_it_is_scanned(tmp_path):
    with pytest.raises(DataError, match="2 pages and no text") as caught:
        read_document(make_pdf(tmp_path / "a.pdf", ["", "12"]))
    assert "text recognition" in caught.value.hint


def test_an_encrypted_pdf_is_refused(tmp_path):
    with pytest.raises(DataError, match="is encrypted") as caught:
        read_document(make_pdf(tmp_path / "a.pdf", ["A first page of some text."], encrypted=True))
    assert "password" in caught.value.hint


@pytest.mark.parametrize("content", [b"%PDF-1.4\nnothing more", b"not a PDF at all", b"%PDF-1.7\n%%EOF", b""])
def test_what_is_no_sound_pdf_is_refused(tmp_path, content):
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.pdf is not a sound PDF file") as caught:
        read_document(tmp_path / "a.pdf")
    assert ".txt" in caught.value.hint


def test_a_damaged_page_is_passed_over_and_counted(tmp_path):
    good = "A first page of text with letters."
    path = make_pdf(tmp_path / "a.pdf", [good, zlib.compress(b"BT /F1 Tf <zz Tj [[[ ET")[:9]])
    document = read_document(path)
    assert document.text == good
    assert document.notes[0] == "1 of 2 pages have no text."


def test_markdown_is_one_row_per_section(tmp_path):
    text = "Before.\n\n# One\ntext\n\n```sh\n# no heading\n```\n## Two ##\n\n### Empty\n"
    document = read_document(write(tmp_path, "a.md", text))
    assert document_rows(document) == [
        (1, {"heading": "", "text": "Before."}),
        (3, {"heading": "One", "text": "text\n\n```sh\n# no heading\n```"}),
        (9, {"heading": "Two", "text": ""}),
        (11, {"heading": "Empty", "text": ""}),
    ]
    assert document.text.startswith("Before.\n\nOne\n\ntext")


def test_plain_text_with_empty_lines_is_one_row_per_paragraph(tmp_path):
    text = "\r\nOne line\r\nand another.\r\n \r\nA second\r\n\r\n"
    assert document_rows(read_document(write(tmp_path, "a.txt", text))) == [
        (2, {"text": "One line\nand another."}),
        (5, {"text": "A second"}),
    ]


def test_plain_text_without_empty_lines_is_one_row_per_line(tmp_path):
    rows = document_rows(read_document(write(tmp_path, "a.txt", "What is it?\n Who is she? \n")))
    assert rows == [(1, {"text": "What is it?"}), (2, {"text": "Who is she?"})]


@pytest.mark.parametrize("name", ["a.docx", "a", "a.csv"])
def test_other_files_are_no_documents(tmp_path, name):
    with pytest.raises(DataError, match=r"read are \.txt, \.md"):
        read_document(write(tmp_path, name, "x"))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("eﬃcient ﬁle", "efficient file"),
        ("an exam-\nple of well-\nknown", "an example of wellknown"),
        ("A-\nB and 1-\n2", "A-\nB and 1-\n2"),
        (" trailing  \n\n x\0", "trailing\n\n x"),
        ("½ Å ﬀ", "½ Å ff"),
    ],
)
def test_pages_are_cleaned_of_what_typesetting_added(text, clean):
    assert clean_page(text) == clean


def test_nougat_markdown_has_sections_and_latex_is_read_as_it_is_written(tmp_path):
    marked = read_document(write(tmp_path, "a.mmd", "# One\ntext\n\n## Two\nmore\n"))
    assert marked.parts == (("One", "text"), ("Two", "more"))
    plain = read_document(write(tmp_path, "a.tex", "\\section{One}\n\ntext $x$\n"))
    assert [text for _, text in plain.parts] == ["\\section{One}", "text $x$"]
