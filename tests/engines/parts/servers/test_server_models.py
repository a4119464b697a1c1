import pytest

from engines.parts.servers.configured_servers import ConfiguredServer
from engines.parts.servers.server_models import models_of_server
from tests.engines.served_models import serving_models
from tests.live import free_port
from workbench.contract.errors import ModelError

OFFER = {"object": "list", "data": [{"id": "small"}, {"id": "org/large", "max_model_len": 4096}]}


def asked(address, key_variable=""):
    return models_of_server(ConfiguredServer("Here", address, (), key_variable))


def test_a_server_names_its_models():
    with serving_models(OFFER) as address:
        assert asked(address) == ["small", "org/large"]


def test_the_key_is_taken_from_the_named_variable(monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_KEY_MINE", "a-key-of-mine")
    with serving_models(OFFER, key="a-key-of-mine") as address:
        assert asked(address, "BENCHWRIGHT_KEY_MINE") == ["small", "org/large"]
        with pytest.raises(ModelError) as refused:
            asked(address, "BENCHWRIGHT_KEY_OTHER")
        assert "a-key-of-mine" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ("<html>", 200, "no list of models"),
        ({"data": 3}, 200, "no list of models"),
        ({}, 404, "keeps no list"),
        ({"data": []}, 200, "no list"),
    ],
)
def test_a_server_without_a_list_says_what_to_do(answer, status, words):
    with serving_models(answer, status) as address, pytest.raises(ModelError, match=words) as refused:
        asked(address)
    assert refused.value.hint


def test_nobody_there_is_told():
    with pytest.raises(ModelError) as refused:
        asked(f"http://127.0.0.1:{free_port()}/v1")
    assert refused.value.hint


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest", "file:///etc/passwd", "http://a:b@127.0.0.1/v1"])
def test_addresses_that_may_not_be_asked_are_refused(address):
    with pytest.raises(ModelError):
        asked(address)
