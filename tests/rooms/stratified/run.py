"""The recipe: draw the integrals, then estimate each from more and more points, under every arm and seed."""

import numpy as np
import pandas as pd

from tests.rooms.stratified.config import StratifiedConfig
from tests.rooms.stratified.rows import IntegralEstimate
from tests.rooms.stratified.sampling import draw_points, estimated_integral, sine_integral
from workbench.contract import Probe, RunCell, RunLog

__all__ = ["probe", "run"]


def run(config: StratifiedConfig, log: RunLog[StratifiedConfig]) -> None:
    """Does one point a stratum make integrals surer?"""
    with log.phase("Estimate the integrals"):
        log.map(log.cells(), estimate, pd.DataFrame)


def estimate(cell: RunCell, log: RunLog[StratifiedConfig]) -> pd.DataFrame:
    """Estimate every integral under one arm and seed; report the error of all points as the outcome."""
    config, random = log.arms[cell.arm], np.random.default_rng([cell.seed, cell.arm == "plain"])
    rows = []
    for number, frequency in enumerate(frequencies(config)):
        for points in budgets(config):
            found = estimated_integral(frequency, draw_points(points, config.drawing == "stratified", random))
            truth = sine_integral(frequency)
            rows.append((cell.arm, cell.seed, f"sine {number}", points, found, truth, abs(found - truth)))
        log.progress(number + 1, config.integrals, "integrals")
    table = pd.DataFrame(rows, columns=list(IntegralEstimate.model_fields))
    log.table(IntegralEstimate, table)
    last = table[table["points"] == config.points]
    log.outcomes("error", cell, last["error"], last["integral"])
    return last


def frequencies(config: StratifiedConfig) -> np.ndarray:
    """Return the frequencies of the integrals: the first of more are the same."""
    return np.random.default_rng(0).uniform(1, 20, config.integrals)


def budgets(config: StratifiedConfig) -> list[int]:
    """Return how many points are used, up to all of them."""
    return sorted({max(4, config.points // 4**step) for step in range(4)})


def probe(config: StratifiedConfig, probe: Probe) -> None:
    """Measure one integral, and say how many there are."""
    random = np.random.default_rng(0)
    with probe.part(
        "Estimate the integrals", lambda asked: len(asked.arms) * len(asked.seeds) * asked.config.integrals
    ):
        for points in budgets(config):
            estimated_integral(1.0, draw_points(points, True, random))
    probe.disk(100_000)
