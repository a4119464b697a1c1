"""Server addresses: what may be asked, from where, and with which key."""

import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.servers.configured_servers import add_server
from engines.parts.servers.server_addresses import (
    OPEN_TO_OTHERS,
    ServerAddress,
    checked_address,
    find_server,
    open_to_others,
)
from workbench.contract.errors import ModelError

HERE = "http://127.0.0.1:8130/v1"
KEY = "sk-benchwright-0123456789"


@pytest.fixture(autouse=True)
def _own_home(fresh_home):
    pass


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch):
    """A name service of our own: name to addresses."""
    known: dict[str, list[str]] = {}

    def getaddrinfo(host: str, port: int, **kwargs: Any) -> Any:
        if host not in known:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr("engines.parts.servers.server_addresses.socket.getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPEN_TO_OTHERS, "1")


def test_an_address_is_taken_apart():
    address = checked_address("https://8.8.8.8/v1/")
    assert (address.scheme, address.host, address.port, address.path) == ("https", "8.8.8.8", 443, "/v1")
    assert (address.origin, address.text) == ("https://8.8.8.8", "https://8.8.8.8/v1")
    assert checked_address("http://[::1]:8130/v1").text == "http://[::1]:8130/v1"
    assert checked_address(HERE).origin == "http://127.0.0.1:8130"


@pytest.mark.parametrize(
    "text",
    ["", "127.0.0.1:8011", "ftp://127.0.0.1/v1", "file:///etc/passwd", "http://", "http://[::1", "http://x:99999/v1",
     "http://127.0.0.1:0/v1", "http://127.0.0.1/v1?key=x", "http://127.0.0.1/v1#x", "http://127.0.0.1 /v1",
     "http://127.0.0.1\\@8.8.8.8/v1", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(ModelError):
        checked_address(text)


@pytest.mark.parametrize("text", [f"http://user:{KEY}@127.0.0.1/v1", f"http://{KEY}@127.0.0.1/v1"])
def test_a_key_in_the_address_is_refused_and_not_repeated(text: str):
    for refused in (lambda: checked_address(text), lambda: find_server(f"toy@{text}")):
        with pytest.raises(ModelError, match="user name or a key") as error:
            refused()
        assert KEY not in str(error.value) + error.value.hint


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "169.254.1.1", "[fe80::1]", "224.0.0.1", "[ff02::1]", "0.0.0.0", "[::]", "255.255.255.255",
     "168.63.129.16", "100.100.100.200", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]",
     "[2002:a9fe:a9fe::]", "240.0.0.1"],
)  # fmt: skip
def test_link_local_and_metadata_addresses_are_refused_always(host: str):
    with pytest.raises(ModelError, match="no address of a model server"):
        checked_address(f"http://{host}/v1")


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.1.1",
    "[::1]",
    "[fd12::1]",
    "[::ffff:10.0.0.1]",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_for_whoever_sits_at_the_machine(host: str, monkeypatch: pytest.MonkeyPatch):
    assert checked_address(f"http://{host}:8130/v1").port == 8130
    monkeypatch.setenv(OPEN_TO_OTHERS, "1")
    assert open_to_others()
    with pytest.raises(ModelError, match="private network") as refused:
        checked_address(f"http://{host}:8130/v1")
    assert "127.0.0.1" in refused.value.hint


def test_public_addresses_are_for_everybody(others: None):
    assert checked_address("https://8.8.8.8/v1").pinned == "8.8.8.8"


@given(st.ip_addresses(v=4))
def test_every_address_is_public_private_or_refused(address):
    try:
        pinned = checked_address(f"http://{address}/v1").pinned
    except ModelError:
        assert not address.is_global or str(address) == "168.63.129.16" or address.is_multicast
    else:
        assert pinned == str(address) and not address.is_link_local and not address.is_multicast


def test_a_name_is_resolved_once_and_all_that_it_means_is_checked(names: dict[str, list[str]]):
    names["models.example"] = ["93.184.216.34", "8.8.8.8"]
    assert checked_address("https://models.example/v1").pinned == "93.184.216.34"
    names["models.example"] = ["93.184.216.34", "169.254.169.254"]
    with pytest.raises(ModelError, match=r"169\.254\.169\.254"):
        checked_address("https://models.example/v1")
    with pytest.raises(ModelError, match="No server is named 'nowhere"):
        checked_address("https://nowhere.example/v1")


