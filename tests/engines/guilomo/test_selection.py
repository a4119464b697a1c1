import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.guilomo.selection import (
    DROPPED,
    FAINT,
    KEPT,
    SelectionVectors,
    at_price,
    expected_keep,
    expert_count,
    expert_gradient,
    expert_masks,
    lift,
    rank_count,
    rank_gradient,
    rank_masks,
    straight_experts,
    straight_ranks,
    zero_sum,
)
from engines.parts.expert_layers.lora_experts import expert_layers
from engines.parts.experts.expert_adapters import attach_experts
from engines.parts.experts.expert_layout import ExpertSettings, shapes_of
from tests.engines.parts.tiny_experts import ids, stirred, tiny_llama

HALF = 0.25  # the slope of the sigmoid at 0, where it is 1/2


def test_a_gradient_that_adds_up_to_zero_tells_no_number():
    vectors = torch.tensor([[0.1, 0.2, 0.9, 0.3], [0.9, 0.1, 0.2, 0.3]])
    upstream = torch.tensor([[1.0, 2.0, -3.0, 9.0], [4.0, -4.0, 7.0, 7.0]])
    assert zero_sum(upstream, vectors) == 0, "three and two experts are kept"
    assert zero_sum(upstream.abs(), vectors) == 1
    assert zero_sum(torch.tensor([[1.0, -3.0, 0.0, 0.0]]), vectors[1:]) == 0.5


def test_the_place_of_the_largest_entry_is_a_count():
    vectors = torch.tensor([[3.0, 1.0, 2.0], [1.0, 3.0, 2.0], [1.0, 2.0, 3.0]])
    assert expert_count(vectors).tolist() == [2, 2, 3]
    assert rank_count(vectors).tolist() == [1, 2, 3]


def test_masks_by_hand():
    assert expert_masks(torch.tensor([2, 3]), 3).tolist() == [[KEPT, KEPT, DROPPED], [KEPT, KEPT, KEPT]]
    assert rank_masks(torch.tensor(1), 3).tolist() == pytest.approx([1.0, FAINT, FAINT])


def test_the_expert_gradient_by_hand():
    vectors, upstream = torch.tensor([0.0, 0.0, 1.0, -1.0]), torch.tensor([2.0, 4.0, 8.0, 16.0])
    # argmax is the third entry: s'(1) * (2 s(0) + 4 s(0) + 8 s(1))
    s = 0.7310586
    assert expert_gradient(upstream, vectors).tolist() == pytest.approx([0, 0, s * (1 - s) * (3 + 8 * s), 0])


def test_a_first_argmax_counts_as_the_second_expert():
    vectors, upstream = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([2.0, 4.0, 8.0])
    assert expert_gradient(upstream, vectors).tolist() == pytest.approx([0, HALF * (2 * 0.7310586 + 2), 0])


def test_the_rank_gradient_by_hand():
    vectors, upstream = torch.tensor([0.0, 1.0, 0.0]), torch.tensor([2.0, 4.0, 8.0])
    s = 0.7310586
    expected = [HALF * 2e-4, s * (1 - s) * (1 + 4 * s), HALF * 8e-4]
    assert rank_gradient(upstream, vectors).tolist() == pytest.approx(expected)
    assert rank_gradient(upstream, vectors, 0.0).tolist() == pytest.approx([0, expected[1], 0])


@given(st.integers(2, 8), st.integers(0, 999))
@settings(max_examples=40)
def test_only_the_argmax_and_a_remainder_hear(size, seed):
    draw = torch.Generator().manual_seed(seed)
    vectors = torch.randn(3, size, generator=draw, requires_grad=True)
    upstream = torch.randn(3, size, generator=draw)
    (found,) = torch.autograd.grad((straight_experts(vectors) * upstream).sum(), vectors)
    torch.testing.assert_close(found, expert_gradient(upstream, vectors.detach()))
    assert (found != 0).sum(-1).max() <= 1
    (found,) = torch.autograd.grad((straight_ranks(vectors) * upstream).sum(), vectors)
    s, at = vectors.detach().sigmoid(), vectors.argmax(-1)
    for row in range(3):
        for i in range(size):
            if i == at[row]:
                heard = sum(upstream[row, t] * s[row, t] for t in range(i + 1))
            else:
                heard = 1e-4 * upstream[row, i]
            assert found[row, i].item() == pytest.approx((heard * s[row, i] * (1 - s[row, i])).item(), abs=1e-6)


