"""Attacks over HTTP on the real server: hosts, origins, paths, bodies, handlers by index, floods."""

import itertools
import json
import os
import socket
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.browser.rooms import ROOMS
from tests.live import LiveServer, live_server
from tests.visitor import Visitor

PATHS = [
    "../history.db", "..%2fhistory.db", "%2e%2e/history.db", "%252e%252e%252fhistory.db", "..%5chistory.db", "%00",
    "....//history.db", "/etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "\u2025/history.db",
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: LiveServer):
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def config(client: httpx.Client) -> dict:
    return client.get("/config").json()


def raw(server: LiveServer, request: bytes) -> bytes:
    """What the server answers to bytes that no client would send."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65_536), b""))


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.name.startswith("history.db")}


def test_a_rebound_host_reads_nothing(client):
    for path in ("/", "/config", "/gradio_api/info", "/healthz"):
        answer = client.get(path, headers={"host": f"evil.example:{client.base_url.port}"})
        assert answer.status_code == 403 and "gradio" not in answer.text


def test_an_address_in_the_request_line_does_not_pass_for_a_host(server):
    answer = raw(server, b"GET http://127.0.0.1/config HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert b" 403 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_a_foreign_page_cannot_start_anything(client, origin, kind):
    body = json.dumps({"data": ["counting", {}, ""], "session_hash": "x", "fn_index": 0})
    for path in ("/gradio_api/queue/join", "/gradio_api/call/start", "/gradio_api/upload", "/gradio_api/run/start"):
        answer = client.post(path, content=body, headers={"origin": origin, "content-type": kind})
        assert answer.status_code == 403, path
        assert "access-control-allow-origin" not in answer.headers


def test_a_foreign_preflight_gets_no_permission(client):
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    answer = client.options("/gradio_api/queue/join", headers=asked)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_foreign_image_tag_reads_nothing(client):
    asked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    assert client.get("/gradio_api/info", headers=asked).status_code == 403


def test_a_link_from_elsewhere_is_a_visit_and_starts_nothing(server, client):
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    for query in ("?run=x", "?engine=counting&start=1", "?preset=quick&autorun=true"):
        assert client.get(f"/{query}", headers=visit).status_code == 200
    history = server.history()
    assert [record for record in history.listing().records if record.origin != "example"] == []
    history.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "route",
    ["/gradio_api/file=", "/file=", "/gradio_api/file/", "/runs/", "/runs/x/artifacts/", "/runs/x/tables/", "/bench/",
     "/static/", "/assets/", "/svelte/", "/theme/", "/gradio_api/proxy="],
)  # fmt: skip
def test_no_route_leads_out_of_its_folder(client, route, path):
    answer = client.get(f"{route}{path}")
    assert answer.status_code in (400, 401, 403, 404, 405), (route, path, answer.status_code)
    assert b"SQLite format" not in answer.content and b"root:" not in answer.content


def test_data_folder_secrets_and_surroundings_are_not_served(server, client):
    wanted = ["history.db", "history.db-wal", "history.db-shm", "secret.key", "runs", "server.txt"]
    places = [str(server.home / name) for name in wanted] + ["/proc/self/environ", str(Path.cwd() / "pyproject.toml")]
    places += [str(Path.cwd() / "app.py"), "pyproject.toml", ".git/config", "/etc/hostname"]
    for place in places:
        assert client.get(f"/gradio_api/file={place}").status_code in (403, 404), place


def test_a_file_named_by_an_event_is_not_handed_back(server, client):
    data = {"path": str(server.home / "secret.key"), "meta": {"_type": "gradio.FileData"}}
    for dependency in Visitor(client, "files").enter_everywhere():
        body = {"data": [data] * len(dependency["inputs"]), "fn_index": dependency["id"], "session_hash": "files"}
        answer = client.post("/gradio_api/run/predict", json=body)
        assert (server.home / "secret.key").read_bytes() not in answer.content
    assert client.get(f"/gradio_api/file={server.home / 'secret.key'}").status_code == 403


def test_a_huge_body_is_refused_while_it_arrives(server, client):
    sent = itertools.repeat(b"x" * 65_536, 200)
    assert client.post("/gradio_api/queue/join", content=sent).status_code == 413
    lying = b"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000000\r\n\r\nx"
    assert b" 413 " in raw(server, lying).split(b"\r\n")[0]


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"data": ' + b"[" * 50_000, b"1e400"])
def test_odd_bodies_are_refused_not_crashed(server, client, body):
    for path in ("/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/call/start"):
        # a connection of its own: after an error the server may close the one it came by
        answer = httpx.post(f"{server.url}{path}", content=body, headers={"content-type": "application/json"})
        assert 400 <= answer.status_code < 500 or (answer.status_code == 500 and "Traceback" not in answer.text)
    assert client.get("/healthz").status_code == 200


def test_private_handlers_called_by_index_leave_nothing_behind(server, client):
    """Every handler, called with hostile values of every type: no traceback is told, no file appears."""
    before = tree(server.home)
    hostile = ["../../../tmp/owned", "<script>alert(1)</script>", {"__type__": "update"}, [1] * 50, -1e308, None, True]
    everything = Visitor(client, "hostile").enter_everywhere()
    assert len(everything) > len(Visitor(client, "hostile").events) + 10 * len(ROOMS)
    for dependency, value in itertools.product(everything, hostile):
        body = {
            "data": [value] * len(dependency["inputs"]), "fn_index": dependency["id"], "session_hash": "hostile",
            "event_data": {"act": "delete", "run": "../../x", "_data": value},
        }  # fmt: skip
        answer = client.post("/gradio_api/run/predict", json=body)
        # a run that failed shows its own traceback, and nothing else may
        assert "Traceback" not in answer.text or (answer.is_success and "Technical details" in answer.text)
    assert client.get("/healthz").status_code == 200
    grown = {name for name in tree(server.home) - before if not name.startswith(("runs/", "spares", "server.txt"))}
    assert not grown
    assert not Path("/tmp/owned").exists()


def test_a_session_does_not_read_anothers_events(client, config):
    mine, other = uuid.uuid4().hex, uuid.uuid4().hex
    body = {"data": [], "fn_index": config["dependencies"][0]["id"], "session_hash": mine}
    client.post("/gradio_api/queue/join", json=body)
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": other}) as answer:
        assert mine not in next(answer.iter_text(), "")


def test_a_flooded_queue_refuses_and_recovers(server, client, config):
    """A thousand joins at once: some are refused, none brings the server down, and the page answers soon after."""
    slow = next(d["id"] for d in config["dependencies"] if d["api_name"] == "status")

    def join(number: int) -> int:
        body = {"data": ["x"], "fn_index": slow, "session_hash": f"flood{number % 50}"}
        return client.post("/gradio_api/queue/join", json=body).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(join, range(1_000)))
    assert set(answers) <= {200, 503}
    assert client.get("/").status_code == 200
    assert server.process.poll() is None


def test_many_guesses_are_slowed_down(tmp_path):
    password = {"BENCHWRIGHT_PASSWORD": "four random words"}
    with (
        live_server(tmp_path / "home", environment=password) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        assert client.get("/", follow_redirects=False).status_code == 303
        for path in ("/config", "/gradio_api/info", "/runs/x/log", "/gradio_api/file=/etc/passwd"):
            assert client.get(path).status_code == 401, path
        answers = [client.post("/login", data={"password": f"guess {n}"}).status_code for n in range(30)]
        assert answers[0] == 401 and answers[-1] == 429 and answers.count(401) < 10


@pytest.mark.parametrize("arguments", [("--host", "0.0.0.0"), ("--share",)])
def test_the_server_does_not_open_to_others_without_a_password(tmp_path, arguments):
    surroundings = {**os.environ, "BENCHWRIGHT_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "tests.live", "--port", "0", *arguments]
    done = subprocess.run(command, check=False, env=surroundings, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "without a password" in done.stderr
