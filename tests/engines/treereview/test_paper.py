import pytest

from engines.parts.files.blocks import BlockDocument, LeftOut, word_count
from engines.parts.files.markdown_blocks import markdown_blocks
from engines.parts.files.plain_blocks import plain_blocks
from engines.treereview.paper import read_paper, with_split_paragraphs
from tests.engines.treereview.papers import SMALL, small_paper
from workbench.contract.errors import DataError

LONG = "This sentence says something about the matter at hand. " * 6


def plain_paper(text: str):
    return read_paper(BlockDocument(tuple(plain_blocks(text)), word_count(text)), "p")


def test_title_abstract_outline_and_paths():
    paper = small_paper()
    assert paper.title == "Shifting states"
    assert paper.abstract.startswith("We shift hidden states")
    assert paper.contents.splitlines() == [
        "- 1 Introduction", "- 2 Method", "  - 2.1 Shift", "  - 2.2 Noise floor", "- 3 Results", "- A Appendix",
    ]  # fmt: skip
    assert [(p.path[-1], p.inside) for p in paper.paragraphs] == [
        ("Abstract", 1), ("1 Introduction", 1), ("1 Introduction", 2), ("2.1 Shift", 1), ("2.2 Noise floor", 1),
        ("3 Results", 1), ("A Appendix", 1),
    ]  # fmt: skip
    assert paper.paragraphs[3].path == ("2 Method", "2.1 Shift")
    assert paper.paragraphs[3].where == "2 Method > 2.1 Shift, paragraph 1"


def test_references_are_cut_and_said_so_and_the_appendix_stays():
    paper = small_paper()
    assert "Nobody" not in paper.text and "everyone." not in paper.text and "All settings" in paper.text
    assert paper.left_out == (LeftOut("Acknowledgements", 4), LeftOut("References", 5))
    assert paper.words == paper.words_read + 9 + paper.unaccounted and paper.unaccounted == 11, "signs of headings"


def test_a_paper_without_headings_is_one_section():
    paper = plain_paper(f"On shifting\n\n{LONG}\n\n{LONG}")
    assert paper.title == "On shifting"
    assert paper.sections == () and paper.contents == ""
    assert "No headings were found" in paper.notes[0]
    assert paper.paragraphs[1].where == "Before the first heading, paragraph 2"


def test_a_paper_of_one_paragraph():
    paper = plain_paper(LONG)
    assert len(paper.paragraphs) == 1 and paper.abstract == paper.paragraphs[0].text
    assert "single paragraph" in paper.notes[-1]


@pytest.mark.parametrize("text", ["", "A title", "# A\n\n## B\n\n## C"])
def test_a_paper_without_words_is_refused(text: str):
    with pytest.raises(DataError, match="at least 20"):
        read_paper(markdown_blocks(text), "p")


def test_a_paper_in_a_script_without_spaces_is_read():
    text = "# 言語モデル\n\n## 概要\n\n" + "隠れ状態を移動させる方法を調べた。" * 12
    paper = read_paper(markdown_blocks(text), "p")
    assert paper.title == "言語モデル" and len(paper.paragraphs) == 1


def test_an_abstract_that_is_only_announced():
    paper = plain_paper(f"A title\n\nAbstract—{LONG}\n\n1 Introduction\n\n{LONG}")
    assert paper.abstract.startswith("This sentence") and paper.paragraphs[0].path == ("Abstract",)
    assert len(paper.paragraphs) == 2


def test_a_summary_opens_some_papers_and_ends_others():
    opening = read_paper(markdown_blocks(f"# Tool\n\n# Summary\n\n{LONG}\n\n# Need\n\n{LONG}"), "p")
    assert opening.abstract == LONG.strip() and len(opening.paragraphs) == 2
    ending = read_paper(markdown_blocks(f"# Tool\n\n# One\n\n{LONG}\n\n# Two\n\n{LONG}\n\n# Summary\n\n{LONG}"), "p")
    assert len(ending.paragraphs) == 3


def test_the_text_keeps_headings():
    assert small_paper().text.startswith("## Abstract\n\nWe shift hidden states")


def test_headings_are_read_whatever_their_first_level():
    paper = read_paper(markdown_blocks(SMALL.replace("# ", "## ", 1)), "p")
    assert paper.title


def test_a_paragraph_beyond_the_context_is_split():
    def count(texts):
        return [len(text.split()) for text in texts]

    long = " ".join(f"Sentence number {at} is here." for at in range(200)) + " x" * 300
    paper = read_paper(markdown_blocks(SMALL.replace("A state of", long + " A state of")), "p")
    split = with_split_paragraphs(paper, count, 100)
    assert max(count([p.text for p in split.paragraphs])) <= 100
    assert " ".join(p.text for p in split.paragraphs).split() == " ".join(p.text for p in paper.paragraphs).split()
    assert [p.number for p in split.paragraphs] == list(range(len(split.paragraphs)))
    assert "1 paragraphs longer" in split.notes[-1] and with_split_paragraphs(paper, count, 9999) is paper
