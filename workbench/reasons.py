"""Verdicts in words: a few sentences that a reader without statistics can follow."""

from workbench.findings import Finding


def number(value: float, unit: str) -> str:
    """A number with its unit, to three digits; a share as a percentage."""
    return f"{100 * value:.3g} %" if unit == "share" else f"{value:.3g} {unit}".strip()


def decided_because(finding: Finding, level: float) -> str:
    """Why a claim holds or does not."""
    if finding.contrast is not None and finding.contrast.relation == "within":
        where = "lies between" if finding.favours else "lies outside"
    else:
        where = "lies above" if finding.favours == (finding.shown > 0) else "lies below"
    return f"{_interval(finding, level)} {where} {_bar(finding)}. {_remarks(finding)}".strip()


def unmeasurable_because(finding: Finding) -> str:
    """Why a claim cannot be seen in this run."""
    return f"All arms lie within three standard errors of the {finding.unmeasurable}. {_remarks(finding)}".strip()


def undecided_because(finding: Finding, level: float, corrected: float | None) -> str:
    """Why a claim is open. `corrected` is the claim's p after the correction over claims."""
    if finding.p is None:
        return f"{finding.problem} {_remarks(finding)}".strip()
    if finding.p > 1 - level:
        inside = finding.doubt and _clear(finding, level)
        why = f"leaves {_bar(finding)} out, but {finding.doubt}" if inside else f"does not settle {_bar(finding)}"
        return f"{_interval(finding, level)} {why}. {_remarks(finding)}".strip()
    correction = f"corrected for the number of claims (Holm) p is {corrected:.2g}, and {1 - level:.2g} is needed"
    return (
        f"On its own p is {finding.p:.2g}; only the correction keeps it open: {correction}. {_remarks(finding)}".strip()
    )


def proposal(seeds: int | None, items: int | None) -> str:
    """What would settle an open claim if its estimate stayed where it is, or ""."""
    needs = [f"{n} more {what}" for n, what in ((seeds, "seeds"), (items, "items")) if n is not None]
    return f"About {', or '.join(needs)} would settle it at this estimate." if needs else ""


def shown_interval(finding: Finding, level: float) -> tuple[float | None, float | None]:
    """The interval with the sign under which the estimate is shown; (None, None) where there is none."""
    if finding.estimate is None or not finding.estimate.sources:
        return None, None
    low, high = sorted(finding.shown * end for end in finding.estimate.interval(level))
    return low, high


def _interval(finding: Finding, level: float) -> str:
    low, high = shown_interval(finding, level)
    if low is None or high is None or finding.estimate is None:
        return "The estimate"
    value = number(finding.shown * finding.estimate.value, finding.unit)
    ends = f"{number(low, finding.unit)} to {number(high, finding.unit)}"
    return f"The estimate is {value}; its {100 * level:.0f} % interval, {ends},"


def _bar(finding: Finding) -> str:
    if finding.contrast is None:
        return "the bar"
    bar = finding.contrast.bar
    if finding.contrast.relation == "within":
        return f"{number(-bar, finding.unit)} and {number(bar, finding.unit)}"
    return number(finding.shown * bar + 0.0, finding.unit)


def _clear(finding: Finding, level: float) -> bool:
    """Whether the interval alone would have settled the contrast."""
    if finding.estimate is None or finding.contrast is None:
        return False
    low, high = finding.estimate.interval(level)
    bars = (
        (finding.contrast.bar, -finding.contrast.bar)
        if finding.contrast.relation == "within"
        else (finding.contrast.bar,)
    )
    return not any(low <= bar <= high for bar in bars)


def _remarks(finding: Finding) -> str:
    sums = finding.sums
    if sums is None:
        return ""
    said: list[str] = []
    if sums.dropped:
        said.append(f"{sums.dropped} outcomes had no partner in every arm and were left out.")
    if sums.left_out:
        said.append(f"Seeds {', '.join(map(str, sums.left_out))} were left out: not every arm has them.")
    return " ".join(said)
