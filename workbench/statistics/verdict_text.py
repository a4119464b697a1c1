"""Verdicts in words: one sentence that answers, and the reason behind it, for a reader without statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.contract.claims import Cell, Claim, DifferenceOfDifferences, Metric, Share, Trend
from workbench.messages import noted, say, say_many
from workbench.number_format import readable
from workbench.statistics.amounts import chances, difference, level, measured, span
from workbench.statistics.findings import Finding


@dataclass(frozen=True)
class Words:
    """What a card calls its arms and metrics."""

    arms: Mapping[str, str]
    metrics: Mapping[str, Metric]

    def arm(self, name: str) -> str:
        """Return title of an arm; the name of one that the card does not declare."""
        return say(self.arms.get(name, name.replace("_", " ")))


def answer(claim: Claim, found: Finding, decision: str, words: Words) -> str:
    """Return the verdict in one sentence, in natural units."""
    if decision == "not asked here":
        return say("This run did not ask it: {lacking}.", lacking=_lacking(found, words))
    if found.estimate is None:
        return say("No answer yet. {problem}", problem=found.problem)
    sentence = say("On this data {finding}", finding=_finding(claim, found, words))
    if decision == "not measurable here":
        message = noted("{finding}, but all arms sit at the {level}, where nothing tells them apart.")
        return say(message, finding=sentence, level=found.unmeasurable)
    if found.counted:
        return say("{finding}: counted, without chance.", finding=sentence)
    sentence += _ends(found)
    if decision == "undecided":
        return f"{sentence}{_open(found)}."
    return f"{sentence}{_allowed(found)}; {_by_chance(found)}."


def decided_because(found: Finding, level: float) -> str:
    """Say why a claim holds or does not."""
    if found.counted:
        counted = measured(found.shown * _value(found), found.unit)
        return _with_remarks(say("Counted: {number} against {bar}.", number=counted, bar=_bar(found)), found)
    if found.contrast is not None and found.contrast.relation == "within":
        where = noted("{interval} lies between {bar}.") if found.favours else noted("{interval} lies outside {bar}.")
    else:
        above = found.favours == (found.shown > 0)
        where = noted("{interval} lies above {bar}.") if above else noted("{interval} lies below {bar}.")
    return _with_remarks(say(where, interval=_interval(found, level), bar=_bar(found)), found)


def unmeasurable_because(found: Finding) -> str:
    """Say why a claim cannot be seen in this run."""
    said = say("All arms lie within three standard errors of the {level}.", level=found.unmeasurable)
    return _with_remarks(said, found)


def not_asked_because(found: Finding, words: Words) -> str:
    """Say what to switch on so that the run asks the claim."""
    said: list[str] = []
    for kind, each in found.missing.items():
        names = _listed(kind, each, words)
        if kind == "arms":
            said.append(say_many("Switch on the arm {names}.", "Switch on the arms {names}.", len(each), names=names))
        elif kind == "metrics":
            one = noted("No outcomes of {names}: switch on the part of the run that measures it.")
            many = noted("No outcomes of {names}: switch on the part of the run that measures them.")
            said.append(say(one if len(each) == 1 else many, names=names))
        else:
            said.append(say("Nothing was judged under {names}: widen what the run reads or judges.", names=names))
    return " ".join(said) or found.problem


def undecided_because(found: Finding, error: float, corrected: float | None) -> str:
    """Say why a claim is open.

    Args:
        error: what this look may spend.
        corrected: the claim's p after the correction within its family.
    """
    if found.p is None:
        return _with_remarks(found.problem, found)
    if found.p > error:
        inside = found.doubt and _clear(found, error)
        why = (
            noted("{interval} leaves {bar} out, but {doubt}.") if inside else noted("{interval} does not settle {bar}.")
        )
        said = say(why, interval=_interval(found, 1 - error), bar=_bar(found), doubt=found.doubt)
        return _with_remarks(said, found)
    message = noted(
        "On its own p is {p}; the correction keeps it open: corrected for the claims of its family (Holm) p is "
        "{corrected}, and {needed} is needed."
    )
    return _with_remarks(say(message, p=f"{found.p:.2g}", corrected=f"{corrected:.2g}", needed=f"{error:.2g}"), found)


def proposal(seeds: int | None, items: int | None) -> str:
    """Say what would settle an open claim if its estimate stayed where it is, or ""."""
    needs = [say_many("{n} more seed", "{n} more seeds", seeds)] if seeds is not None else []
    needs += [say_many("{n} more item", "{n} more items", items)] if items is not None else []
    sizes = say(", or ").join(needs)
    return say("About {sizes} would settle it at this estimate.", sizes=sizes) if needs else ""


def sides(found: Finding) -> tuple[str, str]:
    """Give words for the left and the right of the axis on which the estimate lies, in English; a page says them."""
    match found.kind:
        case Share():
            return noted("less"), noted("more")
        case Trend():
            return noted("falls"), noted("rises")
        case DifferenceOfDifferences():
            return noted("smaller gain"), noted("larger gain")
        case _:
            return noted("worse"), noted("better")


def _value(found: Finding) -> float:
    return found.estimate.value if found.estimate else float("nan")


def _metric(found: Finding, words: Words) -> Metric:
    assert found.contrast is not None
    return words.metrics[found.contrast.terms[0][1].metric]


def _finding(claim: Claim, found: Finding, words: Words) -> str:
    """The claim's own sentence, or one made of titles, with the amount filled in."""
    said = say(claim.finding) if claim.finding else _plain_finding(found, words)
    return said.replace("{amount}", _amount(found, words))


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
    metric = say(_metric(found, words).shown).lower()
    cells = [cell for _, cell in found.contrast.terms]
    match found.kind:
        case Share(cell=Cell(arm=arm)):
            return say("{arm} has {amount} ({metric})", arm=words.arm(arm), amount="{amount}", metric=metric)
        case Trend():
            message = noted("{metric} of {arm} changes by {amount} a step")
            return say(message, metric=metric, arm=words.arm(cells[0].arm), amount="{amount}")
        case DifferenceOfDifferences():
            message = noted("the gain of {arm} in {metric} is {amount} than the other")
            return say(message, arm=words.arm(cells[0].arm), metric=metric, amount="{amount}")
        case _:
            arm, other = (words.arm(cell.arm) for cell in cells[:2])
            message = noted("{arm} has {amount} than {other} ({metric})")
            return say(message, arm=arm, amount="{amount}", other=other, metric=metric)


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
        return say(", against {bar}", bar=_bar(found)) if bar else ""
    if found.contrast.relation == "within":
        message = noted(", where {amount} either way count as the same")
    else:
        message = noted(", where {amount} worse is allowed") if bar < 0 else noted(", where {amount} are asked for")
    return say(message, amount=measured(abs(bar), found.unit))


