r"""Blocks of a LaTeX source: parsed by pylatexenc, with its files beside it and the author's own commands read.

Figures and tables give their captions alone; a bibliography and comments give nothing. Formulas stay as they are
written. Ours are the marks that make blocks of pylatexenc's text, `\newcommand` and `\input`, which it lacks.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.parts.files.blocks import Block, BlockDocument, LeftOut, word_count
from engines.parts.files.text_files import decoded
from workbench.contract.errors import DataError

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

INPUT = re.compile(
    r"(?P<comment>(?<!\\)%.*)|\\(?:input|include|subfile)(?![a-zA-Z])\s*(?:\{(?P<braced>[^{}\n]+)\}|(?P<bare>[^\s{}\\%]+))"
)
OWN = re.compile(
    r"\\(?:(?:re|provide)?newcommand|DeclareRobustCommand|DeclareMathOperator)\*?\s*\{?\s*\\(?P<name>[a-zA-Z]+)\s*\}?\s*"
    r"(?:\[(?P<count>\d)\])?(?P<optional>\[[^\]]*\])?\s*\{|\\def\s*\\(?P<defined>[a-zA-Z]+)(?P<marks>(?:#\d)*)\s*\{"
)
COMMENTS = re.compile(r"(?<!\\)%.*")
MOST_FILES, MOST_OWN, LONGEST_BODY, MOST_GROWTH = 100, 500, 2_000, 200_000
HEADINGS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
            "subparagraph": 6}  # fmt: skip
CITED = ("cite", "citep", "citet", "citealp", "citealt", "citeauthor", "citeyear", "citeyearpar", "parencite",
         "textcite", "autocite", "footcite", "Citet", "Citep")  # fmt: skip
REFERRED = ("ref", "eqref", "cref", "Cref", "autoref", "pageref", "nameref", "vref", "subref")
GONE = {"label": "{", "vspace": "*{", "hspace": "*{", "includegraphics": "*[[{", "bibliography": "{", "author": "[{",
        "bibliographystyle": "{", "thanks": "{", "date": "{", "affil": "[{", "institute": "[{", "maketitle": "",
        "tableofcontents": "", "pagestyle": "{", "thispagestyle": "{", "index": "{", "setlength": "{{", "nocite": "{",
        "setcounter": "{{", "addtolength": "{{", "input": "{", "include": "{"}  # fmt: skip
CAPTIONED = ("figure", "figure*", "table", "table*", "wrapfigure", "wraptable", "sidewaystable", "algorithm")
RAW = ("verbatim", "Verbatim", "lstlisting", "minted", "alltt")
MARK, END = "\x02", "\x03"
BRACE = re.compile(r"\\.|[{}]", re.S)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


@dataclass
class _Source:
    """What was met while a source was read."""

    folder: Path | None
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: int = 0

    def leave_out(self, what: str, words: int) -> None:
        if words > 0:
            self.left_out[what] = self.left_out.get(what, 0) + words


def latex_blocks(text: str, folder: Path | None = None) -> BlockDocument:
    r"""Return blocks of a LaTeX source.

    Args:
        text: of the main file.
        folder: where the files lie that `\input` names; they are read inside it only. None: nowhere.

    Raises:
        DataError: a file that the text takes in is not there.
    """
    source = _Source(folder)
    whole = with_inputs(CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), source)
    preamble, begun, body = whole.partition(r"\begin{document}")
    body = body.partition(r"\end{document}")[0] if begun else whole
    own = own_commands(whole)
    expanded = with_own_commands(body, own, source)
    head = COMMENTS.sub("", preamble)
    title = _argument(re.search(r"\\title\s*(?:\[[^\]]*\])?\s*\{", head), _partners(head)) if begun else ""
    if title:
        expanded = rf"\title{{{with_own_commands(title, own, source)}}}" + expanded
    converted = _converted(expanded, source)
    blocks = tuple(_blocks(converted))
    left_out = tuple(LeftOut(what, words) for what, words in source.left_out.items())
    words = sum(word_count(block.text) for block in blocks) + sum(each.words for each in left_out)
    return BlockDocument(blocks, words, left_out, tuple(source.notes))


def inputs_of(text: str) -> list[str]:
    r"""Return the names that `\input`, `\include` and `\subfile` give in a source, comments apart."""
    return [_name(found) for found in INPUT.finditer(text) if not found["comment"]]


def _name(found: re.Match[str]) -> str:
    return (found["braced"] or found["bare"]).strip()


def with_inputs(text: str, source: _Source, depth: int = 0) -> str:
    r"""Return a source with the text of the files that it takes in, never from outside its folder."""

    def taken(found: re.Match[str]) -> str:
        if found["comment"]:
            return found[0]
        name = _name(found)
        path = _inside(source.folder, name)
        source.files += 1
        if path is None and Path(name).suffix in ("", ".tex"):
            raise DataError(
                f"The text takes in {name[:80]!r} by \\input, which is not in a folder beside it.",
                "Put all of it into one file (latexpand main.tex), or name its path on this machine.",
            )
        if path is None or depth > 8 or source.files > MOST_FILES:
            source.notes.append(f"{name[:80]} is taken in by \\input and was not read.")
            return ""
        return with_inputs(CONTROL.sub("", decoded(path).replace("\r\n", "\n")), source, depth + 1)

    return INPUT.sub(taken, text)


def _inside(folder: Path | None, name: str) -> Path | None:
    """The file of that name below a folder; None where it is not there, or outside."""
    if folder is None:
        return None
    for wanted in (folder / f"{name}.tex", folder / name):
        path = wanted.resolve()
        if path.is_relative_to(folder.resolve()) and path.is_file():
            return path
    return None


def own_commands(text: str) -> dict[str, tuple[int, str]]:
    r"""Return the author's commands, name -> (arguments, body), of `\newcommand`, `\def` and their like."""
    found: dict[str, tuple[int, str]] = {}
    bare = COMMENTS.sub("", text)
    partners = _partners(bare)
    for at in OWN.finditer(bare):
        name = at["name"] or at["defined"]
        count = int(at["count"] or 0) if at["name"] else len(at["marks"]) // 2
        body = _argument(at, partners)
        if len(found) < MOST_OWN and not at["optional"] and len(body) <= LONGEST_BODY:
            found[name] = (count, rf"\operatorname{{{body}}}" if "MathOperator" in at[0] else body)
    return {name: each for name, each in found.items() if name not in HEADINGS}


