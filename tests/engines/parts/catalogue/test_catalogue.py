import shutil

import pytest

from engines.parts.catalogue.catalogue import CATALOGUE
from engines.parts.catalogue.configured_folders import add_folder
from engines.parts.servers.configured_servers import add_server
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.errors import ConfigError


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path / "mine"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def test_models_of_every_place_are_listed_in_order(tmp_path):
    folder = make_tiny_model(tmp_path / "mine" / "tiny")
    shutil.copytree(folder, tmp_path / "hub" / "models--a--b" / "snapshots" / "c")
    add_folder(str(folder))
    add_server("Here", "http://127.0.0.1:8011/v1", ["m"])
    places = [line.place for line in CATALOGUE.models()]
    assert places == ["bundled", "bundled", "folder", "hub cache", "server"]
    assert CATALOGUE.data()[0].ref == "django-messages"
    assert CATALOGUE.remove(f"folder:{folder}") == {"path": str(folder)}
    assert CATALOGUE.remove("server:Here")["models"] == "m"
    assert [line.place for line in CATALOGUE.models()] == ["bundled", "bundled", "hub cache"]


@pytest.mark.parametrize("entry", ["", "smollm2-135m-instruct", "folder:/etc", "server:none", "folder:"])
def test_what_nobody_added_cannot_be_removed(entry):
    with pytest.raises(ConfigError):
        CATALOGUE.remove(entry)
