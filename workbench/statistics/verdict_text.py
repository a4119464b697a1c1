"""Verdicts in words: one sentence that answers, and the reason behind it, for a reader without statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.contract.claims import Cell, Claim, DifferenceOfDifferences, Metric, Share, Trend
from workbench.number_format import readable
from workbench.statistics.amounts import chances, difference, level, measured, span
from workbench.statistics.findings import Finding


@dataclass(frozen=True)
class Words:
    """What a card calls its arms and metrics."""

    arms: Mapping[str, str]
    metrics: Mapping[str, Metric]

    def arm(self, name: str) -> str:
        """Title of an arm; the name of one that the card does not declare."""
        return self.arms.get(name, name.replace("_", " "))


def answer(claim: Claim, found: Finding, decision: str, words: Words) -> str:
    """The verdict in one sentence, in natural units."""
    if decision == "not asked here":
        return f"This run did not ask it: {_lacking(found, words)}."
    if found.estimate is None:
        return f"No answer yet. {found.problem}"
    sentence = f"On this data {_finding(claim, found, words)}"
    if decision == "not measurable here":
        return f"{sentence}, but all arms sit at the {found.unmeasurable}, where nothing tells them apart."
    if found.counted:
        return f"{sentence}: counted, without chance."
    sentence += _ends(found)
    if decision == "undecided":
        return f"{sentence}{_open(found)}."
    return f"{sentence}{_allowed(found)}; {_by_chance(found)}."


def decided_because(found: Finding, level: float) -> str:
    """Why a claim holds or does not."""
    if found.counted:
        counted = measured(found.shown * _value(found), found.unit)
        return f"Counted: {counted} against {_bar(found)}. {_remarks(found)}".strip()
    if found.contrast is not None and found.contrast.relation == "within":
        where = "lies between" if found.favours else "lies outside"
    else:
        where = "lies above" if found.favours == (found.shown > 0) else "lies below"
    return f"{_interval(found, level)} {where} {_bar(found)}. {_remarks(found)}".strip()


def unmeasurable_because(found: Finding) -> str:
    """Why a claim cannot be seen in this run."""
    return f"All arms lie within three standard errors of the {found.unmeasurable}. {_remarks(found)}".strip()


def not_asked_because(found: Finding, words: Words) -> str:
    """What to switch on so that the run asks the claim."""
    named = {
        "arms": "Switch on the arm{s} {names}.",
        "metrics": "No outcomes of {names}: switch on the part of the run that measures {them}.",
        "slices": "Nothing was judged under {names}: widen what the run reads or judges.",
    }
    said = [
        named[kind].format(
            names=_listed(kind, each, words), s="s"[: len(each) - 1], them="it" if len(each) == 1 else "them"
        )
        for kind, each in found.missing.items()
    ]
    return " ".join(said) or found.problem


def undecided_because(found: Finding, error: float, corrected: float | None) -> str:
    """Why a claim is open.

    Args:
        error: what this look may spend.
        corrected: the claim's p after the correction within its family.
    """
    if found.p is None:
        return f"{found.problem} {_remarks(found)}".strip()
    if found.p > error:
        inside = found.doubt and _clear(found, error)
        why = f"leaves {_bar(found)} out, but {found.doubt}" if inside else f"does not settle {_bar(found)}"
        return f"{_interval(found, 1 - error)} {why}. {_remarks(found)}".strip()
    correction = f"corrected for the claims of its family (Holm) p is {corrected:.2g}, and {error:.2g} is needed"
    return f"On its own p is {found.p:.2g}; the correction keeps it open: {correction}. {_remarks(found)}".strip()


def proposal(seeds: int | None, items: int | None) -> str:
    """What would settle an open claim if its estimate stayed where it is, or ""."""
    needs = [f"{n:,} more {what}{'s'[: n - 1]}" for n, what in ((seeds, "seed"), (items, "item")) if n is not None]
    return f"About {', or '.join(needs)} would settle it at this estimate." if needs else ""


def sides(found: Finding) -> tuple[str, str]:
    """Words for the left and the right of the axis on which the estimate lies."""
    match found.kind:
        case Share():
            return "less", "more"
        case Trend():
            return "falls", "rises"
        case DifferenceOfDifferences():
            return "smaller gain", "larger gain"
        case _:
            return "worse", "better"


def _value(found: Finding) -> float:
    return found.estimate.value if found.estimate else float("nan")


def _metric(found: Finding, words: Words) -> Metric:
    assert found.contrast is not None
    return words.metrics[found.contrast.terms[0][1].metric]


def _finding(claim: Claim, found: Finding, words: Words) -> str:
    """The claim's own sentence, or one made of titles, with the amount filled in."""
    return (claim.finding or _plain_finding(found, words)).replace("{amount}", _amount(found, words))


