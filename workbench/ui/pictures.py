"""Small drawings for the start page, one per tab; they show the shape of an answer, not data."""

from functools import cache
from pathlib import Path

from workbench.contract.engine import Tab

PICTURES = Path(__file__).parent / "assets" / "pictures"


@cache
def picture(tab: Tab) -> str:
    """Return the tab's drawing as inline SVG, in the colours of the theme.

    Decoration, so hidden from screen readers.
    """
    return (PICTURES / f"{tab.value.lower()}.svg").read_text(encoding="utf-8")
