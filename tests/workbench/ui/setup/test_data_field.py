"""A data file at its field: taken up, read by a worker as the method reads it, its columns and choices written down."""

from typing import Annotated

import pytest

from tests.blocks import laid_out, row, visit
from tests.workbench.ui.shown_tools import FAILED, FINISHED, HOSTILE, desk_with_tools, spoken
from workbench.contract.schema import Config
from workbench.contract.vocabulary import BASIC, ChoicesOf, DataKind
from workbench.ui.setup.data_field import DataField
from workbench.ui.setup.form import Form

COLUMN = {"filled": 2, "distinct": 2, "kind": "text", "shortest": 1, "typical": 2, "longest": 3, "example": "x"}
FIELD = row("ProposedField", field="question", help="", column="Q", confidence=1.0, reason="", required=True)
SEEN = (
    row("FileFacts", name="a.csv", kind="csv", rows=2, columns=1, unreadable=0, complete=True, credit=""),
    row("ColumnFacts", column="Q", **COLUMN),
)
CHECKED = row("RecordFacts", record="x", usable=2, broken=0, setting="question=Q")


class Reading(Config):
    """What is read."""

    data: Annotated[str, DataKind("a question", "x:Y", "columns"), BASIC] = ""
    """Questions."""
    columns: Annotated[str, BASIC] = ""
    """Which column is which field."""
    main: Annotated[str, ChoicesOf("data"), BASIC] = "en"
    """A language."""
    languages: Annotated[tuple[str, ...], ChoicesOf("data"), BASIC] = ("de", "fr")
    """Languages."""


@pytest.fixture
def desk(tmp_path, fresh_home):
    with desk_with_tools(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def made(desk):
    def lay_out():
        fields = []
        form = Form(Reading, below=lambda setting, picker: fields.append(DataField(desk, "toy", setting, picker)))
        fields[0].listen(form)
        return fields[0], form

    return laid_out(lay_out)[0]


def ended(desk, field, *events, chosen=("en", ["de", "fr"])):
    run = field._picked(visit(), "upload:a.csv")[field.run_box]
    spoken(desk, run, *events)
    return field._refresh(run, *chosen)


def test_an_uploaded_file_is_named_and_looked_into_as_the_setting_reads_it(desk, made, tmp_path):
    field, _ = made
    (tmp_path / "mine.csv").write_text("Q\nWho?\n")
    updates = field._uploaded(visit(), str(tmp_path / "mine.csv"))
    asked = desk.history.record(updates[field.run_box]).spec.settings
    assert asked["data"] == updates[field.picker] and asked["data"].startswith("upload:mine-")
    assert asked["setting"] == "toy.data" and "Reading the file" in updates[field.told]
    (tmp_path / "mine.xlsx").write_bytes(b"PK")
    assert "CSV" in field._uploaded(visit(), str(tmp_path / "mine.xlsx"))[field.told]
    assert desk.history.record(updates[field.run_box]).live


def test_rows_columns_and_mapping_are_told_and_written_down(desk, made):
    field, form = made
    updates = ended(desk, field, *SEEN, FIELD, CHECKED, FINISHED)
    assert "2 rows, 1 column: Q." in updates[field.told] and "All of them can be used." in updates[field.told]
    assert updates[form.widget_of("columns")] == "question=Q" and updates[field.mapping]["visible"]
    assert updates[field.columns[0]]["value"] == "Q" and updates[field.run_box] == ""


def test_a_field_without_its_column_opens_the_mapping(desk, made):
    field, form = made
    lacking = row("ProposedField", field="question", help="", column="", confidence=0.0, reason="", required=True)
    updates = ended(desk, field, *SEEN, lacking, FINISHED)
    assert "Which column holds this: Question?" in updates[field.told] and updates[field.mapping]["open"]
    assert updates[form.widget_of("columns")] == ""
    chosen = field._chosen(visit(), "upload:a.csv", ("question",), "Q", *[""] * 11)
    assert desk.history.record(chosen[field.run_box]).spec.settings["mapping"] == ["question=Q"]
    assert field.mapping not in chosen, "the columns stay open while the file is read anew"


def test_choices_follow_the_file(desk, made):
    field, form = made
    main, languages = form.widget_of("main"), form.widget_of("languages")
    found = [row("FoundChoices", setting=each, values=["nb", "de", "en"]) for each in ("main", "languages")]
    updates = ended(desk, field, *SEEN, *found, FINISHED)
    assert (updates[main]["value"], updates[main]["choices"]) == ("en", ["nb", "de", "en"])
    assert updates[languages]["value"] == ["nb", "de"]
    kept = ended(desk, field, *SEEN, *found, FINISHED, chosen=("nb", ["de"]))
    assert (kept[main]["value"], kept[languages]["value"]) == ("nb", ["de"])


def test_what_was_said_of_another_file_leaves_and_nothing_is_downloaded_for_a_look(desk, made):
    field, form = made
    for ref in ("", "owner/name", "no-such-set"):
        updates = field._picked(visit(), ref)
        assert updates[field.run_box] == "" and updates[field.told] == "" and updates[form.widget_of("columns")] == ""


def test_a_file_that_cannot_be_read_says_why(desk, made):
    field, _ = made
    told = ended(desk, field, FAILED)[field.told]
    assert "No &lt;b&gt;such&lt;/b&gt; thing." in told and "Name another." in told


@pytest.mark.parametrize("run", [each for each in HOSTILE if each])
def test_only_a_look_is_followed(made, run):
    field, _ = made
    updates = field._refresh(run, "en", ["de"])
    assert updates[field.run_box] == "" and updates[field.told]