@given(st.integers(1, 8), st.integers(0, 999))
@settings(max_examples=40)
def test_expected_keep_is_the_mean_mask_of_drawn_counts(size, seed):
    vectors = torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    masks = torch.tril(torch.ones(size, size, dtype=torch.float64))  # row c - 1: the mask of count c
    torch.testing.assert_close(expected_keep(vectors), vectors.softmax(-1) @ masks)
    assert expected_keep(vectors)[0].item() == pytest.approx(1)


def test_some_are_always_kept():
    assert expected_keep(torch.zeros(4), 2).tolist() == pytest.approx([1, 1, 0.5, 0.25])


def test_a_price_takes_the_value_of_mere_spending_away():
    keep, prices = torch.ones(3, requires_grad=True), torch.tensor([1.0, 1.0, 2.0])
    (found,) = torch.autograd.grad((at_price(keep, prices) * prices * 5).sum(), keep)
    torch.testing.assert_close(found, torch.zeros(3))
    (found,) = torch.autograd.grad((at_price(keep, prices) * torch.tensor([6.0, 0.0, 0.0])).sum(), keep)
    torch.testing.assert_close(found, torch.tensor([5.0, -1.0, -2.0]))
    assert (found * prices).sum().item() == pytest.approx(0)


def searched_model():
    model = tiny_llama()
    shapes = shapes_of(model, ("q_proj", "down_proj"))
    settings_ = ExpertSettings(top_k=2, scales=True)
    return stirred(attach_experts(model, dict.fromkeys(shapes, (3, 3, 3, 3)), settings_)), shapes


@pytest.mark.parametrize("estimator", ["released", "selected", "every"])
def test_each_estimator_lets_the_entries_hear_that_it_says(estimator):
    model, shapes = searched_model()
    vectors = SelectionVectors(shapes, (4, 3), estimator)
    vectors.lay(model)
    model(input_ids=ids(4, 12), labels=ids(4, 12)).loss.backward()
    experts, ranks = (one.grad != 0 for one in (vectors.experts, vectors.ranks))
    chosen = torch.nn.functional.one_hot(rank_count(vectors.ranks.detach()) - 1, 3).bool()
    if estimator == "every":
        assert experts.all() and ranks.all()
    else:
        assert (experts.sum(-1) <= 1).all() and experts.any()
        assert (ranks & ~chosen).any() == (estimator == "released")


def test_every_estimator_gives_the_same_output():
    model, shapes = searched_model()
    logits = []
    for estimator in ("released", "every"):
        SelectionVectors(shapes, (4, 3), estimator).lay(model)
        logits.append(model(ids()).logits)
    torch.testing.assert_close(logits[0], logits[1])


def test_the_masks_and_the_read_out_are_those_of_the_vectors():
    model, shapes = searched_model()
    vectors = SelectionVectors(shapes, (4, 3), seed=2)
    with torch.no_grad():
        vectors.experts[0] = torch.tensor([0.0, 0.0, 9.0, 0.0])
        vectors.ranks[0] = torch.eye(3)[[0, 2, 1, 0]]
    vectors.lay(model)
    path = next(iter(shapes))
    masks = expert_layers(model)[path].masks
    assert masks.experts.tolist() == [KEPT, KEPT, KEPT, DROPPED]
    assert masks.ranks.tolist() == pytest.approx([1, FAINT, FAINT, 1, 1, 1, 1, 1, FAINT, 1, FAINT, FAINT])
    assert vectors.read_out()[path] == (1, 3, 2)
    assert vectors.rank_counts()[path] == (1, 3, 2, 1)
    lift(model)
    assert all(layer.masks is None for layer in expert_layers(model).values())


def test_what_is_not_learned_keeps_everything():
    model, shapes = searched_model()
    ranks = SelectionVectors(shapes, (4, 3), learn="ranks")
    ranks.lay(model)
    assert all((layer.masks.experts == KEPT).all() for layer in expert_layers(model).values())
    assert set(map(len, ranks.read_out().values())) == {4} and ranks.learned() == [ranks.ranks]
    experts = SelectionVectors(shapes, (4, 3), learn="experts")
    experts.lay(model)
    assert all((layer.masks.ranks == 1).all() for layer in expert_layers(model).values())
    assert {rank for one in experts.read_out().values() for rank in one} == {3}
    assert experts.learned() == [experts.experts]


def test_the_start_is_a_softmax_decided_by_the_seed():
    one, two, three = (SelectionVectors({"a": (4, 4)}, (4, 3), seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.experts, two.experts) and not torch.equal(one.experts, three.experts)
    torch.testing.assert_close(one.ranks.sum(-1), torch.ones(1, 4))
