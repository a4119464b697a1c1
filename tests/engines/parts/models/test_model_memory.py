import threading

import psutil
import pytest

from engines.parts.models.model_memory import ModelStore, memory_budget
from workbench.contract.errors import ConfigError, ResourceError


def store_of(budget):
    return ModelStore(lambda: budget)


def test_values_are_kept_while_they_fit_and_the_oldest_leaves_first():
    loads = []

    def load(name):
        return lambda: loads.append(name) or f"{name}{len(loads)}"

    store = store_of(10)
    a = store.get("a", 4, load("a"))
    store.get("b", 4, load("b"))
    assert store.get("a", 4, load("a")) is a
    store.get("c", 4, load("c"))
    assert store.get("a", 4, load("a")) is a
    assert loads == ["a", "b", "c"]
    store.get("b", 4, load("b"))
    assert loads == ["a", "b", "c", "b"]


def test_one_that_exceeds_the_budget_alone_is_kept_alone():
    store = store_of(10)
    store.get("a", 4, object)
    large = store.get("large", 99, object)
    assert store.get("large", 99, object) is large
    a = store.get("a", 4, object)
    assert store.get("a", 4, object) is a
    assert store.get("large", 99, object) is not large


def test_where_memory_is_short_all_others_leave_and_it_is_tried_again():
    store = store_of(10)
    store.get("a", 1, object)
    outcomes = [ResourceError("too large"), "loaded"]

    def load():
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert store.get("b", 1, load) == "loaded"
    outcomes[:] = [ResourceError("too large"), ResourceError("still too large")]
    with pytest.raises(ResourceError, match="still"):
        store.get("c", 1, load)
    outcomes[:] = [ResourceError("at once")]
    store.clear()
    with pytest.raises(ResourceError, match="at once"):
        store.get("c", 1, load)


def test_threads_that_ask_for_one_model_load_it_once():
    store, loads, found = store_of(10), [], []
    begin = threading.Barrier(4)

    def ask():
        begin.wait()
        found.append(store.get("a", 1, lambda: loads.append(1) or object()))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1 and len({id(value) for value in found}) == 1


def test_the_budget_is_half_of_the_memory_or_what_the_environment_says(monkeypatch):
    monkeypatch.delenv("BENCHWRIGHT_MODEL_MEMORY", raising=False)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert memory_budget() == psutil.virtual_memory().total // 2
    monkeypatch.setenv("BENCHWRIGHT_MODEL_MEMORY", " 1.5 ")
    assert memory_budget() == 1_500_000_000


@pytest.mark.parametrize("said", ["much", "0", "-1", "nan", "inf"])
def test_a_budget_that_is_none_is_refused(said, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_MODEL_MEMORY", said)
    with pytest.raises(ConfigError) as caught:
        memory_budget()
    assert said in str(caught.value) and caught.value.hint
