"""A run that goes on with more seeds, problems or arms says what one says that was asked for all of it at once."""

import json

import pytest

from engines.parts.rows import TaskAnswer
from tests.engines.guilomo.tiny_run import KINDS, extend, same_rows, start, tiny_spec
from workbench.bench.extending import More
from workbench.storage.home import place

SMALL = {"train_items": 4, "test_items": 4, "search_steps": 2, "planted_steps": 2}
STEPS = (More(arms=("plain",)), More(seeds=1), More(items=4))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr("engines.parts.tasks.examination.BLOCK", 3)
    monkeypatch.setattr("engines.guilomo.router_use.METERED", 2)


def closed(name: str) -> list[str]:
    """What was computed in a run, each time that it was."""
    lines = map(json.loads, (place("runs") / name / "events.jsonl").read_text().splitlines())
    return [line["scope"].rpartition("/")[2] for line in lines if line["kind"] == "closed"]


def test_rows_equal_those_of_a_run_asked_at_once():
    name = "guilomo-more"
    grown = start(tiny_spec(arms=("guilomo",), **SMALL), place("runs"), name)
    for step in STEPS:
        grown = extend(place("runs"), name, step)
    whole = start(grown.spec, place("runs"), f"{name}-at-once")
    for kind in KINDS:
        same_rows(grown.table(kind), whole.table(kind), kind)
    trainings = [one for one in closed(name) if one.startswith(("once:train", "once:search"))]
    assert len(trainings) == 2 * 2 + 2 * 2 and len(set(trainings)) == len(trainings), "none is repeated"


def test_more_problems_are_read_in_the_blocks_that_are_new():
    name = "guilomo-more-blocks"
    start(tiny_spec(arms=("plain",), tasks=("own",), **SMALL), place("runs"), name)
    begun = len(closed(name))
    grown = extend(place("runs"), name, More(items=4))
    again = [one for one in closed(name)[begun:] if one.startswith("once:answers plain")]
    assert again == ["once:answers plain 0 1", "once:answers plain 0 2"], "the first block of three stays"
    assert len(grown.table(TaskAnswer).query("arm == 'plain'")) == 8
