"""How views are arranged, and what is said of them as a whole."""

from types import SimpleNamespace

from tests.rooms.picturing import PICTURING
from workbench.contract.views import Listing
from workbench.ui.views.view_groups import UNGROUPED, arranged, folded, jump_html, missing_html

VIEWS = PICTURING.views


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


def test_a_groups_tables_lie_behind_its_pictures():
    fold = folded("Cost", VIEWS)
    assert fold.tables and {type(view) for view in fold.tables.members} == {Listing}
    assert not any(isinstance(view, Listing) for view in fold.members)
    assert all(view.title in fold.title for view in fold.members) and fold.title.startswith("Cost: ")
    assert len(fold.members) + len(fold.tables.members) == len(VIEWS)


def test_tables_without_a_picture_are_shown_at_once():
    tables = [view for view in VIEWS if isinstance(view, Listing)]
    assert folded("Cost", tables).tables is None and folded("Cost", tables).members == tuple(tables)


def test_views_without_rows_are_named():
    assert missing_html(["A", "B"], live=False) == '<p class="bw-hint">No rows here for: A, B.</p>'
    assert missing_html(["<i>"], live=True) == '<p class="bw-hint">Still to come: &lt;i&gt;.</p>'
    assert missing_html([], live=True) == ""


def test_the_list_leads_to_views_by_group_and_to_claims():
    claims = [SimpleNamespace(name="closer", sentence="It is closer. " * 20)]
    listed = jump_html({"<b>": VIEWS[:1], "Verdict": VIEWS[1:2]}, claims)
    assert f'value="view={VIEWS[0].name}"' in listed and "&lt;b&gt;" in listed
    assert f'value="view={VIEWS[1].name}&amp;tab=verdict"' in listed
    assert 'value="claim=closer&amp;tab=verdict"' in listed and "…" in listed
    assert "optgroup" not in jump_html({}, [])
