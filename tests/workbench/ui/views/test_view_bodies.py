import pytest

from tests.blocks import laid_out, values
from tests.picturing_rows import VIEWS, tables_with
from workbench.contract.views import Node, Span
from workbench.ui.views.view_bodies import drawn, outline, passage_html, point_key
from workbench.ui.views.view_controls import Controls


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_draws_rows_and_says_when_there_are_none(name):
    view = VIEWS[name]
    controls, _ = laid_out(lambda: Controls(view))
    shown = values(controls.widgets)
    full, empty = tables_with(), tables_with(0)
    body, words = drawn(view, full, controls.read(shown, full))
    assert body and "<img" not in words
    nothing, said = drawn(view, empty, controls.read(shown, empty))
    assert nothing in ("", '<p class="bw-plot-note">No rows yet</p>') and said == ""


@pytest.mark.parametrize(
    ("payload", "key"),
    [({"key": 3}, 3), ({"key": ["a", 1]}, ["a", 1]), ({"key": {"a": 1}}, None), ("x", None), ({}, None), (None, None),
     ({"key": "x" * 3000}, None)],
)  # fmt: skip
def test_click_payloads_are_checked(payload, key):
    assert point_key(payload) == key


def test_a_tree_has_an_outline():
    nodes = [Node("a", None, "<b>A</b>", 2, "open"), Node("b", "a", "B", 1, "done")]
    told = outline(nodes)
    assert "2 nodes" in told and told.index("A") < told.index("B") and "<b>" not in told
    assert told.count("<ul>") == 2


def test_a_tree_that_turns_in_circles_is_harmless():
    assert outline([Node("a", "b", "A"), Node("b", "a", "B")]).count("<li>") == 0


def test_marks_are_told_by_name_and_place_not_by_colour_alone():
    told = passage_html([Span("plain <i> "), Span("x", "evidence", 'why "so"'), Span("y", "flip")])
    assert '<mark class="bw-mark-0" title="why &#34;so&#34;">x<sup>evidence</sup></mark>' in told
    assert '<mark class="bw-mark-1">y<sup>flip</sup></mark>' in told and "<i>" not in told
    assert told.count("<li>") == 2
