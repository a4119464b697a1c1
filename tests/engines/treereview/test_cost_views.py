import pandas as pd
import pytest

from engines.treereview.cost_views import describe_saving, form_rates, ranking_rows
from engines.treereview.rows import Comparison
from tests.engines.treereview.shown_run import shown_tables
from tests.engines.treereview.tiny_run import tables
from workbench.views import NoControls


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return shown_tables(tmp_path_factory.mktemp("runs"))


def test_the_saving_by_hand():
    said = {"arm": "exhaustive", "paper": "p", "run": False, "reason": "too long"}
    counts = {"tokens": 100, "leaf_tokens": 40, "tokens_exhaustive": 400, "leaf_tokens_exhaustive": 340}
    row = dict.fromkeys(Comparison.model_fields, 0) | said | counts
    text = describe_saving(tables(Comparison=pd.DataFrame([row])), NoControls())
    assert "100 tokens from passages, 400 from whole papers: 75% fewer" in text
    assert "1 of 1 were counted, not run: too long." in text


def test_rankings_by_hand(done):
    rows = ranking_rows(done).set_index("ranking")
    assert rows.loc["perplexity", ["hit", "low", "high"]].tolist() == [1.0, 1.0, 1.0]
    assert rows.loc["bm25", "hit"] == 0.5 and rows.loc["bm25", "low"] < 0.5
    assert rows.loc["chance", ["low", "high"]].tolist() == [0.25, 0.25]


def test_fallback_rates_by_hand():
    row = {
        "arm": "a",
        "seed": 0,
        "paper": "p",
        "stage": "Review",
        "asked": 4,
        "valid": 3,
        "repaired": 1,
        "lenient": 0,
        "unusable": 0,
    }
    rates = form_rates(tables(JsonForm=pd.DataFrame([row])), NoControls())
    assert rates["fallback rate"].tolist() == ["25%"]
