"""Attention to the answer: how much weight the next token lays on the answer's words in a document."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import torch

from engines.parts.completions import prompt_ids
from engines.parts.models import LoadedModel, load_causal
from engines.parts.records import lot
from engines.sure.config import SureConfig
from engines.sure.instances import PairSet, digest, joined
from engines.sure.perturbations import PLAIN
from engines.sure.readers import reading_prompt, runs_here
from engines.sure.rows import AttentionChange, golds
from workbench.contract import RunCell, RunLog

OUTCOMES = {0: "robust", 1: "lost", -1: "won"}


def look_at_attention(answers: pd.DataFrame, pair_set: PairSet, config: SureConfig, log: RunLog) -> None:
    """Read some pairs of each outcome again with plain attention, and report it for every seed."""
    if not config.attention_pairs or not runs_here(config.reader):
        log.note("Attention was left out: it needs a reader that runs here.")
        return
    chosen = chosen_pairs(answers, config.attention_pairs)
    frames = []
    for number, block in enumerate(pair_set.blocks()):
        pairs = chosen[chosen["instance"].isin(block.instances["instance"])]
        if len(pairs):
            look = partial(_attention, pairs, block, config, log)
            frames.append(log.once(f"attention, block {number}", pd.DataFrame, look, key=digest(pairs)))
    rows = joined(frames, list(AttentionChange.model_fields))
    log.table(AttentionChange, rows)
    items, slices = rows["instance"] + "/" + rows["perturbation"], "attention/" + rows["outcome"]
    clusters = rows["instance"].map(pair_set.clusters())
    for seed in log.seeds:
        log.outcomes("attention_change", RunCell("reader", seed), rows["change"].astype(float), items, clusters, slices)


def _attention(pairs: pd.DataFrame, pair_set: PairSet, config: SureConfig, log: RunLog) -> pd.DataFrame:
    model = load_causal(config.reader, config.dtype, eager=True)
    rows = attention_rows(pairs, pair_set, model, config, lambda done: log.progress(done, len(pairs), "pairs"))
    return pd.DataFrame([row.model_dump() for row in rows], columns=list(AttentionChange.model_fields))


def chosen_pairs(answers: pd.DataFrame, most: int) -> pd.DataFrame:
    """Choose at most `most` Golden pairs of each outcome, one a document, the first ones of the draw.

    Robust pairs are those whose answer was right before and after: of a pair that was wrong both times nobody knows
    where its answer came from. More answers leave the choice as it was, until there are `most`.
    """
    places = {name: place for place, name in enumerate(dict.fromkeys(answers["instance"]))}
    pairs = answers[(answers["perturbation"] != PLAIN) & answers["subset"].str.endswith("G")]
    pairs = pairs[(pairs["change"] != 0) | pairs["right_after"]]
    names = list(zip(pairs["instance"], pairs["perturbation"], strict=True))
    drawn = [(places[instance], lot(6, f"{instance} {form}"), at) for at, (instance, form) in enumerate(names)]
    first = pairs.iloc[[at for _, _, at in sorted(drawn)]].drop_duplicates(["change", "instance"])
    return pd.concat([first[first["change"] == change].head(most) for change in OUTCOMES])


def attention_rows(
    pairs: pd.DataFrame, pair_set: PairSet, model: LoadedModel, config: SureConfig, tell: Any
) -> list[AttentionChange]:
    """Measure attention before and after the change of each pair; pairs without the answer in a prompt are left out.

    Args:
        pairs: rows of `Answer`.
        model: loaded with plain attention.
        tell: hears how many pairs are done.
    """
    instances = pair_set.instances.set_index("instance")
    forms = pair_set.forms.set_index(["instance", "perturbation"])
    found = []
    for done, row in enumerate(pairs.itertuples(), start=1):
        instance, form = instances.loc[row.instance], forms.loc[(row.instance, row.perturbation)]
        weights = [
            attention_to_answer(str(instance["asked"]), str(text), golds(instance), model, config)
            for text in (form["before"], form["text"])
        ]
        tell(done)
        if None in weights:
            continue
        before, after = (float(weight or 0.0) for weight in weights)
        found.append(
            AttentionChange(
                instance=str(row.instance),
                perturbation=str(row.perturbation),
                outcome=OUTCOMES[int(row.change)],  # type: ignore[arg-type]
                before=before,
                after=after,
                change=abs(after - before),
            )
        )
    return found


def attention_to_answer(
    question: str, document: str, answers: Sequence[str], model: LoadedModel, config: SureConfig
) -> float | None:
    """Return the mean weight that a prompt's last token lays on one token of the answer, over layers and heads.

    The answer is looked for in the document alone, not in the question around it. None where it does not stand there,
    or the tokens cannot be laid beside the text.
    """
    ids = prompt_ids(reading_prompt(question, document, config), model.tokenizer)
    inside = places_of_document(ids, prompt_ids(reading_prompt(question, "", config), model.tokenizer))
    span = answer_tokens(ids, answers, model, inside)
    if not span or len(ids) > model.context:
        return None
    with torch.inference_mode():
        read = model.model(input_ids=torch.tensor([ids], device=model.device), output_attentions=True, use_cache=False)
    weights = torch.stack([layer[0, :, -1, span].float().mean() for layer in read.attentions])
    return float(weights.mean())


def places_of_document(ids: Sequence[int], without: Sequence[int]) -> range:
    """Find the places of a document's tokens in a prompt, from the same prompt without it."""
    shortest = min(len(ids), len(without))
    begin = next((at for at in range(shortest) if ids[at] != without[at]), shortest)
    behind = next((at for at in range(shortest - begin) if ids[-1 - at] != without[-1 - at]), shortest - begin)
    return range(begin, len(ids) - behind)


def answer_tokens(ids: Sequence[int], answers: Sequence[str], model: LoadedModel, inside: range) -> list[int]:
    """Find the places of the tokens of the last mention of an answer that begins `inside`; empty where it has none."""
    tokenizer = model.tokenizer
    text = str(tokenizer.decode(list(ids)))
    again = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    if list(again["input_ids"]) != list(ids) or not inside:
        return []
    first, last = again["offset_mapping"][inside[0]][0], again["offset_mapping"][inside[-1]][1]
    mentions = [
        match.span() for answer in answers for match in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text, re.I)
    ]
    found = [(begin, end) for begin, end in mentions if first <= begin and end <= last]
    if not found:
        return []
    begin, end = max(found)
    return [at for at, (a, b) in enumerate(again["offset_mapping"]) if a < end and b > begin]
