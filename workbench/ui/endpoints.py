"""The named endpoints of the page, for gradio_client and agents: start, status, stop. Everything else is private."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from workbench.engine import Engine
from workbench.errors import WorkbenchError
from workbench.fields import read_spec
from workbench.links import run_link
from workbench.registry import engine_named
from workbench.runs import RunSpec
from workbench.spec_shape import spec_shaped
from workbench.ui.desk import Desk
from workbench.ui.visits import changeable, readable

LONGEST_KEY = 200
ASKED = ("preset", "settings", "arms", "seeds", "own_arms")

Answer = dict[str, Any]


def add_endpoints(desk: Desk) -> None:
    """Register the endpoints; call once inside the page's Blocks."""

    def start(engine: str, asked: dict, key: str, request: gr.Request) -> dict:
        spec = spec_asked(engine_named(engine, desk.engines), asked)
        owner = desk.access.visitor(request).name
        run = desk.bench.start(spec, owner=owner, key=_key(key))
        return told(desk, run)

    def status(run: str) -> dict:
        return told(desk, run)

    def stop(run: str, request: gr.Request) -> dict:
        desk.bench.stop(changeable(desk, run, request).run)
        return told(desk, run)

    gr.api(
        _refusing(start), api_name="start", concurrency_limit=2,
        api_description="Start a run of `engine`. `asked` may hold preset, settings, arms, seeds, own_arms; the same "
        "`key` gives the same run again, an empty one always a new run.",
    )  # fmt: skip
    gr.api(_refusing(status), api_name="status", api_description="State, progress and row counts of a run.")
    gr.api(_refusing(stop), api_name="stop", api_description="Ask a run to stop; what it has stays.")


def spec_asked(engine: Engine, asked: Any) -> RunSpec:
    """The spec that a request's body asks for.

    Raises:
        ConfigError: what `spec_shape.spec_shaped` or `fields.read_spec` refuses.
    """
    return read_spec(engine, **spec_shaped(asked, ASKED))


def told(desk: Desk, run: Any) -> Answer:
    """A run as the endpoints tell it.

    Raises:
        RunNotFound: no such run.
    """
    record = readable(desk, run)
    return {
        "run": record.run,
        "engine": record.engine,
        "state": record.state,
        "phase": record.phase,
        "done": record.done,
        "total": record.total,
        "unit": record.unit,
        "tables": dict(record.tables),
        "seconds": record.seconds,
        "error": record.error,
        "hint": record.hint,
        "link": run_link(desk.base_url, record.run),
    }


def _key(key: Any) -> str | None:
    return hashlib.sha256(f"api\0{key[:LONGEST_KEY]}".encode()).hexdigest() if isinstance(key, str) and key else None


def _refusing(act: Callable[..., Answer]) -> Callable[..., Answer]:
    """The endpoint, with a known refusal told to the client; its signature stays, for Gradio reads types from it."""

    @wraps(act)
    def answered(*given: Any) -> Answer:
        try:
            return act(*given)
        except WorkbenchError as error:
            raise gr.Error(f"{error} {error.hint}".strip(), print_exception=False) from error

    return answered
