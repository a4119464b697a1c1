"""A whole run of the method in seconds: a tiny random model, a choice among colours, a folder of its own."""

import json
from functools import partial

import pandas as pd

from engines.guilomo import ENGINE
from engines.guilomo.rows import TokenExpert
from tests.engines import worked_runs
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Caution, Outcome
from workbench.storage.home import place

KINDS = tuple(dict.fromkeys((*ENGINE.rows, Outcome, Caution, TokenExpert)))
start = partial(worked_runs.start, ENGINE)
extend = partial(worked_runs.extend, ENGINE)
tables = partial(worked_runs.tables, ENGINE)
COLOURS = ("red", "blue", "green", "white", "black", "pink", "grey", "brown", "gold", "teal", "lime", "navy")


def same_rows(a: pd.DataFrame, b: pd.DataFrame, kind) -> None:
    """Fail unless they are equal but for order, for what a clock measured, and for the run's name in a model's."""
    kept = [name for name in a.columns if name not in {*kind.measured_fields(), "model"}]
    ordered = [frame[kept].map(str).sort_values(kept, ignore_index=True) for frame in (a, b)]
    pd.testing.assert_frame_equal(*ordered)


def write_choices(path) -> None:
    """Twelve questions with three options each; the right one is in the question."""
    with path.open("w") as out:
        for at, colour in enumerate(COLOURS):
            options = [colour, COLOURS[at - 1], COLOURS[at - 2]]
            out.write(json.dumps({"prompt": f"say {colour}", "response": colour, "options": options}) + "\n")


def tiny_model():
    """The folder of the tiny model, made in the data folder unless it is there."""
    model = place("uploads") / "tiny-guilomo"
    if not model.exists():
        make_tiny_model(model)
    return model


def tiny_spec(preset: str = "quick", arms=None, seeds=(0,), **settings) -> RunSpec:
    """A spec on the tiny model and the choices; both are made in the data folder unless they are there."""
    data = place("uploads") / "colours.jsonl"
    tiny_model()
    if not data.exists():
        write_choices(data)
    own = {
        "model": str(tiny_model()), "tasks": ("planted", "own"), "data": str(data), "verifier": "options",
        "prompting": "plain", "dtype": "float32", "train_items": 8, "test_items": 4, "layers": "all",
        "targets": ("q_proj", "down_proj"), "max_experts": 4, "max_rank": 4, "search_steps": 3, "search_batch": 2,
        "planted_layers": 1, "planted_width": 16, "planted_steps": 3, "uniform_experts": 3, "batch": 4, "longest": 60,
        "snapshots": 3,
    }  # fmt: skip
    return read_spec(ENGINE, preset=preset, settings={**own, **settings}, arms=arms, seeds=seeds)
