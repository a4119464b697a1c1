"""The table of runs and the queue as HTML."""

from html.parser import HTMLParser

import pytest

from tests.desks import add_run, finish, open_desk
from workbench.specs.run_names import spec_name
from workbench.ui.runs.run_columns import ListedRun
from workbench.ui.runs.run_table import TAGS_SHOWN, queue_list, run_table

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


def listed(desk, run: str, left: float | None = None) -> ListedRun:
    record = desk.history.record(run)
    return ListedRun(record, desk.engines.get(record.engine), left)


def test_without_runs_the_reason_is_said(desk):
    assert run_table([], "No <runs> yet") == '<p class="bw-empty" role="status">No &lt;runs&gt; yet</p>'


def test_each_run_is_a_row_that_can_be_opened_and_changed(desk):
    run = finish(desk, add_run(desk, title="First"))
    elements = Elements(run_table([listed(desk, run)], ""))
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
    html = run_table([listed(desk, run)], "")
    elements = Elements(html)
    assert not elements.named("script") and not elements.named("img")
    assert not [a for _, attributes in elements.found for a in attributes if a.startswith("on")]
    assert [link["href"] for link in elements.named("a")] == [f"/?run={run}"]
    assert html.count("<bdi>") == html.count("</bdi>") >= 3


def test_a_run_of_a_method_that_is_gone_is_still_listed(desk):
    run = finish(desk, add_run(desk))
    assert "counting" in run_table([ListedRun(desk.history.record(run), None)], "")


def test_waiting_runs_can_be_moved_but_not_beyond_the_ends(desk):
    records = [desk.history.record(add_run(desk)) for _ in range(3)]
    runs = [record.run for record in records]
    buttons = Elements(queue_list(records, desk.engines, frozenset(runs), {})).named("button")
    able = [(button["data-act"], button["data-run"]) for button in buttons if "disabled" not in button]
    assert able == [("down", runs[0]), ("up", runs[1]), ("down", runs[1]), ("up", runs[2])]


def test_others_runs_cannot_be_moved(desk):
    record = desk.history.record(add_run(desk))
    assert not Elements(queue_list([record], desk.engines, frozenset(), {})).named("button")
    assert queue_list([], desk.engines, frozenset(), {}) == ""


def test_a_waiting_run_tells_when_it_starts(desk):
    one, two = (desk.history.record(add_run(desk)) for _ in range(2))
    html = queue_list([one, two], desk.engines, frozenset(), {two.run: 95.0})
    assert html.count("starts in about 1 min 35 s") == 1


def test_columns_are_those_chosen_and_the_name_leaves_out_what_they_show(desk):
    run = add_run(desk)
    few = run_table([listed(desk, run)], "", ("verdict",))
    assert [cell.get("data-label") for cell in Elements(few).named("td") if cell.get("data-label")] == ["Verdict"]
    name = spec_name(desk.engines["counting"], desk.history.record(run).spec)
    assert f"<bdi>{name}</bdi>" in few
    usual = run_table([listed(desk, run)], "")
    assert "<bdi>Counting · 1 seed</bdi>" in usual and "<bdi>quick</bdi>" in usual


def test_a_run_that_is_chosen_can_be_told_from_the_others(desk):
    boxes = Elements(run_table([listed(desk, add_run(desk, title="First"))], "")).named("input")
    assert [(box["type"], box["aria-label"]) for box in boxes] == [
        ("checkbox", "Choose all that are listed"),
        ("checkbox", "Choose First"),
    ]


def test_more_tags_than_are_shown_are_counted(desk):
    run = add_run(desk)
    desk.history.set_tags(run, [f"tag {n}" for n in range(TAGS_SHOWN + 3)])
    assert "and 3 more" in run_table([listed(desk, run)], "")
