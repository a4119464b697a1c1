"""Pictures, declared: a curve, the interval of the verdict, a table."""

from tests.rooms.stratified.rows import IntegralEstimate
from workbench.contract import Curves, Measures, Rows, Source

ESTIMATES = Source(IntegralEstimate)

VIEWS = (
    Curves(
        "error_by_points", "Error by points", ESTIMATES, x="points", y="error", by="arm", axes=("Points", "Mean error"),
        log="xy", dots="seed", help="Mean over the integrals; each open point is a seed.", claim="stratified_is_surer",
    ),
    Measures("errors", "Error of each arm", ("error",), claim="stratified_is_surer"),
    Rows("estimates", "Estimates", ESTIMATES, sort="-error"),
)  # fmt: skip
