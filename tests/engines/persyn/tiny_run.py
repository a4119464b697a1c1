"""A whole run of the method in seconds: a tiny student, tiny teachers or a file of planted responses."""

from functools import partial

from engines.persyn import ENGINE
from tests.engines import worked_runs
from tests.engines.persyn.planted_teachers import write_problems, write_responses
from tests.engines.persyn.tiny_student import make_tiny_student
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Outcome
from workbench.storage.home import place

KINDS = (*ENGINE.rows, Outcome)
start = partial(worked_runs.start, ENGINE)
MAPPING = "prompt=Q,answer=gold answer,topic=kind,teacher=who,response=said"


def tiny_model() -> str:
    """A tiny causal model with random weights, made in the data folder unless it is there."""
    folder = place("uploads") / "persyn-tiny"
    if not folder.exists():
        make_tiny_student(folder)
    return str(folder)


def tiny_spec(preset: str = "quick", arms=None, seeds=(0,), **settings) -> RunSpec:
    """A spec on the tiny model as student and as both teachers."""
    data, model = place("uploads") / "problems.jsonl", tiny_model()
    if not data.exists():
        write_problems(data)
    own = {
        "student": model, "teachers": [f"{model}#sampled", f"{model}#direct"], "data": str(data), "prompts": 20,
        "calibration": 10, "largest": 0, "held_out": 10, "answer_tokens": 4, "curve": 2,
        "token_budget": 360, "batch": 2, "rank": 2, "dtype": "float32",
    }  # fmt: skip
    return read_spec(ENGINE, preset=preset, settings={**own, **settings}, arms=arms, seeds=seeds)


def file_spec(arms=None, seeds=(0,), **settings) -> RunSpec:
    """A spec on the planted responses."""
    data = place("uploads") / "responses.jsonl"
    if not data.exists():
        write_responses(data)
    own = {"responses": str(data), "response_columns": MAPPING, "prompts": 28, "calibration": 16, "held_out": 12}
    return tiny_spec(arms=arms, seeds=seeds, **{**own, **settings})
