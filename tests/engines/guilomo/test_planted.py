import math

import pytest
import torch

from engines.guilomo.planted import PlantedSettings, plant, planted_loss, recovery
from engines.guilomo.search import Search
from engines.guilomo.search_settings import SearchSettings

ASKED = PlantedSettings(layers=1, hidden=32, heads=2, tasks=4, letters=4, most_rank=3, length=6, batch=8)


@pytest.fixture(scope="module")
def planted():
    return plant(ASKED)


def test_the_truth_is_in_the_deltas(planted):
    assert set(planted.numbers) == set(planted.ranks) == set(planted.deltas) and len(planted.numbers) == 7
    assert min(planted.numbers.values()) == 2 and max(planted.numbers.values()) == 4
    assert min(planted.ranks.values()) == 1 and max(planted.ranks.values()) == 3
    for path, deltas in planted.deltas.items():
        weight = planted.base.get_submodule(path).weight
        assert len(deltas) == planted.numbers[path]
        assert set(torch.linalg.matrix_rank(deltas, rtol=1e-4).tolist()) == {planted.ranks[path]}
        torch.testing.assert_close(deltas.flatten(1).norm(dim=1), (weight.norm() * 0.5).expand(len(deltas)))


def test_the_teacher_is_the_base_plus_the_task_s_deltas(planted):
    student, ids = planted.student(), torch.tensor([[2 * 4, 2 * 4 + 1, 2 * 4 + 3]])
    with torch.no_grad():
        for path, deltas in planted.deltas.items():
            student.get_submodule(path).weight += deltas[2 % len(deltas)]
        by_weights = student(input_ids=ids).logits.softmax(-1)
    torch.testing.assert_close(planted.teacher(ids, torch.tensor([2])), by_weights)
    batch = {"input_ids": ids, "targets": by_weights}
    assert planted_loss(student, batch).item() == pytest.approx(0, abs=1e-6)
    assert planted_loss(planted.base, batch).item() > 0.01


def test_batches_are_of_one_task_a_row_and_differ_by_seed(planted):
    batches = planted.batches(3, 0)
    assert all(torch.equal(one["input_ids"], two["input_ids"])
               for one, two in zip(batches, planted.batches(3, 0), strict=True))  # fmt: skip
    assert not torch.equal(batches[0]["input_ids"], planted.batches(1, 1)[0]["input_ids"])
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


def test_recovery_of_the_truth_is_whole_and_of_its_reverse_opposite(planted):
    truth = {path: (planted.ranks[path],) * number for path, number in planted.numbers.items()}
    found = recovery(planted, truth)
    assert found.numbers == pytest.approx(1) and found.ranks == pytest.approx(1)
    turned = {path: (9 - planted.ranks[path],) * (9 - number) for path, number in planted.numbers.items()}
    assert recovery(planted, turned).numbers == pytest.approx(-1)
    assert math.isnan(recovery(planted, {path: (2, 2) for path in truth}).numbers)


def test_a_search_learns_from_the_teacher(planted):
    asked = SearchSettings(steps=8, most_experts=4, most_rank=3, dropout=0, learning_rate=1e-2, warmup=0, balance=0)
    heard = []
    result = Search(planted.student(), asked, loss=planted_loss).run(
        planted.batches(8, 0), planted.batches(8, 1), heard.append
    )
    assert result.outcome == "finished" and heard[-1].train_loss < heard[0].train_loss
