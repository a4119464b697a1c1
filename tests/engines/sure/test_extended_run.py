"""A run that goes on with more questions, seeds or arms says what one says that was asked for all of it at once."""

import json

import pytest

from engines.sure.rows import Answer, Instance, MendedReader
from tests.engines.sure.tiny_run import ROWS, extend, same_rows, start, tiny_spec
from workbench.bench.extending import More
from workbench.storage.home import place

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")
STEPS = (More(items=6), More(seeds=2), More(arms=("sft_on_plain", "document_first")))


def closed(name: str) -> list[str]:
    """What was computed in a run, each time that it was, without the phase that it was computed in."""
    lines = map(json.loads, (place("runs") / name / "events.jsonl").read_text().splitlines())
    return [line["scope"].partition("/")[2] for line in lines if line["kind"] == "closed" and "/" in line["scope"]]


def assert_equal(grown, name: str) -> None:
    whole = start(grown.spec, place("runs"), name)
    for kind in ROWS:
        same_rows(grown.table(kind), whole.table(kind), kind)


def begin(name: str, **settings):
    """Rows of a first run by table (its folder is about to change), and how much was computed in it."""
    run = start(tiny_spec(arms=("reader", "sft"), seeds=(0,), **settings), place("runs"), name)
    return {kind: run.table(kind) for kind in ROWS}, len(closed(name))


def test_rows_equal_those_of_a_run_asked_at_once():
    name = "sure-more"
    begin(name, noise_questions=14, oracle_questions=100, attention_pairs=4)
    for step in STEPS:
        grown = extend(place("runs"), name, step)
    assert_equal(grown, f"{name}-at-once")
    trainings = [one for one in closed(name) if one.endswith("once:training")]
    assert len(trainings) == 3 * 2 and len(set(trainings)) == len(trainings), "none is repeated while its pairs stay"


def test_the_blocks_that_are_new_or_were_not_full_are_read_alone():
    name = "sure-more-blocks"
    _, begun = begin(name, oracle_questions=0, attention_pairs=0)
    grown = extend(place("runs"), name, More(items=6))
    again = [one.rpartition("once:")[2] for one in closed(name)[begun:] if "once:" in one]
    assert not [one for one in again if one.endswith("block 0") and not one.startswith("answers, block")]
    assert sum(one.startswith("closed book") for one in again) == 2, "of three blocks the first one stays"
    assert grown.table(Instance)["question"].nunique() == 18


def test_more_seeds_train_and_read_for_themselves_alone():
    name = "sure-more-seeds-alone"
    first, begun = begin(name, oracle_questions=0, attention_pairs=0)
    grown = extend(place("runs"), name, More(seeds=1))
    assert {one.split("/once:")[0] for one in closed(name)[begun:]} == {"cell:sft/1"}
    old = "arm == 'sft' and seed == 0"
    seconds = [rows.query(old)["seconds"].tolist() for rows in (first[MendedReader], grown.table(MendedReader))]
    assert seconds[0] == seconds[1]


def test_a_training_whose_pairs_are_not_full_is_another_one_with_more_questions():
    name = "sure-more-pairs"
    first, _ = begin(name, questions=6, mending_pairs=100, oracle_questions=0, attention_pairs=0)
    grown = extend(place("runs"), name, More(items=12))
    pairs = [rows.query("arm == 'sft'")["pairs"].tolist() for rows in (first[MendedReader], grown.table(MendedReader))]
    assert pairs[1] > pairs[0] > [3]
    assert_equal(grown, f"{name}-at-once")


def test_held_out_questions_stay_held_out():
    name = "sure-more-held-out"
    first, _ = begin(name, oracle_questions=0, attention_pairs=0)
    grown = extend(place("runs"), name, More(items=12))
    parts = [rows.set_index("instance")["part"] for rows in (first[Instance], grown.table(Instance))]
    assert parts[0].to_dict() == parts[1][parts[0].index].to_dict()
    judged = [set(rows.query("arm == 'sft'")["instance"]) for rows in (first[Answer], grown.table(Answer))]
    assert judged[0] <= judged[1]
