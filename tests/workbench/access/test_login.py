"""Accounts, password checks and the brake on guessing."""

import stat

import pytest

from workbench.access.login import OWNER, Accounts, LoginBrake, accounts_in, add_account, hash_password
from workbench.contract.errors import AccessError, ConfigError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_only_the_right_password_of_the_right_account_is_accepted():
    accounts = Accounts({"ada": hash_password("four random words"), "bob": hash_password("other words here")})
    assert accounts.accepts("ada", "four random words")
    assert not accounts.accepts("ada", "other words here")
    assert not accounts.accepts("eve", "four random words")
    assert not accounts.accepts("ada", "")


def test_hashes_are_salted():
    assert hash_password("four random words") != hash_password("four random words")


def test_there_is_no_account_by_default():
    assert accounts_in({}).hashes == {}
    assert not Accounts({}).accepts(OWNER, "")


def test_the_environment_names_one_owner():
    assert accounts_in({"BENCHWRIGHT_PASSWORD": "long enough"}).accepts(OWNER, "long enough")


def test_a_short_password_is_refused():
    with pytest.raises(ConfigError, match="has 5 characters; 8 to"):
        accounts_in({"BENCHWRIGHT_PASSWORD": "short"})


def test_a_users_file_is_written_and_read(tmp_path):
    path = tmp_path / "users"
    add_account(path, "ada", "four random words")
    add_account(path, "bob", "other words here")
    add_account(path, "ada", "a changed password")
    accounts = accounts_in({"BENCHWRIGHT_USERS": str(path)})
    assert list(accounts.hashes) == ["ada", "bob"]
    assert accounts.accepts("ada", "a changed password") and not accounts.accepts("ada", "four random words")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\nb", "ä", "x" * 33, "../x"])
def test_account_names_are_plain(tmp_path, name):
    with pytest.raises(ConfigError, match="account name"):
        add_account(tmp_path / "users", name, "four random words")
    assert not (tmp_path / "users").exists()


@pytest.mark.parametrize("line", ["ada:secret", "ada", "ada:scrypt$zz$00", "ada:md5$00$00", "ada:scrypt$00$00"])
def test_a_users_file_with_anything_but_hashes_is_refused(tmp_path, line):
    path = tmp_path / "users"
    path.write_text(line)
    with pytest.raises(ConfigError, match="is not a users file"):
        accounts_in({"BENCHWRIGHT_USERS": str(path)})


def test_a_missing_users_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is not a users file"):
        accounts_in({"BENCHWRIGHT_USERS": str(tmp_path / "none")})


def test_stamps_change_with_the_password_and_survive_a_restart():
    def stamp(password: str) -> str:
        return accounts_in({"BENCHWRIGHT_PASSWORD": password}).stamps(b"key", password)[OWNER]

    assert stamp("long enough") == stamp("long enough") != stamp("long enough too")
    assert "long enough" not in stamp("long enough")


def test_waits_double_after_the_free_attempts(clock):
    brake = LoginBrake(free=3, clock=clock)
    for _ in range(3):
        brake.enter("10.0.0.1")
    for seconds in (1, 2, 4, 8):
        with pytest.raises(AccessError) as refusal:
            brake.enter("10.0.0.1")
        assert f"in {seconds} seconds" in refusal.value.hint
        clock.now += seconds
        brake.enter("10.0.0.1")


def test_the_wait_has_an_end(clock):
    brake = LoginBrake(free=1, longest=10, per_minute=10**6, clock=clock)
    for _ in range(50):
        brake.enter("10.0.0.1")
        clock.now += 10


def test_one_address_does_not_lock_out_another(clock):
    brake = LoginBrake(free=1, clock=clock)
    brake.enter("10.0.0.1")
    brake.enter("10.0.0.2")
    with pytest.raises(AccessError):
        brake.enter("10.0.0.1")


def test_success_forgets(clock):
    brake = LoginBrake(free=2, per_minute=4, clock=clock)
    for _ in range(20):
        brake.enter("10.0.0.1")
        brake.succeeded("10.0.0.1")


def test_all_addresses_together_have_a_ceiling(clock):
    brake = LoginBrake(per_minute=10, clock=clock)
    for number in range(10):
        brake.enter(f"10.0.0.{number}")
    with pytest.raises(AccessError):
        brake.enter("10.0.1.1")
    clock.now = 60.1
    brake.enter("10.0.1.1")


def test_a_network_of_ipv6_addresses_is_one_machine(clock):
    brake = LoginBrake(free=1, clock=clock)
    brake.enter("2001:db8::1")
    with pytest.raises(AccessError):
        brake.enter("2001:db8::ffff")
    brake.enter("2001:db8:0:1::1")


def test_the_list_of_addresses_stays_short(clock):
    brake = LoginBrake(per_minute=10**6, clock=clock)
    for number in range(10_500):
        brake.enter(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")
    assert len(brake._tries) == 10_000
