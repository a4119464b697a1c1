"""What would settle the open claims of a finished run: how much more of what, how long that takes, at which look."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from workbench.bench.extending import More, extended_spec, items_of
from workbench.contract.circumstances import LOOKS, least_step
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, StateError
from workbench.contract.runs import RunSpec
from workbench.formatting import count, duration
from workbench.storage.extensions import Extension, looks_of

if TYPE_CHECKING:
    from workbench.history.records import RunRecord
    from workbench.statistics import Verdict

MOST = 6
"""So many proposals are made; the claims of further ones are settled by larger steps of one's own."""


@dataclass(frozen=True)
class Proposal:
    """More seeds, items or arms, and the claims that they would settle.

    Attributes:
        more: what to ask for.
        claims: sentences of the claims, the headlines first.
        seconds: about how long it takes, None where unknown.
        look: at which look the claims are judged then.
    """

    more: More
    claims: tuple[str, ...]
    seconds: float | None
    look: int


def proposals(
    engine: Engine, record: "RunRecord", verdicts: "Sequence[Verdict]", extensions: Sequence[Extension]
) -> list[Proposal]:
    """Return what would settle the open claims, each step once; those for headlines first, the quickest first.

    Args:
        engine: the run's card.
        record: of the finished run.
        verdicts: on its claims.
        extensions: how it was extended before.
    """
    steps: dict[More, list[str]] = {}
    ranked = sorted(verdicts, key=lambda verdict: not verdict.headline)
    for verdict in ranked:
        for more in _steps(engine, record.spec, verdict):
            steps.setdefault(more, []).append(verdict.sentence)
    found = []
    for more, claims in steps.items():
        try:
            spec = extended_spec(engine, record.spec, more, extensions)
        except (ConfigError, StateError):
            continue
        seconds = seconds_for(engine, record, spec, extensions)
        found.append(Proposal(more, tuple(claims), seconds, look_after(more, extensions)))
    order = {verdict.sentence: place for place, verdict in enumerate(ranked)}
    return sorted(found, key=lambda each: (order[each.claims[0]], each.seconds or 0.0))[:MOST]


def look_after(more: More, extensions: Sequence[Extension]) -> int:
    """At which look the claims are judged once the run has more, 1 for the first."""
    return len(looks_of(extensions)) + 1 + more.looks


def seconds_for(engine: Engine, record: "RunRecord", spec: RunSpec, extensions: Sequence[Extension]) -> float | None:
    """Estimate the seconds that `spec` takes over what the run has, from what that took; None where unknown.

    Work is taken to grow with arms, seeds and items; a part that does not (a training that more items leave alone)
    makes it take less. A run that was broken off and resumed does not know how long all of it took.
    """
    spent = [record.seconds, *(each.seconds for each in extensions)]
    known = [seconds for seconds in spent if seconds is not None]
    if len(known) < len(spent) or record.attempt != len(spent):
        return None
    return sum(known) * (_size(engine, spec) / _size(engine, record.spec) - 1)


def proposal_words(proposal: Proposal, titles: Mapping[str, str]) -> str:
    """Return a proposal in one line: "2 more seeds, about 12 min 00 s (look 2 of 5): “The shift helps.”".

    Args:
        proposal: what to ask for.
        titles: of arms, by name.
    """
    first, *others = proposal.claims
    settled = f"“{first}”" + (f" and {count(len(others), 'further claim')}" if others else "")
    return f"{more_words(proposal.more, titles)}{cost_words(proposal.seconds, proposal.look)}: {settled}"


def more_words(more: More, titles: Mapping[str, str]) -> str:
    """Return what is asked for, in words: "2 more seeds and 40 more items", "Add the arm Half the method"."""
    counted = [count(many, f"more {what}") for many, what in ((more.seeds, "seed"), (more.items, "item")) if many]
    names = [titles.get(arm, arm) for arm in [*more.arms, *more.own_arms]]
    added = [f"{'the arm' if len(names) == 1 else 'the arms'} {', '.join(names)}"] if names else []
    return " and ".join([*counted, *(added if counted else [f"Add {each}" for each in added])])


def cost_words(seconds: float | None, look: int) -> str:
    """Return how long it takes and which look it is: ", about 12 min 00 s (look 2 of 5)"."""
    about = f", about {duration(seconds)}" if seconds is not None else ""
    return f"{about} (look {look} of {LOOKS})"


def _steps(engine: Engine, spec: RunSpec, verdict: "Verdict") -> Iterator[More]:
    if verdict.verdict == "not asked here":
        missing = verdict.missing.get("arms", [])
        declared = {arm.name for arm in engine.arms}
        if missing and declared.issuperset(missing):
            yield More(arms=tuple(missing))
    if verdict.verdict != "undecided":
        return
    if verdict.more_seeds:
        yield More(seeds=max(verdict.more_seeds, least_step(len(spec.seeds))))
    items = items_of(engine, spec)
    if verdict.more_items and items:
        # what the setting counts brings more or less than one item that is judged
        grown = ceil(items * verdict.more_items / max(1, verdict.items))
        yield More(items=max(grown, least_step(items)))


def _size(engine: Engine, spec: RunSpec) -> int:
    return len(spec.arms) * len(spec.seeds) * (items_of(engine, spec) or 1)
