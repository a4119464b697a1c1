import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engines.guilomo.allocation import Allocation
from engines.guilomo.arm_allocations import Plain, report_depths
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.training_task import (
    ArmTraining,
    Judged,
    TextTask,
    adapted_paths,
    batches_of,
    judged,
    search_parts,
    training_settings,
)
from engines.parts.models.models import load_causal
from engines.parts.rows import TaskAnswer
from engines.parts.tasks import Problem, Task
from tests.engines.guilomo.tiny_run import tiny_model
from tests.engines.parts.heard_log import HeardLog
from workbench.contract.claims import slice_matches
from workbench.contract.errors import ConfigError, DataError, ModelError
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Outcome

SHAPES = {"model.layers.0.q_proj": (8, 8)}
FOUND = Allocation({"layers.3.q_proj": (1, 1, 1), "layers.12.q_proj": (2, 2), "layers.12.k_proj": (1, 1, 1)})
CONFIG = GuilomoConfig(search_batch=2, targets=("q_proj",), layers="last 1", dtype="float32")


def text_task(*problems: Problem, percent=50.0) -> TextTask:
    return TextTask(Task("own", problems, (), "text", lambda one: f"{one.question}\nAnswer:", " "), percent)


def some(count: int) -> list[Problem]:
    return [Problem(str(at), f"question {at}", "r", "g") for at in range(count)]


@pytest.fixture(scope="module")
def base():
    return load_causal(str(tiny_model()), "float32")


def test_experts_are_trained_with_their_layout():
    settings = training_settings(GuilomoConfig(balance=0.5), Allocation({"model.layers.0.q_proj": (2, 1)}), SHAPES, 3)
    assert settings.experts and settings.experts.ranks == {"model.layers.0.q_proj": (2, 1)} and settings.seed == 3
    assert settings.experts.settings.balance == 0.5 and settings.experts.settings.by_experts
    assert (settings.batch, settings.learning_rate, settings.longest, settings.dropout) == (8, 1e-3, 256, 0.05)


def test_plain_adapters_are_trained_on_the_same_layers():
    config = GuilomoConfig(accumulation=4, warmup_steps=9, schedule="cosine")
    settings = training_settings(config, Plain(6, 4.0, dora=True), SHAPES, 0)
    assert settings.experts is None and settings.dora
    assert (settings.rank, settings.alpha, settings.targets) == (6, 24, tuple(SHAPES))
    assert (settings.accumulate, settings.warmup_steps, settings.schedule) == (4, 9, "cosine")


def test_a_training_becomes_a_row_with_what_it_is_worth():
    given = {"arm": "plain", "seed": 1, "parameters": 5, "budget": 6, "updates": 8, "first_loss": 3.0, "last_loss": 0.5}
    row = ArmTraining(**given, seconds=2.0, examples=4).row("glosses", 0.25)
    assert (row.task, row.score, row.model) == ("glosses", 0.25, "")
    assert given.items() <= row.model_dump().items()


@given(st.integers(0, 200), st.floats(0, 100))
def test_the_parts_of_the_search_have_their_shares(count, percent):
    train, validation = search_parts(some(count), percent)
    assert len(train) + len(validation) == count and abs(len(validation) - count * percent / 100) < 1 + 1e-9


@given(st.integers(1, 40), st.integers(1, 40), st.floats(35, 65))
def test_either_part_of_a_larger_run_begins_with_that_of_a_smaller_one(one, two, percent):
    few, many = (search_parts(some(count), percent) for count in sorted((one, two)))
    assert all(large[: len(small)] == small for small, large in zip(few, many, strict=True))


@pytest.mark.parametrize("percent", [0.0, 100.0])
def test_a_search_needs_both_of_its_parts(percent):
    with pytest.raises(DataError, match="validation"):
        text_task(*some(20), percent=percent)


def test_batches_are_padded_and_only_responses_are_labelled(base):
    problems = [Problem("1", "ab", "c", "c"), Problem("2", "abcd", "ef", "ef"), Problem("3", "x", "y", "y")]
    encoded = text_task(*problems).encoded(problems, base, CONFIG)
    first, second = batches_of(encoded, base, CONFIG.search_batch)
    assert first["input_ids"].shape == (2, len("abcd\nAnswer: ef") + 1) and second["input_ids"].shape[0] == 1
    lengths = first["attention_mask"].sum(1).tolist()
    assert lengths[0] < lengths[1] == first["input_ids"].shape[1]
    learned = first["labels"] != -100
    assert learned.sum(1).tolist() == [3, 4], "a space, the letters and the end"
    assert not (learned & (first["attention_mask"] == 0)).any()
    assert torch.equal(first["labels"][learned], first["input_ids"][learned])


def test_examples_that_are_too_long_are_refused_or_counted(base):
    long = Problem("long", "a" * 200, "b", "b")
    with pytest.raises(DataError, match="tokens"):
        text_task(*some(2)).encoded([long], base, CONFIG.model_copy(update={"longest": 60}))
    more = {"model": str(tiny_model()), "longest": 60, "max_experts": 2, "max_rank": 2, "search_steps": 1}
    found = text_task(*some(4), long).ready(CONFIG.model_copy(update=more), 0)
    assert found.notes == ("Of 3 examples 1 were left out: more than 60 tokens.",)


def test_layers_are_chosen_by_name_and_block(base):
    assert adapted_paths(base, CONFIG) == ["model.layers.1.self_attn.q_proj"]
    with pytest.raises(ModelError, match="wq"):
        adapted_paths(base, CONFIG.model_copy(update={"targets": ("wq",)}))
    with pytest.raises(ConfigError, match="layers"):
        adapted_paths(base, CONFIG.model_copy(update={"layers": "last 3"}))


def test_numbers_of_experts_are_told_by_depth():
    log = HeardLog()
    report_depths("real", RunCell("guilomo", 0), FOUND, log.as_log())
    rows = [row for row in log.rows if isinstance(row, Outcome)]
    assert {row.slice: row.value for row in rows} == {"real/3": 3.0, "real/12": 2.5}
    assert all(row.item is None for row in rows), "blocks are no sample of blocks"
    assert all(slice_matches("real/*", row.slice) for row in rows)


def test_answers_are_counted_with_those_that_were_cut_or_empty():
    rows = [
        ("own", "plain", 0, str(at), "q", "g", said, False, cut)
        for at, (said, cut) in enumerate([("a", False), ("a b", True), (" ", True), ("", False)])
    ]
    frame = pd.DataFrame(rows, columns=list(TaskAnswer.model_fields))
    assert judged(frame) == Judged(answers=4, cut=2, empty=2)
