from engines.treereview.latex import latex_blocks

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
