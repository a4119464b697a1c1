"""Who a visitor is, and what they may change."""

import stat
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.access.security import COOKIE, Access, Visitor, new_guest, secret_key
from workbench.contract.errors import AccessError

KEY = b"k" * 32


@dataclass
class Bearer:
    cookies: dict = field(default_factory=dict)
    session_hash: str | None = None


def bearing(access: Access, name: str) -> Bearer:
    return Bearer({COOKIE: access.token(name)})


@pytest.fixture
def accounts() -> Access:
    return Access("accounts", KEY, {"ada": "1", "bob": "2"}, clock=lambda: 1_000.0)


@pytest.fixture
def guests() -> Access:
    return Access("guests", KEY, clock=lambda: 1_000.0)


def test_on_this_machine_everyone_owns_everything():
    access = Access("open", KEY)
    assert access.visitor(Bearer()) == Visitor("")
    assert access.may_change(Visitor(""), SimpleNamespace(owner="someone"))


def test_an_account_owns_its_runs_and_those_of_the_command_line(accounts: Access):
    ada = accounts.visitor(bearing(accounts, "ada"))
    assert ada == Visitor("ada")
    assert [accounts.may_change(ada, SimpleNamespace(owner=o)) for o in ("ada", "", "bob")] == [True, True, False]
    with pytest.raises(AccessError, match="someone else"):
        accounts.require(ada, SimpleNamespace(owner="bob"))


def test_a_guest_owns_only_their_own_runs(guests: Access):
    guest = guests.visitor(bearing(guests, "guest-1"))
    assert [guests.may_change(guest, SimpleNamespace(owner=o)) for o in ("guest-1", "", "guest-2")] == [
        True,
        False,
        False,
    ]


def test_a_guest_without_cookies_is_named_by_the_page(guests: Access):
    first, again, other = (guests.visitor(Bearer(session_hash=page)) for page in ("a", "a", "b"))
    assert first == again != other
    assert first.name.removeprefix("guest-") != "a"


def test_a_guest_without_anything_owns_nothing(guests: Access):
    nobody = guests.visitor(Bearer())
    assert nobody == Visitor("")
    assert not guests.may_change(nobody, SimpleNamespace(owner=""))


def test_gradios_request_shows_cookies_as_attributes(accounts: Access):
    request = SimpleNamespace(cookies=SimpleNamespace(**{COOKIE: accounts.token("bob")}))
    assert accounts.visitor(request) == Visitor("bob")


def test_without_a_valid_cookie_nobody_is_let_in(accounts: Access):
    with pytest.raises(AccessError, match="not signed in"):
        accounts.visitor(Bearer())


def test_a_token_expires(accounts: Access):
    token = accounts.token("ada", lasting=60)
    assert accounts.name_in(token) == "ada"
    assert replace(accounts, clock=lambda: 1_060.0).name_in(token) is None


def test_a_new_password_ends_the_old_sessions(accounts: Access):
    token = accounts.token("ada")
    assert replace(accounts, stamps={"ada": "new"}).name_in(token) is None
    assert replace(accounts, stamps={"bob": "2"}).name_in(token) is None


def test_a_token_of_another_key_or_mode_is_worth_nothing(accounts: Access, guests: Access):
    assert accounts.name_in(replace(accounts, key=b"x" * 32).token("ada")) is None
    assert accounts.name_in(guests.token("ada")) is None


@given(st.text(max_size=500))
def test_no_text_breaks_or_passes_the_check(token: str):
    assert Access("guests", KEY).name_in(token) is None


@given(st.text(max_size=60), st.integers(min_value=0), st.sampled_from("abcXYZ019_-"))
def test_a_changed_token_is_refused(name: str, at: int, letter: str):
    access = Access("guests", KEY)
    token = access.token(name)
    at %= len(token)
    changed = token[:at] + letter + token[at + 1 :]
    # the last letter of base64 carries spare bits, so two spellings may mean one signature
    assert changed == token or access.name_in(changed) is None


def test_the_key_is_made_once_and_private(tmp_path):
    key = secret_key(tmp_path)
    assert key == secret_key(tmp_path) and len(key) == 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert secret_key(tmp_path / ".." / tmp_path.name) != secret_key(_other(tmp_path))


def _other(tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


def test_guests_get_names_of_their_own():
    assert len({new_guest() for _ in range(1_000)}) == 1_000


def test_guests_change_none_of_the_lists_that_all_share(accounts: Access, guests: Access):
    for access, name in ((Access("open", KEY), ""), (accounts, "ada")):
        access.require_keeper(Visitor(name))
    with pytest.raises(AccessError, match="whoever runs this page"):
        guests.require_keeper(Visitor(new_guest()))
