from dataclasses import replace

import pytest

from tests.blocks import laid_out, row, visit
from tests.workbench.ui.shown_tools import CLICK, FAILED, FINISHED, HOSTILE, desk_with_tools, opened, spoken
from workbench.access.security import Access
from workbench.ui.data.models_panel import ModelsPanel

NO_FILTER = ("", "", [])
TYPED = ("Here", "http://127.0.0.1:8011/v1", "a, b\nc", "BENCHWRIGHT_KEY_X")


@pytest.fixture
def desk(tmp_path):
    with desk_with_tools(tmp_path) as desk:
        yield desk


@pytest.fixture
def panel(desk):
    return laid_out(lambda: ModelsPanel(desk))[0]


def test_the_list_is_filtered(panel):
    assert panel.listed(*NO_FILTER).count("<tr>") == 7
    assert panel.listed("apache", "", []).count("<tr>") == 2
    assert panel.listed("", "server", ["Usable at once"]).count("<tr>") == 2
    assert "No model fits this search." in panel.listed("zzz", "", [])
    assert panel.listed(*HOSTILE[:3]) and panel.listed(["a"], {"x": 1}, "y")


def test_a_server_is_checked_by_a_tool_with_what_was_typed(desk, panel):
    updates, begun = panel.add_from_server(visit(), CLICK, *TYPED)
    assert begun and "Checking http://127.0.0.1:8011/v1" in updates[panel.words]
    asked = desk.history.record(updates[panel.run_box]).spec
    assert (asked.engine, asked.purpose) == ("enrolment", "tool")
    assert asked.settings == {
        "place": "server", "address": TYPED[1], "name": "Here", "models": ["a", "b", "c"], "key_variable": TYPED[3],
        "allow": False,
    }  # fmt: skip


def test_a_folder_is_checked_by_a_tool(desk, panel):
    updates, begun = panel.add_from_folder(visit(), CLICK, " /m/x ")
    asked = desk.history.record(updates[panel.run_box]).spec.settings
    assert begun and (asked["place"], asked["address"]) == ("folder", "/m/x")


def test_nothing_typed_is_refused(panel):
    updates, begun = panel.add_from_folder(visit(), CLICK, None)
    assert not begun and "Address" in updates[panel.words] and panel.run_box not in updates


def test_the_end_of_a_check_is_told_and_the_list_drawn_again(desk, panel):
    run = opened(desk, "enrolment", place="folder", address="/m/x")
    assert panel.refresh(run, *NO_FILTER) == ({}, True)
    spoken(desk, run, row("Enrolled", ref="/m/x", name="<b>x</b>"), FINISHED)
    updates, live = panel.refresh(run, *NO_FILTER)
    assert not live and updates[panel.run_box] == "" and "Added: &lt;b&gt;x&lt;/b&gt;." in updates[panel.words]
    assert "<table" in updates[panel.table]
    failed = spoken(desk, opened(desk, "enrolment", place="folder", address="/m/x"), FAILED)
    assert "No &lt;b&gt;such&lt;/b&gt; thing." in panel.refresh(failed, *NO_FILTER)[0][panel.words]
    assert panel.refresh("", *NO_FILTER) == ({}, False)


@pytest.mark.parametrize("value", HOSTILE[1:])
def test_whatever_names_no_check_is_refused(panel, value):
    updates, live = panel.refresh(value, *NO_FILTER)
    assert not live and "bw-is-bad" in updates[panel.words]


def test_what_was_removed_can_be_added_again(panel):
    updates = panel.remove(visit(), "server:Here", *NO_FILTER)
    assert updates[panel.address] == "http://127.0.0.1:8011/v1" and "server:Here" not in updates[panel.table]
    updates = panel.remove(visit(), "folder:/m/quick", *NO_FILTER)
    assert updates[panel.path] == "/m/quick" and "Nothing was deleted" in updates[panel.words]
    assert "not on the list" in panel.remove(visit(), "folder:/m/quick", *NO_FILTER)[panel.words]


def test_guests_of_a_public_page_change_no_list(tmp_path):
    with desk_with_tools(tmp_path, Access("guests", b"k")) as desk:
        panel, page = laid_out(lambda: ModelsPanel(desk))
        assert any(
            "whoever runs this page" in str(block.value) for block in page.blocks.values() if hasattr(block, "value")
        )
        assert "Only whoever runs" in panel.add_from_server(visit(), CLICK, *TYPED)[0][panel.words]
        assert "Only whoever runs" in panel.add_from_folder(visit(), CLICK, "/m/x")[0][panel.words]
        assert "Only whoever runs" in panel.remove(visit(), "server:Here", *NO_FILTER)[panel.words]
        assert desk.history.counts("tool") == {} and len(desk.installed.catalogue.models()) == 6
        assert 'data-act="remove"' not in panel.listed(*NO_FILTER)


def test_whoever_is_not_signed_in_changes_no_list(tmp_path):
    with desk_with_tools(tmp_path, Access("accounts", b"k", {"ada": ""})) as desk:
        panel = laid_out(lambda: ModelsPanel(desk))[0]
        assert "not signed in" in panel.remove(visit(), "server:Here", *NO_FILTER)[panel.words]
        assert len(desk.installed.catalogue.models()) == 6


def test_only_the_owner_at_their_own_machine_may_allow_a_folder(tmp_path, fresh_home):
    refused = (row("OutsideFolder", path="/data/m"), FAILED)
    with desk_with_tools(tmp_path / "desk") as desk:
        for here, address in ((desk, True), (replace(desk, base_url="https://bench.example.org"), False)):
            panel = laid_out(lambda here=here: ModelsPanel(here))[0]
            run = spoken(desk, opened(desk, "enrolment", place="folder", address="/data/m"), *refused)
            updates, _ = panel.refresh(run, "", "", ())
            assert updates[panel.allow]["visible"] is address
            started, begun = panel.add_allowed_folder(visit(), CLICK, "/data/m")
            assert begun is address
            if begun:
                asked = desk.history.record(started[panel.run_box]).spec.settings
                assert (asked["address"], asked["allow"]) == ("/data/m", True)
    guests = Access("guests", b"k" * 32)
    with desk_with_tools(tmp_path / "guests", guests) as desk:
        panel = laid_out(lambda: ModelsPanel(desk))[0]
        told, begun = panel.add_allowed_folder(visit(), CLICK, "/data/m")
        assert not begun and "Only whoever runs this page" in told[panel.words]
