import pytest

from engines.parts.files.blocks import Block, LeftOut
from engines.parts.files.markdown_blocks import markdown_blocks
from engines.parts.files.paper_parts import plain_heading, without_references
from engines.treereview.paper import read_paper
from tests.engines.treereview.test_paper import LONG


@pytest.mark.parametrize(
    "heading", ["References", "7. REFERENCES", "Bibliography", "**Acknowledgments**", "VI. References"]
)
def test_headings_of_references(heading: str):
    kept, cut = without_references(
        [Block("x"), Block(heading, 2), Block("[1] y 2001"), Block("Appendix", 2), Block("z")]
    )
    assert [block.text for block in kept] == ["x", "Appendix", "z"]
    assert [each.what for each in cut] == [heading]


def test_a_section_below_the_references_is_cut_with_them():
    kept, _ = without_references([Block("References", 1), Block("Books", 2), Block("[1] a")])
    assert len(kept) == 3, "a document that begins with references has nothing else"
    kept, _ = without_references(
        [Block("x"), Block("References", 1), Block("Books", 2), Block("[1] a"), Block("Next", 1)]
    )
    assert [block.text for block in kept] == ["x", "Next"]


def test_a_heading_that_only_speaks_of_references_stays():
    _, cut = without_references([Block("x"), Block("Reference models", 2), Block("text")])
    assert not cut


@pytest.mark.parametrize(
    ("heading", "plain"), [("3.1 Method", "Method"), ("IV. Data:", "Data"), ("Results", "Results")]
)
def test_numbers_of_headings(heading: str, plain: str):
    assert plain_heading(heading) == plain


def test_an_introduction_without_a_heading_is_no_abstract():
    text = f"# T\n\n## Abstract\n\n{LONG}\n\n" + f"{LONG * 4}\n\n" * 3 + "Keywords: a, b\n\n## 2 Method\n\n" + LONG
    paper = read_paper(markdown_blocks(text), "p")
    assert len(paper.abstract.split()) <= 400
    assert [p.path for p in paper.paragraphs] == [("Abstract",)] * 2 + [()] * 3 + [("2 Method",)]


def test_an_appendix_without_its_name_is_read():
    text = (
        f"# T\n\n## 1 One\n\n{LONG}\n\n## References\n\n[1] Knuth. Art. 1968.\n\nLamport, L. LaTeX. 1985.\n\n"
        f"### Limitations\n\n{LONG}\n\n## Acknowledgements\n\nThanks.\n\n## Extra\n\n{LONG}"
    )
    paper = read_paper(markdown_blocks(text), "p")
    assert [p.path[-1] for p in paper.paragraphs] == ["1 One", "Limitations", "Extra"]
    assert paper.left_out == (LeftOut("References", 9), LeftOut("Acknowledgements", 2))
    bare = read_paper(markdown_blocks(f"# T\n\n## 1 One\n\n{LONG}\n\n## References\n\n[1] K. 1968.\n\n{LONG}"), "p")
    assert bare.paragraphs[-1].path == ("After the references",)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"# Anonymous authors\n\n# Real title\n\n## 1 One\n\n{LONG}", "Real title"),
        (f"## Real title\n\n## Abstract\n\n{LONG}", "Real title"),
        (f"# Large Models for\n\nSmall Things\n\n## 1 One\n\n{LONG}", "Large Models for Small Things"),
        (f"Published as a conference paper at ICLR 2024\n\n{LONG}", "This sentence says something"),
    ],
)
def test_titles(text: str, title: str):
    assert read_paper(markdown_blocks(text), "p").title.startswith(title)
