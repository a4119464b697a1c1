import json

import pytest

from tests.blocks import laid_out, row, visit
from tests.workbench.ui.shown_tools import CLICK, FAILED, FINISHED, HOSTILE, desk_with_tools, opened, spoken
from workbench.storage.home import place
from workbench.ui.data.data_panel import DataPanel

COLUMN = {"filled": 2, "distinct": 2, "kind": "text", "shortest": 1, "typical": 2, "longest": 3, "example": "<b>"}
SEEN = (
    row("FileFacts", name="<b>.csv", kind="csv", rows=2, columns=2, unreadable=1, complete=True, credit=""),
    row("ColumnFacts", column="Q", **COLUMN),
    row("ColumnFacts", column="A", **COLUMN),
    row("PreviewRow", line=2, cells=["<script>", "=1"]),
    row("RecordChoice", name="prompts", help="A prompt.", chosen=False),
    row("RecordChoice", name="question answering", help="A question.", chosen=True),
)
FIELDS = (
    row("ProposedField", field="question", help="Asked.", column="Q", confidence=1.0, reason="Same.", required=True),
    row("ProposedField", field="answers", help="Right.", column="A", confidence=0.7, reason="Alike.", required=True),
    row("ProposedField", field="passage", help="Read.", column="", confidence=0.0, reason="None.", required=False),
)
CHECKED = (
    row("RecordFacts", record="question answering", usable=1, broken=1, setting="question=Q,answers=A"),
    row("BrokenRow", line=3, field="", what="Row 3 has <i>4</i> cells.", remedy="Quote it."),
)


@pytest.fixture
def desk(tmp_path, fresh_home):
    with desk_with_tools(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def panel(desk):
    return laid_out(lambda: DataPanel(desk))[0]


def looked(desk, panel, *events):
    run = spoken(desk, opened(desk, "data_preview", data="upload:a.csv"), *events)
    return panel.refresh(run)


def test_a_look_starts_with_what_was_named(desk, panel):
    updates, begun = panel.start(visit(), CLICK, "upload:a.csv", "prompts")
    asked = desk.history.record(updates[panel.run_box]).spec.settings
    assert begun and asked == {"data": "upload:a.csv", "record": "prompts", "setting": "", "mapping": []}
    assert (
        panel.start(visit(), CLICK, "", "")[1] is False
        and "Data" in panel.start(visit(), CLICK, "", "")[0][panel.words]
    )


def test_the_columns_as_chosen_are_checked(desk, panel):
    given = ("upload:a.csv", "prompts", ("prompt", "id"), "Q, in words", "", *[""] * 10)
    updates, begun = panel.start_mapped(visit(), CLICK, *given)
    assert begun and desk.history.record(updates[panel.run_box]).spec.settings["mapping"] == ["prompt=Q, in words"]


def test_what_was_seen_is_shown_once_the_look_has_ended(desk, panel):
    run = opened(desk, "data_preview", data="upload:a.csv")
    assert panel.refresh(run) == ({}, True) and panel.refresh("") == ({}, False)
    spoken(desk, run, *SEEN, *FIELDS, *CHECKED, FINISHED)
    updates, live = panel.refresh(run)
    assert not live and updates[panel.run_box] == "" and "&lt;b&gt;.csv" in updates[panel.facts]
    assert json.loads(updates[panel.rows])["rows"] == [[2, "<script>", "=1"]]
    assert "1 row can be used as question answering, 1 row cannot." in updates[panel.verdict]
    assert "question=Q,answers=A" in updates[panel.verdict]
    assert "Row 3 has &lt;i&gt;4&lt;/i&gt; cells." in updates[panel.broken] and "whole row" in updates[panel.broken]
    assert updates[panel.broken_fold]["visible"] and "<b>" not in updates[panel.statistics]


def test_the_mapping_is_offered_as_proposed(desk, panel):
    updates, _ = looked(desk, panel, *SEEN, *FIELDS, *CHECKED, FINISHED)
    assert updates[panel.fields] == ("question", "answers", "passage")
    first, _, third, fourth = (updates[column] for column in panel.columns[:4])
    assert first["value"] == "Q" and first["choices"] == [("(no column)", ""), ("Q", "Q"), ("A", "A")]
    assert (first["label"], third["label"], third["value"]) == ("Question", "Passage (may stay empty)", "")
    assert fourth["visible"] is False and updates[panel.mapping]["visible"]
    assert updates[panel.record]["value"] == "question answering"


def test_a_field_without_a_column_is_asked_for(desk, panel):
    lacking = row("ProposedField", field="answers", help="", column="", confidence=0.0, reason="", required=True)
    updates, _ = looked(desk, panel, *SEEN, FIELDS[0], lacking, FINISHED)
    assert "No column was found for answers." in updates[panel.verdict]


def test_what_fits_nothing_has_neither_mapping_nor_verdict(desk, panel):
    updates, _ = looked(desk, panel, *SEEN[:4], FINISHED)
    assert updates[panel.verdict] == "" and updates[panel.mapping]["visible"] is False
    assert updates[panel.broken_fold]["visible"] is False and updates[panel.seen]["visible"]


def test_why_nothing_could_be_read_is_told(desk, panel):
    updates, live = looked(desk, panel, FAILED)
    assert not live and "No &lt;b&gt;such" in updates[panel.words] and updates[panel.seen]["visible"] is False


@pytest.mark.parametrize("value", HOSTILE[1:])
def test_whatever_names_no_look_is_refused(panel, value):
    updates, live = panel.refresh(value)
    assert not live and "bw-is-bad" in updates[panel.words]


def test_an_upload_is_kept_and_named(panel, tmp_path):
    path = tmp_path / "my paper.pdf"
    path.write_bytes(b"%PDF-")
    updates = panel.taken_up(str(path))
    name = updates[panel.data].removeprefix("upload:")
    assert name.startswith("my-paper-") and (place("uploads") / name).read_bytes() == b"%PDF-"
    bad = tmp_path / "a.exe"
    bad.write_text("x")
    assert "not a data file" in panel.taken_up(str(bad))[panel.words]
    assert panel.taken_up(None) == {panel.words: ""}
