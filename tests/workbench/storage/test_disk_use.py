"""What a run takes on disk, and what goes while record, rows and files stay."""

from pathlib import Path

from tests.workbench.history.speech import SPEC
from workbench.contract.runs import RunFolder
from workbench.storage.disk_use import folder_use, remove_spare


def made(root: Path) -> RunFolder:
    folder = RunFolder(root, "some-run")
    folder.make(SPEC)
    (folder.path / "once" / "kept.json").write_bytes(b"x" * 100)
    (folder.path / "checkpoints" / "tuned" / "deep").mkdir(parents=True)
    (folder.path / "checkpoints" / "tuned" / "deep" / "state").write_bytes(b"x" * 1_000)
    (folder.path / "artifacts" / "adapter").write_bytes(b"x" * 500)
    folder.events.write_bytes(b"x" * 10)
    return folder


def test_all_files_are_counted_and_what_is_spare_apart(tmp_path: Path):
    folder = made(tmp_path)
    spec = (folder.path / "spec.json").stat().st_size
    assert folder_use(folder) == (1_610 + spec, 1_100)


def test_rows_and_files_stay_when_what_is_spare_goes(tmp_path: Path):
    folder = made(tmp_path)
    assert remove_spare(folder) == 1_100
    assert folder_use(folder)[1] == 0
    assert folder.events.exists() and (folder.path / "artifacts" / "adapter").exists()
    assert (folder.path / "once").is_dir(), "a run that goes on writes there"


def test_links_are_never_followed(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_bytes(b"x" * 5_000)
    folder = made(tmp_path)
    (folder.path / "once" / "kept.json").unlink()
    (folder.path / "once").rmdir()
    (folder.path / "once").symlink_to(elsewhere)
    (folder.path / "checkpoints" / "link").symlink_to(elsewhere)
    assert folder_use(folder)[0] < 5_000
    remove_spare(folder)
    assert (elsewhere / "precious").exists()


def test_a_folder_that_is_gone_takes_nothing(tmp_path: Path):
    gone = RunFolder(tmp_path, "gone")
    assert folder_use(gone) == (0, 0) and remove_spare(gone) == 0
