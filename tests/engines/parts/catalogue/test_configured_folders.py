import pytest

from engines.parts.catalogue.configured_folders import add_folder, list_folders, remove_folder
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.errors import ConfigError, ModelError
from workbench.storage.home import home


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path / "mine"))
    return make_tiny_model(tmp_path / "mine" / "tiny")


def test_a_checked_folder_is_listed_once_by_its_real_path(folder, tmp_path):
    (tmp_path / "mine" / "link").symlink_to(folder)
    assert add_folder(f" {folder} ") == add_folder(str(tmp_path / "mine" / "link")) == str(folder)
    assert list_folders() == (str(folder),)
    remove_folder(str(folder))
    assert list_folders() == () and folder.is_dir()


def test_what_cannot_be_used_never_comes_on_the_list(folder, tmp_path):
    outside = make_tiny_model(tmp_path / "elsewhere" / "tiny")
    (folder / "model.safetensors").unlink()
    for path, why in (
        (str(outside), "outside the folders"),
        (str(folder), "no weights"),
        ("mine/tiny", "There is nothing at"),
        ("./tiny", "relative path"),
        (f"{folder}/../../elsewhere/tiny", "outside the folders"),
    ):
        with pytest.raises(ModelError, match=why):
            add_folder(path)
    assert list_folders() == ()


def test_a_folder_that_is_not_listed_cannot_leave(folder):
    with pytest.raises(ConfigError, match="not on the list"):
        remove_folder(str(folder))


def test_a_damaged_or_full_list_does_no_harm(folder, monkeypatch):
    (home() / "model_folders.json").write_text('{"folders": [1, "/x"]}')
    assert list_folders() == ("/x",)
    monkeypatch.setattr("engines.parts.catalogue.configured_folders.MOST_FOLDERS", 1)
    with pytest.raises(ConfigError, match="all that it takes"):
        add_folder(str(folder))
