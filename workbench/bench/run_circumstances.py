"""What the history knows of a run beside its outcomes, as the verdict wants it."""

from typing import TYPE_CHECKING

from workbench.contract.circumstances import Circumstances
from workbench.contract.engine import Engine
from workbench.contract.runs import LIVE, RunId
from workbench.contract.schema import Caution, Outcome
from workbench.storage.extensions import Decision, looks_of

if TYPE_CHECKING:
    from workbench.history import History


def circumstances_of(history: "History", run: RunId) -> Circumstances:
    """Return what a run was asked, recorded and doubted, and how often it was looked at.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: a chunk of its rows is gone or damaged.
    """
    record, doubts = history.record(run), history.table(run, Caution)
    extensions = history.extensions(run)
    return Circumstances(
        arms=record.spec.arms,
        facts=history.facts(run),
        cautions=tuple(zip(doubts["claim"].astype(str), doubts["text"].astype(str), strict=True)),
        looks=looks_of(extensions),
        decided=dict(extensions[-1].decided) if extensions else {},
        complete=record.state not in LIVE,
    )


def decided_claims(history: "History", engine: Engine, run: RunId) -> dict[str, Decision]:
    """Return the claims that the run's rows decide now, or decided at an earlier look, with their verdicts."""
    from workbench.statistics import judge

    found: dict[str, Decision] = {}
    for verdict in judge(engine, history.table(run, Outcome), circumstances_of(history, run)):
        if verdict.verdict == "holds" or verdict.verdict == "does not hold":
            found[verdict.claim] = verdict.verdict
    return found
