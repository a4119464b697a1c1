import numpy as np
import pytest
import torch

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.planted_task import PlantedTask
from engines.guilomo.rows import SearchEnd
from engines.guilomo.searching import Found, entries, require_apart, searched, vector_counts
from engines.guilomo.selection import SelectionVectors
from tests.engines.guilomo.tiny_run import start, tiny_spec
from workbench.contract.errors import DataError, ModelError
from workbench.storage.home import place

CONFIG = GuilomoConfig(planted_layers=1, planted_width=16, planted_steps=4, max_experts=3, max_rank=2)


def test_entries_name_the_counts_that_they_stand_for():
    found = entries(["a"], np.array([[0.1, 0.2]]), np.array([[[0.3], [0.4]]]))
    assert [(one["vector"], one["entry"], one["value"]) for one in found] == [
        ("experts", 1, 0.1), ("experts", 2, 0.2), ("rank of expert 1", 1, 0.3), ("rank of expert 2", 1, 0.4),
    ]  # fmt: skip


def test_what_was_found_is_kept_with_its_price():
    ends = {"outcome": "finished", "steps": 2, "first": {}, "last": {}, "seconds": 1.0}
    found = Found(way="released, second", ranks={"a": (2, 1)}, shapes={"a": (4, 6)}, **ends)
    assert found.budget == 3 * (4 + 6) + 2 * 4


def test_counts_of_vectors_are_named_by_layer_and_vector():
    vectors = SelectionVectors({"a": (4, 6)}, (3, 2))
    found, ranks = vector_counts(vectors), vectors.rank_counts()["a"]
    assert found["a: experts"] == vectors.expert_counts()["a"] and len(found) == 4
    assert [found[f"a: rank of expert {at}"] for at in (1, 2, 3)] == list(ranks)


def batch(*rows):
    return {"input_ids": torch.tensor(rows)}


def test_empty_and_equal_sets_are_refused():
    one, two = batch([1, 2], [3, 4]), batch([3, 4], [5, 6])
    with pytest.raises(DataError, match="training set of the search is empty"):
        require_apart([], [one])
    with pytest.raises(DataError, match="validation set of the search is empty"):
        require_apart([one], [])
    with pytest.raises(DataError, match="part of its training set"):
        require_apart([one], [one])
    with pytest.raises(DataError, match="part of its training set"):
        require_apart([one, two], [batch([5, 6], [1, 2])])
    require_apart([one], [two])


def broken(after: int):
    """A search whose loss is not a number from a step on."""
    ready = PlantedTask(CONFIG).ready(CONFIG, 0)
    usual = ready.search._loss
    ready.search._loss = lambda model, batch: usual(model, batch) * (float("nan") if ready.search.done >= after else 1)
    return ready


def search_of(ready, name: str):
    def work(config, log):
        searched(("planted", "released, second", 0), lambda: ready, 4, log)

    return start(tiny_spec(), place("runs"), name, work=work)


def test_a_loss_that_is_no_number_ends_the_search_with_its_last_good_state():
    ready = broken(2)
    run = search_of(ready, "guilomo-nan")
    end = run.table(SearchEnd).iloc[0]
    assert (end["outcome"], end["steps"]) == ("not a number", 2) and "state after step 2 is the last good one" in end[
        "message"
    ]
    events = (place("runs") / "guilomo-nan" / "events.jsonl").read_text()
    assert "The last good state is used" in events


def test_a_search_that_never_took_a_step_fails_and_says_why():
    ready = broken(0)
    with pytest.raises(ModelError, match="not a number"):
        search_of(ready, "guilomo-nan-at-once")


def test_another_search_is_scaled_to_the_budget():
    shapes = {"layers.0.q": (16, 16), "layers.1.q": (16, 16)}
    ranks = {"layers.0.q": (8, 8, 8, 8), "layers.1.q": (8, 4, 8, 4)}
    ends = {"first": {}, "last": {}, "seconds": 0.0}
    large = Found(way="every, second", outcome="finished", steps=1, ranks=ranks, shapes=shapes, **ends)
    small = large.within(large.budget // 3)
    assert 0.9 * large.budget / 3 < small.budget <= large.budget / 3
    assert [len(one) for one in small.ranks.values()] == [4, 4] and large.ranks == ranks