def test_a_name_that_leads_home_is_refused_where_others_connect(names: dict[str, list[str]], others: None):
    names["innocent.example"] = ["127.0.0.1"]
    with pytest.raises(ModelError, match="private network"):
        checked_address("http://innocent.example/v1")


def test_a_key_is_read_from_the_variable_that_spells_host_and_port(monkeypatch: pytest.MonkeyPatch):
    assert checked_address(HERE).key == ""
    monkeypatch.setenv("BENCHWRIGHT_KEY_127_0_0_1_8130", KEY)
    address = checked_address(HERE)
    assert (address.key, address.key_variable) == (KEY, "BENCHWRIGHT_KEY_127_0_0_1_8130")
    assert KEY not in repr(address)
    assert checked_address("http://127.0.0.1:8131/v1").key == ""


def test_the_key_of_openai_goes_to_openai_alone(names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch):
    names |= {"api.openai.com": ["8.8.8.8"], "api.openai.com.evil.example": ["8.8.4.4"]}
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert checked_address("https://api.openai.com/v1").key == KEY
    assert checked_address("https://api.openai.com.evil.example/v1").key == ""
    assert checked_address(HERE).key == ""
    with pytest.raises(ModelError, match="travel readably"):
        checked_address("http://api.openai.com/v1")


@pytest.mark.parametrize("key", ["short", "with a line\nbreak in it", "schlüssel-der-lang-ist"])
def test_keys_that_cannot_be_kept_out_of_logs_are_refused(key: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BENCHWRIGHT_KEY_127_0_0_1_8130", key)
    with pytest.raises(ModelError, match="no usable key") as refused:
        checked_address(HERE)
    assert key not in str(refused.value)


def test_a_server_of_the_list_is_found_by_name_and_by_address(monkeypatch: pytest.MonkeyPatch):
    add_server("My lab", HERE, ["toy"], "BENCHWRIGHT_KEY_MINE")
    monkeypatch.setenv("BENCHWRIGHT_KEY_MINE", KEY)
    by_name, by_address = find_server("org/toy@My lab"), find_server(f"org/toy@{HERE}")
    assert by_name == by_address
    assert (by_name[0], by_name[1].text, by_name[1].key_variable) == ("org/toy", HERE, "BENCHWRIGHT_KEY_MINE")
    assert by_name[1].key == by_address[1].key == KEY
    with pytest.raises(ModelError, match="No server is named 'other'; the list has My lab"):
        find_server("toy@other")


def test_a_server_of_the_list_may_have_its_key_in_a_variable_of_its_name(monkeypatch: pytest.MonkeyPatch):
    add_server("My lab", HERE, ["toy"])
    monkeypatch.setenv("BENCHWRIGHT_KEY_MY_LAB", KEY)
    assert find_server("toy@My lab")[1].key == KEY


def test_another_secret_is_never_sent_as_a_key(fresh_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", KEY)
    add_server("My lab", HERE, ["toy"], "OPENAI_API_KEY")
    path = fresh_home / "servers.json"
    path.write_text(path.read_text().replace("OPENAI_API_KEY", "HF_TOKEN"))
    with pytest.raises(ModelError, match="said to be in HF_TOKEN") as refused:
        find_server("toy@My lab")
    assert KEY not in str(refused.value) and "BENCHWRIGHT_KEY_127_0_0_1_8130" in refused.value.hint


def test_the_key_of_openai_is_not_sent_elsewhere_whatever_the_list_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    add_server("My lab", HERE, ["toy"], "OPENAI_API_KEY")
    with pytest.raises(ModelError, match="said to be in OPENAI_API_KEY"):
        find_server("toy@My lab")


def test_where_others_add_servers_a_key_follows_host_and_port_alone(others: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BENCHWRIGHT_KEY_LAB", KEY)
    add_server("lab", "https://8.8.8.8/v1", ["toy"], "BENCHWRIGHT_KEY_LAB")
    address = find_server("toy@lab")[1]
    assert (address.key, address.key_variable) == ("", "BENCHWRIGHT_KEY_8_8_8_8_443")


@pytest.mark.parametrize("ref", ["", "toy", "@http://127.0.0.1/v1", "toy@", "toy@ftp://x"])
def test_what_names_no_server_is_refused(ref: str):
    with pytest.raises(ModelError):
        find_server(ref)


def test_an_excerpt_is_short_and_without_the_key():
    address = ServerAddress("http", "x", 80, "/v1", "8.8.8.8", "V", KEY)
    assert address.excerpt(f"no\n{KEY} here") == "no *** here"
    assert len(address.excerpt("x" * 5000)) == 303
