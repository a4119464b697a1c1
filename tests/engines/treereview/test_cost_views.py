import pandas as pd

from engines.treereview.cost_views import describe_saving, form_rates
from engines.treereview.rows import Comparison
from tests.engines.treereview.tiny_run import tables
from workbench.contract.views import NoControls


def test_the_saving_by_hand():
    said = {"arm": "exhaustive", "paper": "p", "run": False, "reason": "too long"}
    counts = {"tokens": 100, "leaf_tokens": 40, "tokens_exhaustive": 400, "leaf_tokens_exhaustive": 340}
    row = dict.fromkeys(Comparison.model_fields, 0) | said | counts
    text = describe_saving(tables(Comparison=pd.DataFrame([row])), NoControls())
    assert "100 tokens from passages, 400 from whole papers: 75% fewer" in text
    assert "1 of 1 were counted, not run: too long." in text


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
