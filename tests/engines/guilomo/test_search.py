import json
from dataclasses import replace

import pytest
import torch

from engines.guilomo.search import Search
from engines.guilomo.search_settings import SearchSettings
from engines.guilomo.unrolling import joint_norm
from engines.parts.expert_layers.lora_experts import expert_layers
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


def test_a_search_moves_both_and_says_each_step():
    search, heard = searching(), []
    before = [one.detach().clone() for one in weights(search)]
    result = search.run(TRAIN, VALIDATION, heard.append)
    assert result.outcome == "finished" and result.steps == 4 and [step.step for step in heard] == [1, 2, 3, 4]
    assert not any(torch.equal(one, two) for one, two in zip(weights(search), before, strict=True))
    assert result.ranks == heard[-1].ranks == search.vectors.read_out()
    assert heard[0].product > 0 and heard[-1].train_loss < heard[0].train_loss
    assert [step.learning_rate for step in heard] == pytest.approx([5e-3, 1e-2, 1e-2, 1e-2])
    assert heard[0].expert_vectors.shape == (4, 3) and heard[0].rank_vectors.shape == (4, 3, 2)
    assert all(layer.masks is None for layer in expert_layers(search.model).values())


def test_a_search_can_be_repeated_to_the_bit():
    one, two = searching(), searching()
    one.run(TRAIN, VALIDATION)
    torch.manual_seed(77)
    two.run(TRAIN, VALIDATION)
    assert same(one, two)


@pytest.mark.parametrize("order", ["first", "second"])
def test_a_resumed_search_goes_on_exactly(tmp_path, order):
    asked = replace(ASKED, order=order)
    whole, begun, resumed = searching(asked), searching(asked), searching(asked)
    whole.run(TRAIN, VALIDATION)
    done = []
    stopped = begun.run(TRAIN, VALIDATION, done.append, lambda: len(done) == 2)
    assert stopped.outcome == "stopped" and stopped.steps == 2
    begun.save(tmp_path)
    resumed.load(tmp_path)
    result = resumed.run(TRAIN, VALIDATION)
    assert same(whole, resumed) and result.steps == 4


def test_a_state_of_another_search_is_refused(tmp_path):
    search = searching()
    with pytest.raises(DataError, match="cannot be read"):
        search.load(tmp_path)
    search.save(tmp_path)
    with pytest.raises(DataError, match="another search"):
        searching(replace(ASKED, seed=1)).load(tmp_path)
    longer = searching(replace(ASKED, steps=9))
    longer.load(tmp_path)
    (tmp_path / "state.json").write_text(json.dumps({"format": 2}))
    with pytest.raises(DataError, match="another search"):
        longer.load(tmp_path)


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
    heard = []
    searching(replace(ASKED, order="first")).run(TRAIN, VALIDATION, heard.append)
    assert {step.product for step in heard} == {0.0}


class Breaking:
    """A loss that is not a number from the given call on."""

    def __init__(self, at, kind=float("nan")):
        self.calls, self.at, self.kind = 0, at, kind

    def __call__(self, model, batch):
        self.calls += 1
        return model(**batch, use_cache=False).loss * (self.kind if self.calls >= self.at else 1.0)


@pytest.mark.parametrize("call", [6, 7, 8, 10])
def test_a_loss_that_is_no_number_stops_with_the_last_good_state(call):
    good = searching(replace(ASKED, steps=1))
    good.run(TRAIN, VALIDATION)
    broken = searching(loss=Breaking(call))
    result = broken.run(TRAIN, VALIDATION)
    assert result.outcome == "not a number" and result.steps == 1
    assert "after 1 steps" in result.message and "not a number" in result.message
    assert same(good, broken) and result.ranks == good.vectors.read_out()


def test_the_step_itself_raises():
    with pytest.raises(ModelError, match="training loss"):
        searching(loss=Breaking(1)).step(TRAIN[0], VALIDATION[0])
    with pytest.raises(ModelError, match="validation loss"):
        searching(loss=Breaking(2, float("inf"))).step(TRAIN[0], VALIDATION[0])


@pytest.mark.parametrize(
    ("learn", "moving"), [("experts", [True, False]), ("ranks", [False, True]), ("both", [True, True])]
)
def test_only_what_is_learned_moves(learn, moving):
    search = searching(replace(ASKED, learn=learn))
    before = [one.detach().clone() for one in (search.vectors.experts, search.vectors.ranks)]
    search.run(TRAIN, VALIDATION)
    after = (search.vectors.experts, search.vectors.ranks)
    assert [not torch.equal(one, two) for one, two in zip(before, after, strict=True)] == moving


def test_bad_input_is_named():
    with pytest.raises(ModelError, match="zz_proj"):
        Search(tiny_llama(), ASKED, ("zz_proj",))
    with pytest.raises(ConfigError, match="1 to 16"):
        Search(tiny_llama(), replace(ASKED, most_rank=17), TARGETS)
    with pytest.raises(DataError, match="empty"):
        searching().run(TRAIN, [])
    with pytest.raises(DataError, match="part of its training set"):
        searching().run(TRAIN, TRAIN[:1])
