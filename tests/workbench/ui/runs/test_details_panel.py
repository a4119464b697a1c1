import json

import pytest

from tests.blocks import laid_out, look, row, say
from tests.desks import add_run, finish, open_desk
from tests.rooms.counting import COUNTING
from workbench.ui.runs.details_panel import RowsPanel, details_html, log_html

HOSTILE = "<img src=x>"


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def test_the_log_is_shown_without_control_codes_secrets_and_markup(desk):
    run = add_run(desk)
    desk.bench.folder(run).log.write_text(f"\x1b[31mred\x1b[0m {HOSTILE}\nAuthorization: Bearer abcdefghijklmnop1234\n")
    told = log_html(desk, desk.history.record(run))
    assert "red &lt;img" in told and "\x1b" not in told and "abcdefghijklmnop1234" not in told
    assert f"/runs/{run}/log" in told


def test_a_run_without_a_log_says_so(desk):
    assert "Nothing was written" in log_html(desk, desk.history.record(add_run(desk)))


def test_details_tell_settings_notes_facts_and_files(desk):
    run = add_run(desk)
    say(
        desk, run,
        {"kind": "note", "text": HOSTILE},
        {"kind": "record", "name": "dtype_chosen", "value": "bfloat16"},
        {"kind": "artifact", "name": "sums.json", "bytes": 1234, "sha256": "ab" * 32},
        {"kind": "finished", "seconds": 1.0},
    )  # fmt: skip
    told = details_html(look(desk, run))
    for part in (
        "&lt;img src=x&gt;",
        "dtype chosen",
        "bfloat16",
        f"/runs/{run}/artifacts/sums.json",
        "1.23 kB",
        "Pause",
    ):
        assert part in told
    assert HOSTILE not in told


def test_rows_open_at_a_table_that_has_some(desk):
    run = add_run(desk)
    rows = [row("Tally", arm="plain", seed=0, total=1.0), row("Tally", arm="shifted", seed=0, total=2.5)]
    say(desk, run, *rows, {"kind": "finished", "seconds": 1.0})
    panel, _ = laid_out(lambda: RowsPanel(desk, COUNTING))
    stamps = {}
    updates = panel.refresh(look(desk, run), "Outcome", stamps)
    assert updates[panel.chosen]["value"] == "Tally" and ("Tally (2)", "Tally") in updates[panel.chosen]["choices"]
    assert json.loads(updates[panel.body])["rows"] == [["plain", 0, 1.0], ["shifted", 0, 2.5]]
    assert f"/runs/{run}/tables/Tally.csv" in updates[panel.words]
    assert panel.refresh(look(desk, run, look(desk, run).seen()), "Tally", stamps) == {}


@pytest.mark.parametrize("table", ["runs", "", None, "../x", "Tally' OR 1=1"])
def test_no_other_table_is_read(desk, table):
    panel, _ = laid_out(lambda: RowsPanel(desk, COUNTING))
    assert "has no table" in panel._read(finish(desk, add_run(desk)), table)[panel.words]
