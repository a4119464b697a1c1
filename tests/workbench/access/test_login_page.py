"""Signing in and out, and taking a guest's runs along."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from workbench.access.login import Accounts, hash_password
from workbench.access.login_page import login_routes, owner_link
from workbench.access.security import COOKIE, Access

PASSWORD = "four random words"
ONE = Accounts({"owner": hash_password(PASSWORD)})
TWO = Accounts({"ada": hash_password(PASSWORD), "bob": hash_password("other words here")})


def visiting(access: Access, accounts: Accounts) -> TestClient:
    app = FastAPI()
    app.include_router(login_routes(access, accounts, secure=False))
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def access() -> Access:
    return Access("accounts", b"k", {"owner": "1", "ada": "1", "bob": "1"})


def test_the_right_password_opens_the_page_that_was_asked_for(access):
    client = visiting(access, ONE)
    answer = client.post("/login", data={"password": PASSWORD, "next": "run=abc&view=x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?run=abc&view=x")
    assert access.name_in(client.cookies[COOKIE]) == "owner"


def test_a_wrong_password_opens_nothing(access):
    answer = visiting(access, ONE).post("/login", data={"password": "wrong"})
    assert answer.status_code == 401 and "set-cookie" not in answer.headers
    assert 'role="alert"' in answer.text


def test_several_accounts_are_asked_for_a_name(access):
    assert 'name="name"' in visiting(access, TWO).get("/login").text
    assert 'name="name"' not in visiting(access, ONE).get("/login").text
    client = visiting(access, TWO)
    assert client.post("/login", data={"name": "bob", "password": PASSWORD}).status_code == 401
    assert client.post("/login", data={"name": "ada", "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("asked", ["//evil.example", "https://evil.example", "\\\\evil", "run=x\r\nset-cookie: a=b"])
def test_signing_in_never_leads_elsewhere(access, asked):
    answer = visiting(access, ONE).post("/login", data={"password": PASSWORD, "next": asked})
    assert answer.headers["location"].startswith("/?") and "\n" not in answer.headers["location"]


def test_what_was_asked_for_is_escaped(access):
    page = visiting(access, ONE).get("/login", params={"next": '"><script>alert(1)</script>'}).text
    assert "<script>" not in page


def test_guessing_is_slowed_down(access):
    client = visiting(access, ONE)
    answers = [client.post("/login", data={"password": f"guess {n}"}).status_code for n in range(8)]
    assert answers[:5] == [401] * 5 and 429 in answers[5:]
    assert client.post("/login", data={"password": PASSWORD}).status_code == 429


def test_signing_out_ends_the_session(access):
    client = visiting(access, ONE)
    client.post("/login", data={"password": PASSWORD})
    answer = client.post("/logout")
    assert answer.headers["location"] == "/login" and COOKIE not in client.cookies
    assert client.get("/logout").status_code == 405


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"&" * 9_000, b"a=1&" * 50, b"password", b"{}"])
def test_odd_forms_are_refused_not_crashed(access, body):
    answer = visiting(access, ONE).post("/login", content=body)
    assert answer.status_code == 401


def test_an_owner_link_makes_another_browser_the_same_guest():
    access = Access("guests", b"k")
    link = owner_link("https://x.hf.space/", access, "guest-1")
    address, _, token = link.partition("#")
    assert address == "https://x.hf.space/owner"
    client = visiting(access, Accounts({}))
    assert COOKIE not in client.get("/owner").headers.get("set-cookie", "")
    assert client.post("/owner", data={"token": token}).status_code == 303
    assert access.name_in(client.cookies[COOKIE]) == "guest-1"


def test_a_forged_owner_link_is_refused():
    answer = visiting(Access("guests", b"k"), Accounts({})).post("/owner", data={"token": "Z3Vlc3Q.99999999999.x"})
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_routes_exist_only_where_they_mean_something(access):
    assert visiting(access, ONE).get("/owner").status_code == 404
    assert visiting(Access("guests", b"k"), Accounts({})).get("/login").status_code == 404
    assert visiting(Access("open", b"k"), Accounts({})).post("/login").status_code == 404
