"""The network is blocked and the data folder is not the user's."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from workbench.storage.home import home


def test_connections_beyond_this_machine_fail():
    with socket.socket() as sock, pytest.raises(RuntimeError, match="network"):
        sock.connect(("192.0.2.1", 80))
    with pytest.raises(RuntimeError, match="network"):
        socket.getaddrinfo("example.org", 443)


def test_loopback_works():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as sock:
        assert sock.getpeername() == server.getsockname()


def test_the_data_folder_is_the_tests_own():
    assert home().is_relative_to(Path(tempfile.gettempdir()).resolve())
    assert (home() / "models").is_dir()
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_fresh_home_is_empty_but_for_what_was_fetched(fresh_home: Path):
    assert sorted(path.name for path in home().iterdir()) == ["data", "models"]
    assert home() == fresh_home
