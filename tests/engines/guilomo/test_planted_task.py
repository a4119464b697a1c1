import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import spearmanr

from engines.guilomo.allocation import Allocation
from engines.guilomo.arm_allocations import Plain
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.planted import planted_loss
from engines.guilomo.planted_task import (
    PlantedRecord,
    adapted,
    planted_of,
    report_divergence,
    report_recovery,
    text_losses,
    truth_rows,
)
from engines.guilomo.search_settings import SearchResult
from engines.guilomo.searching import found_of
from engines.guilomo.spearman import spearman_of_sums
from tests.engines.parts.heard_log import HeardLog
from workbench.contract.errors import ConfigError
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Outcome

CONFIG = GuilomoConfig(planted_layers=1, planted_width=16, max_rank=4)


@pytest.fixture(scope="module")
def planted():
    return planted_of(CONFIG)


def test_the_divergence_of_texts_has_the_loss_as_its_mean(planted):
    batch = planted.batches(1, 5)[0]
    with torch.inference_mode():
        whole = float(planted_loss(planted.student(), batch))
    assert np.mean(text_losses(planted.student(), [batch])) == pytest.approx(whole, rel=1e-5)


def test_a_student_that_is_the_teacher_has_no_divergence(planted):
    batch = planted.batches(1, 5)[0]
    own = {**batch, "targets": planted.student()(input_ids=batch["input_ids"]).logits.softmax(-1).detach()}
    assert max(text_losses(planted.student(), [own])) < 1e-5


@pytest.mark.parametrize("dora", [False, True])
def test_plain_adapters_train_what_they_cost(planted, dora):
    shapes = {path: (module.in_features, module.out_features) for path, module in modules(planted)}
    plain = Plain(2, 4.0, dora)
    model = adapted(planted, CONFIG, plain, 0)
    assert sum(weight.numel() for weight in model.parameters() if weight.requires_grad) == plain.parameters(shapes)


def test_experts_train_what_they_cost_and_start_by_the_seed(planted):
    shapes = {path: (module.in_features, module.out_features) for path, module in modules(planted)}
    allocation = Allocation(dict.fromkeys(shapes, (2, 1)))
    first, again, other = (adapted(planted, CONFIG, allocation, seed) for seed in (0, 0, 1))
    weights = [[w for w in model.parameters() if w.requires_grad] for model in (first, again, other)]
    assert sum(weight.numel() for weight in weights[0]) == allocation.parameters(shapes)
    assert all(torch.equal(a, b) for a, b in zip(weights[0], weights[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(weights[0], weights[2], strict=True))


def modules(planted):
    return [(path, planted.base.get_submodule(path)) for path in planted.numbers]


def test_truth_and_found_are_correlated_by_rank(planted):
    draw = np.random.default_rng(0)
    ranks = {path: tuple(draw.integers(1, 5, draw.integers(2, 9)).tolist()) for path in planted.numbers}
    result = SearchResult("finished", 1, ranks, {}, {}, {}, {})
    rows = truth_rows(planted, found_of("released, second", result, {}, 0.0), ("released, second", 0))
    log = HeardLog()
    report_recovery(rows, RunCell("guilomo", 0), log.as_log())
    outcomes = pd.DataFrame([row.model_dump() for row in log.rows])
    sums = np.stack(outcomes.query("metric == 'recovered_numbers'")["value"].map(np.array).tolist()).sum(0)
    expected = spearmanr([row.planted_number for row in rows], [row.found_number for row in rows])[0]
    assert spearman_of_sums(sums) == pytest.approx(expected)
    assert set(outcomes["item"]) == set(planted.numbers)


@pytest.mark.parametrize("more", [{"planted_width": 20}, {"planted_width": 16, "max_rank": 32}])
def test_a_width_that_does_not_fit_is_refused(more):
    with pytest.raises(ConfigError, match="planted_width"):
        planted_of(CONFIG.model_copy(update=more))


def test_no_more_is_planted_than_can_be_found():
    few = planted_of(CONFIG.model_copy(update={"max_experts": 3}))
    assert max(few.numbers.values()) == 3 and max(few.ranks.values()) == 4


def test_each_test_text_is_an_item():
    log, record = HeardLog(), PlantedRecord(losses=(1.0,), test=(0.5, 0.25), seconds=1.0)
    report_divergence(record, RunCell("plain", 2), log.as_log())
    found = [(row.item, row.value) for row in log.rows if isinstance(row, Outcome)]
    assert found == [("planted/text-0", 0.5), ("planted/text-1", 0.25)]