def _open(found: Finding) -> str:
    if found.obstacle == "one seed":
        return say("; one seed of a trained arm decides nothing")
    if found.p is None:
        return say("; this run cannot tell whether by chance")
    return say("{allowed}; {chance}, too often to decide", allowed=_allowed(found), chance=_by_chance(found))


def _by_chance(found: Finding) -> str:
    """How often a run would show as much if there were nothing to show."""
    at_bar = found.contrast is not None and found.contrast.bar
    message = noted("chance alone would give as much {often}")
    if at_bar:
        of_share = isinstance(found.kind, Share)
        message = (
            noted("a true value of {bar} would give as much {often}")
            if of_share
            else noted("a true value at that limit would give as much {often}")
        )
    return say(message, bar=_bar(found), often=chances(found.p or 0.0))


def _lacking(found: Finding, words: Words) -> str:
    lacks = {"metrics": noted("outcomes of {names}"), "slices": noted("outcomes under {names}")}
    said = [
        say(lacks.get(kind, noted("the arm {names}")), names=_listed(kind, each, words))
        for kind, each in found.missing.items()
    ]
    return say("it lacks {things}", things=say(" and ").join(said)) if said else found.problem.rstrip(".")


def _listed(kind: str, names: Sequence[str], words: Words) -> str:
    if kind == "arms":
        return ", ".join(f"“{words.arm(name)}”" for name in names)
    if kind == "metrics":
        return ", ".join(say(words.metrics[name].shown).lower() if name in words.metrics else name for name in names)
    return ", ".join(
        " / ".join(part for part in name.split("/") if "*" not in part) or say("any slice") for name in names
    )


def _interval(found: Finding, level: float) -> str:
    ends = found.interval(1 - level)
    if ends is None or found.estimate is None:
        return say("The estimate")
    low, high = ends
    value = measured(found.shown * found.estimate.value, found.unit)
    ends = span(low, high, found.unit)
    message = noted("The estimate is {value}; its {level} % interval, {ends},")
    return say(message, value=value, level=readable(100 * level), ends=ends)


def _bar(found: Finding) -> str:
    if found.contrast is None:
        return say("the bar")
    bar = found.contrast.bar
    if found.contrast.relation == "within":
        return say("{low} and {high}", low=measured(-bar, found.unit), high=measured(bar, found.unit))
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
        said.append(dropped_words(sums.dropped))
    if sums.left_out:
        seeds = ", ".join(map(str, sums.left_out))
        said.append(say("Seeds {seeds} were left out: not every arm has them.", seeds=seeds))
    return " ".join(said)


def dropped_words(many: int) -> str:
    """Say how many outcomes were left out for want of a partner."""
    return say_many(
        "{n} outcome had no partner in every arm and was left out.",
        "{n} outcomes had no partner in every arm and were left out.",
        many,
    )


def _with_remarks(said: str, found: Finding) -> str:
    return f"{said} {_remarks(found)}".strip()
