"""The panel of one run."""

from dataclasses import replace

import gradio as gr
import pytest

from tests.desks import add_run, built, finish, open_desk
from workbench.history.records import ArtifactLine
from workbench.ui.runs.run_details import RunDetails, details_of, downloads, run_details


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk.history.record(finish(desk, add_run(desk, title="Mine")))


def test_the_panel_takes_as_many_updates_as_are_made(record):
    def make() -> RunDetails:
        with gr.Blocks():
            return run_details()

    assert len(built(make).outputs) == len(details_of(record, "Mine", True, "")) == RunDetails.WIDTH


def test_others_runs_are_read_only(record):
    panel, run, heading, title, tags, note, delete, _ = details_of(record, "Mine", False, "")
    assert (panel["visible"], run) == (True, record.run)
    assert not any(update["interactive"] for update in (title, tags, note, delete))
    assert "someone else" in heading


def test_a_live_run_cannot_be_deleted(record):
    assert details_of(record, "Mine", True, "")[6]["interactive"]
    assert not details_of(replace(record, state="running"), "Mine", True, "")[6]["interactive"]


def test_downloads_name_every_table_artifact_and_the_log(record):
    html = downloads(replace(record, tables={"Step": 2, "<b>": 1}), [ArtifactLine("tally.json", 1_200, "00")])
    for address in (
        "tables/Step.csv",
        "tables/%3Cb%3E.csv",
        "artifacts/tally.json",
        "report.html",
        "bundle.zip",
        "log",
    ):
        assert f'href="/runs/{record.run}/{address}"' in html
    assert "<b>" not in html and "2 rows" in html and "1.2 kB" in html
