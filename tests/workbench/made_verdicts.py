"""Verdicts with chosen fields, on the claim of the counting toy."""

from typing import Any

from tests.rooms.counting import COUNTING
from workbench.statistics import Verdict

CLAIM = COUNTING.claims[0]
HOLDS = Verdict(
    claim=CLAIM.name,
    sentence=CLAIM.sentence,
    verdict="holds",
    counted=False,
    answer="On this data the shift finds 8 more of 100 sentences.",
    estimate=0.08,
    low=0.03,
    high=0.13,
    level=0.95,
    deciding_low=0.01,
    deciding_high=0.15,
    deciding_level=0.9917,
    p=0.0012,
    p_corrected=0.0072,
    family="paper",
    headline=False,
    unit="points",
    log=False,
    bars=(0.0,),
    sides=("worse", "better"),
    scale="small",
    look=1,
    seeds=3,
    items=1200,
    clusters=12,
    more_seeds=None,
    more_items=None,
    missing={},
    cautions=("3 seeds: how seeds vary is known roughly.",),
    reason="The interval lies above 0.",
    paper={"value": "0.5 -> 0.7", "source": "none", "confidence": "low"},
    note="By construction.",
)


def verdict(**changed: Any) -> Verdict:
    """The verdict above with some fields changed."""
    return HOLDS.model_copy(update=changed)
