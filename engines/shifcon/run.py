"""The subspace analysis: read every language once, measure its distance, find the layer area, shift and retrieve.

Design decisions:
- The model is read without looking at seed or arm. A seed is a split of what was read, so that ten splits cost little
  more than one, and more seeds or arms read nothing.
- The first split is measured while the languages come in, so that there are curves to look at; it alone compares all
  pairs of languages and is laid into the plane.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from engines.parts.hidden_states import LayerReader
from engines.shifcon.asking import ask
from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_states import (
    Arrays,
    LanguageStates,
    Reading,
    joined,
    read_block,
    sample_basis,
    sample_counts,
)
from engines.shifcon.language_subspaces import Split, SubspaceAtlas, split_of
from engines.shifcon.layer_area import area_rows, distance_by_layer, doubts_of_splits, layer_area, span_row
from engines.shifcon.material import describe_sentences, open_model, open_sentences
from engines.shifcon.probe import probe
from engines.shifcon.projection import projected_rows
from engines.shifcon.rows import ArmAtLayer, LayerInArea, ProjectedSentence, ShiftSpan, SubspaceDistance
from engines.shifcon.shifted_states import (
    JudgedHalf,
    Scores,
    layer_rows,
    report_outcomes,
    save_vectors,
    scores,
)
from workbench.contract import Caution, RunCell, RunLog

__all__ = ["ask", "probe", "run"]


def run(config: ShifConConfig, log: RunLog[ShifConConfig]) -> None:
    """Measure where languages part, and whether shifting brings translations together."""
    with log.phase("Read the sentences"):
        model = open_model(config, log)
        text, doubts = open_sentences(config, model, log)
        describe_sentences(text, doubts, config.estimator == "pooled_pca", log)
    reading = Reading(LayerReader(model.model), text, config)
    with log.phase("Find the basis that all languages share"):
        tell = partial(log.progress, total=len(text.all_languages), unit="languages")
        sampled = text.digest(0, max(sample_counts(reading).values()))
        basis = log.once("basis", dict, partial(sample_basis, reading, tell), key=sampled)
    splits = [split_of(seed, reading, basis) for seed in log.seeds]
    with log.phase("Measure each language's distance, layer by layer"):
        states, first = measure(reading, basis, sampled, splits[0], log)
    with log.phase("Measure the other splits of the sentences"):
        distances = [first, *measure_others(reading, states, splits[1:], log)]
    with log.phase("Find the layer area"):
        layers = find_shift_layers(distances, reading, log)
    means = {language: kept.sentences for language, kept in states.items()}
    halves = {seed: JudgedHalf(seed, text.dominant, text.ids, means) for seed in log.seeds}
    save_vectors(means, basis["longest"], log.artifact("language_vectors.safetensors"))
    with log.phase("Shift the sentences and look for their translations"):
        work = partial(judge, halves=halves, layers=layers)
        log.map(log.cells(), work, pd.DataFrame, key=text.digest())
    with log.phase("Lay sentences into the plane"):
        seed = log.seeds[0]
        log.table(ProjectedSentence, projected_rows(halves[seed], layers[seed], config))


def measure(
    reading: Reading, basis: Arrays, sampled: str, split: Split, log: RunLog
) -> tuple[dict[str, LanguageStates], pd.DataFrame]:
    """Read each language once; report its noise floor and its distances under one split as soon as it is read.

    Args:
        reading: how it is read.
        basis: as `sample_basis` gives it.
        sampled: digest of the sentences that the basis was found from.
        split: the first one.
        log: the run's.

    Returns:
        What was kept of each language, and all `SubspaceDistance` rows.
    """
    text, atlas = reading.text, SubspaceAtlas(split, reading.config, pairs=True)
    total = sum(text.length(language) for language in text.all_languages)
    states: dict[str, LanguageStates] = {}
    frames: list[pd.DataFrame] = []
    before = 0
    for language in text.all_languages:
        blocks = []
        for number, block in enumerate(reading.blocks()):

            def tell(done: int, before: int = before) -> None:
                log.progress(before + done, total, "tokens")

            compute = partial(read_block, reading, language, block, basis, tell)
            key = f"{sampled}-{text.digest(block.start, block.stop)}"
            blocks.append(log.once(f"language {language} {number}", dict, compute, key=key))
            before += sum(map(len, text.tokens[language][block.start : block.stop]))
        states[language] = joined(blocks)
        frames.append(atlas.add(language, states[language]))
        log.table(SubspaceDistance, frames[-1])
        log.progress(before, total, "tokens")
    return states, pd.concat(frames, ignore_index=True)


def measure_others(
    reading: Reading, states: Mapping[str, LanguageStates], splits: Sequence[Split], log: RunLog
) -> list[pd.DataFrame]:
    """Measure further splits from what was kept: `SubspaceDistance` rows of floors and from the dominant."""

    def distances(split: Split) -> pd.DataFrame:
        atlas = SubspaceAtlas(split, reading.config, pairs=False)
        rows = pd.concat([atlas.add(language, kept) for language, kept in states.items()], ignore_index=True)
        log.table(SubspaceDistance, rows)
        return rows

    found = []
    for done, split in enumerate(splits):
        compute = partial(distances, split)
        found.append(log.once(f"split {split.seed}", pd.DataFrame, compute, key=reading.text.digest()))
        log.progress(done + 1, len(splits), "splits")
    return found


def find_shift_layers(distances: Sequence[pd.DataFrame], reading: Reading, log: RunLog) -> dict[int, int]:
    """Report each split's layer area, found on its estimation half alone; give the layer where arms are judged."""
    spans = []
    for seed, rows in zip(log.seeds, distances, strict=True):
        span = find_span(seed, rows, reading, log)
        log.row(span)
        spans.append(span)
    for text in doubts_of_splits(spans):
        log.row(Caution(text=text))
    return {span.seed: span.shift_layer for span in spans}


def find_span(seed: int, distances: pd.DataFrame, reading: Reading, log: RunLog) -> ShiftSpan:
    """Report the layer area of one split and give its span."""
    config = reading.config
    by_layer = distance_by_layer(distances, reading.text.dominant, config.area_by)
    area = layer_area(by_layer, config.beta)
    log.table(LayerInArea, area_rows(seed, by_layer, area))
    return span_row(seed, area, config.shift_at, len(reading.text.ids))


def judge(
    cell: RunCell, log: RunLog[ShifConConfig], halves: Mapping[int, JudgedHalf], layers: Mapping[int, int]
) -> pd.DataFrame:
    """Judge one arm under one seed: shift every language's judged sentences and look for their translations."""
    half = halves[cell.seed]
    others = [language for language in half.means if language != half.dominant]
    found: dict[str, Scores] = {}
    for language in others:
        found[language] = scores(half, language, log.arms[cell.arm])
        log.progress(len(found), len(others), "languages")
    report_outcomes(cell, half.judged_ids, found, layers[cell.seed], log)
    by_layer = [layer_rows(cell.arm, cell.seed, language, one) for language, one in found.items()]
    log.table(ArmAtLayer, pd.concat(by_layer, ignore_index=True))
    return by_layer[0]
