"""LaTeX to blocks: sections, title and abstract by their commands; mathematics stays as it is written."""

import re
from collections.abc import Iterator

from engines.treereview.blocks import Block

LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
HEADING = re.compile(r"\\(part|chapter|section|subsection|subsubsection|paragraph)\*?\s*(?:\[[^\]]*\])?\s*\{")
DROPPED = re.compile(
    r"\\begin\{(figure|table|tikzpicture|thebibliography|comment|filecontents)\*?\}.*?\\end\{\1\*?\}", re.S
)
CAPTION = re.compile(r"\\caption\s*(?:\[[^\]]*\])?\s*\{")
COMMENT = re.compile(r"(?<!\\)%.*")
GONE = re.compile(
    r"\\(?:label|index|vspace|hspace|includegraphics|bibliographystyle|bibliography|input|include|usepackage|thanks|"
    r"footnotemark|pagestyle|thispagestyle|setcounter|addtolength|setlength)\*?\s*(?:\[[^\]]*\])?\s*(?:\{[^{}]*\})*"
)
CITED = re.compile(r"~?\\(?:cite[a-zA-Z]*|nocite)\*?\s*(?:\[[^\]]*\])*\s*\{([^{}]*)\}")
REFERRED = re.compile(r"\\(?:ref|eqref|cref|Cref|autoref|pageref)\s*\{([^{}]*)\}")
WRAPPING = re.compile(
    r"\\(?:text(?:bf|it|sc|tt|sf|rm|sl|normal)?|emph|mbox|underline|textsuperscript|textsubscript|url|href\{[^{}]*\})"
    r"\s*\{([^{}]*)\}"
)
SWITCHED = re.compile(r"\{\\(?:bf|it|tt|em|sc|rm|sl|bfseries|itshape|ttfamily)\s+([^{}]*)\}")
ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\{(?:document|itemize|enumerate|description|center|flushleft|quote|quotation|abstract|proof|"
    r"appendix|appendices)\*?\}(?:\[[^\]]*\])?"
)
BARE = re.compile(
    r"\\(?:maketitle|appendix|noindent|centering|small|large|Large|footnotesize|clearpage|newpage|medskip|bigskip|"
    r"smallskip|par|tableofcontents|today)\b"
)
ACCENTS = {"--": "–", "---": "—", "``": "“", "''": "”", r"\%": "%", r"\&": "&", r"\_": "_", r"\#": "#", r"\$": "$",
           "~": " ", r"\ldots": "...", r"\dots": "...", r"\ ": " ", r"\,": " "}  # fmt: skip


def latex_blocks(text: str) -> list[Block]:
    """Blocks of a LaTeX source; figures and tables give their captions alone."""
    text = COMMENT.sub("", text.replace("\r\n", "\n"))
    title = _argument(text, re.search(r"\\title\s*(?:\[[^\]]*\])?\s*\{", text))
    body = text.split(r"\begin{document}", 1)[-1].split(r"\end{document}", 1)[0]
    blocks = [Block(_clean(title), 1, title=True)] if title else []
    abstract = re.search(r"\\begin\{abstract\}(.*?)\\end\{abstract\}", body, re.S) or re.search(
        r"\\begin\{abstract\}(.*?)\\end\{abstract\}", text, re.S
    )
    if abstract:
        blocks.append(Block(_clean(" ".join(abstract[1].split("\n"))), abstract=True))
        body = body.replace(abstract[0], "")
    for command in ("title", "author", "date", "affil", "institute"):
        body = _without(body, command)
    return [*blocks, *_sections(_captions_alone(body))]


def _captions_alone(body: str) -> str:
    def kept(found: re.Match[str]) -> str:
        captions = [_argument(found[0], at) for at in CAPTION.finditer(found[0])]
        return "\n\n" + "\n\n".join(f"Caption: {caption}" for caption in captions) + "\n\n"

    return DROPPED.sub(kept, body)


def _sections(body: str) -> Iterator[Block]:
    at = 0
    for found in HEADING.finditer(body):
        if found.start() < at:
            continue
        yield from _paragraphs(body[at : found.start()])
        heading = _argument(body, found)
        at = found.end() + len(heading) + 1
        yield Block(_clean(heading), LEVELS[found[1]])
    yield from _paragraphs(body[at:])


def _paragraphs(text: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", text.replace(r"\item", "\n\n-")):
        cleaned = _clean(part)
        if cleaned and cleaned != "-":
            yield Block(cleaned)


def _argument(text: str, opened: "re.Match[str] | None") -> str:
    """What stands between the brace at the end of `opened` and its partner; "" where there is none."""
    if opened is None:
        return ""
    depth, start = 1, opened.end()
    for at in range(start, len(text)):
        if text[at] in "{}" and text[at - 1] != "\\":
            depth += 1 if text[at] == "{" else -1
        if depth == 0:
            return text[start:at]
    return text[start:]


def _without(text: str, command: str) -> str:
    found = re.search(rf"\\{command}\s*(?:\[[^\]]*\])?\s*\{{", text)
    if found is None:
        return text
    return text[: found.start()] + text[found.end() + len(_argument(text, found)) + 1 :]


def _clean(text: str) -> str:
    text = GONE.sub("", text)
    text = CITED.sub(lambda found: f" [{found[1]}]", text)
    text = REFERRED.sub(lambda found: found[1], text)
    text = BARE.sub("", ENVIRONMENT.sub("", text))
    # Formatting may be nested a few times; each pass takes off the innermost.
    for _ in range(4):
        text = SWITCHED.sub(r"\1", WRAPPING.sub(r"\1", text))
    for written, meant in sorted(ACCENTS.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(written, meant)
    return " ".join(text.replace("\\\\", " ").split())
