"""Where outcomes are observed: routers, students and costs apart."""

HELD_OUT = "router/held_out"
"""Choices for prompts that no router saw."""
BINS = "router/bins"
COST = "cost"
EXAMINED = "student/examined"
