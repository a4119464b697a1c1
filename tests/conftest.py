"""The surroundings of every test: a data folder of its own, no network but loopback, quiet libraries."""

import contextlib
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.room_budget import RoomBudget

if TYPE_CHECKING:
    from tests.quick_runs import QuickRuns

QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "DO_NOT_TRACK": "1",
    "PIP_NO_INDEX": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "BENCHWRIGHT_NICENESS": "0",
    # Two test processes share the cores, and so do their workers.
    "OMP_WAIT_POLICY": "PASSIVE",
}
FETCHED = ("models", "data")

# How long an example takes depends on what else the machine does, so there is no deadline. More examples than a change
# can wait for: --hypothesis-profile=wide.
settings.register_profile("ci", deadline=None, max_examples=25)
settings.register_profile("wide", deadline=None, max_examples=500)
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Give the session a data folder with the models and data that `benchwright fetch` brought, and nothing else."""
    from workbench.storage.home import home

    fetched, fresh = home(), Path(tempfile.mkdtemp(prefix="benchwright-tests-"))
    for name in FETCHED:
        (fetched / name).mkdir(exist_ok=True)
        (fresh / name).symlink_to(fetched / name, target_is_directory=True)
    # Named, if empty: a session that stays open for other tests would otherwise let all of them read the whole disk.
    os.environ.update(QUIET, BENCHWRIGHT_HOME=str(fresh), BENCHWRIGHT_ROOTS="")
    for name in ("BENCHWRIGHT_PASSWORD", "BENCHWRIGHT_USERS", "SPACE_ID", "SPACE_HOST"):
        os.environ.pop(name, None)
    config.add_cleanup(lambda: shutil.rmtree(fresh, ignore_errors=True))
    config.pluginmanager.register(RoomBudget(), "room budget")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Whoever connects or looks a name up beyond this machine fails loudly."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _only_here(getattr(socket.socket, name)))
    found = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _require_here(host)
        return found(host, *args, **kwargs)

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    patch.undo()


@pytest.fixture
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that no other test has written to; models and data are the session's."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in FETCHED:
        (folder / name).symlink_to(Path(os.environ["BENCHWRIGHT_HOME"]) / name, target_is_directory=True)
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def quick_runs() -> "Iterator[QuickRuns]":
    """Smallest runs of the real methods, shared by the session; a bench is opened where a worker is asked for."""
    from engines import ENGINES
    from tests.quick_runs import QuickRuns
    from workbench.bench.session import open_session

    with contextlib.ExitStack() as opened:
        yield QuickRuns(lambda: opened.enter_context(open_session(ENGINES)))


def _only_here(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _require_here(address[0])
        return connect(self, address)

    return guarded


def _require_here(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", socket.gethostname()):
        return
    try:
        here = ipaddress.ip_address(name).is_loopback or ipaddress.ip_address(name).is_unspecified
    except ValueError:
        here = str(name).endswith(".localhost")
    if not here:
        raise RuntimeError(f"a test reached for the network: {name}")
