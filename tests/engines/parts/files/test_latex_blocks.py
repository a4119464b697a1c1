import time

import pytest

from engines.parts.files.blocks import LeftOut
from engines.parts.files.latex_blocks import inputs_of, latex_blocks
from workbench.contract.errors import DataError

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
    document = latex_blocks(SOURCE)
    blocks = document.blocks
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
    assert document.left_out == (LeftOut("bibliography", 2),)


def test_a_fragment_without_a_preamble():
    assert [(b.level, b.text) for b in latex_blocks("\\section{One}\ntext").blocks] == [(2, "One"), (0, "text")]


def test_an_open_brace_ends_with_the_text():
    assert [b.text for b in latex_blocks("\\section{One and text that never closes").blocks] == [
        "One and text that never closes"
    ]


OWN = r"""
\newcommand{\method}{ShiftNet}
\newcommand{\norm}[1]{\lVert #1 \rVert}
\def\both#1#2{#1 and #2}
\begin{document}
We call it \method, with \both{one}{two}; na\"ive. \texttt{code} \unknown{stays}.
\[ x = \norm{y} \], where $y$ is 50\% of it.

\begin{verbatim}
% no comment \section{no heading}
\end{verbatim}
% a comment \input{nothing}
\begin{table}\begin{tabular}{ll}a & b\end{tabular}\caption{Sizes.}\end{table}
\end{document}
"""


def test_own_commands_accents_and_verbatim():
    document = latex_blocks(OWN)
    assert [block.text for block in document.blocks] == [
        "We call it ShiftNet, with one and two; naïve. code stays.",
        r"\[ x = \lVert y \rVert \] , where $y$ is 50% of it.",
        r"% no comment \section{no heading}",
        "Caption: Sizes.",
    ]
    assert document.left_out == (LeftOut("figures and tables", 2),)


def test_files_beside_it_are_read_and_none_outside(tmp_path):
    (tmp_path / "paper" / "parts").mkdir(parents=True)
    (tmp_path / "secret.tex").write_text("Secret.")
    (tmp_path / "paper" / "parts" / "one.tex").write_text("\\section{One}\nThe first part. \\input{parts/two}")
    (tmp_path / "paper" / "parts" / "two.tex").write_text("The second part.")
    said = latex_blocks("\\input{parts/one}\n% \\input{gone}\n", tmp_path / "paper")
    assert [block.text for block in said.blocks] == ["One", "The first part. The second part."]
    for name in ("../secret", str(tmp_path / "secret"), "missing"):
        with pytest.raises(DataError, match="not in a folder beside it"):
            latex_blocks(f"\\input{{{name}}}", tmp_path / "paper")
    with pytest.raises(DataError, match="parts/one"):
        latex_blocks("\\input{parts/one}")
    assert latex_blocks("text \\input{plot.pgf}", tmp_path).notes == (
        "plot.pgf is taken in by \\input and was not read.",
    )
    assert inputs_of("\\input{a}\\include{b} % \\input{c}\n\\input d") == ["a", "b", "d"]


@pytest.mark.parametrize(
    "text",
    ["{" * 50_000, "\\begin{a}" * 20_000, "$" * 50_000, "\\section{" * 20_000, "\\newcommand{\\x}{" * 20_000,
     r"\def\a{\b\b\b\b\b}\def\b{\a\a\a\a\a\a}" + r"\a" * 1000, "\\input{x" * 9_999, "\x02\x00 text"],
)  # fmt: skip
def test_hostile_sources_end_soon(text):
    begin = time.process_time()
    latex_blocks(text)
    assert time.process_time() - begin < 6
