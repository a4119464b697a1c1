"""The start page's drawings."""

from xml.etree import ElementTree

import pytest

from workbench.contract.engine import Tab
from workbench.ui.pictures import picture


@pytest.mark.parametrize("tab", Tab)
def test_each_tab_has_a_drawing_that_screen_readers_skip(tab: Tab):
    drawn = ElementTree.fromstring(picture(tab))
    assert drawn.get("aria-hidden") == "true" and len(drawn) > 3


def test_drawings_hold_neither_scripts_nor_addresses():
    for tab in Tab:
        assert "<script" not in picture(tab) and "href" not in picture(tab)