def with_own_commands(text: str, own: dict[str, tuple[int, str]], source: _Source) -> str:
    """Return a text with the author's commands written out, a few deep."""
    if not own:
        return text
    names = re.compile(r"\\(" + "|".join(sorted(own, key=len, reverse=True)) + r")(?![a-zA-Z])(?:\{\})?")
    spaced = re.compile(r"\s*\{")
    for _ in range(4):
        parts, at, partners = [], 0, _partners(text)
        for found in names.finditer(text):
            if found.start() < at:
                continue
            count, body = own[found[1]]
            end = found.end()
            for number in range(1, count + 1):
                opened = spaced.match(text, end)
                argument = _argument(opened, partners)
                end = opened.end() + len(argument) + 1 if opened else end
                body = body.replace(f"#{number}", argument)
            parts += [text[at : found.start()], body]
            at = end
        if not parts:
            return text
        wider = "".join([*parts, text[at:]])
        if len(wider) > len(text) + MOST_GROWTH:
            source.notes.append("The author's own commands grow beyond measure and were not written out.")
            return text
        text = wider
    return text


def _partners(text: str) -> dict[int, int]:
    """The place of each opening brace with that of its partner, where it has one."""
    opened: list[int] = []
    found: dict[int, int] = {}
    for brace in BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            found[opened.pop()] = brace.start()
    return found


def _argument(opened: "re.Match[str] | None", partners: dict[int, int]) -> str:
    """What stands between the brace at the end of `opened` and its partner; "" where there is none."""
    if opened is None:
        return ""
    return opened.string[opened.end() : partners.get(opened.end() - 1, opened.end())]


def _converted(text: str, source: _Source) -> str:
    """Plain text with a mark before every heading, from pylatexenc; as it stands where it is nested beyond measure."""
    from pylatexenc.latex2text import EnvironmentTextSpec, LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
    from pylatexenc.latexwalker import LatexWalker
    from pylatexenc.latexwalker import get_default_latex_context_db as walker_context
    from pylatexenc.macrospec import EnvironmentSpec, MacroSpec, VerbatimArgsParser

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    arguments = {**{name: "*[{" for name in (*HEADINGS, "title", "caption")}, **{name: "*[[{" for name in CITED},
                 **dict.fromkeys(REFERRED, "*{"), **GONE, "href": "{{", "url": "{"}  # fmt: skip
    walked = walker_context()
    walked.add_context_category(
        "paper", [MacroSpec(name, spec) for name, spec in arguments.items()],
        [EnvironmentSpec(name, args_parser=VerbatimArgsParser("verbatim-environment")) for name in (*RAW, "comment")],
        prepend=True,
    )  # fmt: skip
    said = get_default_latex_context_db()
    said.add_context_category("paper", _macros(), _environments(source), prepend=True)
    # Commands that pylatexenc does not know say what stands in their braces.
    said.set_unknown_macro_spec(MacroTextSpec("", discard=False))
    said.set_unknown_environment_spec(EnvironmentTextSpec("", discard=False))
    try:
        nodes = LatexWalker(text, latex_context=walked).get_latex_nodes()[0]
        return LatexNodes2Text(said, math_mode="verbatim", keep_comments=False).nodelist_to_text(nodes)
    except (RecursionError, IndexError):
        source.notes.append("Its commands are nested in a way that cannot be read; it is read as it is written.")
        return text


