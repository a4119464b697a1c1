import pytest

from engines.parts.registry import allow_model_folder, is_outside
from engines.parts.registry.allowed_folders import allowed_folders
from engines.parts.registry.local_files import local_path
from workbench.contract.errors import ModelError


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BENCHWRIGHT_ROOTS", raising=False)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "elsewhere" / "model"
    made.mkdir(parents=True)
    (made / "config.json").write_text("{}")
    return made


def test_an_allowed_folder_may_be_read_and_nothing_beside_it(folder):
    assert is_outside(str(folder))
    with pytest.raises(ModelError, match="outside"):
        local_path(str(folder), ModelError)
    assert allow_model_folder(f" {folder} ") == folder == local_path(str(folder / "config.json"), ModelError).parent
    assert not is_outside(str(folder)) and is_outside(str(folder.parent)) and allowed_folders() == (folder,)
    (folder / "out").symlink_to(folder.parent)
    with pytest.raises(ModelError, match="outside"):
        local_path(str(folder / "out"), ModelError)


@pytest.mark.parametrize("path", ["", "model", "/", "~", "/nowhere/at/all", "/etc", "\0", "/" + "x" * 5_000])
def test_only_the_folder_of_a_model_can_be_allowed(path):
    with pytest.raises(ModelError):
        allow_model_folder(path)
    assert allowed_folders() == ()
