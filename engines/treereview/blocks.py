"""Documents as blocks: headings with their level, and paragraphs, from Markdown, LaTeX or plain text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Markup = Literal["markdown", "latex", "plain"]

ATX = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
SETEXT = re.compile(r"^ {0,3}(=+|-{3,})\s*$")
FENCE = re.compile(r"^ {0,3}(```|~~~)")
FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n(?:---|\.\.\.)\s*\n", re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
NUMBERED = re.compile(
    r"^(?P<number>(?:\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,4}|[A-H](?:\.\d{1,2}){0,2}))(?P<dot>[.:)]?)\s+"
    r"(?P<name>[^\W\d_].{1,90})$"
)
KNOWN = re.compile(
    r"(abstract|introduction|background|related work|preliminaries|methods?|methodology|materials and methods|approach|"
    r"experiments?|experimental (setup|results)|evaluation|results?|results and discussion|discussion|limitations?|"
    r"conclusions?|conclusions? and future work|future work|references|bibliography|acknowledge?ments?|"
    r"appendix|appendices|supplementary materials?|ethics statement|broader impact)",
    re.I,
)
MOST_HEADING_WORDS = 14
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
"""What old fonts leave of ligatures."""
GOES_ON = re.compile(r"\b(and|or|of|the|to|with|an?|in|for|into|as|by|on|is|are|that|which)$", re.I)


@dataclass(frozen=True)
class Block:
    """A heading (`level` from 1) or a paragraph (`level` 0).

    Attributes:
        title: the heading is the document's title.
        abstract: the paragraph is the abstract, as the markup says.
    """

    text: str
    level: int = 0
    title: bool = False
    abstract: bool = False


def markup_of(name: str, text: str) -> Markup:
    """Return which markup a text is in, by its file name, else by what it looks like."""
    ending = name.lower().rsplit(".", 1)[-1]
    if ending in ("md", "mmd", "markdown"):
        return "markdown"
    if ending in ("tex", "latex") or re.search(r"\\(documentclass|begin\{document\}|section\*?\{)", text):
        return "latex"
    if ending != "pdf" and len(re.findall(r"^#{1,4} \S", text, re.M)) >= 2:
        return "markdown"
    return "plain"


def markdown_blocks(text: str) -> list[Block]:
    """Return blocks of Markdown, Nougat's .mmd included; code and display equations stay whole."""
    text = COMMENT.sub("", text.replace("\r\n", "\n"))
    front = FRONT_MATTER.match(text)
    named = re.search(r"^title:\s*[\"']?(.+?)[\"']?\s*$", front[1], re.M) if front else None
    text = text[front.end() :] if front else text
    blocks = [Block(named[1], 1, title=True)] if named else []
    for lines in _stretches(text.split("\n")):
        blocks += _markdown_stretch(lines)
    return blocks


