import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engines.guilomo.unrolling import (
    adamw_next,
    descent_next,
    joint_norm,
    mixed_product,
    scaled_down,
    seeded,
    standing_at,
)


@pytest.mark.parametrize("before", [0, 3])
def test_the_next_step_is_adamws_own_and_leaves_it_alone(before):
    torch.manual_seed(0)
    weights = [nn.Parameter(torch.randn(3, 2)), nn.Parameter(torch.randn(4))]
    optimiser = torch.optim.AdamW(weights, lr=0.1, weight_decay=0.05)

    def step(these, using):
        for one in these:
            one.grad = torch.sin(one.detach() * 7)
        using.step()

    for _ in range(before):
        step(weights, optimiser)
    told = copy.deepcopy(optimiser.state_dict())
    values = [one.detach().clone() for one in weights]
    moved = adamw_next(weights, [torch.sin(one.detach() * 7) for one in weights], optimiser, 0.1)
    after = optimiser.state_dict()
    for key, state in told["state"].items():
        assert all(torch.equal(value, after["state"][key][name]) for name, value in state.items())
    assert all(torch.equal(one, two) for one, two in zip(weights, values, strict=True))
    step(weights, optimiser)
    for one, two in zip(weights, moved, strict=True):
        torch.testing.assert_close(one.detach(), two)


def test_descent_by_hand():
    (moved,) = descent_next([torch.tensor([1.0, 2.0])], [torch.tensor([10.0, -10.0])], 0.1)
    assert moved.tolist() == pytest.approx([0.0, 3.0], abs=1e-6)


def test_weights_stand_elsewhere_only_inside():
    weight = nn.Parameter(torch.tensor([0.1, 0.2]))
    before = weight.detach().clone()
    with pytest.raises(KeyError), standing_at([weight], [torch.ones(2)]):
        assert weight.tolist() == [1, 1]
        raise KeyError
    assert torch.equal(weight.detach(), before)


def test_the_difference_equals_the_exact_product():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1)).double()
    g = torch.randn(6, dtype=torch.float64, requires_grad=True)
    x, weights = torch.randn(8, 4, dtype=torch.float64), list(net.parameters())

    def loss():
        return (net[2](net[1](net[0](x)) * g.sigmoid()) ** 2).mean()

    def gradient_at():
        return torch.autograd.grad(loss(), [g])

    direction = [torch.randn_like(one) for one in weights]
    (found,) = mixed_product(gradient_at, weights, direction)
    inner = torch.autograd.grad(loss(), weights, create_graph=True)
    along = sum((one * two).sum() for one, two in zip(inner, direction, strict=True))
    (exact,) = torch.autograd.grad(along, [g])
    torch.testing.assert_close(found, exact, rtol=1e-3, atol=1e-6)


@given(st.integers(0, 99))
@settings(max_examples=20)
def test_the_difference_is_exact_where_the_gradient_is_linear(seed):
    draw = torch.Generator().manual_seed(seed)
    matrix = torch.randn(3, 5, generator=draw, dtype=torch.float64)
    weight = nn.Parameter(torch.randn(5, generator=draw, dtype=torch.float64))
    direction = torch.randn(5, generator=draw, dtype=torch.float64)
    (found,) = mixed_product(lambda: [matrix @ weight.detach()], [weight], [direction])
    torch.testing.assert_close(found, matrix @ direction, rtol=1e-6, atol=1e-8)


def test_no_direction_gives_nothing():
    weight = nn.Parameter(torch.ones(2))
    (found,) = mixed_product(lambda: [torch.ones(3)], [weight], [torch.zeros(2)])
    assert found.tolist() == [0, 0, 0]


def test_lengths_by_hand():
    both = [torch.tensor([3.0]), torch.tensor([[4.0]])]
    assert joint_norm(both) == 5
    assert [one.item() for one in scaled_down(both, 1.0)] == pytest.approx([0.6, 0.8])
    assert [one.item() for one in scaled_down(both, 9.0)] == [3, 4]
    assert joint_norm([torch.tensor([float("nan")])]) != joint_norm(both)


def test_random_numbers_are_decided_by_the_parts_and_given_back():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    with seeded(0, 3, 1):
        one = torch.rand(1)
    assert torch.equal(torch.rand(1), expected)
    with seeded(0, 3, 1):
        assert torch.equal(torch.rand(1), one)
    with seeded(0, 3, 0):
        assert not torch.equal(torch.rand(1), one)
