import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.parts.files.documents import DOCUMENTS
from engines.parts.files.table_files import TABLES
from workbench.contract.errors import DataError
from workbench.contract.runs import ARTIFACT_NAME
from workbench.storage.home import place
from workbench.ui.setup.uploads import SUFFIXES, keep_upload, upload_name


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


def test_an_upload_is_kept_under_a_name_that_tells_its_content(tmp_path):
    path = tmp_path / "Meine Daten (1).CSV"
    path.write_text("de,fr\na,b\n")
    reference = keep_upload(path)
    name = reference.removeprefix("upload:")
    assert reference.startswith("upload:Meine-Daten-1-") and name.endswith(".csv")
    assert (place("uploads") / name).read_text() == "de,fr\na,b\n"
    assert keep_upload(path) == reference
    path.write_text("de,fr\nother,b\n")
    assert keep_upload(path) != reference
    assert sorted(each.suffix for each in place("uploads").iterdir()) == [".csv", ".csv"]


@pytest.mark.parametrize("name", ["a.exe", "a", "a.csv.sh", "a.pkl"])
def test_other_files_are_refused(tmp_path, name):
    path = tmp_path / name
    path.write_text("x")
    with pytest.raises(DataError, match="not a data file") as refused:
        keep_upload(path)
    assert ".jsonl" in refused.value.hint


def test_whatever_is_taken_can_be_read():
    assert set(SUFFIXES) <= {*TABLES, *DOCUMENTS}


def test_empty_and_huge_files_are_refused(tmp_path):
    empty, huge = tmp_path / "e.csv", tmp_path / "h.csv"
    empty.touch()
    with huge.open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(DataError, match="is empty"):
        keep_upload(empty)
    with pytest.raises(DataError, match="at most 200 MB"):
        keep_upload(huge)
    assert not list(place("uploads").iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=60))
def test_every_name_is_bare_and_safe(tmp_path, stem):
    path = tmp_path / f"{stem}.csv"
    path.write_text("x")
    assert ARTIFACT_NAME.fullmatch(upload_name(path).lstrip("_-"))
    assert upload_name(path) == upload_name(path).strip("/.")


@pytest.mark.parametrize("name", ["table.xlsx", "TABLE.XLS", "sheet.ods"])
def test_a_spreadsheet_is_refused_with_the_way_out(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match="spreadsheet") as refused:
        keep_upload(path)
    assert "CSV" in refused.value.hint
