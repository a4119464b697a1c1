"""Formats and metadata: a document poured into a template, escaped so that a reader of the format gets it back.

The paper inserts raw text: quotation marks then break the JSON, and tags inside a document become tags of the page.
That is an option (`escape=False`); it changes more than the form.
"""

import json
import re
from dataclasses import dataclass
from html import escape as html_escaped
from urllib.parse import quote

MARKDOWN_INLINE = re.compile(r"([\\`*_\[\]<>|])")
MARKDOWN_LINE = re.compile(r"^(\s*)(#+|[-+]|\d+(?=\.)|={2,}|-{2,})(?=\s|\.|$)", re.MULTILINE)

PRE_YEARS, POST_YEARS = -2, 2
"""A time stamp lies this many years from the reader's knowledge cut-off."""


@dataclass(frozen=True)
class Document:
    """A passage as it was found; `title` may be empty."""

    title: str
    text: str

    def plain(self) -> str:
        """Title line and text: the document before any change. The title is there too, so that no format adds it."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def fields(self) -> dict[str, str]:
        """Title, where there is one, and text."""
        return {"title": self.title, "text": self.text} if self.title else {"text": self.text}


def as_json(document: Document, escape: bool = True) -> str:
    """A JSON object with title and text."""
    if escape:
        return json.dumps(document.fields(), ensure_ascii=False)
    return "{" + ", ".join(f'"{name}": "{value}"' for name, value in document.fields().items()) + "}"


def as_yaml(document: Document, escape: bool = True) -> str:
    """A YAML mapping with title and text; values are quoted only where YAML needs it."""
    if escape:
        import yaml

        dumped = yaml.safe_dump(document.fields(), sort_keys=False, allow_unicode=True, width=10**9)
        return dumped.rstrip("\n")
    return "\n".join(f"{name}: {value}" for name, value in document.fields().items())


def as_markdown(document: Document, escape: bool = True) -> str:
    """A heading and a paragraph; without a title the paragraph alone."""
    title, text = (_markdown(part) if escape else part for part in (document.title, document.text))
    return f"# {title}\n\n{text}" if title else text


def _markdown(text: str) -> str:
    inline = MARKDOWN_INLINE.sub(r"\\\1", text)
    return MARKDOWN_LINE.sub(lambda found: found[1] + _line_escaped(found[2]), inline)


def _line_escaped(mark: str) -> str:
    # A number at the start of a line is escaped behind it ("1\."), any other mark before it.
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def as_html(document: Document, escape: bool = True, meta: str = "") -> str:
    """A page with the title in its head and the text as a paragraph.

    Args:
        meta: one more tag for the head, as `meta_tag` makes it.
    """
    title, text = (html_escaped(part, quote=False) if escape else part for part in (document.title, document.text))
    head = "".join([f"<title>{title}</title>\n" if title else "", f"{meta}\n" if meta else ""])
    return f"<html>\n<head>\n{head}</head>\n<body>\n<p>{text}</p>\n</body>\n</html>"


def meta_tag(name: str, content: str) -> str:
    """A meta tag of HTML; its values are always escaped, because they are ours."""
    return f'<meta name="{html_escaped(name)}" content="{html_escaped(content)}">'


def metadata(row: str, document: Document, cutoff: int) -> str:
    """The meta tag of a metadata row.

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
