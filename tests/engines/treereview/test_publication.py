import numpy as np
import pandas as pd
import pytest

from engines.treereview import ENGINE
from engines.treereview.publication import CLAIMS, FIDELITY
from workbench.schema import Outcome
from workbench.statistics import judge


def planted(papers: int, **numbers: tuple[float, float]) -> pd.DataFrame:
    """Outcomes over papers: mean and spread by "metric arm" or "metric arm slice"."""
    draw = np.random.default_rng(0)
    same = draw.normal(size=papers)
    rows = []
    for name, (mean, spread) in numbers.items():
        metric, arm, *path = name.split("/", 2)
        for at in range(papers):
            value = mean + spread * (0.8 * same[at] + 0.6 * draw.normal())
            paper = f"p{at}"
            rows.append((arm, metric, 0, float(value), paper, paper, path[0] if path else f"paper/{paper}"))
    return pd.DataFrame(rows, columns=list(Outcome.model_fields))


TREE = {"tokens/treereview": (5e4, 5e3), "tokens/exhaustive": (2e5, 2e4)}
HITS = {
    "hit_at_k/treereview/ranking/perplexity": (0.8, 0.05), "hit_at_k/treereview/ranking/bm25": (0.6, 0.05),
    "hit_at_k/treereview/ranking/chance": (0.3, 0.01),
}  # fmt: skip
DEPTHS = {
    "tokens/depth_1": (1e4, 1e3), "tokens/depth_2": (3e4, 1e3), "tokens/depth_3": (6e4, 1e3),
    "distinct_comments/depth_1": (3.0, 0.3), "distinct_comments/depth_2": (5.0, 0.3),
    "distinct_comments/depth_3": (7.0, 0.3),
}  # fmt: skip


def verdicts(outcomes: pd.DataFrame) -> dict[str, str]:
    return {verdict.claim: verdict.verdict for verdict in judge(ENGINE, outcomes)}


def test_clear_numbers_settle_every_claim():
    assert set(verdicts(planted(8, **TREE, **HITS, **DEPTHS)).values()) == {"holds"}


def test_the_opposite_refutes_them():
    turned = {
        **{"tokens/treereview": (2e5, 2e4), "tokens/exhaustive": (5e4, 5e3)},
        **dict(zip(HITS, reversed(HITS.values()), strict=True)),
        **DEPTHS, "distinct_comments/depth_1": (7.0, 0.3), "distinct_comments/depth_3": (3.0, 0.3),
    }  # fmt: skip
    assert set(verdicts(planted(8, **turned)).values()) == {"does not hold"}


@pytest.mark.parametrize("papers", [0, 1])
def test_one_paper_decides_nothing(papers):
    assert set(verdicts(planted(papers, **TREE, **HITS, **DEPTHS)).values()) == {"undecided"}


def test_no_quality_of_the_paper_is_claimed():
    quality = {metric.name for metric in ENGINE.metrics} - {"tokens", "hit_at_k", "distinct_comments"}
    told = " ".join(str(claim.kind) for claim in CLAIMS)
    assert not [name for name in quality if f"'{name}'" in told]
    line = next(line for line in FIDELITY if line.part.startswith("Quality"))
    assert line.status == "not tested" and "8.18" in line.reason
    saving = next(claim for claim in CLAIMS if claim.name == "fewer_tokens")
    assert saving.paper is not None and "another comparator" in saving.paper.value
