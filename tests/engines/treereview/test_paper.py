from hashlib import sha256
from pathlib import Path

import pytest

from engines.parts.files.blocks import BlockDocument, LeftOut, word_count
from engines.parts.files.markdown_blocks import markdown_blocks
from engines.parts.files.plain_blocks import plain_blocks
from engines.treereview.paper import (
    GOLD,
    SHIPPED,
    name_of,
    paper_of,
    paper_paths,
    read_paper,
    read_papers,
    with_split_paragraphs,
)
from tests.engines.treereview.papers import SMALL, small_paper
from tests.engines.treereview.tiny_run import paper_file
from workbench.contract.errors import DataError
from workbench.storage.home import place

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


def test_the_shipped_report_is_a_paper_with_real_sections():
    (paper,) = read_papers(["subspace-report"])
    assert paper.title == "Where Languages Part Inside a Small English Model"
    assert "8.3 points" in paper.abstract
    assert [section.heading for section in paper.sections if section.level == 2][1:3] == [
        "2 Method",
        "3 Data and model",
    ]
    assert len(paper.paragraphs) > 20 and "Zhang et al" not in paper.text
    assert all(path.is_file() for path in (*SHIPPED.values(), *GOLD.values()))


def test_uploads_and_names():
    (paper,) = read_papers([paper_file("my paper-0123abcd.md")])
    assert (paper.name, paper.title) == ("my-paper", "Shifting states")
    assert name_of(Path("a/§§.pdf")) == "paper"


def test_papers_of_one_name_are_told_apart():
    refs = [paper_file("same.md"), paper_file("same.txt")]
    heard = []
    assert [paper.name for paper in read_papers(refs, lambda *at: heard.append(at))] == ["same", "same-2"]
    assert heard == [(1, 2), (2, 2)]


def test_papers_of_a_folder_come_in_an_order_of_their_names_alone():
    folder = place("uploads") / "some-papers"
    folder.mkdir(exist_ok=True)
    for name in ("b.md", "a.mmd", "c.csv"):
        (folder / name).write_text(SMALL)
    by_hash = sorted(("a.mmd", "b.md"), key=lambda name: sha256(name.encode()).hexdigest())
    assert [path.name for path in paper_paths(str(folder))] == by_hash
    empty = place("uploads") / "no-papers"
    empty.mkdir(exist_ok=True)
    with pytest.raises(DataError, match="holds no paper"):
        paper_paths(str(empty))


def test_more_papers_begin_with_the_same_ones():
    folder = place("uploads") / "many-papers"
    folder.mkdir(exist_ok=True)
    for number in range(12):
        (folder / f"{'ab'[number % 2]}{number}.md").write_text(SMALL.replace("Shifting", f"Number {number}"))
    refs = [paper_file("first.md"), str(folder), paper_file("first.txt")]
    whole = read_papers(refs)
    assert [len(read_papers(refs, most=most)) for most in (1, 5, 99)] == [1, 5, 14]
    for most in range(1, 14):
        assert read_papers(refs, most=most) == whole[:most], "names and all"
    assert [paper.name for paper in whole[1:5]] != [f"a{number}" for number in (0, 10, 2, 4)], "no alphabet"


def test_the_parts_of_a_latex_source_are_no_papers():
    folder = place("uploads") / "sources"
    folder.mkdir(exist_ok=True)
    words = "This is a sentence of the paper about languages. " * 5
    (folder / "main.tex").write_text(rf"\section{{One}} {words} \input{{intro}}")
    (folder / "intro.tex").write_text(rf"\section{{Two}} {words}")
    (paper,) = read_papers([str(folder)])
    assert [section.heading for section in paper.sections] == ["One", "Two"]


def test_latex_and_plain_text_are_read():
    words = "This is a sentence of the paper about languages. " * 5
    tex = paper_file("p.tex", rf"\title{{T}}\begin{{document}}\section{{One}} {words}\end{{document}}")
    plain = paper_file("p.txt", f"A title\n\n1 Introduction\n\n{words}\n\n2 Method\n\n{words}")
    papers = read_papers([tex, plain])
    assert [paper.title for paper in papers] == ["T", "A title"]
    assert [section.heading for section in papers[1].sections] == ["1 Introduction", "2 Method"]


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("empty.md", " \n", "is empty"),
        ("few.md", "# Title\n\nTwo words.", "at least 20"),
        ("table.csv", "a,b\n1,2\n", "is no paper"),
    ],
)
def test_what_is_no_paper_is_refused(name, text, match):
    with pytest.raises(DataError, match=match) as caught:
        read_papers([paper_file(name, text)])
    assert caught.value.hint


def pdf_of(path: Path, lines_of_pages: list[list[str]]) -> Path:
    """A PDF with these lines of text, made by hand."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in lines_of_pages:
        text = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
        stream = f"BT /F1 10 Tf 60 780 Td {text} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    path.write_text(
        body + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", "latin-1"
    )
    return path


def test_a_pdf_is_read_with_its_headings(tmp_path):
    words = [
        "We measure how many translations meet after the shift of",
        "all languages, and find that there are many of them.",
    ]
    pages = [
        ["A paper on shifting", "", "Abstract", *words, "1 Introduction", *words * 3],
        ["2 Method", *words * 3, "2.1 Data and model", *words, "References", "[1] Nobody."],
    ]
    paper = paper_of(pdf_of(tmp_path / "shift.pdf", pages))
    assert paper.title == "A paper on shifting"
    assert paper.abstract.startswith("We measure how many")
    assert [section.heading for section in paper.sections] == ["1 Introduction", "2 Method", "2.1 Data and model"]
    assert "Nobody" not in paper.text
    assert any("pages of a PDF" in note for note in paper.notes)


def test_a_scanned_pdf_is_refused_with_a_remedy(tmp_path):
    with pytest.raises(DataError, match="seems to be scanned") as caught:
        paper_of(pdf_of(tmp_path / "scan.pdf", [[], []]))
    assert "recognition" in caught.value.hint


def test_a_paper_of_200_pages_is_read(tmp_path):
    words = [f"{a}{b}{a}" for a in "bcdfghjklmnp" for b in "aeiouy"]
    pages = [
        [
            "A head",
            f"{at % 20 + 1} Chapter of {words[at % 71]}",
            f"The {words[at % 67]} says much of {words[at % 61]}.",
            "",
            f"{at}",
        ]
        for at in range(200)
    ]
    paper = paper_of(pdf_of(tmp_path / "long.pdf", pages))
    assert len(paper.sections) == 20 and paper.unaccounted == 0
