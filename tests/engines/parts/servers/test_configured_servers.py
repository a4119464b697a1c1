import json

import pytest

from engines.parts.servers.configured_servers import ConfiguredServer, add_server, list_servers, remove_server
from workbench.contract.errors import ConfigError
from workbench.storage.home import home

ADDRESS = "http://127.0.0.1:8011/v1"


@pytest.fixture(autouse=True)
def _own_home(fresh_home):
    pass


def test_servers_are_kept_in_their_order_and_given_back_when_they_leave():
    first = add_server("Here", f"{ADDRESS}/ ", ["a", "b", "a"], "OPENAI_API_KEY")
    second = add_server("", "https://example.org/v1", ["c"])
    assert first == ConfiguredServer("Here", ADDRESS, ("a", "b"), "OPENAI_API_KEY")
    assert second.name == "example.org" and list_servers() == (first, second)
    assert first.ref("a") == "openai:a@http://127.0.0.1:8011/v1"
    changed = add_server("Here", ADDRESS, ["d"])
    assert list_servers() == (second, changed)
    assert remove_server("Here") == changed and list_servers() == (second,)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("x", "ftp://127.0.0.1", ["a"]), "address"),
        (("x", "127.0.0.1:80", ["a"]), "address"),
        (("x", "http://[::1", ["a"]), "address"),
        (("x", "http://key@127.0.0.1", ["a"]), "address"),
        (("x", ADDRESS, []), "models"),
        (("x", ADDRESS, ["a" * 201]), "models"),
        (("x" * 201, ADDRESS, ["a"]), "name"),
        (("x", ADDRESS, ["a"], "sk-abc 123"), "key_variable"),
        (("x", ADDRESS, ["a"], "HF_TOKEN"), "key_variable"),
        (("x", ADDRESS, ["a"], "BENCHWRIGHT_PASSWORD"), "key_variable"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_by_field(given, field):
    with pytest.raises(ConfigError) as refused:
        add_server(*given)
    assert list(refused.value.problems) == [field] and list_servers() == ()


def test_a_key_in_place_of_its_variable_is_not_repeated():
    with pytest.raises(ConfigError) as refused:
        add_server("x", ADDRESS, ["a"], "sk-secret-value")
    assert "sk-secret-value" not in str(refused.value)


def test_what_is_not_on_the_list_cannot_leave_it():
    with pytest.raises(ConfigError, match="'y' is not on the list"):
        remove_server("y")


def test_damaged_entries_are_left_out():
    add_server("x", ADDRESS, ["a"])
    path = home() / "servers.json"
    kept = json.loads(path.read_text())
    kept["servers"] += [3, {"name": "y"}, {"name": "z", "address": ADDRESS, "models": 4}]
    path.write_text(json.dumps(kept))
    assert [server.name for server in list_servers()] == ["x"]


def test_the_list_ends(monkeypatch):
    monkeypatch.setattr("engines.parts.servers.configured_servers.MOST_SERVERS", 1)
    add_server("x", ADDRESS, ["a"])
    with pytest.raises(ConfigError, match="all that it takes"):
        add_server("y", ADDRESS, ["a"])
