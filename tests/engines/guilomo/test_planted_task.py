import math

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import spearmanr

from engines.guilomo.agreement import spearman_of_sums
from engines.guilomo.allocation import Allocation
from engines.guilomo.arm_allocations import Plain
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.planted_task import (
    TEST_BATCHES,
    PlantedSettings,
    PlantedTask,
    adapted,
    plant,
    planted_loss,
    planted_of,
    report_recovery,
    text_losses,
    truth_rows,
)
from engines.guilomo.rows import TrainedArm
from engines.guilomo.search import Search
from engines.guilomo.search_settings import SearchSettings
from engines.guilomo.searching import Found, ReadySearch
from engines.parts.rows import TrainingStep
from tests.engines.parts.heard_log import HeardLog
from workbench.contract.errors import ConfigError
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Outcome
from workbench.storage.home import place

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


def found(ranks, shapes=None) -> Found:
    ends = {"first": {}, "last": {}, "seconds": 0.0}
    return Found(way="released, second", outcome="finished", steps=1, ranks=ranks, shapes=shapes or {}, **ends)


def modules(planted):
    return [(path, planted.base.get_submodule(path)) for path in planted.numbers]


def test_truth_and_found_are_correlated_by_rank(planted):
    draw = np.random.default_rng(0)
    ranks = {path: tuple(draw.integers(1, 5, draw.integers(2, 9)).tolist()) for path in planted.numbers}
    rows = truth_rows(planted, found(ranks), ("released, second", 0))
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


class TrainingLog(HeardLog):
    """A log that a training can save into."""

    def checkpoints(self, name):
        folder = place("runs") / f"planted-checkpoints-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def test_a_training_reports_each_test_text_as_an_item_and_every_update():
    config = CONFIG.model_copy(update={"planted_steps": 3, "allocation": "uniform", "uniform_experts": 2})
    task, log = PlantedTask(config), TrainingLog()
    shapes = {path: (module.in_features, module.out_features) for path, module in modules(task.planted)}
    kept = found(dict.fromkeys(shapes, (2, 2)), shapes)
    trained = task.train(RunCell("plain", 2, "planted"), config, kept, log.as_log())
    outcomes = [row for row in log.rows if isinstance(row, Outcome) and row.metric == "divergence"]
    texts = TEST_BATCHES * PlantedSettings.batch
    assert [row.item for row in outcomes] == [f"planted/text-{at}" for at in range(texts)]
    (row,) = (row for row in log.rows if isinstance(row, TrainedArm))
    assert row.score == pytest.approx(np.mean([outcome.value for outcome in outcomes]))
    steps = [row for row in log.rows if isinstance(row, TrainingStep)]
    assert len(steps) == trained.updates == 3 and steps[0].adapter == "planted-plain-2"
    assert (trained.first_loss, trained.last_loss) == (steps[0].loss, steps[-1].loss)
    assert steps[-1].loss < steps[0].loss


ASKED = PlantedSettings(layers=1, hidden=32, heads=2, tasks=4, letters=4, most_rank=3, length=6, batch=8)


@pytest.fixture(scope="module")
def small():
    return plant(ASKED)


def test_the_truth_is_in_the_deltas(small):
    assert set(small.numbers) == set(small.ranks) == set(small.deltas) and len(small.numbers) == 7
    assert min(small.numbers.values()) == 2 and max(small.numbers.values()) == 4
    assert min(small.ranks.values()) == 1 and max(small.ranks.values()) == 3
    for path, deltas in small.deltas.items():
        weight = small.base.get_submodule(path).weight
        assert len(deltas) == small.numbers[path]
        assert set(torch.linalg.matrix_rank(deltas, rtol=1e-4).tolist()) == {small.ranks[path]}
        torch.testing.assert_close(deltas.flatten(1).norm(dim=1), (weight.norm() * 0.5).expand(len(deltas)))


def test_the_teacher_is_the_base_plus_the_task_s_deltas(small):
    student, ids = small.student(), torch.tensor([[2 * 4, 2 * 4 + 1, 2 * 4 + 3]])
    with torch.no_grad():
        for path, deltas in small.deltas.items():
            student.get_submodule(path).weight += deltas[2 % len(deltas)]
        by_weights = student(input_ids=ids).logits.softmax(-1)
    torch.testing.assert_close(small.teacher(ids, torch.tensor([2])), by_weights)
    batch = {"input_ids": ids, "targets": by_weights}
    assert planted_loss(student, batch).item() == pytest.approx(0, abs=1e-6)
    assert planted_loss(small.base, batch).item() > 0.01


def test_batches_are_of_one_task_a_row_and_differ_by_seed(small):
    batches = small.batches(3, 0)
    assert all(torch.equal(one["input_ids"], two["input_ids"])
               for one, two in zip(batches, small.batches(3, 0), strict=True))  # fmt: skip
    assert not torch.equal(batches[0]["input_ids"], small.batches(1, 1)[0]["input_ids"])
    tasks = batches[0]["input_ids"] // 4
    assert (tasks == tasks[:, :1]).all() and tasks.unique().numel() > 1
    torch.testing.assert_close(batches[0]["targets"].sum(-1), torch.ones(8, 6))


def test_the_divergence_by_hand():
    class Fixed(torch.nn.Module):
        def forward(self, input_ids, use_cache):
            from types import SimpleNamespace

            return SimpleNamespace(logits=torch.tensor([[[0.25, 0.75]]]).log())

    batch = {"input_ids": torch.zeros(1, 1), "targets": torch.tensor([[[0.5, 0.5]]])}
    assert planted_loss(Fixed(), batch).item() == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3))


def test_a_search_learns_from_the_teacher(small):
    asked = SearchSettings(steps=8, most_experts=4, most_rank=3, dropout=0, learning_rate=1e-2, warmup=0, balance=0)
    search = Search(small.student(), asked, loss=planted_loss)
    ready = ReadySearch(search, small.batches(8, 0), small.batches(8, 1))
    losses = [ready.step(number).train_loss for number in range(1, 9)]
    assert losses[-1] < losses[0]
