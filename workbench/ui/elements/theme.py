"""The look of the page: a quiet Gradio theme of our own, its style sheets and its script.

Design decisions:
- Colours and sizes are Gradio theme variables where Gradio has them; the style sheets add what it lacks (`--bw-…`).
- Fonts come with Gradio or the system: the page asks no other host for anything. Weights 400 and 700 are those that
  Gradio ships whole.
- Light or dark follows the system until the visitor chooses; the choice stays in the browser.
"""

from functools import cache
from pathlib import Path

from gradio.themes import Base, Color
from gradio.themes.utils import fonts, sizes

ASSETS = Path(__file__).parents[1] / "assets"

PETROL = Color(
    "#eef8f6", "#d3ede8", "#a9dcd3", "#74c4b8", "#45a99c", "#1f8d80", "#0b6b63", "#0a5851", "#0b4742", "#0b3a36",
    "#052321", name="petrol",
)  # fmt: skip
INK = Color(
    "#f8f7f4", "#f0efea", "#e3e1da", "#cdcbc2", "#9c9d98", "#6a7074", "#4c555b", "#38424a", "#242c33", "#181e24",
    "#0f1418", name="ink",
)  # fmt: skip


def theme() -> Base:
    """Paper and ink with one petrol accent; dark mode on blue-grey."""
    made = Base(
        primary_hue=PETROL,
        secondary_hue=PETROL,
        neutral_hue=INK,
        radius_size=sizes.radius_md,
        text_size=sizes.text_md,
        font=[fonts.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "-apple-system", "sans-serif"],
        font_mono=[fonts.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "Consolas", "monospace"],
    )
    return made.set(**_SURFACES, **_BUTTONS, **_INPUTS)


@cache
def style_sheet() -> str:
    """Return every style sheet beside the page, in the order of their names."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.css")))


@cache
def head() -> str:
    """Return what goes into the document's head: icon, description, and every script beside the page."""
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.js")))
    return (
        '<link rel="icon" type="image/svg+xml" href="/favicon.ico">'
        '<meta name="description" content="Run a paper\'s method next to its baselines and see which claims hold.">'
        f"<script>{scripts}</script>"
    )


@cache
def drawing(name: str) -> str:
    """Return one of the page's own drawings as inline SVG: "logo", "half_sun"."""
    return (ASSETS / f"{name}.svg").read_text(encoding="utf-8")


_SURFACES = {
    "body_background_fill": "*neutral_50",
    "body_background_fill_dark": "*neutral_950",
    "body_text_color": "*neutral_900",
    "body_text_color_dark": "#e4e7e9",
    "body_text_color_subdued": "#596166",
    "body_text_color_subdued_dark": "#a3adb4",
    "background_fill_primary": "#ffffff",
    "background_fill_primary_dark": "*neutral_900",
    "background_fill_secondary": "*neutral_100",
    "background_fill_secondary_dark": "*neutral_800",
    "border_color_primary": "*neutral_200",
    "border_color_primary_dark": "#303a42",
    "border_color_accent": "*primary_600",
    "border_color_accent_dark": "*primary_400",
    "color_accent": "*primary_600",
    "color_accent_soft": "*primary_50",
    "color_accent_soft_dark": "*primary_900",
    "link_text_color": "*primary_600",
    "link_text_color_dark": "*primary_300",
    "link_text_color_hover": "*primary_800",
    "link_text_color_hover_dark": "*primary_200",
    "link_text_color_active": "*primary_700",
    "link_text_color_active_dark": "*primary_200",
    "link_text_color_visited": "*primary_700",
    "link_text_color_visited_dark": "*primary_300",
    "block_background_fill": "#ffffff",
    "block_background_fill_dark": "*neutral_900",
    "block_border_width": "1px",
    "block_shadow": "none",
    "block_label_background_fill": "transparent",
    "block_label_background_fill_dark": "transparent",
    "block_label_text_color": "*neutral_600",
    "block_label_text_color_dark": "*neutral_300",
    "block_title_text_color": "*neutral_800",
    "block_title_text_color_dark": "#d5dade",
    "block_title_text_weight": "600",
    "block_info_text_color": "#596166",
    "block_info_text_color_dark": "#a3adb4",
    "panel_background_fill": "*neutral_100",
    "panel_background_fill_dark": "*neutral_900",
    "table_even_background_fill": "#ffffff",
    "table_even_background_fill_dark": "*neutral_900",
    "table_odd_background_fill": "*neutral_50",
    "table_odd_background_fill_dark": "*neutral_950",
    "layout_gap": "16px",
}


