import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.elements.elements import Html, join, link, notice, table, tag, text

HOSTILE = '<img src=x onerror="alert(1)">'


def test_content_and_attributes_are_escaped():
    assert tag("p", HOSTILE, title='a"b') == ('<p title="a&#34;b">&lt;img src=x onerror=&#34;alert(1)&#34;&gt;</p>')


def test_html_stays_html_and_is_not_escaped_twice():
    assert tag("p", tag("b", "a & b")) == "<p><b>a &amp; b</b></p>"
    assert join(["a", Html("<br>"), "<"], " ") == "a <br> &lt;"


def test_attribute_names_lose_underscores_and_false_ones_are_left_out():
    assert tag("p", class_="a", aria_hidden="true", hidden=True, title=None, open=False) == (
        '<p class="a" aria-hidden="true" hidden></p>'
    )


@pytest.mark.parametrize("name", ["p onclick", "", "1p", 'p"'])
def test_an_element_cannot_be_smuggled_into_a_name(name):
    with pytest.raises(ValueError, match="not an element"):
        tag(name)


@given(st.text())
def test_no_text_ever_opens_an_element(content):
    assert "<" not in text(content) and ">" not in text(content)
    assert '"' not in tag("p", title=content)[10:-6]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "ftp://x", ""])
def test_links_lead_to_this_server_or_the_web_alone(address):
    assert link(address, "shown") == "shown"


def test_links_and_notices():
    assert link("/runs/a", "<a>", target="_blank") == '<a href="/runs/a" target="_blank">&lt;a&gt;</a>'
    assert notice("What", "Do this", "warn") == (
        '<div class="bw-remark bw-is-warn"><p>What</p><p class="bw-hint">Do this</p></div>'
    )


def test_tables_have_a_caption_and_scopes():
    made = table(("A", "B"), [("x", "<y>")], "Cap")
    assert '<th scope="col">A</th>' in made and '<th scope="row">x</th><td>&lt;y&gt;</td>' in made
    assert '<caption class="bw-unseen">Cap</caption>' in made and 'tabindex="0"' in made
