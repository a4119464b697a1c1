import pytest

from engines.treereview.blocks import Block, markdown_blocks, plain_blocks
from engines.treereview.paper import plain_heading, read_paper, without_references
from tests.engines.treereview.papers import SMALL, small_paper
from workbench.contract.errors import DataError

LONG = "This sentence says something about the matter at hand. " * 6


def test_title_abstract_outline_and_paths():
    paper = small_paper()
    assert paper.title == "Shifting states"
    assert paper.abstract.startswith("We shift hidden states")
    assert paper.contents.splitlines() == [
        "- 1 Introduction", "- 2 Method", "  - 2.1 Shift", "  - 2.2 Noise floor", "- 3 Results", "- A Appendix",
    ]  # fmt: skip
    assert [(p.path[-1], p.inside) for p in paper.paragraphs] == [
        ("1 Introduction", 1), ("1 Introduction", 2), ("2.1 Shift", 1), ("2.2 Noise floor", 1), ("3 Results", 1),
        ("A Appendix", 1),
    ]  # fmt: skip
    assert paper.paragraphs[2].path == ("2 Method", "2.1 Shift")
    assert paper.paragraphs[2].where == "2 Method > 2.1 Shift, paragraph 1"


def test_references_are_cut_and_said_so_and_the_appendix_stays():
    paper = small_paper()
    assert "Nobody" not in paper.text and "everyone." not in paper.text and "All settings" in paper.text
    assert paper.notes == ("Cut, because it holds no claims of the paper: Acknowledgements, References.",)


@pytest.mark.parametrize(
    "heading", ["References", "7. REFERENCES", "Bibliography", "**Acknowledgments**", "VI. References"]
)
def test_headings_of_references(heading: str):
    kept, cut = without_references([Block("x"), Block(heading, 2), Block("[1] y"), Block("Appendix", 2), Block("z")])
    assert [block.text for block in kept] == ["x", "Appendix", "z"]
    assert cut == [heading]


def test_a_section_below_the_references_is_cut_with_them():
    kept, _ = without_references([Block("References", 1), Block("Books", 2), Block("a")])
    assert len(kept) == 3, "a document that begins with references has nothing else"
    kept, _ = without_references([Block("x"), Block("References", 1), Block("Books", 2), Block("a"), Block("Next", 1)])
    assert [block.text for block in kept] == ["x", "Next"]


def test_a_heading_that_only_speaks_of_references_stays():
    _, cut = without_references([Block("x"), Block("Reference models", 2), Block("text")])
    assert not cut


def test_a_paper_without_headings_is_one_section():
    paper = read_paper(plain_blocks(f"On shifting\n\n{LONG}\n\n{LONG}"), "p")
    assert paper.title == "On shifting"
    assert paper.sections == () and paper.contents == ""
    assert "No headings were found" in paper.notes[0]
    assert paper.paragraphs[1].where == "Before the first heading, paragraph 2"


def test_a_paper_of_one_paragraph():
    paper = read_paper(plain_blocks(LONG), "p")
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
    paper = read_paper(plain_blocks(f"A title\n\nAbstract—{LONG}\n\n1 Introduction\n\n{LONG}"), "p")
    assert paper.abstract.startswith("This sentence")
    assert len(paper.paragraphs) == 2


def test_a_summary_opens_some_papers_and_ends_others():
    opening = read_paper(markdown_blocks(f"# Tool\n\n# Summary\n\n{LONG}\n\n# Need\n\n{LONG}"), "p")
    assert opening.abstract == LONG.strip() and len(opening.paragraphs) == 1
    ending = read_paper(markdown_blocks(f"# Tool\n\n# One\n\n{LONG}\n\n# Two\n\n{LONG}\n\n# Summary\n\n{LONG}"), "p")
    assert len(ending.paragraphs) == 3


def test_the_text_keeps_headings():
    assert small_paper().text.startswith("## 1 Introduction\n\nModels keep")


@pytest.mark.parametrize(
    ("heading", "plain"), [("3.1 Method", "Method"), ("IV. Data:", "Data"), ("Results", "Results")]
)
def test_numbers_of_headings(heading: str, plain: str):
    assert plain_heading(heading) == plain


def test_headings_are_read_whatever_their_first_level():
    paper = read_paper(markdown_blocks(SMALL.replace("# ", "## ", 1)), "p")
    assert paper.title
