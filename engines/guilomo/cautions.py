"""How verdicts of a run could be wrong, as only the method can see it."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from engines.guilomo.claims import CLAIMS, MARGIN, ON_ANSWERS
from engines.guilomo.config import PLANTED, GuilomoConfig
from engines.guilomo.publication import METRICS
from engines.guilomo.rows import SeedAgreement
from engines.parts.tasks import UNTRAINED
from workbench.contract import Caution, Claim, contrast_of

if TYPE_CHECKING:
    from engines.guilomo.searching import Found
    from engines.guilomo.training_task import ArmTraining

ZERO = 1e-3
"""Share of a gradient's size up to which its sum counts as zero."""
RELEASED_PASSES = 4
"""Passes over its training part that the released search makes."""
RESTS_ON = {
    False: {"experts": ("as_good_as_uniform", "higher_layers_get_more_experts"), "ranks": ("as_good_as_uniform",)},
    True: {
        "experts": ("search_recovers_numbers", "planted_beats_uniform"),
        "ranks": ("search_recovers_ranks", "planted_beats_uniform"),
    },
}
"""Claims that rest on what a search found, on real tasks and on the planted one, by what was counted."""


def untrained_cautions(task: str, answers: pd.DataFrame, arms: Collection[str]) -> list[Caution]:
    """Say where no training gains as much as the margin of the claims: then an arm that learned nothing would pass.

    Args:
        answers: rows of `TaskAnswer` of one task, those of the untrained model among them.
        arms: of the run.
    """
    shares = answers.groupby("arm")["right"].mean()
    if UNTRAINED not in shares or len(shares) < 2:
        return []
    before, after = float(shares[UNTRAINED]), shares.drop(UNTRAINED)
    if round(after.max() - before, 9) >= MARGIN:
        return []
    trained = " to ".join(dict.fromkeys(f"{share:.1%}" for share in (after.min(), after.max())))
    text = (
        f"{task}: untrained, the model answers {before:.1%} rightly, trained {trained}. "
        f"No training gains {100 * MARGIN:.0f} points, so that an arm that learned nothing would do as well."
    )
    return [Caution(text=text, claim=claim.name) for claim in ON_ANSWERS if arms_of(claim) <= set(arms)]


def arms_of(claim: Claim) -> set[str]:
    """Return the arms that a claim compares."""
    return {cell.arm for part in claim.parts for _, cell in contrast_of(part, METRICS).terms}


def left_out_cautions(task: str, trainings: "Sequence[ArmTraining]") -> list[Caution]:
    """Say how many training examples were too long, if any."""
    most = max((trained.left_out for trained in trainings), default=0)
    if not most:
        return []
    whole = most + max(trained.examples for trained in trainings if trained.left_out == most)
    text = f"{task}: {most:,} of {whole:,} training examples were too long and were left out."
    return [Caution(text=text, claim=claim.name) for claim in ON_ANSWERS]


def start_cautions(agreements: Iterable[SeedAgreement], way: str) -> list[Caution]:
    """Say where what a way of searching found rests on its random start."""
    return [
        Caution(text=f"{row.task}, {row.counts}: {row.warning}", claim=claim)
        for row in agreements
        if row.warning and row.search == way
        for claim in RESTS_ON[row.task == PLANTED][row.counts]
    ]


def gradient_cautions(task: str, found: Sequence["Found"]) -> list[Caution]:
    """Say what the searches' gradients can tell, as measured: numbers of experts hear nothing, the second order little.

    Args:
        found: of each seed.
    """
    zero, second = (max(getattr(one, name) for one in found) for name in ("zero_sum", "second_order"))
    kind = task == PLANTED
    said = []
    if zero < ZERO:
        text = (
            f"{task}: over a router's kept experts the gradient adds up to {zero:.1g} of its size, mean over steps. "
            "A softmax does not heed what all logits share, so that no budget of steps learns a number of experts: "
            "what differs from layer to layer is the random start."
        )
        said += [Caution(text=text, claim=claim) for claim in RESTS_ON[kind]["experts"]]
    if second > 0:
        text = (
            f"{task}: the second order is {second:.2%} of the vectors' gradient, for five passes a step in place of "
            "three."
        )
        said += [Caution(text=text, claim=claim) for claim in RESTS_ON[kind]["ranks"]]
    return said


def short_search_cautions(task: str, examples: int, config: GuilomoConfig) -> list[Caution]:
    """Say where the search sees its training part, of so many examples, less often than the released one."""
    passes = config.search_steps * config.search_batch / examples
    if passes >= RELEASED_PASSES:
        return []
    text = (
        f"{task}: the search took {config.search_steps:,} steps, {passes:.2g} passes over its training part; the "
        f"released one makes {RELEASED_PASSES}."
    )
    names = {name for rests in RESTS_ON[False].values() for name in rests}
    return [Caution(text=text, claim=claim.name) for claim in CLAIMS if claim.name in names]
