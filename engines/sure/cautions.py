"""What a reader of the verdicts must know: limits of settings and data, accuracy, noise floor, drops."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from engines.sure.config import SureConfig
from engines.sure.perturbations import title_of
from workbench.contract import Caution

if TYPE_CHECKING:
    from engines.sure.questions import QuestionSet

FEW_RIGHT = 0.5
"""A reader that answers fewer documents rightly is robust mostly by being wrong."""
FEW_TOPICS = 10
"""Fewer topics make wide intervals, however many questions they have."""
OF_REWRITINGS = ("source_hurts_more_than_metadata", "rewriting_wins_more_than_it_loses")
OF_STYLES = ("style_hurts_more_than_metadata",)
OF_ARMS: Mapping[str, tuple[str, ...]] = {
    "sft": ("sft_repairs", "sft_keeps_accuracy", "dpo_transfers_better", "flips_teach_more_than_answers"),
    "dpo": ("dpo_repairs", "dpo_keeps_accuracy", "dpo_transfers_better"),
    "sft_on_plain": ("flips_teach_more_than_answers",),
}
"""Claims by the tuned arm they speak of."""


def about_limits(asked: "QuestionSet", config: SureConfig, held_out: int) -> Iterator[Caution]:
    """Say which settings, or the data, keep claims from seeing more, however many questions are asked for.

    Args:
        held_out: Golden documents of held-out questions.
    """
    count, topics = len(asked.questions), len({one.cluster for one in asked.questions})
    if topics < min(count, FEW_TOPICS):
        text = f"The {count:,} questions share {topics:,} titles, and questions of one title are one cluster: intervals"
        yield Caution(
            text=f"{text} rest on {topics:,} topics, not on {count:,} questions. More titles make them narrower."
        )
    if count == asked.available:
        yield Caution(text=f"All {count:,} questions of the data are asked; more items need other data.")
    if 0 < config.noise_questions < count:
        text = f"Documents without the answer were read for {config.noise_questions:,} of {count:,} questions"
        yield Caution(text=f"{text}; more need a larger noise_questions.", claim="known_noise_is_fragile")
    if 0 < config.oracle_questions < count:
        text = f"Documents were ranked for {config.oracle_questions:,} of {count:,} questions"
        yield Caution(text=f"{text}; more need a larger oracle_questions.", claim="readers_prefer_a_length")
    if config.held_out_questions < held_out:
        text = f"Tuned readers were judged on {config.held_out_questions:,} of {held_out:,} held-out documents"
        for claim in dict.fromkeys(claim for claims in OF_ARMS.values() for claim in claims):
            yield Caution(text=f"{text}; more need a larger held_out_questions.", claim=claim)


def about_answers(answers: pd.DataFrame, config: SureConfig) -> Iterator[Caution]:
    """Say how accurate the reader is, what the noise floor is, and how many lost answers attention left out.

    Args:
        answers: rows of `Answer` of one untuned reader under one seed.
    """
    golden = answers[answers["subset"].str.endswith("G")]
    pairs = golden[~golden["kind"].isin(("original", "control"))]
    plain = golden.loc[golden["kind"] == "original", "right_after"].astype(float)
    robust = pairs[pairs["change"] == 0]
    wrong = int((~robust["right_after"].astype(bool)).sum())
    if wrong:
        weak = " Choose a stronger reader." if plain.mean() < FEW_RIGHT else ""
        text = f"The reader answers {plain.mean():.0%} of the unchanged documents rightly; {wrong:,} of the "
        text += f"{len(robust):,} answers that stayed as they were are wrong before and after the change"
        yield Caution(text=f"{text}: they could not be lost.{weak}", claim="form_changes_answers")
    yield from _noise_floor(golden)
    lost = pairs.loc[pairs["change"] == 1, "instance"].nunique()
    if 0 < config.attention_pairs < lost:
        text = f"Attention was looked at in {config.attention_pairs:,} of {lost:,} documents with a lost answer"
        yield Caution(text=f"{text}; more need a larger attention_pairs.", claim="attention_moves_with_losses")


def _noise_floor(golden: pd.DataFrame) -> Iterator[Caution]:
    floor = golden[golden["kind"] == "control"]
    told = [
        f"{int((part['change'] != 0).sum()):,} of {len(part):,} judgements turned ({title_of(str(name))})"
        for name, part in floor.groupby("perturbation", sort=False)
    ]
    text = f"Noise floor: {'; '.join(told)}." if told else "No noise floor was measured: add reread to the rows."
    yield Caution(text=text, claim="form_changes_answers")


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
        reasons = made.loc[~kept, "reason"].str.replace("_", " ").value_counts()
        counted = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
        text = f"{int((~kept).sum()):,} of {len(made):,} rewritten documents were dropped ({counted or 'none'})"
        unjudged = "; nobody checked whether the others mean the same" if config.judge == "off" else ""
        for claim in claims:
            yield Caution(text=f"{text}{unjudged}.", claim=claim)


def about_training(arm: str, why: str) -> Iterator[Caution]:
    """Say of each claim about a tuned arm why it was not trained."""
    for claim in OF_ARMS.get(arm, ("",)):
        yield Caution(text=f"{arm} was not trained: {why}.", claim=claim)
