import json
from types import SimpleNamespace

import gradio as gr

from tests.blocks import laid_out
from tests.picturing_rows import tables_with
from tests.rooms.picturing import PICTURING
from workbench.contract.schema import Outcome
from workbench.contract.views import Listing
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.elements.run_snapshot import Seen
from workbench.ui.views.view_groups import TABLES, UNGROUPED
from workbench.ui.views.view_panel import ViewPanels

BEHIND = TABLES.format(group=UNGROUPED)
ALL = [UNGROUPED, BEHIND]


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
    fold = panels.folds[UNGROUPED]
    pictures = {panel.body for panel in others if panel.fold == UNGROUPED}
    assert early[fold]["open"] is True and pictures <= set(early)
    assert early[panels.folds[BEHIND]]["open"] is False
    assert pictures <= set(panels.refresh(sight_of(7), {}, stamps))
    assert panels.refresh(sight_of(6), {}, {})[fold]["open"] is True


def test_views_without_rows_are_named_and_not_shown():
    panels, stamps = panels_of(), {}
    updates = panels.refresh(sight_of(0, live=True), {}, stamps, ALL)
    assert {updates[panel.column]["visible"] for panel in panels.panels} == {False}
    assert {updates[fold]["visible"] for fold in panels.folds.values()} == {False}
    assert updates[panels.without_rows].startswith('<p class="bw-hint">Still to come: ')
    grown = panels.refresh(sight_of(6), {}, stamps, ALL)
    assert {grown[panel.column]["visible"] for panel in panels.panels} == {True} and grown[panels.without_rows] == ""


def test_tables_lie_behind_the_pictures_of_their_group():
    panels, stamps = panels_of(), {}
    tables = [panel for panel in panels.panels if isinstance(panel.view, Listing)]
    assert tables and {panel.fold for panel in tables} == {BEHIND}
    opened = panels.refresh(sight_of(6), {}, stamps, [UNGROUPED])
    assert not {panel.body for panel in tables} & set(opened)
    assert {panel.body for panel in tables} <= set(panels.refresh(sight_of(6), {}, stamps, ALL))


def test_the_list_leads_to_every_view_with_rows_and_to_every_claim_that_is_judged():
    panels = panels_of()
    views = [panel.view for panel in panels.panels]
    assert all(f'value="view={view.name}"' in panels.list_html(sight_of(6)) for view in views)
    assert "view=" not in panels.list_html(sight_of(0)) and "claim=" not in panels.list_html(sight_of(6))


def test_every_view_has_a_link_of_its_own_name():
    panels = panels_of()
    words = [panel.link.value for panel in panels.panels]
    assert len(set(words)) == len(words) and all(panel.view.title in panel.link.value for panel in panels.panels)
    answers = laid_out(lambda: ViewPanels(PICTURING.views, PICTURING, "/plotly.js", RenderCache(), grouped=False))[0]
    assert {panel.link for panel in answers.panels} == {None}


def test_controls_of_a_link_are_shown_even_where_the_browser_cut_them():
    panels, stamps = panels_of(), {}
    places = next(panel for panel in panels.panels if panel.view.name == "places")
    drawn = panels.refresh(sight_of(6), {"places": [3]}, stamps, ALL)
    assert drawn[places.controls.widgets[0]]["value"] == 3
    later = panels.refresh(sight_of(7), {"places": [3]}, stamps, ALL)
    assert "value" not in later.get(places.controls.widgets[0], {})


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
    language = next(panel for panel in panels.panels if panel.view.name == "sentences").controls.widgets[0]
    assert panels._select("language")(gr.EventData(None, {"key": ["fr", "de"]}))[language]["value"] == "fr"


def test_seen_is_small_enough_to_be_kept_per_visitor():
    assert len(json.dumps(vars(Seen("r", 1)))) < 200
