"""Who a visitor is, and what they may change.

Design decisions:
- A visitor is a signed cookie and nothing else: no session table, so that a restart signs nobody out.
- Three ways to serve: `open` (this machine only, or asked for explicitly: everyone owns everything), `accounts` (behind
  a password: the account owns its runs) and `guests` (a public Space: the cookie owns its runs). Whoever may see the
  page may read every run; only changing is a matter of ownership.
- An account's cookie also carries a stamp of its password, so that a new password ends the old sessions.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from itsdangerous import BadData, URLSafeSerializer

from workbench.contract.errors import AccessError

COOKIE = "benchwright"
SESSION_SECONDS = 30 * 86_400
LONGEST_TOKEN = 400

Mode = Literal["open", "accounts", "guests"]


@dataclass(frozen=True)
class Visitor:
    """Who is asking; the name is "" where everyone owns everything."""

    name: str


class OwnedRun(Protocol):
    """What a decision about a run needs to know of it."""

    @property
    def owner(self) -> str:
        """Name of the visitor who started it, "" for the command line."""
        ...


@dataclass(frozen=True)
class Access:
    """Decides from a request who asks, and from a run's owner what they may do.

    Attributes:
        mode: see the module.
        key: secret of this data folder; signs cookies and owner links.
        stamps: account name to a stamp of its password ("" for guests).
        clock: seconds since the epoch.
    """

    mode: Mode
    key: bytes
    stamps: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def visitor(self, request: object) -> Visitor:
        """Return who sent `request` (Starlette's or Gradio's).

        Raises:
            AccessError: the mode asks for a signed cookie and there is none that is valid.
        """
        if self.mode == "open":
            return Visitor("")
        name = self.name_in(_cookie(request))
        if name is None and self.mode == "guests":
            return Visitor(self._name_of_page(request))
        if name is None:
            raise AccessError("You are not signed in, or no longer.", "Reload the page and sign in again.")
        return Visitor(name)

    def may_change(self, visitor: Visitor, record: OwnedRun) -> bool:
        """Return whether `visitor` may stop, rename, tag, delete or otherwise change that run."""
        match self.mode:
            case "open":
                return True
            case "accounts":
                return record.owner in ("", visitor.name)
            case "guests":
                return bool(visitor.name) and record.owner == visitor.name

    def require(self, visitor: Visitor, record: OwnedRun) -> None:
        """Let pass those who may change the run.

        Raises:
            AccessError: it is another's run.
        """
        if not self.may_change(visitor, record):
            raise AccessError("This run belongs to someone else.", "You can read it, and re-run it as your own.")

    def require_keeper(self, visitor: Visitor) -> None:
        """Let pass those who may change what all share, such as the lists of servers and folders: nobody's guests.

        Raises:
            AccessError: the visitor is a guest of a public page.
        """
        if self.mode == "guests":
            raise AccessError("Only whoever runs this page may change its lists.", "Run the workbench yourself.")

    def token(self, name: str, lasting: float = SESSION_SECONDS) -> str:
        """Return a signed statement that its bearer is `name`, valid for `lasting` seconds."""
        return str(self._signed.dumps([name, int(self.clock() + lasting), self.stamps.get(name, "")]))

    def name_in(self, token: str) -> str | None:
        """Return the name that a token vouches for; None when it is forged, expired, or its password has changed."""
        try:
            said = self._signed.loads(token[:LONGEST_TOKEN])
        except BadData:
            return None
        name, until, stamp = said
        known = self.mode != "accounts" or name in self.stamps
        # spare bits of base64 let one signature be spelled in several ways: only the one that was given out counts
        sound = known and stamp == self.stamps.get(name, "") and self._signed.dumps(said) == token
        return name if sound and until > self.clock() else None

    @property
    def _signed(self) -> URLSafeSerializer:
        how = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        return URLSafeSerializer(self.key, f"{COOKIE} {self.mode}", signer_kwargs=how)

    def _name_of_page(self, request: object) -> str:
        """A guest whose browser keeps no cookie (a frame on a foreign page) owns runs until the page is reloaded."""
        page = getattr(request, "session_hash", None)
        return f"guest-{hmac.digest(self.key, str(page).encode(), 'sha256').hex()[:16]}" if page else ""


def new_guest() -> str:
    """Return a name for a visitor nobody knows yet, unguessable."""
    return f"guest-{secrets.token_hex(8)}"


def secret_key(folder: Path) -> bytes:
    """Return the signing key kept in `folder`, made at first use and readable by its owner alone."""
    path = folder / "secret.key"
    if not path.exists():
        scratch = folder / f".secret.{secrets.token_hex(8)}"
        with open(scratch, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
            out.write(secrets.token_bytes(32))
        with suppress(FileExistsError):  # of two servers that start at once, the first names the key
            os.link(scratch, path)
        scratch.unlink()
    return hashlib.sha256(path.read_bytes()).digest()


def _cookie(request: object) -> str:
    cookies = getattr(request, "cookies", {})
    found = cookies.get(COOKIE, "") if isinstance(cookies, Mapping) else getattr(cookies, COOKIE, "")
    return str(found)
