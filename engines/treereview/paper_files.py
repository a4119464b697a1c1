"""Papers by reference: the report that ships, uploads, files and folders; and instructions that hide in their text."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from engines.parts.datasets import path_of
from engines.parts.files import decoded, inputs_of, read_blocks
from engines.treereview.paper import Paper, Paragraph, read_paper
from workbench.contract import DataError

SHIPPED = {"subspace-report": Path(__file__).parent / "subspace_report.md"}
"""Papers that need no file."""
GOLD = {"subspace-report-comments": Path(__file__).parent / "subspace_report_comments.txt"}
"""Comments that need no file."""
KINDS = (".pdf", ".md", ".markdown", ".mmd", ".tex", ".latex", ".txt")


def read_papers(
    refs: Sequence[str], progress: Callable[[int, int], None] = lambda done, total: None, most: int | None = None
) -> list[Paper]:
    """Read the papers that references name, each under a name of its own, which later papers do not change.

    Args:
        refs: shipped names, uploads, files or folders.
        progress: called with how many of how many are read.
        most: only the first so many; None for all.

    Raises:
        DataError: nothing there, no paper, or one without text.
    """
    paths = [path for ref in refs for path in paper_paths(ref)][:most]
    papers: list[Paper] = []
    for done, path in enumerate(paths, 1):
        paper = paper_of(path)
        papers.append(replace(paper, name=_unique(paper.name, {other.name for other in papers})))
        progress(done, len(paths))
    return papers


def paper_paths(ref: str) -> list[Path]:
    """Return the files that a reference names: one, or those of a folder in an order drawn from their names.

    The order is that of the names' SHA-256: the same on every machine, and its first files are a fair sample of all,
    where an alphabet would take those of one venue or year first.

    Args:
        ref: a shipped name, an upload, a file or a folder.

    Raises:
        DataError: nothing there, or a folder without papers.
    """
    if ref in SHIPPED:
        return [SHIPPED[ref]]
    path = path_of(ref)
    if not path.is_dir():
        return [path]
    found = [inner for inner in path.iterdir() if inner.suffix.lower() in KINDS and inner.is_file()]
    if not found:
        raise DataError(f"The folder {path.name} holds no paper.", f"Papers end in {', '.join(KINDS)}.")
    return sorted(set(found) - _taken_in(found), key=lambda inner: sha256(inner.name.encode()).digest()) or found


def _taken_in(paths: Sequence[Path]) -> set[Path]:
    r"""The LaTeX sources that another one of the folder takes in by \input: parts of a paper, not papers."""
    sources = [path for path in paths if path.suffix.lower() == ".tex"]
    names = {name for path in sources for name in inputs_of(decoded(path))}
    return {path for path in sources if {path.name, path.stem} & names}


def paper_of(path: Path) -> Paper:
    """Read one file as a paper, named after the file.

    Raises:
        DataError: no paper, or one without text (scanned, encrypted, damaged).
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise DataError(f"{path.name} is no paper; read are {', '.join(KINDS)}.", "Save it as PDF or Markdown.")
    return read_paper(read_blocks(path), name_of(path))


def name_of(path: Path) -> str:
    """Return a short name for tables and file names; the hash of an upload is left out."""
    stem = re.sub(r"-[0-9a-f]{8}$", "", path.stem)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-._")[:60] or "paper"


def _unique(name: str, taken: set[str]) -> str:
    names = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 2))]
    return next(candidate for candidate in names if candidate not in taken)


PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        (
            "asks to leave instructions aside",
            r"\b(ignore|disregard|forget|override)\b[^.]{0,40}\b(previous|prior|above|earlier|all|any|your|system)\b"
            r"[^.]{0,30}\b(instructions?|prompts?|rules|guidelines|directions)\b",
        ),
        (
            "asks for a favourable review",
            r"\b(give|write|produce|provide|output|assign|recommend|return|leave|make)\b[^.]{0,60}"
            r"\b(positive|favou?rable|glowing|high(est)?|perfect|strong)\b[^.]{0,30}"
            r"\b(reviews?|ratings?|scores?|assessments?|recommendations?|accept(ance)?)\b",
        ),
        (
            "asks to hide weaknesses",
            r"(?:^|[.!?;:]\s+|\bplease\s+|\byou (?:must|should|shall|may|can)\s+)(?:do not|don't|never|avoid|not)\b"
            r"[^.;:]{0,30}\b(?:mention|highlight|list|discuss|report|state|include)\w*\b"
            r"[^.;:]{0,30}\b(?:negatives?|weakness(?:es)?|limitations?|flaws?|criticisms?)\b",
        ),
        (
            "speaks to a language model",
            r"\b(as an?|you are an?|attention|note to|instructions? (for|to)|dear|for)\s+(the\s+)?"
            r"(ai|llm|large language model|language model|chatgpt|gpt-?\d*|assistant|automated)\s*"
            r"(reviewers?|models?|assistants?|systems?|readers?)?\b[^.]{0,60}\b(must|should|please|accept|give|write|output|"
            r"review|rate|respond|say)\b",
        ),
        (
            "imitates a prompt",
            r"<\|?(im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<<SYS>>|^\s*(system|assistant)\s*:",
        ),
        ("closes our marks", r"</?(paper|passages)>"),
    )
)
INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e"}
TAGS = re.compile("[\U000e0020-\U000e007e]+")
"""Letters of the tag block, which spell a text that nothing draws."""
FEWEST_INVISIBLE = 8
LONGEST_SHOWN = 300


@dataclass(frozen=True)
class Instruction:
    """Text in a paper that tries to steer its reviewer: paragraph number, what it does, and the words."""

    paragraph: int
    reason: str
    text: str


def instructions_in(paragraphs: Sequence[Paragraph]) -> list[Instruction]:
    """Return every sign of instructions to a reviewer, in the order of the paper."""
    found = []
    for paragraph in paragraphs:
        seen = visible(paragraph.text)
        found += [
            Instruction(paragraph.number, name, _around(seen, match))
            for name, pattern in PATTERNS
            for match in [pattern.search(seen)]
            if match
        ]
        hidden = sum(_is_hidden(letter) for letter in paragraph.text)
        if hidden >= FEWEST_INVISIBLE:
            text = f"{hidden} letters without a shape, around: {seen[:120]}"
            found.append(Instruction(paragraph.number, "holds invisible letters", text))
    return found


def visible(text: str) -> str:
    """Return a text without letters that no reader sees; those of the tag block become what they spell."""
    spelled = TAGS.sub(lambda found: " " + "".join(chr(ord(letter) - 0xE0000) for letter in found[0]), text)
    return "".join(letter for letter in spelled if letter not in INVISIBLE)


def _is_hidden(letter: str) -> bool:
    return letter in INVISIBLE - {"\u00ad", "\u200d", "\u200c"} or (
        0xE0000 <= ord(letter) <= 0xE007F and unicodedata.category(letter) in ("Cf", "Cn")
    )


def _around(text: str, match: "re.Match[str]") -> str:
    begin = max(0, text.rfind(".", 0, match.start()) + 1)
    end = text.find(".", match.end())
    return " ".join(text[begin : end + 1 if end >= 0 else len(text)].split())[:LONGEST_SHOWN]
