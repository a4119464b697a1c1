"""Options, who may connect, ports; and the app as it is put together."""

import os
import socket
import subprocess
import sys

import pytest
from starlette.testclient import TestClient

from tests.desks import open_desk, served
from tests.source import ROOT
from workbench.contract.errors import AccessError, ConfigError
from workbench.contract.registry import Installed
from workbench.server.server import bound_socket, guard, main, serve, site_of
from workbench.server.server_options import OPEN_TO_OTHERS, Options

HERE = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with (
        open_desk(tmp_path_factory.mktemp("desk")) as desk,
        TestClient(served(desk), base_url=HERE) as client,
    ):
        yield client


def test_loopback_needs_no_password(fresh_home):
    assert guard(Options(), {})[0].mode == guard(Options(host="localhost"), {})[0].mode == "open"
    assert guard(Options(host="::1"), {})[0].mode == "open"


@pytest.mark.parametrize("options", [Options(host="0.0.0.0"), Options(host="192.168.1.7"), Options(share=True)])
def test_others_are_let_in_with_a_password_or_not_at_all(fresh_home, options):
    with pytest.raises(AccessError, match="without a password"):
        guard(options, {})
    access, accounts = guard(options, {"BENCHWRIGHT_PASSWORD": "four random words"})
    assert access.mode == "accounts" and list(accounts.hashes) == ["owner"]


def test_no_password_must_be_asked_for_by_name(fresh_home):
    assert guard(Options(host="0.0.0.0", unsafe_no_auth=True), {})[0].mode == "open"


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", None), ("0.0.0.0", "1")])
def test_workers_are_told_that_others_can_connect(fresh_home, monkeypatch, host, said):
    monkeypatch.setenv(OPEN_TO_OTHERS, "to be restored")
    monkeypatch.delenv(OPEN_TO_OTHERS)
    with socket.socket() as taken:
        taken.bind((host, 0))
        taken.listen()
        options = Options(host, taken.getsockname()[1], unsafe_no_auth=True)
        with pytest.raises(ConfigError, match="taken"):
            serve(Installed({}), options, {}, ())
    assert os.environ.get(OPEN_TO_OTHERS) == said


def test_a_password_holds_on_loopback_too(fresh_home):
    assert guard(Options(), {"BENCHWRIGHT_PASSWORD": "four random words"})[0].mode == "accounts"


def test_hosts_follow_from_the_address():
    assert not site_of(Options()).answers_to("192.168.1.7")
    assert site_of(Options(host="192.168.1.7")).answers_to("192.168.1.7:7860")
    everywhere = site_of(Options(host="0.0.0.0", allow_hosts=("Bench.Lab.Example",)))
    assert everywhere.answers_to("10.1.2.3") and everywhere.answers_to("bench.lab.example")
    assert everywhere.answers_to(socket.gethostname()) and not everywhere.answers_to("evil.example")


def test_a_taken_port_is_passed_over_or_reported():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} is taken"), bound_socket(Options(port=port)):
            pass


def test_two_servers_without_a_port_get_two_ports():
    with bound_socket(Options()) as first, bound_socket(Options()) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_refusals_are_told_without_a_traceback(fresh_home, monkeypatch, caplog):
    monkeypatch.delenv("BENCHWRIGHT_PASSWORD", raising=False)
    assert main(lambda: Installed({}), ["--host", "0.0.0.0", "--port", "7979"]) == 2
    assert "without a password" in caplog.text and "--unsafe-no-auth" in caplog.text


def test_every_answer_carries_the_headers(client):
    for path in ("/", "/healthz", "/config", "/runs/none/log", "/nowhere", "/theme.css"):
        answer = client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "server" not in answer.headers
    assert client.get("/", headers={"host": "evil.example"}).headers["x-frame-options"] == "DENY"


def test_no_schema_no_docs_no_monitoring(client):
    for path in ("/docs", "/redoc", "/openapi.json", "/monitoring", "/monitoring/summary"):
        assert client.get(path).status_code == 404, path


def test_only_the_named_endpoints_are_public(client):
    named = client.get("/gradio_api/info").json()["named_endpoints"]
    assert set(named) == {"/start", "/status", "/stop", "/extend"}


def test_the_config_tells_nothing_of_this_machine(client):
    told = client.get("/config").text
    assert os.environ["BENCHWRIGHT_HOME"] not in told and str(ROOT) not in told


def test_importing_the_app_loads_nothing_heavy():
    heavy = "{'torch', 'transformers', 'peft', 'plotly', 'scipy', 'trl', 'datasets'}"
    load = "import app, sys; from workbench.contract.registry import engines; engines()"
    code = f"{load}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
