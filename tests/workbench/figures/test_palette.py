import pytest

from workbench.figures import palette


def test_every_style_of_the_first_48_series_is_its_own():
    styles = [palette.series_style(index) for index in range(48)]
    assert len(set(styles)) == 48
    assert all(len({style.dash for style in styles if style.color == color}) > 1 for color in palette.CATEGORICAL)


@pytest.mark.parametrize("color", palette.CATEGORICAL)
def test_series_colours_show_on_white_and_on_dark_ground(color):
    def luminance(code):
        parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    white, dark = luminance("#ffffff"), luminance("#181e24")
    contrasts = [(white + 0.05) / (luminance(color) + 0.05), (luminance(color) + 0.05) / (dark + 0.05)]
    assert min(contrasts) >= 2.0


def test_colours_become_translucent():
    assert palette.translucent("#0072B2", 0.25) == "rgba(0,114,178,0.25)"
