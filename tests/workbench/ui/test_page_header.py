"""What stands above the tabs: brand, theme, sign-out, and what the page's scripts show of it."""

from dataclasses import replace

import gradio as gr
import pytest

from tests.blocks import laid_out
from tests.desks import open_desk
from workbench.access.security import Access
from workbench.ui.page_header import header_html, owner_link_fold


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def test_the_header_holds_what_scripts_show(desk):
    shown = header_html(desk)
    for hidden in ("bw-arriving-words", "bw-toast", "bw-connection"):
        assert f'class="{hidden}"' in shown
    assert "Loading run …" in shown and 'data-copied="Link copied."' in shown
    assert shown.index("bw-skip") < shown.index("bw-top") and "Sign out" not in shown


def test_who_signed_in_can_sign_out(desk):
    signed_in = replace(desk, access=Access("accounts", b"k" * 32, {"ann": "1"}))
    assert 'action="/logout"' in header_html(signed_in) and "Sign out" in header_html(signed_in)


def test_a_guests_link_is_shown_on_request_alone(desk):
    _, page = laid_out(lambda: owner_link_fold(desk))
    box = next(block for block in page.blocks.values() if isinstance(block, gr.Textbox))
    assert box.value is None and {fn.api_visibility for fn in page.fns.values()} == {"private"}
