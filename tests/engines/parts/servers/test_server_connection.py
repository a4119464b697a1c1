"""The wire: one host, few headers, bounded responses, and every failure as a sentence."""

import asyncio
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import openai
import pytest

from engines.parts.servers import server_connection
from engines.parts.servers.server_addresses import ServerAddress, checked_address
from engines.parts.servers.server_connection import Patience, PinnedTransport, connected, failures_of
from tests.engines.parts.fault_server import Faults, fault_server
from workbench.contract.errors import ModelError

KEY = "sk-benchwright-0123456789"
ONCE = Patience(connect=1.0, silence=1.0, retries=0)


def got(address: ServerAddress, path: str = "/models", patience: Patience = ONCE) -> Any:
    async def ask() -> Any:
        async with connected(address, patience) as client:
            return await client.get(path, cast_to=object)

    with failures_of(address, patience):
        return asyncio.run(ask())


def test_only_what_the_protocol_needs_is_sent(monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "private-to-openai")
    faults = Faults()
    with fault_server(faults) as text:
        got(checked_address(text))
    headers = {name.lower(): value for name, value in faults.heard[0][1].items()}
    assert set(headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent", "content-type"}
    assert headers["accept-encoding"] == "identity" and "private-to-openai" not in str(headers)


def test_a_key_is_sent_where_there_is_one(monkeypatch: pytest.MonkeyPatch):
    faults = Faults(key=KEY)
    with fault_server(faults) as text:
        monkeypatch.setenv("BENCHWRIGHT_KEY_127_0_0_1_" + text.split(":")[2].removesuffix("/v1"), KEY)
        assert got(checked_address(text))["data"]


def test_the_name_is_kept_and_the_pinned_address_connected_to():
    faults = Faults()
    with fault_server(faults) as text:
        port = int(text.split(":")[2].removesuffix("/v1"))
        got(ServerAddress("http", "models.example", port, "/v1", "127.0.0.1"))
    headers = {name.lower(): value for name, value in faults.heard[0][1].items()}
    assert headers["host"] == f"models.example:{port}"


def test_no_other_host_is_ever_asked():
    with fault_server(faults := Faults()) as text:
        address = checked_address(text)
        for other in ("http://127.0.0.1:9/v1/models", f"http://localhost:{address.port}/v1/models"):
            with pytest.raises(ModelError, match="held back"):
                got(address, other)
    assert not faults.heard


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with fault_server(Faults()) as text:
        assert got(checked_address(text))["data"]


def test_a_redirect_is_not_followed():
    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirect)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with pytest.raises(ModelError, match=r"redirects elsewhere \(302\)"):
            got(checked_address(f"http://127.0.0.1:{server.server_address[1]}/v1"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert asked == ["/v1/models"]


def test_a_response_has_its_bound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server_connection, "MOST_BYTES", 50)
    with fault_server(Faults()) as text, pytest.raises(ModelError, match="sent more than"):
        got(checked_address(text))


def test_a_refused_connection_is_said(unused_port: int):
    with pytest.raises(ModelError, match="refuses the connection") as refused:
        got(checked_address(f"http://127.0.0.1:{unused_port}/v1"))
    assert "Start the server" in refused.value.hint


def test_a_server_without_a_certificate_is_refused():
    with fault_server(Faults()) as text, pytest.raises(ModelError, match=r"refuses the connection|certificate|broke"):
        got(checked_address(text.replace("http:", "https:")))


def test_certificates_are_checked_against_the_name():
    transport = PinnedTransport(ServerAddress("https", "models.example", 443, "/v1", "8.8.8.8"))
    assert isinstance(transport, httpx2.AsyncBaseTransport)
    context = server_connection._certificates()
    assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, {"error": {"message": f"Wrong key {KEY}"}}, "refuses the key in V"),
        (404, {"detail": "Not Found"}, "nothing at /v1/models"),
        (429, {"message": "Slow down"}, "Slow down"),
        (503, "Service Unavailable", "status 503: Service Unavailable"),
        (400, None, "status 400"),
    ],
)
def test_refusals_are_sentences_without_the_key(status: int, body: Any, says: str):
    address = ServerAddress("http", "x", 80, "/v1", "8.8.8.8", "V", KEY)
    response = httpx2.Response(status, request=httpx2.Request("GET", "http://x/v1/models"), text="")
    error = server_connection.refusal(openai.APIStatusError("m", response=response, body=body), address)
    assert says in str(error) and KEY not in str(error) and error.hint


@pytest.fixture
def unused_port() -> int:
    from tests.live import free_port

    return free_port()
