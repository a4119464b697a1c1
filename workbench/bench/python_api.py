"""Benchwright from Python: the same spec, the same worker, the same history as the page and the command line.

from workbench import run

result = run("shifcon", preset="quick", seeds=[0, 1])
result.verdicts                        # one line per claim
result.outcomes                        # one line per observation
result.tables["SubspaceDistance"]      # a table of the method

extend(result.run, seeds=2)            # the same run goes on: what it has is kept, its verdicts are judged anew
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.bench.extending import More
from workbench.bench.results import Result, summary_of
from workbench.bench.session import open_history, open_session, settle
from workbench.bench.watch_run import follow
from workbench.contract.engine import Engine
from workbench.contract.errors import WorkbenchError
from workbench.contract.fields import read_spec
from workbench.contract.registry import engine_named, engines
from workbench.contract.runs import RunId

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["engines", "extend", "recent_runs", "run", "show"]


def run(  # noqa: PLR0913 - the parts of a RunSpec, by keyword
    engine: str | Engine,
    *,
    preset: str = "quick",
    settings: Mapping[str, Any] | None = None,
    arms: Iterable[str] | None = None,
    seeds: Iterable[int] | None = None,
    own_arms: Mapping[str, Mapping[str, Any]] | None = None,
    title: str = "",
) -> Result:
    """Run a method, wait for its end and give what it answered. Ctrl-C stops it; what it has by then is kept.

    Args:
        engine: the method's name or card.
        settings: overrides of the preset's settings.
        arms, seeds: instead of the preset's.
        own_arms: further arms, each a name and its overrides of settings.
        title: what the history calls the run.

    Raises:
        ConfigError: a setting, an arm or a seed is refused; nothing was started.
        WorkbenchError: the run failed; `show(run)` has its partial rows.
    """
    known = engines()
    card = engine if isinstance(engine, Engine) else engine_named(engine, known)
    spec = read_spec(card, preset=preset, settings=settings, arms=arms, seeds=seeds, own_arms=own_arms)
    with open_session({**known, card.name: card}) as session:
        started = session.bench.start(spec, title=title)
        follow(session, started)
        return _succeeded(session.result(started))


def extend(
    run: RunId,
    *,
    seeds: int = 0,
    items: int = 0,
    arms: Iterable[str] = (),
    own_arms: Mapping[str, Mapping[str, Any]] | None = None,
) -> Result:
    """Go on with a finished run, wait for its end and give what it answers now; what it had is kept.

    More seeds or items are a look at the same claims: five at most, each half as large again as the one before, the
    first at the full level and the others at a twelfth of it. What is decided stays decided.

    Args:
        run: id of a finished run that was made here.
        seeds, items: how many more.
        arms: further arms of the method.
        own_arms: further arms of yours, each a name and its overrides of settings.

    Raises:
        RunNotFound: no run has that id.
        ConfigError: nothing was asked for, the step is too small, or a setting, a seed or an arm is refused.
        StateError: the run has not finished, was made elsewhere, or was judged five times.
        WorkbenchError: the run failed; `show(run)` has its partial rows.
    """
    with open_session(engines()) as session:
        session.bench.extend(run, More(seeds, items, tuple(arms), own_arms or {}))
        follow(session, run)
        return _succeeded(session.result(run))


def show(run: RunId) -> Result:
    """Return what a run of the history answered, so far if it is still running.

    Raises:
        RunNotFound: no run has that id.
    """
    with open_session(engines()) as session:
        settle(session, [run])
        return session.result(run)


def _succeeded(result: Result) -> Result:
    if result.error:
        raise WorkbenchError(f"Run {result.run} failed. {result.error.message}", result.error.hint)
    return result


def recent_runs(engine: str = "", limit: int = 50) -> "pd.DataFrame":
    """Return the newest runs of the history, newest first: run, engine, state, title, created, seconds and more."""
    import pandas as pd

    from workbench.history.records import RunFilter

    with open_history() as history:
        page = history.listing(RunFilter(engine=engine), limit=limit)
    return pd.DataFrame([summary_of(record) for record in page.records])