def _stretches(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines between blank ones; a fence or a display equation is one stretch, blank lines and all."""
    held: list[str] = []
    closing = ""
    for line in lines:
        fence, opens = FENCE.match(line), line.strip().startswith((r"\[", "$$"))
        if closing:
            closing = "" if closing in line else closing
        elif fence:
            closing = fence[1]
        elif opens and not _closed(line.strip()):
            closing = "$$" if line.strip().startswith("$$") else r"\]"
        if line.strip() or closing:
            held.append(line)
        elif held:
            yield held
            held = []
    if held:
        yield held


def _closed(line: str) -> bool:
    return line.endswith((r"\]", "$$")) and len(line) > 2


def _markdown_stretch(lines: Sequence[str]) -> Iterator[Block]:
    held: list[str] = []
    if FENCE.match(lines[0]):
        yield Block("\n".join(lines))
        return
    for line in lines:
        heading, under = ATX.match(line), SETEXT.match(line)
        if heading:
            yield from _paragraph(held)
            held = []
            yield Block(_unmarked(heading[2]), len(heading[1]))
        elif under and len(held) == 1:
            yield Block(_unmarked(held[0]), 1 if under[1][0] == "=" else 2)
            held = []
        else:
            held.append(line)
    yield from _paragraph(held)


def _paragraph(lines: Sequence[str]) -> Iterator[Block]:
    structured = any(re.match(r"\s*([|>]|[-*+] |\d+[.)] )", line) for line in lines)
    text = ("\n" if structured else " ").join(line.rstrip() for line in lines).strip()
    if text:
        yield Block(text)


def _unmarked(heading: str) -> str:
    return re.sub(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}", r"\1", heading).strip()


def plain_blocks(text: str) -> list[Block]:
    """Return blocks of plain text, such as a PDF gives: headings are known by their number or their usual name."""
    lines = [CONTROL.sub("", line).strip() for line in text.replace("\r\n", "\n").replace("\f", "\n\n").split("\n")]
    if not any(not line for line in lines):
        # No blank lines at all: the lines are what there is to go by.
        lines = [part for line in lines for part in (line, "")] if len(lines) < 30 else lines
    blocks: list[Block] = []
    held: list[str] = []
    for line in lines:
        level = heading_level(line)
        if level or not line:
            blocks += _joined(held)
            held = []
        if level:
            blocks.append(Block(line, level))
        elif line:
            held.append(line)
            if _ends_paragraph(held):
                blocks += _joined(held)
                held = []
    return [*blocks, *_joined(held)]


LONGEST_PARAGRAPH = 180
"""Words: a PDF may have no blank lines, and a longer paragraph of it is split where a line ends a sentence."""


def _ends_paragraph(lines: Sequence[str]) -> bool:
    ended = lines[-1].endswith((".", "!", "?", "。"))
    short = len(lines) > 1 and len(lines[-1]) < 0.7 * max(map(len, lines))
    return ended and (short or sum(len(line.split()) for line in lines) > LONGEST_PARAGRAPH)


def _joined(lines: Sequence[str]) -> list[Block]:
    text = ""
    for line in lines:
        # A word broken at the end of a line is one word.
        broken = text.endswith("-") and line[:1].islower() and text[-2:-1].isalpha()
        text = text[:-1] + line if broken else f"{text} {line}".strip()
    return [Block(text)] if text else []


def heading_level(line: str) -> int:
    """Return the level of a line that looks like a heading, 0 for any other: "2", "2.1 Data", "Results"."""
    if not line or len(line.split()) > MOST_HEADING_WORDS:
        return 0
    if line[0].isupper() and KNOWN.fullmatch(line.rstrip(" .:")):
        return 2
    found = NUMBERED.match(line)
    if not found or line.endswith((",", ";", ".")) or not _heads(found):
        return 0
    return 2 + found["number"].count(".")


def _heads(found: re.Match[str]) -> bool:
    """Whether a numbered line is a heading: no sentence that begins with "I" or "A", no row of a table."""
    number, name = found["number"], found["name"]
    if number.isalpha() and not found["dot"] and (number in ("I", "A") or len(name.split()) > 8):
        return KNOWN.match(name) is not None
    if re.search(r"\.\s", name) or GOES_ON.search(name):
        return False  # an entry of a bibliography, or a line of a list that goes on
    letters = sum(character.isalpha() for character in name)
    few = not number.isdigit() or 0 < int(number) <= 20
    worded = re.match(r"[A-Z]?[a-z]", name[1:]) if number.isalpha() and not found["dot"] else True
    return name[0].isupper() and few and bool(worded) and 3 <= letters >= len(name) / 2


LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
HEADING = re.compile(r"\\(part|chapter|section|subsection|subsubsection|paragraph)\*?\s*(?:\[[^\]]*\])?\s*\{")
DROPPED = re.compile(
    r"\\begin\{(figure|table|tikzpicture|thebibliography|comment|filecontents)\*?\}.*?\\end\{\1\*?\}", re.S
)
CAPTION = re.compile(r"\\caption\s*(?:\[[^\]]*\])?\s*\{")
LATEX_COMMENT = re.compile(r"(?<!\\)%.*")
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
    """Return blocks of a LaTeX source; figures and tables give their captions alone."""
    text = LATEX_COMMENT.sub("", text.replace("\r\n", "\n"))
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
