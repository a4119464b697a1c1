"""The data folder is made where asked, or refused with a remedy."""

import os
from pathlib import Path

import pytest

from workbench.contract.errors import HistoryError, RunNotFound
from workbench.storage.home import home, place, saved_by_run


def test_home_is_made_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "a" / "b"))
    assert home() == tmp_path / "a" / "b"
    assert place("runs").is_dir()
    assert home().stat().st_mode & 0o077 == 0


def test_default_home_is_neither_here_nor_temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BENCHWRIGHT_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert home() == tmp_path / "share" / "benchwright"


def test_a_file_in_the_way_is_a_typed_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("x")
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "taken"))
    with pytest.raises(HistoryError) as caught:
        home()
    assert "BENCHWRIGHT_HOME" in caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_folder_is_a_typed_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))
    with pytest.raises(HistoryError, match="cannot be written"):
        home()


def test_what_a_run_saved_has_its_place_in_the_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))
    assert saved_by_run("r1", "pairs.jsonl") == tmp_path / "runs" / "r1" / "artifacts" / "pairs.jsonl"


@pytest.mark.parametrize(("run", "name"), [("../r1", "a"), ("r1\n", "a"), ("R1", "a"), ("r1", "../a"), ("r1", "a\n")])
def test_a_saved_thing_is_never_a_path(run: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))
    with pytest.raises(RunNotFound):
        saved_by_run(run, name)
