"""What every request passes before it reaches a route."""

import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient

from workbench.access.middleware import (
    CLOSED_PATHS,
    UPLOAD_PATH,
    BodyLimit,
    NetworkPolicy,
    SecurityHeaders,
    SignIn,
    Site,
    _BodyTooLargeError,
    session_cookie,
    token_in,
)
from workbench.access.security import COOKIE, Access

HERE = "http://127.0.0.1:7860"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Reads the whole body and answers with its length and the path."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    headers = [
        (b"access-control-allow-origin", b"https://evil.example"),
        (b"x-seen", b",".join(name for name, _ in scope["headers"])),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": f"{scope['path']} {length}".encode()})


def client(app: Any, base: str = HERE) -> TestClient:
    return TestClient(app, base_url=base)


@pytest.fixture
def policy() -> TestClient:
    return client(NetworkPolicy(echo, Site()))


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:9000", "[::1]:7860", "LOCALHOST", "localhost."])
def test_loopback_names_are_answered_on_any_port(policy, host):
    assert policy.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.5", "0.0.0.0", "", "a b", "[::1"],
)
def test_rebound_hosts_are_refused(policy, host):
    assert policy.get("/", headers={"host": host}).status_code == 403


def test_two_hosts_are_refused():
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost"), (b"host", b"evil")]}
    assert asyncio.run(_status(NetworkPolicy(echo, Site()), scope)) == 403


def test_bound_to_all_addresses_only_bare_addresses_are_added():
    site = Site(any_address=True)
    assert site.answers_to("192.168.1.7:7860") and site.answers_to("[fe80::1]:7860")
    assert not site.answers_to("evil.example") and not site.answers_to("192.168.1.7.evil.example")


@pytest.mark.parametrize("method", ["get", "post", "options"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:7860", "http://127.0.0.1:3000", "http://127.0.0.1", ""]
)
def test_foreign_origins_are_refused(policy, method, origin):
    assert getattr(policy, method)("/", headers={"origin": origin}).status_code == 403


def test_the_pages_own_origin_passes(policy):
    own = {"origin": HERE, "sec-fetch-site": "same-origin"}
    assert policy.post("/", headers=own).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange"])
def test_only_a_visit_may_come_from_elsewhere(policy, site):
    visit = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert policy.get("/?run=x", headers=visit).status_code == 200
    assert policy.post("/", headers=visit).status_code == 403
    assert policy.get("/", headers={**visit, "sec-fetch-mode": "no-cors"}).status_code == 403
    assert policy.get("/", headers={**visit, "sec-fetch-dest": "object"}).status_code == 403


@pytest.mark.parametrize("path", CLOSED_PATHS)
def test_closed_paths_are_not_found(policy, path):
    assert policy.get(f"{path}x").status_code == 404


def test_a_percent_encoded_closed_path_is_closed_too(policy):
    assert policy.get("/gradio_api/%70roxy=http://169.254.169.254/").status_code == 404


def test_forwarding_headers_are_believed_behind_our_proxy_alone(policy):
    sent = {"x-forwarded-host": "evil.example", "x-forwarded-for": "1.2.3.4", "forwarded": "host=evil"}
    assert "forwarded" not in policy.get("/", headers=sent).headers["x-seen"]
    trusted = client(NetworkPolicy(echo, Site(proxied=True)))
    assert "x-forwarded-host" in trusted.get("/", headers=sent).headers["x-seen"]


def test_websockets_are_held_to_the_same_rules():
    async def accept(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"localhost"), (b"origin", b"http://evil")]}
    assert asyncio.run(_answers(NetworkPolicy(accept, Site()), scope)) == [{"type": "websocket.close", "code": 1008}]
    own = {**scope, "headers": [(b"host", b"localhost"), (b"origin", b"http://localhost")]}
    assert asyncio.run(_answers(NetworkPolicy(accept, Site()), own)) == [{"type": "websocket.accept"}]


def test_an_announced_length_is_refused_before_the_body():
    limited = client(BodyLimit(echo, uploads=100, others=10))
    assert limited.post("/", content=b"x" * 10).text == "/ 10"
    assert limited.post("/", content=b"x" * 11).status_code == 413
    assert limited.post(UPLOAD_PATH, content=b"x" * 100).status_code == 200
    assert limited.post(UPLOAD_PATH, content=b"x" * 101).status_code == 413
    assert limited.post("/", headers={"content-length": "-1"}).status_code == 413


def test_a_body_of_unknown_length_is_cut_off_while_it_arrives():
    pieces = (b"x" * 8 for _ in range(1_000))
    assert client(BodyLimit(echo, others=64)).post("/", content=pieces).status_code == 413


def test_an_application_that_swallows_the_error_still_answers_413():
    async def swallowing(scope: Any, receive: Any, send: Any) -> None:
        try:
            await echo(scope, receive, send)
        except _BodyTooLargeError:
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b"parsing failed"})

    answer = client(BodyLimit(swallowing, others=4)).post("/", content=iter([b"123", b"456"]))
    assert answer.status_code == 413


def test_answers_leave_with_the_headers_and_without_cors():
    answer = client(SecurityHeaders(echo, Site())).get("/")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in answer.headers


def test_files_are_sandboxed():
    answer = client(SecurityHeaders(echo, Site())).get("/gradio_api/file=x.html")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")


def test_on_a_space_the_hub_may_show_the_page_in_its_frame():
    answer = client(SecurityHeaders(echo, Site(ancestors="https://huggingface.co"))).get("/")
    assert "frame-ancestors https://huggingface.co" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers


def test_accounts_are_sent_to_the_sign_in_page_or_refused():
    access = Access("accounts", b"k", {"ada": ""})
    signed = client(SignIn(echo, access, secure=False))
    answer = signed.get("/?run=abc", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=run%3Dabc")
    for path in ("/gradio_api/info", "/runs/x/log", "/config", "/gradio_api/queue/join", "/owner"):
        assert signed.get(path).status_code == 401
    assert signed.post("/").status_code == 401
    for path in ("/login", "/healthz"):
        assert signed.get(path).status_code == 200
    signed.cookies.set(COOKIE, access.token("ada"))
    assert signed.get("/gradio_api/info").status_code == 200
    signed.cookies.set(COOKIE, access.token("eve"))
    assert signed.get("/gradio_api/info").status_code == 401


def test_a_guest_gets_a_name_at_the_first_page_and_keeps_it():
    access = Access("guests", b"k")
    visiting = client(SignIn(echo, access, secure=True), "https://x.hf.space")
    assert "set-cookie" not in visiting.get("/gradio_api/info").headers
    cookie = visiting.get("/").headers["set-cookie"]
    assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= {part.strip() for part in cookie.split(";")}
    assert access.name_in(visiting.cookies[COOKIE]).startswith("guest-")
    assert "set-cookie" not in visiting.get("/").headers


def test_cookies_are_read_by_exact_name():
    from starlette.datastructures import Headers

    assert token_in(Headers({"cookie": f"x{COOKIE}=bad; {COOKIE}=good; other=1"})) == "good"
    assert token_in(Headers({})) == ""
    assert "HttpOnly" in session_cookie("t", secure=False)


async def _answers(app: Any, scope: dict) -> list[dict]:
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def _status(app: Any, scope: dict) -> int:
    return next(m["status"] for m in await _answers(app, scope) if m["type"] == "http.response.start")
