from engines.parts.files.blocks import LeftOut
from engines.parts.files.markdown_blocks import markdown_blocks, unfenced


def told(document) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in document.blocks]


def test_markdown_headings_of_both_kinds():
    text = "Title\n=====\n\nFirst\nline.\n\nPart\n---\ntext\n### *Deep* ###\nmore"
    assert told(markdown_blocks(text)) == [
        (1, "Title"), (0, "First line."), (2, "Part"), (0, "text"), (3, "Deep"), (0, "more"),
    ]  # fmt: skip


def test_front_matter_gives_the_title_and_comments_are_gone():
    blocks = markdown_blocks('---\ntitle: "A tool"\nauthors: []\n---\n<!-- hidden\n\n # no -->\n# Summary\ntext')
    assert told(blocks) == [(1, "A tool"), (1, "Summary"), (0, "text")]
    assert blocks.blocks[0].title
    assert blocks.left_out == (LeftOut("HTML comments", 5), LeftOut("front matter", 5))
    assert blocks.words == 15


def test_code_equations_lists_and_tables_stay_whole():
    code = "```\n# not a heading\n\nx = 1\n```"
    equation = "\\[\na = b\n\n+ c\n\\]"
    text = f"{code}\n\n{equation}\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert told(markdown_blocks(text)) == [
        (0, code), (0, equation), (0, "- one\n- two"), (0, "| a | b |\n|---|---|\n| 1 | 2 |"),
    ]  # fmt: skip


def test_an_inline_fence_and_one_without_end_swallow_nothing():
    text = "Use ```inline``` code.\n\nText.\n\n```python\nx = 1\n\n## Heading\n\nThe rest of the paper."
    assert told(markdown_blocks(text)) == [
        (0, "Use ```inline``` code."), (0, "Text."), (0, "```python x = 1"), (2, "Heading"),
        (0, "The rest of the paper."),
    ]  # fmt: skip
    assert unfenced(["```", "a", "```", "~~~~", "b", "~~~"]) == [False, False, False, True, True, True]


def test_an_equation_closed_in_its_own_line_merges_no_paragraphs():
    text = "\\[x = 1\\], where x is one.\n\nNext.\n\n$$y$$ and so.\n\nLast.\n\n$$ never closed\n\nEnd."
    assert [text for _, text in told(markdown_blocks(text))] == [
        "\\[x = 1\\], where x is one.", "Next.", "$$y$$ and so.", "Last.", "$$ never closed", "End.",
    ]  # fmt: skip
