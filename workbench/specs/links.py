"""Addresses of the workbench: a tab, a method, a run, one of its views or claims, its files.

Only well-formed ids and names ever become an address. A link fills or shows; none starts anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from workbench.contract.errors import RunNotFound
from workbench.contract.runs import ARTIFACT_NAME, RUN_ID, RunId

LONGEST_QUERY = 4_000
CONTROL = "control."
"""Before the name of a view's control in a link: `control.layer=7`."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TAB = re.compile(r"[a-z][a-z-]{0,31}")


@dataclass(frozen=True)
class Destination:
    """Where a link leads; what it does not name is "".

    Attributes:
        method: name of the method whose tab it opens.
        run: id of the run to open.
        view, claim: name of the view or claim to scroll to.
        tab: the tab of the page ("history"), or of the run ("verdict").
        controls: how the controls of the view are set, each (name, value as text); pairs, for a page compares links.
        malformed: the link named a run by something that is no id.
    """

    method: str = ""
    run: RunId = ""
    view: str = ""
    claim: str = ""
    tab: str = ""
    controls: tuple[tuple[str, str], ...] = ()
    malformed: bool = False


def read_link(query: str) -> Destination:
    """Read the query string of the page's address (`?run=ID&view=NAME&control.layer=7`); never raises."""
    try:
        given = parse_qs(query[:LONGEST_QUERY].lstrip("?"), keep_blank_values=True, max_num_fields=50, errors="replace")
    except ValueError:
        return Destination(malformed=True)
    asked = {name: values[0] for name, values in given.items()}
    run = asked.get("run", "")
    if run and not RUN_ID.fullmatch(run):
        return Destination(malformed=True)
    method, view, claim = (asked[name] if _NAME.fullmatch(asked.get(name, "")) else "" for name in _NAMED)
    tab = asked["tab"] if _TAB.fullmatch(asked.get("tab", "")) else ""
    controls = [(name.removeprefix(CONTROL), value) for name, value in asked.items() if name.startswith(CONTROL)]
    known = tuple((name, value) for name, value in controls if view and _NAME.fullmatch(name))
    return Destination(method, run, view, claim, tab, known)


_NAMED = ("method", "view", "claim")


def run_link(base_url: str, run: RunId, view: str = "", controls: Mapping[str, str] | None = None) -> str:
    """Address of a run's page, absolute under `base_url` ("" gives a relative one), or of one of its views as set."""
    asked = {"run": _run(run)} | ({"view": view} if view else {})
    asked |= {f"{CONTROL}{name}": value for name, value in (controls or {}).items()}
    return f"{base_url.rstrip('/')}/?{urlencode(asked)}"


def table_path(run: RunId, table: str) -> str:
    """Path of one of the run's tables as CSV."""
    return f"/runs/{_run(run)}/tables/{quote(table, safe='')}.csv"


def artifact_path(run: RunId, name: str) -> str:
    """Path of one of the run's artifacts.

    Raises:
        RunNotFound: the name is not one that an artifact can have.
    """
    if not ARTIFACT_NAME.fullmatch(name):
        raise RunNotFound(f"{name[:80]!r} is not the name of an artifact.")
    return f"/runs/{_run(run)}/artifacts/{name}"


def report_path(run: RunId) -> str:
    """Path of the run as one offline page."""
    return f"/runs/{_run(run)}/report.html"


def bundle_path(run: RunId) -> str:
    """Path of everything of the run in one ZIP."""
    return f"/runs/{_run(run)}/bundle.zip"


def log_path(run: RunId) -> str:
    """Path of the end of the run's log."""
    return f"/runs/{_run(run)}/log"


def _run(run: RunId) -> RunId:
    if not RUN_ID.fullmatch(run):
        raise RunNotFound(f"{run[:80]!r} is not the id of a run.", "Open the run from the History tab.")
    return run
