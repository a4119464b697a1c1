"""Which model servers may be asked, at which address of the network, and with which key.

Design decisions:
- A name is resolved once. What it resolves to is checked, and that very address is connected to, so that no second
  answer of the name service leads elsewhere.
- Addresses of this machine and of private networks are for whoever sits at the machine. A workbench that others can
  reach says so to its workers in `BENCHWRIGHT_OPEN_TO_OTHERS`; from there only public addresses are asked.
- Keys come from the environment alone. Whoever can add a server to the list must not be able to send another server's
  key to it: where others can reach the workbench, the variable's name must spell host and port.
"""

import os
import re
import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from engines.parts.servers.configured_servers import ConfiguredServer, list_servers
from workbench.contract.errors import ModelError

OPEN_TO_OTHERS = "BENCHWRIGHT_OPEN_TO_OTHERS"
"""Set by a workbench that others than its own machine's user can reach."""
KEY_VARIABLES = "BENCHWRIGHT_KEY_"
OPENAI_HOST = "api.openai.com"
SHORTEST_KEY = 8
"""Shorter keys cannot be told from ordinary text, and so not be kept out of logs."""

EXCERPT = 300
"""Characters of what a server said that are shown."""

Address = IPv4Address | IPv6Address

_METADATA = frozenset(
    map(ip_address, ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
"""Where clouds answer questions about the machine itself, beside the link-local address that most use."""
_NAT64 = IPv6Network("64:ff9b::/96")
_FORM = "openai:MODEL@http://HOST:PORT/v1"


@dataclass(frozen=True)
class ServerAddress:
    """A server that may be asked.

    Attributes:
        scheme: "http" or "https".
        host: as named by the user.
        path: of the protocol, without a slash at its end ("/v1").
        pinned: the address of the network to connect to.
        key: the secret to send, "" where none is known; never shown.
        key_variable: the variable that holds the key, or would.
    """

    scheme: str
    host: str
    port: int
    path: str
    pinned: str
    key_variable: str = ""
    key: str = field(default="", repr=False, compare=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme] == self.port
        return f"{self.scheme}://{host}" + ("" if usual else f":{self.port}")

    @property
    def text(self) -> str:
        """Return the whole address."""
        return self.origin + self.path

    def excerpt(self, said: str) -> str:
        """Return the beginning of what the server said, on one line and without the key."""
        shown = " ".join((said.replace(self.key, "***") if self.key else said).split())
        return shown[:EXCERPT] + ("..." if len(shown) > EXCERPT else "")


def find_server(ref: str) -> tuple[str, ServerAddress]:
    """Model and server that `MODEL@ADDRESS` or `MODEL@NAME` names, the name being one of the list.

    Raises:
        ModelError: not of that form, no such server, or one that may not be asked.
    """
    found = re.fullmatch(r"(.+?)@(https?://.+)", ref, re.IGNORECASE)
    model, place = (found[1], found[2].rstrip("/")) if found else ref.rpartition("@")[::2]
    if not model or not place or "://" in model:
        raise ModelError("This is no reference to a model of a server.", f"Write {_FORM}.")
    listed = next((server for server in list_servers() if place in (server.name, server.address)), None)
    if not found and not listed:
        names = ", ".join(server.name for server in list_servers()) or "none"
        raise ModelError(f"No server is named {place[:80]!r}; the list has {names}.", f"Add it, or write {_FORM}.")
    return model, checked_address(listed.address if listed else place, listed)


def checked_address(text: str, listed: ConfiguredServer | None = None) -> ServerAddress:
    """Return the server at an address such as http://127.0.0.1:8011/v1, resolved and with its key.

    Args:
        listed: its entry on the list of servers, for the name of its key's variable.

    Raises:
        ModelError: not an address, one that does not exist, or one that may not be asked.
    """
    parts = _parts(text)
    host, port = (parts.hostname or "").rstrip("."), parts.port or {"http": 80, "https": 443}[parts.scheme]
    pinned = _pinned(host, port)
    variable = _variable(host, port, listed)
    key = _key(variable)
    if key and parts.scheme == "http" and _unwrapped(pinned).is_global:
        raise ModelError(
            f"The key in {variable} would travel readably to {host}.", "Use the server's https address, or no key."
        )
    return ServerAddress(parts.scheme, host, port, parts.path.rstrip("/"), str(pinned), variable, key)


def open_to_others() -> bool:
    """Return whether others than this machine's user can reach the workbench that this process works for."""
    return os.environ.get(OPEN_TO_OTHERS, "") not in ("", "0")


def _parts(text: str) -> SplitResult:
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelError("This is no address of a server; http and https are allowed.", f"Write {_FORM}.")
    if "@" in parts.netloc:
        raise ModelError(
            "The server's address holds a user name or a key.",
            f"Take it out of the address, and put the key into the environment variable {KEY_VARIABLES}NAME.",
        )
    if parts.query or parts.fragment:
        raise ModelError("The server's address holds a query; only host, port and path are allowed.", f"Write {_FORM}.")
    return parts


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        usable = parts.port != 0 and not re.search(r"[\s\\\x00-\x1f]", text)
    except ValueError:
        return None
    return parts if usable else None


def _pinned(host: str, port: int) -> Address:
    """The first address of the host; all of them must be ones that may be asked."""
    try:
        found = [ip_address(host)]
    except ValueError:
        found = _resolved(host, port)
    for address in found:
        _require_allowed(host, address)
    return found[0]


def _resolved(host: str, port: int) -> list[Address]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ModelError(f"No server is named {host[:200]!r} on the network.", "Check the address.") from error
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]


def _require_allowed(host: str, address: Address) -> None:
    plain = _unwrapped(address)
    if (
        plain in _METADATA or address in _METADATA or plain.is_link_local or plain.is_multicast
        or plain.is_unspecified or (plain.is_reserved and not plain.is_loopback)
    ):  # fmt: skip
        raise ModelError(
            f"{host} leads to {address}, which is no address of a model server (link-local, metadata, multicast).",
            "Give the server's own address.",
        )
    if not plain.is_global and open_to_others():
        raise ModelError(
            f"{host} leads to {address}, an address of this machine or of a private network.",
            "Others can reach this workbench, so it asks public addresses only. Start it on 127.0.0.1 to use this one.",
        )


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    teredo = address.teredo
    inner = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def _variable(host: str, port: int, listed: ConfiguredServer | None) -> str:
    """Name of the variable that holds the server's key, or would."""
    spelled = KEY_VARIABLES + _spelled(f"{host}_{port}")
    usual = "OPENAI_API_KEY" if host.lower() == OPENAI_HOST and spelled not in os.environ else spelled
    if listed is None or open_to_others() or listed.key_variable == usual:
        return usual
    if listed.key_variable and not listed.key_variable.startswith(KEY_VARIABLES):
        raise ModelError(
            f"The key of {listed.name} is said to be in {listed.key_variable}; of all variables only those whose names "
            f"begin with {KEY_VARIABLES} are sent there.",
            f"Put the key into {spelled}, or another variable of that kind, and correct the server's entry.",
        )
    named = listed.key_variable or KEY_VARIABLES + _spelled(listed.name)
    return named if listed.key_variable or named in os.environ else usual


def _spelled(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")


def _key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if key and (len(key) < SHORTEST_KEY or not key.isascii() or not key.isprintable()):
        raise ModelError(
            f"What {variable} holds is no usable key: at least {SHORTEST_KEY} plain characters are wanted.",
            "Shorter ones cannot be kept out of logs. Give the server a longer key.",
        )
    return key
