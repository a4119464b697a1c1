"""How to serve: the command line's options, and what a Space prescribes."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

PORT = 7860
OPEN_TO_OTHERS = "BENCHWRIGHT_OPEN_TO_OTHERS"
"""Tells workers that others can reach the workbench: they then ask no model server of this machine or its network."""


@dataclass(frozen=True)
class Options:
    """How to serve: the command line, and what a Space prescribes.

    Attributes:
        port: None takes 7860, or the next free one.
        allow_hosts: further host names to answer to (a reverse proxy's).
        space_host: host name given by the Space, "" elsewhere.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    unsafe_no_auth: bool = False
    allow_hosts: tuple[str, ...] = ()
    space_host: str = ""

    @property
    def open_to_others(self) -> bool:
        """Whether others than this machine's user could connect: directly, by a share link, or through a proxy."""
        return bool(self.share or self.space_host or self.allow_hosts) or not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Return whether an address or name to listen on is reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Options from the command line; on a Space, from its environment."""
    given = _parser().parse_args(arguments)
    if given.home:
        os.environ["BENCHWRIGHT_HOME"] = given.home
    if environment.get("SPACE_ID"):
        return Options("0.0.0.0", PORT, space_host=environment.get("SPACE_HOST", ""))
    return Options(given.host, given.port, given.share, given.unsafe_no_auth, tuple(given.allow_host))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Open the workbench in a browser.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; any but loopback needs a password")
    parser.add_argument("--port", type=int, help=f"default {PORT}, or the next free one")
    parser.add_argument("--home", help="data folder (default: BENCHWRIGHT_HOME, else the platform's)")
    parser.add_argument("--share", action="store_true", help="open a public link through Gradio's tunnel")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="answer to this host name too"
    )
    parser.add_argument(
        "--unsafe-no-auth", action="store_true", help="let anybody who can connect do anything, without a password"
    )
    return parser
