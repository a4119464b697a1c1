import pytest
import torch

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.problems import Problem
from engines.guilomo.tasks import Task
from engines.guilomo.text_search import adapted_paths, batches_of, encoded_problems, ready_search
from engines.parts.models.models import load_causal
from tests.engines.guilomo.tiny_run import tiny_model
from workbench.contract.errors import ConfigError, DataError, ModelError

CONFIG = GuilomoConfig(prompting="plain", search_batch=2, targets=("q_proj",), layers="last 1", dtype="float32")


@pytest.fixture(scope="module")
def base():
    return load_causal(str(tiny_model()), "float32")


def test_batches_are_padded_and_only_responses_are_labelled(base):
    problems = [Problem("1", "ab", "c", "c"), Problem("2", "abcd", "ef", "ef"), Problem("3", "x", "y", "y")]
    first, second = batches_of(encoded_problems(problems, base, CONFIG), base, CONFIG.search_batch)
    assert first["input_ids"].shape == (2, len("abcd\nAnswer: ef") + 1) and second["input_ids"].shape[0] == 1
    lengths = first["attention_mask"].sum(1).tolist()
    assert lengths[0] < lengths[1] == first["input_ids"].shape[1]
    learned = first["labels"] != -100
    assert learned.sum(1).tolist() == [3, 4], "a space, the letters and the end"
    assert not (learned & (first["attention_mask"] == 0)).any()
    assert torch.equal(first["labels"][learned], first["input_ids"][learned])


def test_examples_that_are_all_too_long_are_refused(base):
    with pytest.raises(DataError, match="tokens"):
        encoded_problems([Problem("1", "a" * 70, "b", "b")], base, CONFIG)


def test_examples_that_are_too_long_are_counted_in_the_notes_of_a_search(base):
    problems = tuple(Problem(str(at), f"question {at}", "r", "r") for at in range(4))
    long = Problem("long", "a" * 200, "b", "b")
    task = Task("own", "text", (*problems[:2], long), problems[2:], problems)
    more = {"model": str(tiny_model()), "longest": 60, "max_experts": 2, "max_rank": 2, "search_steps": 1}
    found = ready_search(task, CONFIG.model_copy(update=more), 0)
    assert found.notes == ("Of 3 examples 1 were left out: more than 60 tokens.",)


def test_layers_are_chosen_by_name_and_block(base):
    assert adapted_paths(base, CONFIG) == ["model.layers.1.self_attn.q_proj"]
    with pytest.raises(ModelError, match="wq"):
        adapted_paths(base, CONFIG.model_copy(update={"targets": ("wq",)}))
    with pytest.raises(ConfigError, match="layers"):
        adapted_paths(base, CONFIG.model_copy(update={"layers": "last 3"}))
