"""How a verdict could be wrong: short sentences made of the run's facts, its design, and what its card says."""

from collections.abc import Mapping
from typing import Any

from workbench.contract.circumstances import LOOKS, Circumstances
from workbench.contract.claims import Claim
from workbench.contract.engine import Engine
from workbench.contract.facts import Fact
from workbench.messages import noted, say
from workbench.statistics.findings import FEW_CLUSTERS, Finding
from workbench.statistics.verdict_text import dropped_words

SMALL = 10
"""A model this many times smaller than the paper's is small."""
MANY_CLUSTERS = 40
"""Skewed means need this many clusters before their interval covers as it says."""
SKEWED = 0.3
"""Skewness of the estimate from which that matters."""
WORTH_SAYING = 0.01
"""Share of answers or prompts from which it is said that they were cut or empty."""
NARROW = ("bfloat16", "float16")

_SHARES = (
    (
        Fact.ANSWERS_CUT,
        Fact.ANSWERS,
        noted("{some} of {all} answers were cut at the token limit and are judged as they stand."),
    ),
    (Fact.ANSWERS_EMPTY, Fact.ANSWERS, noted("{some} of {all} answers were empty.")),
    (Fact.PROMPTS_CUT, Fact.PROMPTS, noted("{some} of {all} prompts were cut to fit.")),
)
_HORIZONS = (
    (Fact.STEPS, noted("Trained for {here} updates; the paper's runs had {paper}.")),
    (Fact.ITEMS, noted("Trained on {here} examples; the paper's runs had {paper}.")),
)


def scale_of_run(engine: Engine, claim: Claim, facts: Mapping[str, Any]) -> str:
    """Return a verdict's scale: "toy", "small", "as published", or "" where the size of the model is not known."""
    if claim.toy:
        return "toy"
    published, here = engine.published.get(Fact.PARAMETERS), _number(facts, Fact.PARAMETERS)
    if published is None or here is None:
        return ""
    return "small" if here * SMALL <= published else "as published"


def cautions(engine: Engine, claim: Claim, found: Finding, known: Circumstances) -> tuple[str, ...]:
    """List what could be wrong with a verdict, the gravest first."""
    titles = {arm.name: arm.title for arm in engine.arms}
    # A toy has a model of its own, of which the run's facts do not speak.
    facts = {} if claim.toy else known.facts
    said = [*_of_design(found, titles), *_of_facts(engine, facts), *map(say, claim.cautions)]
    said += [say(text) for name, text in known.cautions if name in ("", claim.name)]
    if known.look > 1:
        message = noted("Look {look} of {looks}: each later one may spend a twelfth of the first one's error.")
        said.append(say(message, look=known.look, looks=LOOKS))
    return tuple(dict.fromkeys(said))


def _of_design(found: Finding, titles: Mapping[str, str]) -> list[str]:
    sums, estimate = found.sums, found.estimate
    if sums is None or estimate is None or found.counted:
        return []
    said: list[str] = []
    if found.obstacle == "one seed":
        said.append(say("One seed: the interval speaks of these very models, not of training."))
    elif estimate.fixed:
        said.append(say("Seeds changed nothing: each item counts once."))
    elif estimate.seeds is not None and len(sums.seeds) < 5:
        said.append(say("{n} seeds: how seeds vary is known roughly.", n=len(sums.seeds)))
    if estimate.few:
        said.append(say(FEW_CLUSTERS))
    elif 0 < sums.clusters < sums.items and sums.clusters < 8:
        said.append(say("{n} clusters: another choice of them could say otherwise.", n=sums.clusters))
    for level, arms in found.near.items():
        named = ", ".join(say(titles.get(arm, arm)) for arm in arms)
        message = noted("At the {level} of the metric: {arms}. A difference there is smaller than it could be.")
        said.append(say(message, level=say(level), arms=named))
    skew = abs(estimate.third) / estimate.standard_error**3 if estimate.standard_error > 0 else 0.0
    if estimate.scale.kind == "plain" and skew > SKEWED and sums.clusters < MANY_CLUSTERS:
        message = noted("Values are skewed and clusters few ({n}): the interval may be too narrow.")
        said.append(say(message, n=sums.clusters))
    if sums.dropped:
        said.append(dropped_words(sums.dropped))
    return said


def _of_facts(engine: Engine, facts: Mapping[str, Any]) -> list[str]:
    said: list[str] = []
    for cut, of, what in _SHARES:
        many, all_of = _number(facts, cut), _number(facts, of)
        if many and all_of and many >= WORTH_SAYING * all_of:
            said.append(say(what, some=f"{many:,.0f}", all=f"{all_of:,.0f}"))
    if facts.get(Fact.DTYPE) in NARROW:
        message = noted("The model ran in {dtype}: nearly tied answers can depend on rounding.")
        said.append(say(message, dtype=facts[Fact.DTYPE]))
    for fact, what in _HORIZONS:
        here, paper = _number(facts, fact), engine.published.get(fact)
        if here is not None and paper is not None and here < paper:
            said.append(say(what, here=f"{here:,.0f}", paper=f"{paper:,.0f}"))
    return said


def _number(facts: Mapping[str, Any], name: str) -> float | None:
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