def _amount(found: Finding, words: Words) -> str:
    metric, value = _metric(found, words), _value(found)
    turned = -1.0 if metric.better == "lower" else 1.0
    match found.kind:
        case Share():
            return level(found.shown * value, metric)
        case Trend():
            return f"{measured(found.shown * value, found.unit)}"
        case _:
            log = found.unit == "log ratio"
            return difference(turned * value, metric, log)


def _plain_finding(found: Finding, words: Words) -> str:
    assert found.contrast is not None
    title = _metric(found, words).shown
    cells = [cell for _, cell in found.contrast.terms]
    match found.kind:
        case Share(cell=Cell(arm=arm)):
            return f"{words.arm(arm)} has {{amount}} ({title.lower()})"
        case Trend():
            return f"{title.lower()} of {words.arm(cells[0].arm)} changes by {{amount}} a step"
        case DifferenceOfDifferences():
            return f"the gain of {words.arm(cells[0].arm)} in {title.lower()} is {{amount}} than the other"
        case _:
            return f"{words.arm(cells[0].arm)} has {{amount}} than {words.arm(cells[1].arm)} ({title.lower()})"


def _ends(found: Finding) -> str:
    """The 95 % interval in parentheses, in the direction in which the finding is told; "" where there is none."""
    assert found.estimate is not None and found.contrast is not None
    ends = found.interval(0.05)
    if ends is None:
        return ""
    low, high = ends
    return (
        f" ({span(low, high, found.unit)})"
        if isinstance(found.kind, Share | Trend)
        else f" ({_told_span(found, low, high)})"
    )


def _told_span(found: Finding, low: float, high: float) -> str:
    """An interval of a difference, counted in the direction of its amount: positive where the amount says so."""
    way = 1.0 if _value(found) >= 0 else -1.0
    low, high = sorted((way * low, way * high))
    return span(low, high, found.unit)


def _allowed(found: Finding) -> str:
    """What the claim allows or asks for, where its bar is not zero."""
    assert found.contrast is not None
    bar = found.contrast.bar
    if not bar or isinstance(found.kind, Share):
        return f", against {_bar(found)}" if bar else ""
    if found.contrast.relation == "within":
        return f", where {measured(abs(bar), found.unit)} either way count as the same"
    return f", where {measured(abs(bar), found.unit)} {'worse is allowed' if bar < 0 else 'are asked for'}"


def _open(found: Finding) -> str:
    if found.obstacle == "one seed":
        return "; one seed of a trained arm decides nothing"
    if found.p is None:
        return "; this run cannot tell whether by chance"
    return f"{_allowed(found)}; {_by_chance(found)}, too often to decide"


def _by_chance(found: Finding) -> str:
    """How often a run would show as much if there were nothing to show."""
    at_bar = found.contrast is not None and found.contrast.bar
    limit = f"a true value of {_bar(found)}" if isinstance(found.kind, Share) else "a true value at that limit"
    return f"{limit if at_bar else 'chance alone'} would give as much {chances(found.p or 0.0)}"


def _lacking(found: Finding, words: Words) -> str:
    lacks = {"arms": "the arm", "metrics": "outcomes of", "slices": "outcomes under"}
    said = [f"{lacks[kind]} {_listed(kind, each, words)}" for kind, each in found.missing.items()]
    return f"it lacks {' and '.join(said)}" if said else found.problem.rstrip(".")


def _listed(kind: str, names: Sequence[str], words: Words) -> str:
    if kind == "arms":
        return ", ".join(f"“{words.arm(name)}”" for name in names)
    if kind == "metrics":
        return ", ".join(words.metrics[name].shown.lower() if name in words.metrics else name for name in names)
    return ", ".join(" / ".join(part for part in name.split("/") if "*" not in part) or "any slice" for name in names)


def _interval(found: Finding, level: float) -> str:
    ends = found.interval(1 - level)
    if ends is None or found.estimate is None:
        return "The estimate"
    low, high = ends
    value = measured(found.shown * found.estimate.value, found.unit)
    return f"The estimate is {value}; its {readable(100 * level)} % interval, {span(low, high, found.unit)},"


def _bar(found: Finding) -> str:
    if found.contrast is None:
        return "the bar"
    bar = found.contrast.bar
    if found.contrast.relation == "within":
        return f"{measured(-bar, found.unit)} and {measured(bar, found.unit)}"
    return measured(found.shown * bar + 0.0, found.unit)


def _clear(found: Finding, error: float) -> bool:
    """Whether the interval alone would have settled the contrast."""
    if found.estimate is None or found.contrast is None:
        return False
    low, high = found.estimate.interval(1 - error)
    return not any(low <= bar <= high for bar in found.bars)


def _remarks(found: Finding) -> str:
    sums = found.sums
    if sums is None:
        return ""
    said: list[str] = []
    if sums.dropped:
        said.append(f"{sums.dropped:,} outcomes had no partner in every arm and were left out.")
    if sums.left_out:
        said.append(f"Seeds {', '.join(map(str, sums.left_out))} were left out: not every arm has them.")
    return " ".join(said)
