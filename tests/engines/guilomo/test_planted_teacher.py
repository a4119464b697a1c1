"""The planted teacher: its truth, its texts, and a search that learns from it."""

import math

import pytest
import torch

from engines.guilomo.planted_teacher import PlantedSettings, plant, planted_loss
from engines.guilomo.search import Search
from engines.guilomo.search_settings import SearchSettings
from engines.guilomo.searching import ReadySearch

ASKED = PlantedSettings(layers=1, hidden=32, heads=2, tasks=4, letters=4, most_rank=3, length=6, batch=8)


@pytest.fixture(scope="module")
def small():
    return plant(ASKED)


def test_the_truth_is_in_the_deltas(small):
    assert set(small.numbers) == set(small.ranks) == set(small.deltas) and len(small.numbers) == 7
    assert sorted(small.numbers.values()) == [2, 2, 2, 2, 4, 4, 4]
    assert sorted(small.ranks.values()) == [1, 1, 1, 1, 3, 3, 3]
    assert small.oracle().ranks == {path: (small.ranks[path],) * small.numbers[path] for path in small.numbers}
    for path, deltas in small.deltas.items():
        weight = small.base.get_submodule(path).weight
        assert len(deltas) == small.numbers[path]
        assert set(torch.linalg.matrix_rank(deltas, rtol=1e-4).tolist()) == {small.ranks[path]}
        size = float(weight.norm()) * 0.5 * (small.ranks[path] / 4) ** 0.5
        assert float(deltas.flatten(1).norm(dim=1).mean()) == pytest.approx(size, rel=0.35), "every rank is as large"


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