_BUTTONS = {
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_dark": "*primary_300",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_hover_dark": "*primary_200",
    "button_primary_text_color": "#ffffff",
    "button_primary_text_color_dark": "*primary_950",
    "button_primary_text_color_hover": "#ffffff",
    "button_primary_text_color_hover_dark": "*primary_950",
    "button_secondary_background_fill": "#ffffff",
    "button_secondary_background_fill_dark": "*neutral_800",
    "button_secondary_background_fill_hover": "*neutral_100",
    "button_secondary_background_fill_hover_dark": "*neutral_700",
    "button_secondary_border_color": "*neutral_300",
    "button_secondary_border_color_dark": "#48535c",
    "button_secondary_text_color": "*neutral_900",
    "button_secondary_text_color_dark": "#e4e7e9",
    "button_cancel_background_fill": "#ffffff",
    "button_cancel_background_fill_dark": "*neutral_800",
    "button_cancel_background_fill_hover": "#fdf1ec",
    "button_cancel_background_fill_hover_dark": "#3a2420",
    "button_cancel_text_color": "#a53a12",
    "button_cancel_text_color_dark": "#ffab8a",
    "button_cancel_text_color_hover": "#a53a12",
    "button_cancel_text_color_hover_dark": "#ffab8a",
    "button_cancel_border_color": "#d9a28e",
    "button_cancel_border_color_dark": "#7d4a39",
    "button_border_width": "1px",
    "button_large_radius": "8px",
    "button_medium_radius": "8px",
    "button_small_radius": "6px",
    "button_large_text_weight": "600",
    "button_medium_text_weight": "600",
    "button_small_text_weight": "500",
    "button_large_padding": "10px 18px",
    "button_medium_padding": "8px 14px",
    "button_small_padding": "5px 10px",
    "button_transition": "background-color 0.12s ease, border-color 0.12s ease",
}


_INPUTS = {
    "input_background_fill": "#ffffff",
    "input_background_fill_dark": "*neutral_950",
    "input_border_color": "*neutral_300",
    "input_border_color_dark": "#48535c",
    "input_border_color_focus": "*primary_600",
    "input_border_color_focus_dark": "*primary_300",
    "input_border_width": "1px",
    "input_placeholder_color": "#737a7e",
    "input_placeholder_color_dark": "#8a949b",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 3px *primary_100",
    "input_shadow_focus_dark": "0 0 0 3px *primary_900",
    "slider_color": "*primary_600",
    "slider_color_dark": "*primary_300",
    "checkbox_background_color_selected": "*primary_600",
    "checkbox_background_color_selected_dark": "*primary_500",
    "checkbox_border_color_selected": "*primary_600",
    "checkbox_border_color_selected_dark": "*primary_400",
    "checkbox_label_background_fill": "transparent",
    "checkbox_label_background_fill_dark": "transparent",
    "checkbox_label_background_fill_selected": "*primary_50",
    "checkbox_label_background_fill_selected_dark": "*primary_900",
    "checkbox_label_text_color_selected": "*neutral_900",
    "checkbox_label_text_color_selected_dark": "#e4e7e9",
    "error_background_fill": "#fdf1ec",
    "error_background_fill_dark": "#2b1b17",
    "error_border_color": "#d9a28e",
    "error_text_color": "#8f310e",
    "error_text_color_dark": "#ffab8a",
    "loader_color": "*primary_600",
    "loader_color_dark": "*primary_300",
}
