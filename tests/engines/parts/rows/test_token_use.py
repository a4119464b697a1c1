"""The ledger: sums by stage and model, a total that agrees, and nothing where nothing was asked."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.rows.token_use import SUMMED, TOKEN_USE, TOTAL, TokenUse, token_sums
from workbench.contract.views import NoControls, Tables


def entry(stage: str, model: str, calls: int = 1, **changed: float) -> TokenUse:
    numbers = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "cut": 0,
        "empty": 0,
        "computed_tokens": 12,
        "reused": 0,
        "seconds": 0.5,
    }
    return TokenUse.model_validate({"stage": stage, "model": model, "calls": calls, **numbers, **changed})


def frame(*entries: TokenUse) -> pd.DataFrame:
    return pd.DataFrame([row.model_dump() for row in entries], columns=list(TokenUse.model_fields))


def test_sums_by_hand():
    sums = token_sums(frame(entry("Judge", "big", 2), entry("Answer", "small"), entry("Judge", "big", 3, reused=1)))
    assert sums[["stage", "model", "calls", "prompt_tokens", "reused", "seconds"]].to_numpy().tolist() == [
        ["Judge", "big", 5, 20, 1, 1.0],
        ["Answer", "small", 1, 10, 0, 0.5],
        [TOTAL, "", 6, 30, 1, 1.5],
    ]


@given(st.lists(st.tuples(st.sampled_from("AJ"), st.sampled_from("ms"), st.integers(0, 9)), min_size=1, max_size=8))
def test_the_total_is_the_sum_of_the_lines(asked: list[tuple[str, str, int]]):
    rows = frame(*[entry(*one) for one in asked])
    sums = token_sums(rows)
    lines, total = sums.iloc[:-1], sums.iloc[-1]
    for name in SUMMED:
        assert lines[name].sum() == total[name] == rows[name].sum()
    assert not lines.duplicated(["stage", "model"]).any()


def test_what_nobody_counted_stays_unknown():
    old = frame(entry("Answer", "m", cut=None, empty=None))
    assert token_sums(old)[["cut", "empty"]].isna().to_numpy().all()
    both = token_sums(pd.concat([old, frame(entry("Judge", "m", cut=2, empty=1))]))
    assert both["cut"].tolist()[1:] == [2, 2]


def test_an_empty_ledger_is_an_empty_listing():
    tables = Tables(lambda kind: frame(), [TokenUse])
    listing = TOKEN_USE.rows(tables, NoControls())
    assert listing.empty
    assert "reused answers" in listing.columns


def test_what_depends_on_the_machine_is_marked():
    assert TokenUse.measured_fields() == {"computed_tokens", "reused", "seconds"}
