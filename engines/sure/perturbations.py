"""The taxonomy of spurious features, and what rules make of a document: orders of sentences, formats, metadata.

The paper inserts raw text into its templates: quotation marks then break the JSON, and tags inside a document become
tags of the page. That is an option (`escape=False`); by default text is escaped so that a reader of the format gets it
back. Sentences are split the same way each time.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as html_escaped
from typing import Literal
from urllib.parse import quote

import numpy as np

from engines.parts.answers import join_sentences, split_sentences

Made = Literal["rule", "writer", "reader"]


@dataclass(frozen=True)
class Perturbation:
    """One row of the taxonomy.

    Attributes:
        name: snake_case, as in slices ("K-G/format/json").
        kind: its class: style, source, logic, format or metadata; "control" for the noise floor.
        title: as pictures name it.
        made: by rule, by a strong model (the writer), or by the reader itself.
    """

    name: str
    kind: str
    title: str
    made: Made = "rule"


PERTURBATIONS: Mapping[str, Perturbation] = {
    row.name: row
    for row in (
        Perturbation("simple", "style", "simple style", "writer"),
        Perturbation("complex", "style", "complex style", "writer"),
        Perturbation("llm_generated", "source", "rewritten by a model", "writer"),
        Perturbation("self_generated", "source", "rewritten by the reader", "reader"),
        Perturbation("reverse", "logic", "sentences reversed"),
        Perturbation("random", "logic", "sentences shuffled"),
        Perturbation("llm_ranked", "logic", "sentences ranked by a model", "writer"),
        Perturbation("json", "format", "JSON"),
        Perturbation("html", "format", "HTML"),
        Perturbation("yaml", "format", "YAML"),
        Perturbation("markdown", "format", "Markdown"),
        Perturbation("timestamp_pre", "metadata", "time stamp before the cut-off"),
        Perturbation("timestamp_post", "metadata", "time stamp after the cut-off"),
        Perturbation("source_wiki", "metadata", "source Wikipedia"),
        Perturbation("source_twitter", "metadata", "source Twitter"),
        Perturbation("reread", "control", "read again"),
        Perturbation("trailing_space", "control", "one more space"),
    )
}
"""The fifteen rows of the paper's tables in their order, and two controls of ours, the noise floor: the same text read
anew in another batch, and the least change of all, a space at the end."""
RULE_BASED = tuple(name for name, row in PERTURBATIONS.items() if row.made == "rule" and row.kind not in ("control",))
"""The ten rows that need no model."""
REREAD, CONTROLS = "reread", ("reread", "trailing_space")
PLAIN = "plain"
"""Stands for the document before any change, where a perturbation is named."""
CLASSES = ("style", "source", "logic", "format", "metadata")


def title_of(name: str) -> str:
    """Return how pictures name a perturbation; a name that a data file brought along stands for itself."""
    row = PERTURBATIONS.get(name)
    return row.title if row else name


def kind_of(name: str) -> str:
    """Return the class of a perturbation, "other" for one that a data file brought along."""
    row = PERTURBATIONS.get(name)
    return row.kind if row else "other"


MARKDOWN_INLINE = re.compile(r"([\\`*_\[\]<>|])")
MARKDOWN_LINE = re.compile(r"^(\s*)(#+|[-+]|\d+(?=\.)|={2,}|-{2,})(?=\s|\.|$)", re.MULTILINE)
PRE_YEARS, POST_YEARS = -2, 2
"""A time stamp lies this many years from the reader's knowledge cut-off."""


