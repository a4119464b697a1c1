"""The sample that a run with given settings has for a claim, so that its power can be known before it runs.

Spreads were read off a finished study (three seeds, 240 problems, 21 layers, 64 texts).
"""

from dataclasses import replace

from engines.guilomo.config import REAL_TASKS, TARGETS, GuilomoConfig
from workbench.contract import Design

TEXTS = 64
"""Test texts of the planted task, whatever the settings."""


def answers_design(config: GuilomoConfig) -> Design:
    """Design of claims about right answers of two arms with experts: each problem of each real task is an item.

    Such arms agree on most problems, of which they answer a little under half rightly: differences by problem, mean
    over three seeds, had a deviation of 0.06 to 0.09. They moved by 0.7 points from seed to seed.
    """
    items = config.test_items * sum(name in REAL_TASKS for name in dict.fromkeys(config.tasks))
    return Design(items, items, likeness=0.0, seed_spread=0.25, spread=0.09, level=0.45)


def plain_answers_design(config: GuilomoConfig) -> Design:
    """Design of the claim about plain LoRA, which answers other problems rightly: a deviation of 0.23."""
    return replace(answers_design(config), spread=0.23)


def recovery_design(config: GuilomoConfig) -> Design:
    """Design of claims about recovered numbers and ranks: each adapted layer of the planted model is an item.

    The spread is what gives the interval that three seeds and 21 layers had.
    """
    layers = config.planted_layers * len(TARGETS)
    return Design(layers, layers, likeness=0.0, seed_spread=0.1, spread=0.45, level=0.0)


def divergence_design(config: GuilomoConfig) -> Design:
    """Design of claims about the divergence from the planted teacher: each test text is an item.

    The logarithm's difference moved by 0.04 from seed to seed and by 0.13 from text to text.
    """
    return Design(TEXTS, TEXTS, likeness=0.0, seed_spread=0.4, spread=0.13, level=0.07)
