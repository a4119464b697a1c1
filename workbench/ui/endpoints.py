"""The named endpoints of the page, for gradio_client and agents: start, status, stop, extend. All else is private."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from workbench.bench.extending import More, Step
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.contract.fields import read_config, read_spec
from workbench.contract.registry import engine_named
from workbench.contract.runs import RunSpec
from workbench.messages import say
from workbench.specs.links import run_link
from workbench.specs.spec_shape import spec_shaped
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, readable

LONGEST_KEY = 200
ASKED = ("preset", "settings", "arms", "seeds", "own_arms")
MORE = ("seeds", "items", "arms", "own_arms")

Answer = dict[str, Any]


def add_endpoints(desk: PageContext) -> None:
    """Register the endpoints; call once inside the page's Blocks."""

    def start(engine: str, asked: dict, key: str, request: gr.Request) -> dict:
        spec = spec_asked(engine_named(engine, desk.engines), asked)
        owner = desk.access.visitor(request).name
        run = desk.bench.start(spec, owner=owner, key=_key(key))
        return run_answer(desk, run)

    def status(run: str) -> dict:
        return run_answer(desk, run)

    def stop(run: str, request: gr.Request) -> dict:
        desk.bench.stop(changeable(desk, run, request).run)
        return run_answer(desk, run)

    def extend(run: str, asked: dict, request: gr.Request) -> dict:
        desk.bench.extend(changeable(desk, run, request).run, more_asked(asked))
        return run_answer(desk, run)

    gr.api(
        _refusing(start), api_name="start", concurrency_limit=2,
        api_description=say(
            "Start a run of `engine`. `asked` may hold preset, settings, arms, seeds, own_arms; the same `key` gives "
            "the same run again, an empty one always a new run."
        ),
    )  # fmt: skip
    gr.api(_refusing(status), api_name="status", api_description=say("State, progress and row counts of a run."))
    gr.api(_refusing(stop), api_name="stop", api_description=say("Ask a run to stop; what it has stays."))
    gr.api(
        _refusing(extend), api_name="extend", concurrency_limit=2,
        api_description=say(
            "Go on with a finished run of yours. `asked` may hold seeds and items (how many more), arms (names) and "
            "own_arms (overrides by name); what the run has is kept, its claims are judged anew at most five times, "
            "each time half as large again."
        ),
    )  # fmt: skip


def spec_asked(engine: Engine, asked: Any) -> RunSpec:
    """Return the spec that a request's body asks for.

    Raises:
        ConfigError: what `spec_shape.spec_shaped` or `fields.read_spec` refuses.
    """
    return read_spec(engine, **spec_shaped(asked, ASKED))


def more_asked(asked: Any) -> More:
    """Return what a request's body wants a finished run to have beside what it has.

    Raises:
        ConfigError: it has another shape; each refused key is named.
    """
    if not isinstance(asked, dict):
        raise ConfigError({"asked": say("It must be a mapping with the keys {keys}.", keys=", ".join(MORE))})
    rest = spec_shaped({key: value for key, value in asked.items() if key not in Step.model_fields}, MORE)
    step = read_config(Step, {key: value for key, value in asked.items() if key in Step.model_fields})
    return More(step.seeds, step.items, tuple(map(str, rest.get("arms", ()))), rest.get("own_arms", {}))


def run_answer(desk: PageContext, run: Any) -> Answer:
    """Return a run as the endpoints tell it.

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
