"""The table of runs and the queue as HTML."""

from html.parser import HTMLParser

import pytest

from tests.desks import add_run, finish, open_desk
from workbench.ui.runs.run_table import queue_list, run_table

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "../../etc/passwd",
    "=HYPERLINK(\"http://evil\")",
    "\u202egnp.exe",
    "${alert(1)}{{constructor.constructor('alert(1)')()}}",
    "x" * 200,
]  # fmt: skip


class Elements(HTMLParser):
    """Collects every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def test_without_runs_the_reason_is_said(desk):
    assert run_table([], desk.engines, "No <runs> yet") == '<p class="bw-empty" role="status">No &lt;runs&gt; yet</p>'


def test_each_run_is_a_row_that_can_be_opened_and_changed(desk):
    run = finish(desk, add_run(desk, title="First"))
    elements = Elements(run_table([desk.history.record(run)], desk.engines, ""))
    assert [link["href"] for link in elements.named("a")] == [f"/?run={run}"]
    assert {button["data-act"]: button["aria-label"] for button in elements.named("button")} == {
        "star": "Star First",
        "edit": "Details of First",
    }
    assert {cell.get("scope") for cell in elements.named("th")} == {"col", "row"}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_they_are_and_do_nothing(desk, name):
    run = finish(desk, add_run(desk, title=name))
    desk.history.set_tags(run, [name[:40]])
    desk.history.set_note(run, name)
    html = run_table([desk.history.record(run)], desk.engines, "")
    elements = Elements(html)
    assert not elements.named("script") and not elements.named("img")
    assert not [a for _, attributes in elements.found for a in attributes if a.startswith("on")]
    assert [link["href"] for link in elements.named("a")] == [f"/?run={run}"]
    assert html.count("<bdi>") == html.count("</bdi>") >= 3


def test_a_run_of_a_method_that_is_gone_is_still_listed(desk):
    run = finish(desk, add_run(desk))
    assert "counting" in run_table([desk.history.record(run)], {}, "")


def test_waiting_runs_can_be_moved_but_not_beyond_the_ends(desk):
    records = [desk.history.record(add_run(desk)) for _ in range(3)]
    runs = [record.run for record in records]
    buttons = Elements(queue_list(records, desk.engines, frozenset(runs))).named("button")
    able = [(button["data-act"], button["data-run"]) for button in buttons if "disabled" not in button]
    assert able == [("down", runs[0]), ("up", runs[1]), ("down", runs[1]), ("up", runs[2])]


def test_others_runs_cannot_be_moved(desk):
    record = desk.history.record(add_run(desk))
    assert not Elements(queue_list([record], desk.engines, frozenset())).named("button")
    assert queue_list([], desk.engines, frozenset()) == ""
