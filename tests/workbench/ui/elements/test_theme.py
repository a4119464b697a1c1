"""The look: no foreign address, readable colours."""

import re

import pytest

from workbench.ui.elements.theme import ASSETS, drawing, head, style_sheet, theme


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours(block: str) -> dict[str, str]:
    css = (ASSETS / "theme.css").read_text(encoding="utf-8")
    return dict(re.findall(r"(--bw-[a-z]+): (#[0-9a-f]{6})", css.split(block, 1)[1].split("}", 1)[0]))


def test_contrast_is_computed_as_defined():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", [":root", ".dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "accent", "second", "good", "warn", "bad", "live"])
@pytest.mark.parametrize("ground", ["card", "sunk"])
def test_every_colour_of_text_is_readable_on_every_ground(mode, name, ground):
    found = colours(mode)
    assert contrast(found[f"--bw-{name}"], found[f"--bw-{ground}"]) >= 4.5


def test_both_modes_name_the_same_colours():
    assert set(colours(":root")) == set(colours(".dark"))


def test_nothing_comes_from_another_host():
    made = theme()
    assert made._stylesheets == []
    for text in (style_sheet(), head(), *made._font_css):
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text.replace("http://www.w3.org", ""))


def test_drawings_are_svg():
    assert drawing("logo").startswith("<svg") and drawing("half_sun").startswith("<svg")
