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
    PlantedTask,
    adapted,
    effective_rank,
    planted_of,
    report_recovery,
    truth_rows,
)
from engines.guilomo.planted_teacher import PlantedSettings, planted_loss, text_losses
from engines.guilomo.rows import PlantedModule, TrainedArm
from engines.guilomo.searching import Found
from engines.parts.rows import TrainingStep
from tests.engines.parts.heard_log import HeardLog
from workbench.contract.errors import ConfigError
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Outcome
from workbench.storage.home import place

CONFIG = GuilomoConfig(planted_layers=1, planted_width=16, max_rank=4)


@pytest.fixture(scope="module")
def planted():
    return planted_of(CONFIG, 0)


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
        planted_of(CONFIG.model_copy(update=more), 0)


def test_no_more_is_planted_than_can_be_found():
    few = planted_of(CONFIG.model_copy(update={"max_experts": 3}), 0)
    assert set(few.numbers.values()) == {2, 3} and set(few.ranks.values()) == {1, 4}


def test_each_seed_has_a_planting_of_its_own():
    first, again, other = (planted_of(CONFIG, seed) for seed in (0, 0, 1))
    assert first.numbers == again.numbers and first.ranks == again.ranks
    assert (first.numbers, first.ranks) != (other.numbers, other.ranks)
    one, two = (planted.fresh(0)["input_ids"] for planted in (first, other))
    assert not torch.equal(one, two) and not torch.equal(one, first.fresh(1)["input_ids"])


class TrainingLog(HeardLog):
    """A log that a training can save into."""

    def checkpoints(self, name):
        folder = place("runs") / f"planted-checkpoints-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def test_a_training_reports_each_test_text_as_an_item_and_every_update():
    config = CONFIG.model_copy(update={"planted_steps": 3, "allocation": "uniform", "uniform_experts": 2})
    task, log = PlantedTask(config), TrainingLog()
    shapes = {path: (module.in_features, module.out_features) for path, module in modules(task.planted(2))}
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


def test_all_arms_have_the_parameters_of_the_truth():
    task, spent = PlantedTask(CONFIG.model_copy(update={"planted_steps": 1})), {}
    truth = task.planted(0).oracle()
    shapes = {path: (module.in_features, module.out_features) for path, module in modules(task.planted(0))}
    kept = found(dict.fromkeys(shapes, (4, 4, 4, 4)), shapes)
    for kind in ("guilomo", "uniform", "oracle", "random", "untrained"):
        config = CONFIG.model_copy(update={"planted_steps": 1, "allocation": kind})
        log = TrainingLog()
        trained = task.train(RunCell(kind, 0, "planted"), config, kept, log.as_log())
        spent[kind] = trained.parameters
        if kind == "guilomo":
            assert [row.found_rank for row in log.rows if isinstance(row, PlantedModule)] == [4.0] * 7
            assert all(row.entropy_rank >= 1 for row in log.rows if isinstance(row, PlantedModule))
    assert spent.pop("untrained") == 0
    assert all(0.95 * truth.parameters(shapes) < size <= truth.parameters(shapes) for size in spent.values())


def test_the_effective_rank_counts_directions():
    assert effective_rank(torch.diag(torch.tensor([2.0, 2.0, 2.0, 0.0]))) == pytest.approx(3.0)
    assert effective_rank(torch.outer(torch.arange(3.0), torch.arange(4.0))) == pytest.approx(1.0)
    assert effective_rank(torch.zeros(2, 2)) == pytest.approx(1.0)
