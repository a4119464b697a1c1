"""A whole run of the method in a second: a tiny model, ten invented languages, a run folder of its own."""

import json
from functools import partial
from pathlib import Path

import numpy as np

from engines.shifcon import ENGINE
from tests.engines import worked_runs
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Outcome
from workbench.storage.home import place

LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl", "sv", "da")
KINDS = (*ENGINE.rows, Outcome)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
start = partial(worked_runs.start, ENGINE)
extend = partial(worked_runs.extend, ENGINE)
tables = partial(worked_runs.tables, ENGINE)


def write_sentences(path: Path, count: int = 20) -> Path:
    """The same invented sentences in languages that differ by a cipher."""
    random = np.random.default_rng(0)
    ciphers = {language: random.permutation(26) for language in LANGUAGES}
    with path.open("w") as out:
        for at in range(count):
            said = random.integers(0, 26, random.integers(8, 14))
            row = {name: "".join(LETTERS[cipher[letter]] for letter in said) for name, cipher in ciphers.items()}
            out.write(json.dumps({"id": f"s{at}", **row}) + "\n")
    return path


def tiny_spec(preset: str = "quick", arms=None, seeds=(0,), found: int = 20, **settings) -> RunSpec:
    """A spec on the tiny model and `found` sentences; both are made in the data folder unless they are there."""
    model, data = place("uploads") / "tiny-of-shifcon", place("uploads") / f"ciphers-{found}.jsonl"
    if not model.exists():
        make_tiny_model(model)
    if not data.exists():
        write_sentences(data, found)
    own = {"model": str(model), "data": str(data), "languages": LANGUAGES[1:], "dtype": "float32", "angle_rank": 2}
    return read_spec(ENGINE, preset=preset, settings={**own, **settings}, arms=arms, seeds=seeds)