@dataclass(frozen=True)
class Document:
    """A passage; `title` may be empty.

    Attributes:
        words: of the text that it was cut from; 0 where it is whole.
    """

    title: str
    text: str
    words: int = field(default=0, compare=False)

    def plain(self) -> str:
        """Title line and text: the document before any change. The title is there too, so that no format adds it."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def fields(self) -> dict[str, str]:
        """Title, where there is one, and text."""
        return {"title": self.title, "text": self.text} if self.title else {"text": self.text}


def reversed_order(text: str) -> str:
    """Reverse the order of sentences; the text itself where there is only one."""
    sentences = split_sentences(text)
    return join_sentences(sentences[::-1]) if len(sentences) > 1 else text


def random_order(text: str, seed: int = 0) -> str:
    """Shuffle sentences into a random order that is not the old one; it depends on the text and the seed alone."""
    sentences = split_sentences(text)
    if len(set(sentences)) < 2:
        return text
    digest = hashlib.sha256(f"{seed} {text}".encode("utf-8", "replace")).digest()
    draw = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    while True:
        shuffled = [sentences[at] for at in draw.permutation(len(sentences))]
        if shuffled != sentences:
            return join_sentences(shuffled)


def in_order(text: str, order: Sequence[int]) -> str:
    """Put sentences into a given order (numbers from 1); the text itself where that is no order of all of them."""
    sentences = split_sentences(text)
    if sorted(order) != list(range(1, len(sentences) + 1)):
        return text
    return join_sentences([sentences[number - 1] for number in order])


def as_json(document: Document, escape: bool = True) -> str:
    """Write a JSON object with title and text."""
    if escape:
        return json.dumps(document.fields(), ensure_ascii=False)
    return "{" + ", ".join(f'"{name}": "{value}"' for name, value in document.fields().items()) + "}"


def as_yaml(document: Document, escape: bool = True) -> str:
    """Write a YAML mapping with title and text; values are quoted only where YAML needs it."""
    if escape:
        import yaml

        dumped = yaml.safe_dump(document.fields(), sort_keys=False, allow_unicode=True, width=10**9)
        return dumped.rstrip("\n")
    return "\n".join(f"{name}: {value}" for name, value in document.fields().items())


def as_markdown(document: Document, escape: bool = True) -> str:
    """Write Markdown, a heading and a paragraph; without a title the paragraph alone."""
    title, text = (_markdown(part) if escape else part for part in (document.title, document.text))
    return f"# {title}\n\n{text}" if title else text


def _markdown(text: str) -> str:
    inline = MARKDOWN_INLINE.sub(r"\\\1", text)
    return MARKDOWN_LINE.sub(lambda found: found[1] + _line_escaped(found[2]), inline)


def _line_escaped(mark: str) -> str:
    # A number at the start of a line is escaped behind it ("1\."), any other mark before it.
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def as_html(document: Document, escape: bool = True, meta: str = "") -> str:
    """Write an HTML page with the title in its head and the text as a paragraph.

    Args:
        meta: one more tag for the head, as `meta_tag` makes it.
    """
    title, text = (html_escaped(part, quote=False) if escape else part for part in (document.title, document.text))
    head = "".join([f"<title>{title}</title>\n" if title else "", f"{meta}\n" if meta else ""])
    return f"<html>\n<head>\n{head}</head>\n<body>\n<p>{text}</p>\n</body>\n</html>"


def meta_tag(name: str, content: str) -> str:
    """Write a meta tag of HTML; its values are always escaped, because they are ours."""
    return f'<meta name="{html_escaped(name)}" content="{html_escaped(content)}">'


def metadata(row: str, document: Document, cutoff: int) -> str:
    """Write the meta tag of a metadata row.

    Args:
        row: "timestamp_pre", "timestamp_post", "source_wiki" or "source_twitter".
        cutoff: the year in which the reader's knowledge ends.
    """
    if row.startswith("timestamp"):
        year = cutoff + (PRE_YEARS if row == "timestamp_pre" else POST_YEARS)
        return meta_tag("timestamp", f"{year}-06-15T12:00:00Z")
    page = quote((document.title or "Document").replace(" ", "_"), safe="_")
    address = {"source_wiki": f"https://en.wikipedia.org/wiki/{page}", "source_twitter": f"https://twitter.com/{page}"}
    return meta_tag("source", address[row])
