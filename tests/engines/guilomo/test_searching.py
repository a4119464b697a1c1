import numpy as np
import pytest

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.planted_task import planted_of, ready_planted
from engines.guilomo.rows import SearchEnd
from engines.guilomo.search_settings import SearchResult
from engines.guilomo.searching import entries, found_of, searched
from tests.engines.guilomo.tiny_run import start, tiny_spec
from workbench.contract.errors import ModelError
from workbench.storage.home import place

CONFIG = GuilomoConfig(planted_layers=1, planted_width=16, planted_steps=4, max_experts=3, max_rank=2)


def test_entries_name_the_counts_that_they_stand_for():
    found = entries(["a"], np.array([[0.1, 0.2]]), np.array([[[0.3], [0.4]]]))
    assert [(one["vector"], one["entry"], one["value"]) for one in found] == [
        ("experts", 1, 0.1), ("experts", 2, 0.2), ("rank of expert 1", 1, 0.3), ("rank of expert 2", 1, 0.4),
    ]  # fmt: skip


def test_what_was_found_is_kept_with_its_price():
    result = SearchResult("finished", 2, {"a": (2, 1)}, {"a": 3}, {"a": 2}, {"a": (2, 2, 2)}, {"a": (2, 1, 2)})
    found = found_of("released, second", result, {"a": (4, 6)}, 1.0)
    assert found.budget == 3 * (4 + 6) + 2 * 4
    assert found.first == {"a: experts": 3, **{f"a: rank of expert {at}": 2 for at in (1, 2, 3)}}
    assert found.last["a: rank of expert 2"] == 1


def broken(after: int):
    """A search whose loss is not a number from a step on."""
    ready, planted = ready_planted(planted_of(CONFIG), CONFIG, 0), ready_planted(planted_of(CONFIG), CONFIG, 0)
    usual = ready.search._loss
    ready.search._loss = lambda model, batch: usual(model, batch) * (float("nan") if ready.search.done >= after else 1)
    return ready, planted


def search_of(ready, name: str):
    def work(config, log):
        searched(("planted", "released, second", 0), lambda: ready, 4, log)

    return start(tiny_spec(), place("runs"), name, work=work)


def test_a_loss_that_is_no_number_ends_the_search_with_its_last_good_state():
    ready, _ = broken(2)
    run = search_of(ready, "guilomo-nan")
    end = run.table(SearchEnd).iloc[0]
    assert (end["outcome"], end["steps"]) == ("not a number", 2) and "not a number any more after 2 steps" in end[
        "message"
    ]
    events = (place("runs") / "guilomo-nan" / "events.jsonl").read_text()
    assert "The last good state is used" in events


def test_a_search_that_never_took_a_step_fails_and_says_why():
    ready, _ = broken(0)
    with pytest.raises(ModelError, match="not a number"):
        search_of(ready, "guilomo-nan-at-once")
