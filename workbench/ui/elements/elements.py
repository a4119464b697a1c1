"""Small pieces of HTML from text; whatever comes in as text is escaped, whatever is already HTML is `Html`."""

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup as Html
from markupsafe import escape

__all__ = ["Html", "join", "link", "notice", "table", "tag", "text"]

_NAME = re.compile(r"^[a-zA-Z][a-zA-Z0-9-]*$")


text = escape
"""Any value as escaped text; what is `Html` already stays as it is."""


def join(parts: Iterable[object], between: str = "") -> Html:
    """Pieces one after the other."""
    return Html(between).join(map(escape, parts))


def tag(name: str, *content: object, **attributes: object) -> Html:
    """Return an element: `tag("p", "a < b", class_="bw-note")`.

    Attribute names lose a final underscore and turn inner ones into hyphens; None and False leave the attribute out,
    True gives it without a value.
    """
    found = [(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items()]
    if not all(_NAME.match(key) for key in (name, *(key for key, _ in found))):
        raise ValueError(f"not an element or attribute name in {name!r} {list(attributes)}")
    shown = "".join(_attribute(key, value) for key, value in found if value is not None and value is not False)
    return Html(f"<{name}{shown}>{join(content)}</{name}>")


def table(head: Sequence[object], rows: Iterable[Sequence[object]], caption: str) -> Html:
    """Return a table with a caption for screen readers, inside a frame that scrolls on narrow screens."""
    top = tag("tr", *[tag("th", cell, scope="col") for cell in head])
    body = [tag("tr", tag("th", row[0], scope="row"), *[tag("td", cell) for cell in row[1:]]) for row in rows]
    inner = tag("table", tag("caption", caption, class_="bw-unseen"), tag("thead", top), tag("tbody", *body))
    return tag("div", inner, class_="bw-table", tabindex="0", role="region", aria_label=caption)


def notice(message: object, hint: object = "", tone: str = "calm") -> Html:
    """Return a framed remark; tone is "calm", "good", "warn" or "bad"."""
    more = tag("p", hint, class_="bw-hint") if hint else ""
    return tag("div", tag("p", message), more, class_=f"bw-remark bw-is-{tone}")


def link(address: str, shown: object, **attributes: object) -> Html:
    """Return a link to an address of this server or to http(s); anything else becomes plain text."""
    if not address.startswith(("/", "https://", "http://")) or address.startswith("//"):
        return text(shown)
    return tag("a", shown, href=address, **attributes)


def _attribute(key: str, value: object) -> str:
    return f" {key}" if value is True else f' {key}="{escape(value)}"'
