"""What stands above the tabs of the page, and the fold with a guest's link below them."""

import gradio as gr

from workbench.access.login_page import owner_link
from workbench.messages import say
from workbench.ui.elements.connection_notice import connection_notice
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.event_options import QUIET
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.theme import drawing


def header_html(desk: PageContext) -> Html:
    """Brand, theme and sign-out; and what the page's scripts show: that a run is loading, that nobody answers."""
    dark = say("Dark mode")
    theme = tag(
        "button", Html(drawing("half_sun")), type="button", class_="bw-plain bw-theme", aria_pressed="false",
        aria_label=dark, title=dark,
    )  # fmt: skip
    leave = tag("button", say("Sign out"), class_="bw-plain")
    leaving = tag("form", leave, method="post", action="/logout") if desk.access.mode == "accounts" else ""
    brand = tag("a", Html(drawing("logo")), tag("span", "Benchwright"), class_="bw-brand", href="/")
    tagline = tag("span", say("Would this method help you? Ask it."), class_="bw-tagline")
    copied, shown = say("Link copied."), say("The link is in the address bar.")
    told = tag("p", class_="bw-toast", role="status", data_copied=copied, data_in_address=shown, hidden=True)
    return join(
        [
            tag("a", say("Skip to the content"), class_="bw-skip", href="#questions"),
            tag("header", brand, tagline, tag("span", theme, leaving, class_="bw-top-end"), class_="bw-top"),
            tag("p", say("Loading run …"), class_="bw-arriving-words", role="status", hidden=True),
            told,
            connection_notice(),
        ]
    )


def owner_link_fold(desk: PageContext) -> None:
    """Return a guest's way to own their runs in another browser too.

    Filled for each visitor when the page has loaded.
    """

    def link(request: gr.Request) -> str:
        return owner_link(desk.base_url, desk.access, desk.access.visitor(request).name)

    with gr.Accordion(say("Your runs on another device"), open=False):
        gr.HTML(tag("p", say("Whoever opens this link owns your runs as you do. Keep it to yourself.")), padding=True)
        shown = gr.Textbox(label=say("Owner link"), interactive=False, buttons=["copy"])
        gr.Button(say("Show my link"), min_width=120).click(link, None, shown, **QUIET)
