"""Stratified sampling: does one point a stratum make integrals surer than points drawn anywhere?"""

from tests.rooms.stratified import rows
from tests.rooms.stratified.config import StratifiedConfig
from tests.rooms.stratified.pictures import VIEWS
from workbench.contract import (
    Arm,
    Cell,
    Claim,
    Engine,
    Equation,
    Fidelity,
    Metric,
    Paper,
    Preset,
    Superiority,
    Tab,
    row_types,
)

ARMS = (
    Arm("stratified", "Stratified", "method", "One point in each stratum.", {"drawing": "stratified"}),
    Arm("plain", "Plain", "baseline", "Points anywhere.", {"drawing": "plain"}),
)
BOTH, SEEDS = tuple(arm.name for arm in ARMS), tuple(range(8))

ENGINE = Engine(
    name="stratified",
    module="tests.rooms.stratified.run",
    title="Stratified sampling",
    tab=Tab.REASON,
    question="How much surer are integrals with one point a stratum?",
    idea="Points drawn anywhere leave gaps. One point in each of as many strata as there are points leaves none, so "
    "that the mean over the points comes closer to the integral.",
    paper=Paper(
        "Monte Carlo Methods",
        "J. M. Hammersley, D. C. Handscomb",
        "",
        1964,
        "https://doi.org/10.1007/978-94-009-5819-7",
    ),
    config=StratifiedConfig,
    presets={
        "quick": Preset(StratifiedConfig(), BOTH, SEEDS, "Thirty integrals, at once."),
        "study": Preset(StratifiedConfig(integrals=200), BOTH, SEEDS, "Two hundred integrals, at once."),
        "paper": Preset(StratifiedConfig(integrals=200), BOTH, SEEDS, "The book has no study of its own."),
    },
    arms=ARMS,
    metrics=(Metric("error", "", "lower", "Distance of the estimate from the integral.", bounds=(0.0, float("inf"))),),
    claims=(
        Claim(
            "stratified_is_surer",
            "With one point a stratum the estimates are closer to the integrals.",
            Superiority(Cell("error", "stratified"), Cell("error", "plain")),
            headline=True,
        ),
    ),
    fidelity=(Fidelity("Stratified sampling", "reproduced", "One uniform point in each of equal strata."),),
    rows=row_types(rows),
    views=VIEWS,
    equations=(
        Equation(r"\hat I = \frac{1}{n} \sum_{i=1}^n f\left(\frac{i - 1 + u_i}{n}\right)", "u_i is uniform in (0, 1)."),
    ),
    honesty="The integrals are sines, which are smooth: functions with jumps gain less.",
    items="integrals",
    probe={"integrals": 6},
)
