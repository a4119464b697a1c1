from engines.treereview import ENGINE
from engines.treereview.publication import FIDELITY

COUNTED = {"tokens", "tokens_all_models", "tokens_all_models_in_run", "hit_at_k", "distinct_comments"}


def test_no_quality_of_the_paper_is_claimed():
    quality = {metric.name for metric in ENGINE.metrics} - COUNTED
    told = " ".join(str(claim.kind) for claim in ENGINE.claims)
    assert not [name for name in quality if f"'{name}'" in told]
    line = next(line for line in FIDELITY if line.part.startswith("Quality"))
    assert line.status == "not tested" and "8.18" in line.reason
    saving = next(claim for claim in ENGINE.claims if claim.name == "fewer_tokens")
    assert saving.paper is not None and "another comparator" in saving.paper.value
