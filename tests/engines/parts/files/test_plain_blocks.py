import pytest

from engines.parts.files.plain_blocks import heading_level, is_stamp, plain_blocks, title_lines


def told(blocks) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in blocks]


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("Introduction", 2), ("REFERENCES", 2), ("1 Introduction", 2), ("3.2 The noise floor", 3), ("IV. RESULTS", 2),
        ("A.1 Further data", 3), ("A Proofs", 0), ("A. Proofs", 2), ("I think this holds", 0),
        ("2019 was a good year.", 0), ("12.5 13.1 11.0", 0), ("45 People answered", 0), ("3 apples, two pears,", 0),
        ("A. Genz and F. Bretz. Numerical computation", 0), ("2. Using residual shadings to show models and", 0),
        ("appendix.", 0), ("0 RX", 0), ("F DF1 DF2 Pr(>F)", 0), ("", 0),
        ("We describe the method of this paper and show that it works well on all of the data sets", 0),
    ],
)  # fmt: skip
def test_headings_of_plain_text(line: str, level: int):
    assert heading_level(line) == level


def test_plain_text_joins_lines_and_broken_words():
    text = "A title\n\n1 Intro\nThe repre-\nsentation of words\nis long.\n\fA new page."
    assert told(plain_blocks(text)) == [
        (1, "A title"), (2, "1 Intro"), (0, "The representation of words is long."), (0, "A new page."),
    ]  # fmt: skip


def test_text_without_blank_lines_is_split_into_paragraphs():
    line = "word " * 19 + "end."
    blocks = plain_blocks("\n".join([line] * 40))
    assert len(blocks) > 2
    assert all(len(block.text.split()) <= 200 for block in blocks)


def test_numbers_that_do_not_follow_on_head_nothing():
    lines = ("A title", "1 Introduction", "Text one.", "7 Corresponding author", "2 Shifted states", "Text two.",
             "2.1 Data", "More.")  # fmt: skip
    text = "\n\n".join(lines)
    assert [block.text for block in plain_blocks(text) if block.level > 1] == [
        "1 Introduction", "2 Shifted states", "2.1 Data",
    ]  # fmt: skip


def test_a_heading_on_many_pages_is_a_running_head():
    text = "A title\n\n" + "\n\n".join(f"Results\n\nText {word} goes on." for word in "abc")
    assert [block.level for block in plain_blocks(text)] == [1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("lines", "known", "title"),
    [
        (["Published as a conference paper at ICLR 2024", "SHIFTING STATES IN", "SMALL MODELS", "Anonymous authors"],
         "",
         "SHIFTING STATES IN SMALL MODELS"),
        (["Counting Waves Without a", "Clock", "A. Keeper and B. Boat"], "", "Counting Waves Without a Clock"),
        (["Counting Waves", "Without a Clock", "Ada Keeper, Bo Boat"], "Counting waves without a clock",
         "Counting Waves Without a Clock"),
        (["Anonymous authors", "Paper under double-blind review", "On Waves", "Jo Boat1, Al Lamp2"], "untitled",
         "On Waves"),
        (["1 Introduction", "Text."], "", ""),
        (["We study waves in this text.", "More."], "", ""),
    ],
)  # fmt: skip
def test_titles_of_first_pages(lines, known, title):
    assert " ".join(title_lines(lines, known)) == title


def test_stamps_are_known():
    assert is_stamp("Under review as a conference paper") and not is_stamp("Copyright detection in models")
