"""What the page asks when a server or a folder of models is to be put on the list, and what it is answered."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from workbench.contract.schema import Config, Row
from workbench.contract.vocabulary import BASIC

ENROLMENT = "enrolment"
MOST_MODELS = 50

_Text = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class Enrolling(Config):
    """A server or a folder to be checked and put on the list."""

    place: Annotated[Literal["folder", "server"], BASIC]
    """What it is."""
    address: Annotated[str, StringConstraints(min_length=1, max_length=1_000, strip_whitespace=True), BASIC]
    """The folder's whole path on this machine, or the server's address, such as http://127.0.0.1:8011/v1."""
    name: _Text = ""
    """How to call the server."""
    models: Annotated[tuple[_Text, ...], Field(max_length=MOST_MODELS)] = ()
    """The server's models by its own names; empty asks the server for them."""
    key_variable: _Text = ""
    """The environment variable that holds the server's key; the key itself is never typed here."""
    allow: bool = False
    """Let the folder be read although it lies outside those that may be; its owner has confirmed it."""


class OutsideFolder(Row):
    """A folder that was refused because it lies outside those that may be read; its owner may allow it."""

    path: str


class Enrolled(Row):
    """A model that is on the list now."""

    ref: str
    name: str
