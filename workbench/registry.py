"""The installed methods, found by their entry point, so that the bench imports none by name.

A distribution announces its methods in the entry point group `benchwright.engines`; each entry names a mapping from
engine name to card. A second distribution may bring further methods the same way.
"""

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from workbench.engine import Engine
from workbench.errors import ConfigError

GROUP = "benchwright.engines"


@cache
def engines() -> Mapping[str, Engine]:
    """Every installed method's card by name, in the order of their declaration.

    Raises:
        ConfigError: no method is installed.
    """
    found: dict[str, Engine] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        found.update(entry.load())
    if not found:
        raise ConfigError(
            {"engines": "No methods are installed."}, "Install the workbench into this environment: pip install -e ."
        )
    return found


def engine_named(name: str, among: Mapping[str, Engine]) -> Engine:
    """The card of that name.

    Raises:
        ConfigError: there is none; the closest name is proposed.
    """
    if name in among:
        return among[name]
    near = difflib.get_close_matches(name, among, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"Choose from {', '.join(among)}."
    raise ConfigError({"engine": f"There is no method named {name[:80]!r}. {remedy}"})
