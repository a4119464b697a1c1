import pytest

from engines.parts.files.blocks import Block
from engines.parts.files.document_blocks import markup_of, read_blocks, without_running_lines
from engines.parts.files.pdf_text import in_columns
from tests.engines.parts.small_pdf import make_pdf
from workbench.contract.errors import DataError
from workbench.storage.home import place


@pytest.mark.parametrize(
    ("name", "text", "markup"),
    [
        ("a.mmd", "x", "markdown"),
        ("a.tex", "x", "latex"),
        ("a.txt", r"\section{One}", "latex"),
        ("a.txt", "# One\n\ntext\n\n## Two", "markdown"),
        ("a.txt", "text", "plain"),
    ],
)
def test_markup_is_known_by_name_or_looks(name: str, text: str, markup: str):
    assert markup_of(name, text) == markup


def test_running_heads_and_page_numbers_are_left_out():
    pages = [f"Journal of Things {at}\n\nText of page {letter}.\n{at}" for at, letter in enumerate("abcd", 1)]
    assert [page.strip() for page in without_running_lines(pages)] == [f"Text of page {letter}." for letter in "abcd"]
    sides = [
        f"{at} Left head\n\nText {word}." if at % 2 else f"Right head {at}\n\nText {word}."
        for at, word in enumerate("abcdefgh")
    ]
    assert [page.strip() for page in without_running_lines(sides)] == [f"Text {word}." for word in "abcdefgh"]
    assert without_running_lines(["One page.\nNo head."]) == ["One page.\nNo head."]


def test_a_title_that_runs_over_every_page_stays_on_the_first(tmp_path):
    pages = [f"Counting Waves\n{at} Part number {word}\nWe count the {word} waves here." for at, word in
             enumerate(("first", "second", "third", "fourth"), 1)]  # fmt: skip
    document = read_blocks(make_pdf(tmp_path / "a.pdf", pages))
    assert document.blocks[0] == Block("Counting Waves", 1, title=True)
    assert [each.text for each in document.blocks].count("Counting Waves") == 1
    assert document.left_out[0].words == 6


def test_two_columns_written_across_are_read_one_after_the_other():
    across = [piece for at in range(10) for piece in ((50.0, 700.0 - at, f"l{at}"), (320.0, 700.0 - at, f"r{at}"))]
    title = (50.0, 760.0, "A title")
    assert in_columns([title, *across], 600).split("\n") == [
        "A title", *(f"l{at}" for at in range(10)), *(f"r{at}" for at in range(10)),
    ]  # fmt: skip
    by_column = sorted(across, key=lambda piece: piece[0])
    assert in_columns(by_column, 600) == "" and in_columns(across[::2], 600) == "", "in order, or one column"


def test_stamped_scans_are_refused_and_bare_pages_told(tmp_path):
    stamp = "Authorised use limited to: University of Vell. Downloaded on March {} at 10:00 UTC."
    with pytest.raises(DataError, match="no text of their own"):
        read_blocks(make_pdf(tmp_path / "a.pdf", [stamp.format(1), stamp.format(2)]))
    text = "We count the waves between two flashes and write the number in a book, for forty nights."
    notes = read_blocks(make_pdf(tmp_path / "b.pdf", [text, "Fig. 1", "Fig. 2"])).notes
    assert "2 of 3 pages hardly have text: scanned?" in notes


def test_an_upload_takes_in_no_file_of_others():
    (place("uploads") / "other-part.tex").write_text("A secret of somebody else.")
    upload = place("uploads") / "mine.tex"
    upload.write_text("\\section{One} text \\input{other-part}")
    with pytest.raises(DataError, match="other-part"):
        read_blocks(upload)
