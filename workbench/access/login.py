"""Accounts, password checks and the brake on guessing.

Design decisions:
- Passwords are kept as salted scrypt hashes; `BENCHWRIGHT_PASSWORD` makes one account, `BENCHWRIGHT_USERS` names a file
  of several. There is no default account and no default password.
- A wrong name costs as much time as a wrong password, and the brake acts before anything is hashed.
"""

import hashlib
import hmac
import os
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from getpass import getpass
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Lock

from workbench.contract.errors import AccessError, ConfigError

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1_000
OWNER = "owner"


@dataclass(frozen=True)
class Accounts:
    """Account name to scrypt hash (`scrypt$SALT$HASH`, hexadecimal)."""

    hashes: Mapping[str, str]

    def accepts(self, name: str, password: str) -> bool:
        """Return whether the password is that account's; takes the same time for a name that does not exist."""
        kept = self.hashes.get(name, _NOBODY)
        _, salt, digest = kept.split("$")
        given = _scrypt(password[:LONGEST_PASSWORD], bytes.fromhex(salt))
        return hmac.compare_digest(given, bytes.fromhex(digest)) and name in self.hashes

    def stamps(self, key: bytes, password: str = "") -> Mapping[str, str]:
        """Account name to a stamp that changes with its password and tells nothing about it.

        The account of `BENCHWRIGHT_PASSWORD` is salted anew at each start, so its stamp is made of `password` itself.
        """
        sources = {name: password if name == OWNER and password else kept for name, kept in self.hashes.items()}
        return {name: hmac.digest(key, source.encode(), "sha256").hex()[:32] for name, source in sources.items()}


def hash_password(password: str) -> str:
    """Return a salted scrypt hash of `password`, as a users file keeps it."""
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def accounts_in(environment: Mapping[str, str]) -> Accounts:
    """Return the accounts that the environment names; empty where it names none.

    Raises:
        ConfigError: the password is too short, or the users file cannot be read.
    """
    password, users = environment.get("BENCHWRIGHT_PASSWORD", ""), environment.get("BENCHWRIGHT_USERS", "")
    found: dict[str, str] = {}
    if password:
        _check_password(password)
        found[OWNER] = hash_password(password)
    if users:
        found |= _read_users(Path(users).expanduser())
    return Accounts(found)


def add_account(path: Path, name: str, password: str) -> None:
    """Write or replace one account of a users file.

    Raises:
        ConfigError: the name or the password cannot be used.
    """
    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum() or len(name) > 32:
        raise ConfigError({"name": f"{name[:40]!r} is not an account name: up to 32 letters, digits, '-' and '_'."})
    _check_password(password)
    kept = (_read_users(path) if path.exists() else {}) | {name: hash_password(password)}
    with open(path, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as out:
        out.writelines(f"{account}:{digest}\n" for account, digest in kept.items())


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ConfigError(
            {"password": f"has {len(password)} characters; {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} are allowed."},
            "Choose a longer password, for instance four random words.",
        )


def _read_users(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        pairs = dict(line.strip().split(":", 1) for line in lines if line.strip() and not line.startswith("#"))
        for digest in pairs.values():
            kind, salt, value = digest.split("$")
            if kind != "scrypt" or not bytes.fromhex(salt) or len(bytes.fromhex(value)) != 32:
                raise ValueError
    except (OSError, ValueError) as error:
        raise ConfigError(
            {"BENCHWRIGHT_USERS": f"{path} is not a users file: each line must be NAME:scrypt$SALT$HASH."},
            "Write it with: BENCHWRIGHT_USERS=FILE python -m workbench.access.login NAME",
        ) from error
    return pairs


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, maxmem=64 * 2**20, dklen=32)


_NOBODY = f"scrypt${'00' * 16}${'00' * 32}"


@dataclass
class _Tries:
    """Failed sign-ins of one address."""

    failures: int = 0
    until: float = 0.0


@dataclass
class LoginBrake:
    """Slows down guessing: per address by doubling waits, and for all together by a ceiling per minute.

    Attributes:
        free: failures that cost no wait.
        longest: the longest wait in seconds.
        per_minute: failures of all addresses together, after which everyone waits for the minute to pass.
    """

    free: int = 5
    longest: float = 300.0
    per_minute: int = 60
    clock: Callable[[], float] = time.monotonic
    _tries: "OrderedDict[str, _Tries]" = field(default_factory=OrderedDict)
    _recent: list[float] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def enter(self, address: str) -> None:
        """Let an attempt in, counted as failed until `succeeded` says otherwise.

        Raises:
            AccessError: this address, or all together, must wait; the hint says how long.
        """
        with self._lock:
            now = self.clock()
            self._recent = [at for at in self._recent if at > now - 60]
            tries = self._tries.setdefault(_group(address), _Tries())
            waits = tries.until - now
            if len(self._recent) >= self.per_minute:
                waits = max(waits, self._recent[0] + 60 - now)
            if waits > 0:
                raise AccessError("Too many failed attempts to sign in.", f"Try again in {waits:.0f} seconds.")
            self._count(tries, now)

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address that knew the password."""
        with self._lock:
            self._tries.pop(_group(address), None)
            del self._recent[-1:]

    def _count(self, tries: _Tries, now: float) -> None:
        tries.failures += 1
        self._recent.append(now)
        if tries.failures >= self.free:
            tries.until = now + min(self.longest, 2.0 ** (tries.failures - self.free))
        while len(self._tries) > 10_000:
            self._tries.popitem(last=False)


def _group(address: str) -> str:
    """One machine's address; a whole /64 for IPv6, which one machine owns."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(parsed if parsed.version == 4 else ip_network((parsed, 64), strict=False))


if __name__ == "__main__":
    add_account(Path(os.environ["BENCHWRIGHT_USERS"]).expanduser(), sys.argv[1], getpass("Password: "))
