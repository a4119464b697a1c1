import copy
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engines.guilomo.search import (
    Search,
    adamw_next,
    descent_next,
    joint_norm,
    mixed_product,
    scaled_down,
    seeded,
    standing_at,
)
from engines.guilomo.search_settings import SearchSettings
from engines.guilomo.searching import ReadySearch
from engines.parts.expert_layers.lora_experts import expert_layers
from engines.parts.training import Diverged
from tests.engines.parts.tiny_experts import ids, tiny_llama
from workbench.contract.errors import ConfigError, DataError, ModelError

ASKED = SearchSettings(
    steps=4, most_experts=3, most_rank=2, dropout=0.1, learning_rate=1e-2, warmup=2, selection_rate=0.1
)
TARGETS = ("q_proj", "down_proj")


def batch(seed):
    given = ids(3, 8, seed)
    mask = torch.ones_like(given)
    mask[0, 6:] = 0
    return {"input_ids": given, "attention_mask": mask, "labels": given.masked_fill(mask == 0, -100)}


TRAIN, VALIDATION = [batch(seed) for seed in (1, 2, 3)], [batch(seed) for seed in (11, 12)]


def searching(asked=ASKED, **other):
    return Search(tiny_llama(), asked, TARGETS, **other)


def weights(search):
    return [*search.weights, search.vectors.experts, search.vectors.ranks]


def same(one, two):
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(two), strict=True))


def steps_of(search, upto=4, begin=0, train=TRAIN, validation=VALIDATION):
    ready = ReadySearch(search, train, validation)
    return [ready.step(number) for number in range(begin + 1, upto + 1)]


def test_a_search_moves_both_and_says_each_step():
    search = searching()
    before = [one.detach().clone() for one in weights(search)]
    heard = steps_of(search)
    assert [step.step for step in heard] == [1, 2, 3, 4]
    assert not any(torch.equal(one, two) for one, two in zip(weights(search), before, strict=True))
    assert heard[0].product > 0 and heard[-1].train_loss < heard[0].train_loss
    assert [step.learning_rate for step in heard] == pytest.approx([5e-3, 1e-2, 1e-2, 1e-2])
    assert all(layer.masks is not None for layer in expert_layers(search.model).values())
    search.end()
    assert all(layer.masks is None for layer in expert_layers(search.model).values())


def test_a_search_can_be_repeated_to_the_bit():
    one, two = searching(), searching()
    steps_of(one)
    torch.manual_seed(77)
    steps_of(two)
    assert same(one, two)


@pytest.mark.parametrize("order", ["first", "second"])
def test_a_search_goes_on_exactly_from_its_saved_state(tmp_path, order):
    asked = replace(ASKED, order=order)
    whole, begun, resumed = searching(asked), searching(asked), searching(asked)
    steps_of(whole)
    steps_of(begun, 2)
    begun.state().save(tmp_path, 2, [])
    found = resumed.state().load(tmp_path, [])
    assert found and found.step == 2
    steps_of(resumed, 4, 2)
    assert same(whole, resumed)


def test_a_state_of_another_search_is_refused(tmp_path):
    searching().state().save(tmp_path, 1, [])
    with pytest.raises(DataError, match="another training"):
        searching(replace(ASKED, seed=1)).state().load(tmp_path, [])
    learned = searching(replace(ASKED, learn="ranks")).state()
    assert "vectors.ranks" in learned.parameters and "vectors.experts" in learned.parameters


def test_the_guidance_is_the_formula_with_exact_derivatives():
    """Against double backward: d1 - eta * d/dg (grad_w L_train . v), with w' a plain step of gradient descent."""
    asked = replace(ASKED, unroll="descent", warmup=0, max_grad_norm=1e9, estimator="every", dropout=0.0, balance=0.1)
    search = Search(tiny_llama(attn_implementation="eager").double(), asked, TARGETS)
    search.vectors.double()
    search.model.double()
    train, validation = TRAIN[0], VALIDATION[0]
    rate, vectors = asked.learning_rate, search.vectors.learned()
    _, gradients = search._pass(train, search.weights, 0)
    _, found, product = search._guidance(train, validation, gradients, rate)

    start = [one.detach().clone() for one in search.weights]
    with torch.no_grad():
        for one, gradient in zip(search.weights, gradients, strict=True):
            one.sub_(rate * gradient)
    _, both = search._pass(validation, [*vectors, *search.weights], 1)
    with torch.no_grad():
        for one, own in zip(search.weights, start, strict=True):
            one.copy_(own)
    search._routing.mask = train["attention_mask"].bool()
    search.vectors.lay(search.model)
    loss = search.model(**train, use_cache=False).loss
    inner = torch.autograd.grad(loss, search.weights, create_graph=True)
    along = sum((one * two).sum() for one, two in zip(inner, both[len(vectors) :], strict=True))
    exact = torch.autograd.grad(along, vectors)
    assert product == pytest.approx(rate * joint_norm(exact), rel=1e-3)
    for one, first, second in zip(found, both, exact, strict=False):
        torch.testing.assert_close(one, first - rate * second, rtol=1e-3, atol=1e-9)


def test_first_order_has_no_product():
    assert {step.product for step in steps_of(searching(replace(ASKED, order="first")))} == {0.0}


class Breaking:
    """A loss that is not a number from the given call on."""

    def __init__(self, at, kind=float("nan")):
        self.calls, self.at, self.kind = 0, at, kind

    def __call__(self, model, batch):
        self.calls += 1
        return model(**batch, use_cache=False).loss * (self.kind if self.calls >= self.at else 1.0)


@pytest.mark.parametrize("call", [6, 7, 8, 10])
def test_a_loss_that_is_no_number_stops_with_the_last_good_state(call):
    good, broken = searching(), searching(loss=Breaking(call))
    steps_of(good, 1)
    with pytest.raises(Diverged, match=r"not a number any more at step 2 .*state after step 1") as failed:
        steps_of(broken)
    assert failed.value.good == 1 and same(good, broken)


def test_the_step_itself_raises():
    with pytest.raises(Diverged, match="training loss"):
        searching(loss=Breaking(1)).step(TRAIN[0], VALIDATION[0])
    with pytest.raises(Diverged, match="validation loss"):
        searching(loss=Breaking(2, float("inf"))).step(TRAIN[0], VALIDATION[0])


@pytest.mark.parametrize(
    ("learn", "moving"), [("experts", [True, False]), ("ranks", [False, True]), ("both", [True, True])]
)
def test_only_what_is_learned_moves(learn, moving):
    search = searching(replace(ASKED, learn=learn))
    before = [one.detach().clone() for one in (search.vectors.experts, search.vectors.ranks)]
    steps_of(search)
    after = (search.vectors.experts, search.vectors.ranks)
    assert [not torch.equal(one, two) for one, two in zip(before, after, strict=True)] == moving


def test_bad_input_is_named():
    with pytest.raises(ModelError, match="zz_proj"):
        Search(tiny_llama(), ASKED, ("zz_proj",))
    with pytest.raises(ConfigError, match="1 to 16"):
        Search(tiny_llama(), replace(ASKED, most_rank=17), TARGETS)


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
