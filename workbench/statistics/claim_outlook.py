"""Which claims a run could never decide as it is asked, and how likely it decides the others, before it begins."""

from collections.abc import Iterator

from workbench.contract.claims import Claim, Design, Trend, contrast_of
from workbench.contract.engine import Engine, Preset
from workbench.contract.fields import read_config
from workbench.contract.runs import RunSpec
from workbench.contract.schema import ClaimOutlook, Config
from workbench.formatting import count
from workbench.statistics.power import ENOUGH, power

RUNS = 60
"""Simulated runs of each claim; the standard error of a power of 0.8 is then 0.05."""
LARGE = 20_000
"""Items under all seeds; of larger runs a third as many are simulated."""


def claim_outlooks(engine: Engine, spec: RunSpec, runs: int = RUNS) -> Iterator[ClaimOutlook]:
    """Say of each claim whether the run as asked could decide it, in the card's order.

    Args:
        engine: the method's card.
        spec: what the run is asked.
        runs: simulated for each claim that names a smallest effect and a design; 0 for none.

    Raises:
        ConfigError: a setting is refused.
    """
    config = read_config(engine.config, spec.settings)
    for claim in engine.claims:
        obstacle = _obstacle(engine, claim, spec, config)
        if obstacle:
            yield ClaimOutlook(claim=claim.name, decidable=False, reason=obstacle)
            continue
        found, words = _power(engine, claim, Preset(config, spec.arms, spec.seeds, ""), runs)
        yield ClaimOutlook(claim=claim.name, decidable=True, power=found, reason=words)


def never_decided(engine: Engine, spec: RunSpec) -> dict[str, str]:
    """Return the claims that a run could never decide, as sentence -> why; nothing is simulated.

    Raises:
        ConfigError: a setting is refused.
    """
    sentences = {claim.name: claim.sentence for claim in engine.claims}
    found = claim_outlooks(engine, spec, runs=0)
    return {sentences[each.claim]: each.reason for each in found if not each.decidable}


def _obstacle(engine: Engine, claim: Claim, spec: RunSpec, config: Config) -> str:
    """Why the claim stays open whatever comes out, "" where nothing stands in its way."""
    arms = _arms(engine, claim)
    titles = {arm.name: arm.title for arm in engine.arms}
    absent = [titles.get(arm, arm) for arm in arms if arm not in spec.arms]
    trained = [titles[arm.name] for arm in engine.arms if arm.trained and arm.name in arms]
    if absent:
        return f"It needs {'the arm' if len(absent) == 1 else 'the arms'} {', '.join(absent)}, not chosen here."
    if _counted(engine, claim):
        return ""
    if trained and len(spec.seeds) < 2:
        return f"One seed never decides about an arm that is trained ({', '.join(trained)})."
    return _too_small(claim, claim.design(config)) if claim.design else ""


def _too_small(claim: Claim, design: Design) -> str:
    least = max(2, claim.clusters_needed)
    if not design.items:
        return "With these settings the run has no items for it."
    if design.clusters < least:
        there = count(design.clusters, "cluster")
        return f"It needs at least {least} clusters of items (papers, documents, languages), and the run has {there}."
    return ""


def _arms(engine: Engine, claim: Claim) -> list[str]:
    cells = [cell for part in claim.parts for _, cell in contrast_of(part, engine.metrics).terms]
    along = [part.along for part in claim.parts if isinstance(part, Trend) and part.along]
    return list(dict.fromkeys(cell.arm for cell in [*cells, *along]))


def _counted(engine: Engine, claim: Claim) -> bool:
    counted = {metric.name for metric in engine.metrics if metric.counted}
    cells = [cell for part in claim.parts for _, cell in contrast_of(part, engine.metrics).terms]
    return bool(cells) and {cell.metric for cell in cells} <= counted


def _power(engine: Engine, claim: Claim, asked: Preset, runs: int) -> tuple[float | None, str]:
    """Simulated power where claim and card say enough, and that in words."""
    if not runs or claim.smallest is None or claim.design is None or _counted(engine, claim):
        return None, ""
    large = claim.design(asked.config).items * len(asked.seeds) > LARGE
    try:
        found = power(engine, claim, asked, runs=runs // 3 if large else runs)
    except ValueError as error:
        return None, f"How often it would be decided cannot be simulated: {error}"
    likely = "" if found >= ENOUGH else "; more seeds or items would help"
    words = f"Were the effect {claim.smallest:.3g}, about {100 * found:.0f} of 100 such runs would decide it{likely}."
    return found, words
