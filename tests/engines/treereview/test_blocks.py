import pytest

from engines.treereview.blocks import heading_level, latex_blocks, markdown_blocks, markup_of, plain_blocks


def told(blocks) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in blocks]


def test_markdown_headings_of_both_kinds():
    text = "Title\n=====\n\nFirst\nline.\n\nPart\n---\ntext\n### *Deep* ###\nmore"
    assert told(markdown_blocks(text)) == [
        (1, "Title"), (0, "First line."), (2, "Part"), (0, "text"), (3, "Deep"), (0, "more"),
    ]  # fmt: skip


def test_front_matter_gives_the_title_and_comments_are_gone():
    blocks = markdown_blocks('---\ntitle: "A tool"\nauthors: []\n---\n<!-- hidden\n\n # no -->\n# Summary\ntext')
    assert told(blocks) == [(1, "A tool"), (1, "Summary"), (0, "text")]
    assert blocks[0].title


def test_code_equations_lists_and_tables_stay_whole():
    code = "```\n# not a heading\n\nx = 1\n```"
    equation = "\\[\na = b\n\n+ c\n\\]"
    text = f"{code}\n\n{equation}\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert told(markdown_blocks(text)) == [
        (0, code), (0, equation), (0, "- one\n- two"), (0, "| a | b |\n|---|---|\n| 1 | 2 |"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "markup"),
    [
        ("a.mmd", "x", "markdown"),
        ("a.tex", "x", "latex"),
        ("a.txt", r"\section{One}", "latex"),
        ("a.txt", "# One\n\ntext\n\n## Two", "markdown"),
        ("a.pdf", "# One\n\n# Two", "plain"),
        ("a.txt", "text", "plain"),
    ],
)
def test_markup_is_known_by_name_or_looks(name: str, text: str, markup: str):
    assert markup_of(name, text) == markup


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
        (0, "A title"), (2, "1 Intro"), (0, "The representation of words is long."), (0, "A new page."),
    ]  # fmt: skip


def test_text_without_blank_lines_is_split_into_paragraphs():
    line = "word " * 19 + "end."
    blocks = plain_blocks("\n".join([line] * 40))
    assert len(blocks) > 2
    assert all(len(block.text.split()) <= 200 for block in blocks)


SOURCE = r"""
\documentclass{article}
\title[Short]{A \emph{long} title\thanks{me}}
\author{A. Nobody}
\begin{document}
\maketitle
\begin{abstract}
We study $x_1$. % not this
It is 5\% better.
\end{abstract}
\section{Method} \label{sec:m}
As \citet{knuth} says~\cite{a,b}, see Section~\ref{sec:m}.

\begin{equation} a = \frac{1}{2} \end{equation}
\begin{figure}\includegraphics{x.png}\caption{What {\bf happens}.}\end{figure}
\subsection*{Details of {\tt code}}
\begin{itemize}\item One \item \textbf{Two}\end{itemize}
\begin{thebibliography}{9}\bibitem{a} Gone.\end{thebibliography}
\appendix
\section{Proofs}
Here.
\end{document}
"""


def test_a_source_becomes_blocks():
    blocks = latex_blocks(SOURCE)
    assert [(block.level, block.text) for block in blocks] == [
        (1, "A long title"),
        (0, "We study $x_1$. It is 5% better."),
        (2, "Method"),
        (0, "As [knuth] says [a,b], see Section sec:m."),
        (0, r"\begin{equation} a = \frac{1}{2} \end{equation}"),
        (0, "Caption: What happens."),
        (3, "Details of code"),
        (0, "- One"),
        (0, "- Two"),
        (2, "Proofs"),
        (0, "Here."),
    ]
    assert blocks[0].title and blocks[1].abstract


def test_a_fragment_without_a_preamble():
    assert [(b.level, b.text) for b in latex_blocks("\\section{One}\ntext")] == [(2, "One"), (0, "text")]


def test_an_open_brace_ends_with_the_text():
    assert [b.text for b in latex_blocks("\\section{One and text that never closes")] == [
        "One and text that never closes"
    ]
