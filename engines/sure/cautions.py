"""How verdicts of a run could be wrong, as far as only the method sees it: as `Caution` rows."""

from collections.abc import Iterator, Mapping

import pandas as pd

from engines.sure.config import SureConfig
from engines.sure.judging import Probe
from engines.sure.questions import QuestionSet
from workbench.contract import Caution

OF_REWRITINGS = ("source_hurts_more_than_metadata", "rewriting_wins_more_than_it_loses")
OF_STYLES = ("style_hurts_more_than_metadata",)
OF_ARMS: Mapping[str, tuple[str, ...]] = {
    "sft": ("sft_repairs", "sft_keeps_accuracy", "dpo_transfers_better", "flips_teach_more_than_answers"),
    "dpo": ("dpo_repairs", "dpo_keeps_accuracy", "dpo_transfers_better"),
    "sft_on_plain": ("flips_teach_more_than_answers",),
}
"""Claims by the mended arm they speak of."""


def about_limits(asked: QuestionSet, config: SureConfig, held_out: int) -> Iterator[Caution]:
    """Say which settings, or the data, keep claims from seeing more, however many questions are asked for.

    Args:
        held_out: Golden documents of held-out questions.
    """
    count = len(asked.questions)
    if count == asked.available:
        yield Caution(text=f"All {count:,} questions of the data are asked; more items need other data.")
    if 0 < config.noise_questions < count:
        text = f"Documents without the answer were read for {config.noise_questions:,} of {count:,} questions"
        yield Caution(text=f"{text}; more need a larger noise_questions.", claim="known_noise_is_fragile")
    if 0 < config.oracle_questions < count:
        text = f"Documents were ranked for {config.oracle_questions:,} of {count:,} questions"
        yield Caution(text=f"{text}; more need a larger oracle_questions.", claim="readers_prefer_a_length")
    if config.held_out_questions < held_out:
        text = f"Mended readers were judged on {config.held_out_questions:,} of {held_out:,} held-out documents"
        for claim in dict.fromkeys(claim for claims in OF_ARMS.values() for claim in claims):
            yield Caution(text=f"{text}; more need a larger held_out_questions.", claim=claim)


def about_answers(answers: pd.DataFrame, most_pairs: int) -> Iterator[Caution]:
    """Say how many robust answers were wrong both times, and whether the attention of all lost ones was looked at.

    Args:
        answers: rows of `Answer` of one unmended reader under one seed.
        most_pairs: looked at for their attention, of each outcome.
    """
    pairs = answers[answers["subset"].str.endswith("G") & ~answers["kind"].isin(("original", "control"))]
    robust = pairs[pairs["change"] == 0]
    wrong = int((~robust["right_after"].astype(bool)).sum())
    if wrong:
        text = (
            f"{wrong:,} of the {len(robust):,} answers that stayed as they were are wrong before and after the change"
        )
        yield Caution(text=f"{text}: they could not be lost.", claim="form_changes_answers")
    lost = pairs.loc[pairs["change"] == 1, "instance"].nunique()
    if 0 < most_pairs < lost:
        text = f"Attention was looked at in {most_pairs:,} of {lost:,} documents with a lost answer"
        yield Caution(text=f"{text}; more need a larger attention_pairs.", claim="attention_moves_with_losses")


def about_forms(forms: pd.DataFrame, config: SureConfig) -> Iterator[Caution]:
    """Say how many of the forms that a model wrote were dropped, and that nobody judged the others' meaning.

    Args:
        forms: rows of `FormText`, dropped ones included.
    """
    for kind, claims in (("source", OF_REWRITINGS), ("style", OF_STYLES)):
        made = forms[forms["kind"] == kind]
        if made.empty:
            continue
        kept = made["kept"].astype(bool)
        lost = int((made["reason"] == "answer_lost").sum())
        text = (
            f"{int((~kept).sum()):,} of {len(made):,} rewritten documents were dropped, {lost:,} for losing the answer"
        )
        unjudged = "; nobody checked whether the others mean the same" if config.judge == "off" else ""
        for claim in claims:
            yield Caution(text=f"{text}{unjudged}.", claim=claim)


def about_training(arm: str, why: str) -> Iterator[Caution]:
    """Say of each claim about a mended arm why it was not trained."""
    for claim in OF_ARMS.get(arm, ("",)):
        yield Caution(text=f"{arm} was not trained: {why}.", claim=claim)


def held_out_documents(probe: Probe) -> int:
    """Count the Golden documents of held-out questions."""
    return int((probe.instances["golden"].astype(bool) & (probe.instances["part"] == "held_out")).sum())
