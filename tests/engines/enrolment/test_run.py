import pytest

from engines.enrolment import TOOL
from engines.parts.catalogue.configured_folders import list_folders
from engines.parts.servers.configured_servers import list_servers
from tests.engines.parts.tiny_model import make_tiny_model
from tests.engines.served_models import serving_models
from tests.engines.worked_tools import worked
from workbench.contract.errors import ConfigError, ModelError
from workbench.tool_questions.model_registration import Enrolled, OutsideFolder

OFFER = {"data": [{"id": "small"}, {"id": "org/large"}]}


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path / "mine"))


def test_a_sound_folder_comes_on_the_list(tmp_path):
    folder = make_tiny_model(tmp_path / "mine" / "tiny")
    said = worked(TOOL, {"place": "folder", "address": str(folder)}, tmp_path)
    assert said.rows(Enrolled) == [{"ref": str(folder), "name": "tiny"}] and list_folders() == (str(folder),)


@pytest.mark.parametrize("address", ["/etc", "mine/tiny", "/nowhere"])
def test_any_other_folder_stays_off_the_list(tmp_path, address):
    with pytest.raises(ModelError):
        worked(TOOL, {"place": "folder", "address": address}, tmp_path)
    assert list_folders() == ()


def test_a_folder_outside_is_named_and_taken_once_its_owner_allows_it(tmp_path):
    folder = make_tiny_model(tmp_path / "elsewhere" / "tiny")
    log = tmp_path / "log"
    with pytest.raises(ModelError, match="outside"):
        worked(TOOL, {"place": "folder", "address": str(folder)}, log)
    said = worked(TOOL, {"place": "folder", "address": str(folder), "allow": True}, tmp_path)
    assert said.rows(Enrolled) == [{"ref": str(folder), "name": "tiny"}] and said.rows(OutsideFolder) == []
    assert OutsideFolder.table() in next(log.rglob("events.jsonl")).read_text("utf-8")


def test_a_server_is_asked_for_its_models(tmp_path):
    with serving_models(OFFER) as address:
        said = worked(TOOL, {"place": "server", "name": "Here", "address": f"{address}/"}, tmp_path)
    assert [row["name"] for row in said.rows(Enrolled)] == ["small", "org/large"]
    assert said.rows(Enrolled)[0]["ref"] == f"openai:small@{address}"
    (server,) = list_servers()
    assert (server.name, server.address, server.models) == ("Here", address, ("small", "org/large"))


def test_named_models_need_no_server_that_answers(tmp_path):
    asked = {
        "place": "server",
        "address": "http://127.0.0.1:1/v1",
        "models": ["mine"],
        "key_variable": "BENCHWRIGHT_KEY_X",
    }
    said = worked(TOOL, asked, tmp_path)
    assert [row["name"] for row in said.rows(Enrolled)] == ["mine"]
    assert any(event["kind"] == "note" for event in said.events)
    assert list_servers()[0].key_variable == "BENCHWRIGHT_KEY_X"


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"address": "http://127.0.0.1:1/v1"}, ModelError),
        ({"address": "http://169.254.169.254/v1", "models": ["m"]}, ModelError),
        (
            {"address": "http://127.0.0.1:1/v1", "models": ["m"], "key_variable": "sk-not a name"},
            (ConfigError, ModelError),
        ),
    ],
)
def test_what_cannot_be_asked_stays_off_the_list(tmp_path, asked, refusal):
    with pytest.raises(refusal):
        worked(TOOL, {"place": "server", **asked}, tmp_path)
    assert list_servers() == ()
