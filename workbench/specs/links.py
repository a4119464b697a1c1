"""Addresses of the workbench: a run, one of its views, its files. Only well-formed ids ever become an address.

A link fills or shows; none starts anything.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from workbench.contract.errors import RunNotFound
from workbench.contract.runs import ARTIFACT_NAME, RUN_ID, RunId

LONGEST_QUERY = 4_000


@dataclass(frozen=True)
class Destination:
    """Where a link leads.

    Attributes:
        run: id of the run to open, "" for none.
        view: name of the view to scroll to, "" for none.
        malformed: the link named a run by something that is no id.
    """

    run: RunId = ""
    view: str = ""
    malformed: bool = False


def read_link(query: str) -> Destination:
    """Read the query string of the page's address (`?run=ID&view=NAME`); never raises, whatever it holds."""
    try:
        asked = parse_qs(query[:LONGEST_QUERY].lstrip("?"), max_num_fields=50, errors="replace")
    except ValueError:
        return Destination(malformed=True)
    run, view = asked.get("run", [""])[0], asked.get("view", [""])[0]
    if run and not RUN_ID.fullmatch(run):
        return Destination(malformed=True)
    return Destination(run, view if RUN_ID.fullmatch(view) else "")


def run_link(base_url: str, run: RunId, view: str = "") -> str:
    """Address of a run's page, absolute under `base_url` ("" gives a relative one)."""
    asked = {"run": _run(run)} | ({"view": view} if view else {})
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
