"""A whole run of the method in seconds: a reader with a planted shortcut, invented questions, a folder of its own."""

from functools import partial

import pandas as pd

from engines.parts.rows import TunedModel
from engines.sure import ENGINE
from engines.sure.rows import AskedForm
from tests.engines import worked_runs
from tests.engines.sure.planted_reader import make_planted_reader, write_questions
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Caution, Outcome
from workbench.storage.home import place

KINDS = (*ENGINE.rows, Outcome, AskedForm)
ROWS = (*ENGINE.rows, Outcome, Caution)
"""Tables that a run may fill."""
start = partial(worked_runs.start, ENGINE)
extend = partial(worked_runs.extend, ENGINE)
tables = partial(worked_runs.tables, ENGINE)


def tiny_spec(preset: str = "quick", arms=None, seeds=(0,), **settings) -> RunSpec:
    """A spec on the tiny reader; both are made in the data folder unless they are there."""
    model, data = place("uploads") / "planted-reader", place("uploads") / "holders.jsonl"
    if not model.exists():
        make_planted_reader(model)
    if not data.exists():
        write_questions(data)
    own = {
        "reader": str(model), "data": str(data), "prompting": "plain", "dtype": "float32", "questions": 12,
        "noise_questions": 3, "answer_tokens": 3, "attention_pairs": 3, "oracle_questions": 12, "mending_pairs": 3,
        "held_out_questions": 4, "batch": 2, "rank": 2,
    }  # fmt: skip
    return read_spec(ENGINE, preset=preset, settings={**own, **settings}, arms=arms, seeds=seeds)


def same_rows(a: pd.DataFrame, b: pd.DataFrame, kind) -> None:
    """Fail unless they are equal but for order, for what a clock measured, and for the run's name in a reader's."""
    named = {"reader", "model"} if kind is TunedModel else {"reader"}
    kept = [name for name in a.columns if name not in {*kind.measured_fields(), *named}]
    ordered = [frame[kept].map(str).sort_values(kept, ignore_index=True) for frame in (a, b)]
    pd.testing.assert_frame_equal(*ordered)