def _macros() -> list[Any]:
    from pylatexenc.latex2text import MacroTextSpec

    def heading(level: int) -> "Callable[[Any, LatexNodes2Text], str]":
        return lambda node, l2tobj: f"\n\n{MARK}{level}{_said(node, l2tobj)}{END}\n\n"

    return [
        *(MacroTextSpec(name, heading(level)) for name, level in {**HEADINGS, "title": 0}.items()),
        *(MacroTextSpec(name, lambda node, l2tobj: f" [{_said(node, l2tobj)}]") for name in CITED),
        *(MacroTextSpec(name, _said) for name in (*REFERRED, "href", "url")),
        *(MacroTextSpec(name, "") for name in GONE),
        MacroTextSpec("caption", lambda node, l2tobj: f"\n\nCaption: {_said(node, l2tobj)}\n\n"),
        MacroTextSpec("item", "\n\n- "),
        MacroTextSpec("footnote", lambda node, l2tobj: f" ({_said(node, l2tobj)})"),
    ]


def _said(node: Any, l2tobj: "LatexNodes2Text") -> str:
    """The text of a command's last argument."""
    given = [each for each in node.nodeargd.argnlist if each is not None] if node.nodeargd else []
    return l2tobj.nodelist_to_text(given[-1:]).strip()


def _environments(source: _Source) -> list[Any]:
    from pylatexenc.latex2text import EnvironmentTextSpec

    def abstract(node: Any, l2tobj: "LatexNodes2Text") -> str:
        return f"\n\n{MARK}a{' '.join(l2tobj.nodelist_to_text(node.nodelist).split())}{END}\n\n"

    def captions(node: Any, l2tobj: "LatexNodes2Text") -> str:
        kept = "\n\n".join(f"Caption: {_said(each, l2tobj)}" for each in _captions(node.nodelist))
        source.leave_out("figures and tables", word_count(l2tobj.nodelist_to_text(node.nodelist)) - word_count(kept))
        return f"\n\n{kept}\n\n"

    def raw(node: Any, l2tobj: "LatexNodes2Text") -> str:
        inner = re.sub(r"\A\\begin\{[^}]*\}(\[[^\]]*\])?(\{[^}]*\})?|\\end\{[^}]*\}\Z", "", node.latex_verbatim())
        return "\n\n" + re.sub(r"\n\s*\n", "\n", inner.strip("\n")) + "\n\n"

    def dropped(node: Any, l2tobj: "LatexNodes2Text") -> str:
        what = "bibliography" if node.environmentname == "thebibliography" else "drawings and comments"
        source.leave_out(what, word_count(node.latex_verbatim()))
        return "\n\n"

    return [
        EnvironmentTextSpec("abstract", abstract),
        *(EnvironmentTextSpec(name, captions) for name in CAPTIONED),
        *(EnvironmentTextSpec(name, raw) for name in RAW),
        *(EnvironmentTextSpec(name, dropped) for name in ("thebibliography", "comment", "tikzpicture")),
    ]


def _captions(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        if getattr(node, "macroname", "") == "caption":
            yield node
        yield from _captions(getattr(node, "nodelist", None) or [])


def _blocks(text: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", text):
        marked = re.match(rf"\s*{MARK}([\da])(.*?){END}\s*\Z", part, re.S)
        said = " ".join((marked[2] if marked else part).replace(MARK, " ").replace(END, " ").split())
        if not said or said == "-":
            continue
        if marked and marked[1] == "a":
            yield Block(said, abstract=True)
        elif marked:
            yield Block(said, int(marked[1]) or 1, title=marked[1] == "0")
        else:
            yield Block(said)
