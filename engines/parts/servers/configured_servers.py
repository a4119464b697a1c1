"""Model servers that someone added to the list, kept in the data folder.

A server's key is never kept: its entry names the environment variable that holds it.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock

from engines.parts.registry.json_store import KeptFacts
from workbench.contract.errors import ConfigError
from workbench.storage.home import home

MOST_SERVERS, MOST_MODELS = 50, 50
LONGEST_NAME = 200
VARIABLE = re.compile(r"OPENAI_API_KEY|BENCHWRIGHT_KEY_[A-Za-z0-9_]{1,99}")
"""No other variable is ever sent to a server; the first of these to OpenAI alone."""

_KEY = "servers"


@dataclass(frozen=True)
class ConfiguredServer:
    """A server on the list.

    Attributes:
        name: how the list calls it.
        address: where it speaks OpenAI's protocol, without a slash at its end.
        models: by its own names.
        key_variable: the environment variable that holds its key, "" where it asks for none.
    """

    name: str
    address: str
    models: tuple[str, ...]
    key_variable: str = ""

    def ref(self, model: str) -> str:
        """Return the ModelRef of one of its models."""
        return f"openai:{model}@{self.address}"


def list_servers() -> tuple[ConfiguredServer, ...]:
    """Return the servers in the order in which they were added; entries that are damaged are left out."""
    kept = _facts().get(_KEY)
    return tuple(server for each in (kept if isinstance(kept, list) else ()) if (server := _read(each)))


def add_server(name: str, address: str, models: Sequence[str], key_variable: str = "") -> ConfiguredServer:
    """Put a server on the list, in place of one of the same name.

    Raises:
        ConfigError: a name, address, model or variable that cannot be one, or the list is full.
    """
    address = address.strip().rstrip("/")
    server = ConfiguredServer(name.strip() or _host(address), address, tuple(dict.fromkeys(models)), key_variable)
    if problems := _problems(server):
        raise ConfigError(problems, "Correct the entry and add it again.")
    with _alone():
        others = [each for each in list_servers() if each.name != server.name]
        if len(others) >= MOST_SERVERS:
            raise ConfigError({"name": f"{MOST_SERVERS} servers are on the list, which is all that it takes."})
        _facts().put(_KEY, [asdict(each) for each in (*others, server)])
    return server


def remove_server(name: str) -> ConfiguredServer:
    """Take a server off the list, and give what it was.

    Raises:
        ConfigError: there is none of that name.
    """
    with _alone():
        known = {each.name: each for each in list_servers()}
        if name not in known:
            raise ConfigError({"name": f"{name[:80]!r} is not on the list of servers."}, "Reload the page.")
        _facts().put(_KEY, [asdict(each) for each in known.values() if each.name != name])
    return known[name]


def _problems(server: ConfiguredServer) -> dict[str, str]:
    problems: dict[str, str] = {}
    if len(server.name) > LONGEST_NAME:
        problems["name"] = f"It has {len(server.name)} characters; at most {LONGEST_NAME} are allowed."
    if not _host(server.address) or any(mark in server.address for mark in "@ ?#"):
        problems["address"] = f"{server.address[:80]!r} is no address; write one such as http://127.0.0.1:8011/v1."
    if not 0 < len(server.models) <= MOST_MODELS or not all(0 < len(model) <= LONGEST_NAME for model in server.models):
        problems["models"] = f"{len(server.models)} names were given; between 1 and {MOST_MODELS} are wanted."
    if server.key_variable and not VARIABLE.fullmatch(server.key_variable):
        problems["key_variable"] = (
            "It is no variable for a key. Name the variable that holds the key, not the key: "
            "BENCHWRIGHT_KEY_ and a name, or OPENAI_API_KEY for OpenAI."
        )
    return problems


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


def _read(kept: Any) -> ConfiguredServer | None:
    try:
        return ConfiguredServer(**{**kept, "models": tuple(map(str, kept["models"]))})
    except (TypeError, KeyError):
        return None


def _facts() -> KeptFacts:
    return KeptFacts(home() / "servers.json")


def _alone() -> FileLock:
    return FileLock(home() / ".servers.lock")
