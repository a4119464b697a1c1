"""The claims of the fourteen papers, written down in the types of the contract before their engines exist.

Numbers are those of the reading notes, with their confidence; a claim without a number known to us has `paper=None`
or gives the trend in words.
"""

from tests.workbench.claims_of_papers import characters, define, probe, reason, review, route, train
from tests.workbench.claims_of_papers.method_claims import MethodClaims

METHODS: tuple[MethodClaims, ...] = (
    *route.METHODS,
    *review.METHODS,
    *probe.METHODS,
    *train.METHODS,
    *reason.METHODS,
    *define.METHODS,
    *characters.METHODS,
)
