import pytest

from engines.parts.catalogue.server_lines import server_lines, taken_off
from engines.parts.servers.configured_servers import add_server
from workbench.contract.errors import ConfigError

ADDRESS = "http://127.0.0.1:8011/v1"


@pytest.fixture(autouse=True)
def _own_home(fresh_home):
    pass


def test_each_model_of_a_server_is_a_line():
    add_server("Here", ADDRESS, ["a", "b"], "BENCHWRIGHT_KEY_MINE")
    first, second = server_lines()
    assert (first.ref, first.role, first.place) == (f"openai:a@{ADDRESS}", "generator", "server")
    assert second.entry == "server:Here" and "Its key is read from BENCHWRIGHT_KEY_MINE." in second.note


def test_what_leaves_is_given_back_as_the_form_takes_it():
    add_server("Here", ADDRESS, ["a", "b"], "BENCHWRIGHT_KEY_MINE")
    assert taken_off("Here") == {
        "name": "Here",
        "address": ADDRESS,
        "models": "a, b",
        "key_variable": "BENCHWRIGHT_KEY_MINE",
    }
    assert server_lines() == []
    with pytest.raises(ConfigError):
        taken_off("Here")
