"""Which claims a run could never decide as it is asked, and how likely it decides the others, before it begins."""

from collections.abc import Iterator

from workbench.contract.claims import Claim, Design, Trend, contrast_of
from workbench.contract.engine import Engine, Preset
from workbench.contract.fields import read_config
from workbench.contract.runs import RunSpec
from workbench.contract.schema import ClaimOutlook, Config
from workbench.messages import noted, say, say_many
from workbench.statistics.power import ENOUGH, power
from workbench.statistics.sample_size import CLUSTERS_FOR_A_START

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
    titles = {arm.name: say(arm.title) for arm in engine.arms}
    absent = [titles.get(arm, arm) for arm in arms if arm not in spec.arms]
    trained = [titles[arm.name] for arm in engine.arms if arm.trained and arm.name in arms]
    if absent:
        return say_many(
            "It needs the arm {arms}, not chosen here.",
            "It needs the arms {arms}, not chosen here.",
            len(absent),
            arms=", ".join(absent),
        )
    if _counted(engine, claim):
        return ""
    if trained and len(spec.seeds) < 2:
        message = noted("One seed never decides about an arm that is trained ({arms}).")
        return say(message, arms=", ".join(trained))
    return _too_small(engine, claim, claim.design(config)) if claim.design else ""


def _too_small(engine: Engine, claim: Claim, design: Design) -> str:
    least = max(clusters_of_a_mean(engine, claim), claim.clusters_needed)
    if not design.items:
        return say("With these settings the run has no items for it.")
    if design.clusters < least:
        return say_many(
            "It needs at least {least} clusters of items (papers, documents, languages), and the run has {n} cluster.",
            "It needs at least {least} clusters of items (papers, documents, languages), and the run has {n} clusters.",
            design.clusters,
            least=least,
        )
    return ""


def clusters_of_a_mean(engine: Engine, claim: Claim) -> int:
    """Return how many clusters a claim needs at least: two for shares of yes and no, four where it compares means."""
    named = {cell.metric for part in claim.parts for _, cell in contrast_of(part, engine.metrics).terms}
    means = [metric for metric in engine.metrics if metric.name in named and metric.unit != "share"]
    return CLUSTERS_FOR_A_START if means else 2


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
        return None, say("How often it would be decided cannot be simulated: {why}", why=error)
    often = noted("Were the effect {effect}, about {n} of 100 such runs would decide it.")
    seldom = noted(
        "Were the effect {effect}, about {n} of 100 such runs would decide it; more seeds or items would help."
    )
    message = often if found >= ENOUGH else seldom
    return found, say(message, effect=f"{claim.smallest:.3g}", n=f"{100 * found:.0f}")
