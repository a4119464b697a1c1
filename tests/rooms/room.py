"""What the toy methods share: a paper that says that it is none."""

from workbench.contract.engine import Fidelity
from workbench.contract.paper import Paper

TOY_PAPER = Paper(
    title="A toy for tests",
    authors="Nobody",
    venue="",
    year=2024,
    url="https://example.org/toy",
)
TOY_FIDELITY = (Fidelity("everything", "reconstructed", "There is no paper; the toy is its own reference."),)
