import json
from types import SimpleNamespace

import gradio as gr

from tests.blocks import laid_out
from tests.picturing_rows import tables_with
from tests.rooms.picturing import PICTURING
from workbench.contract.schema import Outcome
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.elements.run_snapshot import Seen
from workbench.ui.views.view_panel import UNGROUPED, ViewPanels, arranged, missing_html

ALL = [UNGROUPED]


def panels_of():
    return laid_out(lambda: ViewPanels(PICTURING.views, PICTURING, "/plotly.js", RenderCache()))[0]


def sight_of(layers, live=False):
    rows = {"Place": 2 * layers}
    record = SimpleNamespace(run="a-run", tables=rows, live=live, revision=lambda *names: tuple(map(rows.get, names)))
    return SimpleNamespace(record=record, tables=tables_with(layers))


def test_only_views_whose_rows_have_grown_are_drawn_again():
    panels, stamps = panels_of(), {}
    first = panels.refresh(sight_of(6), {"places": [30]}, stamps, ALL)
    assert {panel.body for panel in panels.panels} <= set(first)
    assert first[panels.panels[1].controls.widgets[0]]["value"] == 5
    assert panels.refresh(sight_of(6), {"places": [30]}, stamps, ALL) == {}
    assert panels.panels[0].body in panels.refresh(sight_of(7), {"places": [30]}, stamps)


def test_a_group_is_drawn_once_it_is_opened():
    panels, stamps = panels_of(), {}
    first, *others = panels.panels
    closed = panels.refresh(sight_of(6), {}, stamps)
    assert first.body in closed and not {panel.body for panel in others} & set(closed)
    assert {closed[panel.column]["visible"] for panel in panels.panels} == {True}
    opened = panels.refresh(sight_of(6), {}, stamps, ALL)
    assert first.body not in opened and {panel.body for panel in others} <= set(opened)


def test_the_first_group_unfolds_while_no_headline_has_rows():
    panels, stamps = panels_of(), {}
    headline, *others = panels.panels
    headline.view = SimpleNamespace(**{**vars(headline.view), "reads": (Outcome,)})
    early = panels.refresh(sight_of(6, live=True), {}, stamps)
    fold = panels.groups[UNGROUPED]
    assert early[fold]["open"] is True and {panel.body for panel in others} <= set(early)
    assert {panel.body for panel in others} <= set(panels.refresh(sight_of(7), {}, stamps))
    assert panels.refresh(sight_of(6), {}, {})[fold]["open"] is True


def test_views_without_rows_are_named_and_not_shown():
    panels, stamps = panels_of(), {}
    updates = panels.refresh(sight_of(0, live=True), {}, stamps, ALL)
    assert {updates[panel.column]["visible"] for panel in panels.panels} == {False}
    assert {updates[fold]["visible"] for fold in panels.groups.values()} == {False}
    assert updates[panels.without_rows].startswith('<p class="bw-hint">Still to come: ')
    grown = panels.refresh(sight_of(6), {}, stamps, ALL)
    assert {grown[panel.column]["visible"] for panel in panels.panels} == {True} and grown[panels.without_rows] == ""
    assert missing_html(["A", "B"], live=False) == '<p class="bw-hint">No rows in this run for: A, B.</p>'


def test_pictures_of_headlines_come_first_and_the_others_by_group():
    views = [SimpleNamespace(name=name, claim=claim, group=group) for name, claim, group in (
        ("a", "", "Cost"), ("b", "second", "Cost"), ("c", "first", ""), ("d", "first", "Students"), ("e", "", ""),
    )]  # fmt: skip
    claims = [
        SimpleNamespace(name=name, headline=head) for name, head in (("x", False), ("first", True), ("second", True))
    ]
    first, groups = arranged(views, SimpleNamespace(claims=claims))
    assert [view.name for view in first] == ["c", "b"]
    assert {group: [view.name for view in members] for group, members in groups.items()} == {
        "Cost": ["a"], "Students": ["d"], UNGROUPED: ["e"],
    }  # fmt: skip
    first, _ = arranged(views, SimpleNamespace(claims=[]))
    assert [view.name for view in first] == ["a"]


def test_another_setting_is_another_picture_of_that_view_alone():
    panels, stamps = panels_of(), {}
    panels.refresh(sight_of(6), {}, stamps, ALL)
    updates = panels.refresh(sight_of(6), {"places": [2]}, stamps, ALL)
    assert panels.panels[1].body in updates and panels.panels[0].body not in updates


def test_a_click_sets_the_control_of_that_name_in_every_view():
    panels = panels_of()
    select = panels._select("layer")
    slider = panels.panels[1].controls.widgets[0]
    assert select(gr.EventData(None, {"key": 3}))[slider]["value"] == 3
    assert "value" not in select(gr.EventData(None, {"key": None}))[slider]
    language = panels.panels[2].controls.widgets[0]
    assert panels._select("language")(gr.EventData(None, {"key": ["fr", "de"]}))[language]["value"] == "fr"


def test_seen_is_small_enough_to_be_kept_per_visitor():
    assert len(json.dumps(vars(Seen("r", 1, ("Count", 3, 1.0))))) < 200
