"""The subspace analysis: read every language once, measure its distance, find the layer area, shift and retrieve."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from engines.parts.hidden_states import LayerReader
from engines.shifcon.asking import ask
from engines.shifcon.config import (
    ArmAtLayer,
    LayerInArea,
    ProjectedSentence,
    ShifConConfig,
    SubspaceDistance,
)
from engines.shifcon.language_states import Reading, read_language, sample_basis
from engines.shifcon.language_subspaces import SubspaceAtlas, split_of
from engines.shifcon.layer_area import area_rows, distance_by_layer, layer_area, span_row
from engines.shifcon.material import describe_sentences, open_model, open_sentences
from engines.shifcon.preflight import preflight
from engines.shifcon.shifted_states import (
    JudgedHalf,
    arms_of_one_reading,
    layer_rows,
    outcome_rows,
    projected_rows,
    save_vectors,
    scores,
)
from workbench.engine import RunCell, RunLog
from workbench.schema import Outcome

__all__ = ["ask", "preflight", "run"]


def run(config: ShifConConfig, log: RunLog) -> None:
    """Where do languages part, and does shifting bring translations together?"""
    arms = arms_of_one_reading(log.arms)
    with log.phase("Read the sentences"):
        model = open_model(config, log)
        text = open_sentences(config, model, log)
        describe_sentences(text, log)
    reading = Reading(LayerReader(model.model), text, config, tuple(log.seeds))
    with log.phase("Find the pooled basis"):
        tell = partial(log.progress, total=len(text.all_languages), unit="languages")
        basis = log.once("basis", dict, partial(sample_basis, reading, tell))
    with log.phase("Measure the subspace distance"):
        means, distances = measure(reading, basis, log)
    with log.phase("Find the layer area"):
        layers = {seed: find_shift_layer(seed, distances, reading, log) for seed in log.seeds}
    halves = {seed: JudgedHalf(seed, text.dominant, text.ids, means) for seed in log.seeds}
    save_vectors(halves, basis["longest"], log.artifact("language_vectors.safetensors"))
    with log.phase("Shift and retrieve"):
        log.map(log.cells(), partial(judge, arms=arms, halves=halves, layers=layers), pd.DataFrame)
    with log.phase("Lay sentences into the plane"):
        for seed in log.seeds:
            log.table(ProjectedSentence, projected_rows(halves[seed], layers[seed], config))


def measure(
    reading: Reading, basis: Mapping[str, np.ndarray], log: RunLog
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Read each language once; report its noise floor and its distance from those before it as soon as it is read.

    Returns:
        Sentence means (n, L, D) by language, and all `SubspaceDistance` rows.
    """
    config, text = reading.config, reading.text
    splits = [split_of(seed, at, reading.observations(seed), basis, config) for at, seed in enumerate(reading.seeds)]
    atlases = [SubspaceAtlas(split, config) for split in splits]
    total = sum(text.length(language) for language in text.all_languages)
    means: dict[str, np.ndarray] = {}
    frames: list[pd.DataFrame] = []
    before = 0
    for language in text.all_languages:

        def tell(done: int, before: int = before) -> None:
            log.progress(before + done, total, "tokens")

        states = log.once(f"language {language}", dict, partial(read_language, reading, language, basis, tell))
        means[language] = states["sentences"]
        before += text.length(language)
        frames.append(pd.concat([atlas.add(language, states) for atlas in atlases], ignore_index=True))
        log.table(SubspaceDistance, frames[-1])
        log.progress(before, total, "tokens")
    return means, pd.concat(frames, ignore_index=True)


def find_shift_layer(seed: int, distances: pd.DataFrame, reading: Reading, log: RunLog) -> int:
    """Report the layer area of one split, found on its estimation half alone; give the layer where arms are judged."""
    config = reading.config
    by_layer = distance_by_layer(distances[distances["seed"] == seed], reading.text.dominant, config.area_by)
    area = layer_area(by_layer, config.beta)
    log.table(LayerInArea, area_rows(seed, by_layer, area))
    log.row(span_row(seed, area, config.shift_at, len(reading.text.ids)))
    return area.shift_layer(config.shift_at)


def judge(
    cell: RunCell,
    log: RunLog,
    arms: Mapping[str, ShifConConfig],
    halves: Mapping[int, JudgedHalf],
    layers: Mapping[int, int],
) -> pd.DataFrame:
    """One arm under one seed: shift every language's judged sentences and look for their translations."""
    config, half = arms[cell.arm], halves[cell.seed]
    others = [language for language in half.means if language != half.dominant]
    outcomes, by_layer = [], []
    for done, language in enumerate(others):
        found = scores(half, language, config)
        outcomes.append(outcome_rows(cell.arm, half, language, found, layers[cell.seed]))
        by_layer.append(layer_rows(cell.arm, cell.seed, language, found))
        log.progress(done + 1, len(others), "languages")
    log.table(Outcome, pd.concat(outcomes, ignore_index=True))
    log.table(ArmAtLayer, pd.concat(by_layer, ignore_index=True))
    return by_layer[0]
