"""Plain HTTP routes beside the page: tables as CSV, artifacts, logs, health, and the page's own files.

Everything is named by the id of a run and a name from its manifest; no route takes a path, and none changes anything.
"""

import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from workbench.bench.session import Session
from workbench.contract.engine import Engine
from workbench.contract.errors import RunNotFound
from workbench.contract.runs import ARTIFACT_NAME, RUN_ID, RunId
from workbench.export.csv_text import csv_lines
from workbench.export.export import write_html, write_zip
from workbench.history import History, RunRecord
from workbench.storage.log_file import read_log
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.plots import plotly_js_name, plotly_js_path
from workbench.ui.elements.theme import drawing

LOG_TAIL_BYTES = 200_000
GRADIO = "/gradio_api"
"""Where Gradio serves what its pages ask for."""
_EXPORTING = Lock()
KEEP = {"cache-control": "public, max-age=31536000, immutable"}


def run_routes(desk: PageContext) -> APIRouter:
    """Return the files of runs. Whoever may see the page may read them; an unknown or deleted run is 404."""
    routes = APIRouter(prefix="/runs/{run}", include_in_schema=False)

    @routes.get("/tables/{table}.csv")
    def table(run: str, table: str) -> Response:
        record = _readable(desk.history, run)
        columns = _columns(desk.engines.get(record.engine), table)
        if table not in record.tables and columns is None:
            raise RunNotFound(f"The run has no table {table[:80]!r}.")
        lines = csv_lines(desk.history, run, table, columns)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=_saved_as(f"{run}-{table}.csv"))

    @routes.get("/artifacts/{name}")
    def artifact(run: str, name: str) -> Response:
        _readable(desk.history, run)
        listed = {line.name for line in desk.history.artifacts(run)}
        path = desk.bench.folder(run).artifact(name) if ARTIFACT_NAME.fullmatch(name) and name in listed else None
        if path is None or path.is_symlink() or not path.is_file():
            raise RunNotFound(f"The run has no file {name[:80]!r}.")
        return FileResponse(path, media_type="application/octet-stream", headers=_saved_as(f"{run}-{name}"))

    @routes.get("/report.html")
    def report(run: str) -> Response:
        return _exported(desk, run, "report.html", write_html)

    @routes.get("/bundle.zip")
    def bundle(run: str) -> Response:
        return _exported(desk, run, "bundle.zip", write_zip)

    @routes.get("/log")
    def log(run: str) -> Response:
        _readable(desk.history, run)
        return PlainTextResponse(read_log(desk.bench.folder(run), LOG_TAIL_BYTES))

    return routes


def page_routes() -> APIRouter:
    """Return what belongs to the page itself: health, icon, plotting library."""
    routes = APIRouter(include_in_schema=False)
    started = secrets.token_hex(8)

    @routes.get("/healthz")
    def health() -> Mapping[str, str]:
        """Return `server` is another one after each start: pages that were laid out by an earlier server load again."""
        return {"status": "ok", "server": started}

    @routes.get(f"{GRADIO}/heartbeat/{{session}}")
    def heartbeat(session: str) -> Response:
        """Answer at once what Gradio would hold open for as long as the page is: a browser has six connections to one
        server, so that the seventh tab would wait for ever. Nothing of ours needs to know that a page was closed.
        """
        return Response("data: ALIVE\n\n", media_type="text/event-stream", headers={"cache-control": "no-store"})

    @routes.get("/favicon.ico")
    def icon() -> Response:
        return Response(drawing("logo"), media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})

    @routes.get(f"/bench/{plotly_js_name()}")
    def plotting_library() -> Response:
        return FileResponse(plotly_js_path(), media_type="text/javascript", headers=KEEP)

    return routes


def _exported(desk: PageContext, run: str, name: str, write: Callable[[Session, RunId, Path], Any]) -> Response:
    """What `write` makes of the run, as an attachment; made anew for each request, one at a time."""
    if _readable(desk.history, run).engine not in desk.engines:
        raise RunNotFound("The run's method is not installed, so that it cannot be exported.")
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchwright-export-")), name)
        with _EXPORTING:
            write(Session(desk.engines, desk.history, desk.bench), run, path)
        answer = FileResponse(path, media_type="application/octet-stream", headers=_saved_as(f"{run}-{name}"))
        answer.background = BackgroundTask(stack.pop_all().close)
    return answer


def _columns(engine: Engine | None, table: str) -> list[str] | None:
    kind = engine.row_types().get(table) if engine else None
    return list(kind.model_fields) if kind else None


def _readable(history: History, run: str) -> RunRecord:
    if not RUN_ID.fullmatch(run):
        raise RunNotFound(f"{run[:80]!r} is not the id of a run.")
    record = history.record(run)
    if record.deleted:
        raise RunNotFound("The run was deleted.")
    return record


def _saved_as(name: str) -> dict[str, str]:
    safe = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name)
    return {"content-disposition": f'attachment; filename="{safe}"', "cache-control": "no-store"}
