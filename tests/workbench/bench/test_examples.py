"""Examples are taken up once, and a damaged one keeps nothing from opening."""

import shutil
from pathlib import Path

import pytest

from workbench.bench.examples import FOLDER, take_up_examples
from workbench.history import History
from workbench.history.records import RunFilter

SHIPPED = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.fixture
def history(tmp_path: Path):
    opened = History(tmp_path / "home" / "history.db")
    yield opened
    opened.close()


def test_shipped_examples_are_whole_and_finished(history: History):
    taken = take_up_examples(history)
    assert taken == SHIPPED and taken
    for run in taken:
        record = history.record(run)
        assert (record.state, record.origin) == ("finished", "example")
        assert record.tables["Outcome"] > 0 and not record.resumable


def test_they_are_taken_up_once_and_stay_deleted(history: History):
    run = take_up_examples(history)[0]
    assert take_up_examples(history) == []
    history.delete(run)
    assert take_up_examples(history) == []
    assert run not in [record.run for record in history.listing(RunFilter(origin="example")).records]


def test_a_damaged_example_is_left_out(history: History, tmp_path: Path):
    folder = tmp_path / "examples"
    shutil.copytree(FOLDER / SHIPPED[0], folder / SHIPPED[0])
    (folder / "broken").mkdir()
    (folder / "broken" / "spec.json").write_text("{")
    assert take_up_examples(history, folder) == [SHIPPED[0]]


def test_no_folder_no_examples(history: History, tmp_path: Path):
    assert take_up_examples(history, tmp_path / "none") == []
