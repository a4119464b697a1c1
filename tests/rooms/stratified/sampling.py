"""The maths: points of the unit interval, and the integrals of sines over it."""

import numpy as np


def draw_points(count: int, stratified: bool, random: np.random.Generator) -> np.ndarray:
    """Return points of the unit interval, shape (count,), each uniform over the interval or over its own stratum."""
    uniform = random.random(count)
    return (np.arange(count) + uniform) / count if stratified else uniform


def sine_integral(frequency: float) -> float:
    """Return the integral of sin(frequency x) over the unit interval."""
    return (1 - np.cos(frequency)) / frequency


def estimated_integral(frequency: float, points: np.ndarray) -> float:
    """Return the mean of sin(frequency x) over the points."""
    return float(np.sin(frequency * points).mean())
