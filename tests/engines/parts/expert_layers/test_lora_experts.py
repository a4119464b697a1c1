import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engines.parts.expert_layers.load_balance import load_balance, routed_share
from engines.parts.expert_layers.lora_experts import (
    Masks,
    expert_layers,
    gate_weights,
    spread_matrix,
)
from engines.parts.experts.expert_adapters import attach_experts
from engines.parts.experts.expert_layout import ExpertSettings
from tests.engines.parts.tiny_experts import acting_experts, ids, stirred, tiny_llama
from workbench.contract.errors import ConfigError, StateError


class One(nn.Module):
    """A model of a single linear layer."""

    def __init__(self, features_in=12, features_out=10):
        super().__init__()
        torch.manual_seed(0)
        self.inner = nn.Linear(features_in, features_out)

    def forward(self, x):
        return self.inner(x)


def one_layer(ranks, asked=None):
    model = stirred(attach_experts(One(), {"inner": ranks}, asked or ExpertSettings()))
    return model, expert_layers(model)["inner"]


def by_loop(layer, x, alpha=16.0):
    """The formula, expert by expert and token by token."""
    down, up = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    router, scaling = layer.lora_router["default"].weight, layer.routing.scaling
    rows = []
    for token in x.reshape(-1, x.shape[-1]):
        p = (router @ token).softmax(0)
        weights, chosen = p.topk(min(layer.routing.top_k, len(layer.ranks)))
        row, start = layer.base_layer(token), 0
        for expert, rank in enumerate(layer.ranks):
            a, b = down[start : start + rank], up[:, start : start + rank]
            scale = alpha / (rank if scaling == "expert" else layer.ranks[-1])
            for weight, taken in zip(weights / weights.sum(), chosen.tolist(), strict=True):
                if taken == expert:
                    row = row + weight * scale * (b @ (a @ token))
            start += rank
        rows.append(row)
    return torch.stack(rows).view(*x.shape[:-1], -1)


@pytest.mark.parametrize("scaling", ["expert", "last"])
@pytest.mark.parametrize("ranks", [(3, 1, 2), (4, 4), (1, 2, 3, 4, 5, 6, 7, 8)])
@pytest.mark.parametrize("top_k", [1, 2, 8])
def test_the_layer_equals_a_loop_over_its_experts(ranks, top_k, scaling):
    model, layer = one_layer(ranks, ExpertSettings(top_k=top_k, scaling=scaling))
    x = torch.randn(3, 5, 12, requires_grad=True)
    up = torch.randn(3, 5, 10)
    wanted = [x, *(weight for weight in model.parameters() if weight.requires_grad)]
    ours, looped = model(x), by_loop(layer, x)
    torch.testing.assert_close(ours, looped, atol=1e-5, rtol=0)
    found = torch.autograd.grad((ours * up).sum(), wanted)
    expected = torch.autograd.grad((looped * up).sum(), wanted)
    for one, two in zip(found, expected, strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-5)


@given(
    ranks=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    top_k=st.integers(1, 6),
    seed=st.integers(0, 99),
)
@settings(max_examples=20)
def test_the_layer_equals_the_loop_for_any_ranks(ranks, top_k, seed):
    model, layer = one_layer(tuple(ranks), ExpertSettings(top_k=top_k))
    x = torch.randn(4, 12, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(model(x), by_loop(layer, x), atol=1e-5, rtol=1e-5)


def test_gates_by_hand():
    chances = torch.tensor([1.0, 2.0, 3.0]).log()
    gates = gate_weights(chances[None], 2)
    torch.testing.assert_close(gates, torch.tensor([[0.0, 0.4, 0.6]]))
    torch.testing.assert_close(gate_weights(chances[None], 3), torch.tensor([[1.0, 2.0, 3.0]]) / 6)
    assert gate_weights(chances[None], 1).tolist() == [[0.0, 0.0, 1.0]]


@given(st.integers(1, 6), st.integers(0, 999))
@settings(max_examples=30)
def test_gates_sum_to_one_over_the_chosen(top_k, seed):
    logits = torch.randn(7, 5, generator=torch.Generator().manual_seed(seed))
    gates = gate_weights(logits, top_k)
    torch.testing.assert_close(gates.sum(-1), torch.ones(7))
    assert ((gates > 0).sum(-1) == min(top_k, 5)).all()


def test_the_load_balance_by_hand():
    logits = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]).log()
    assert routed_share(logits, 1).tolist() == pytest.approx([2 / 3, 1 / 3])
    # f = (2/3, 1/3), P = (2/3, 1/3)
    assert load_balance(logits, 1).item() == pytest.approx(5 / 9)
    assert load_balance(logits, 1, torch.tensor([True, False, False])).item() == pytest.approx(0.9)
    assert load_balance(logits, 2).item() == pytest.approx(0.5)


@pytest.mark.parametrize("masked", [False, True])
def test_the_backward_pass_adds_the_load_balance(masked):
    ranks, weight = (2, 1, 3), 0.7
    model, layer = one_layer(ranks, ExpertSettings(balance=weight, by_experts=True))
    plain, own = one_layer(ranks)
    x = torch.randn(9, 12)
    mask = torch.arange(9) < 6 if masked else None
    layer.routing.mask = mask
    model.train()(x).square().sum().backward()
    logits = x @ own.lora_router["default"].weight.t()
    loss = plain.train()(x).square().sum() + weight * 3 * load_balance(logits, 2, mask)
    loss.backward()
    torch.testing.assert_close(
        layer.lora_router["default"].weight.grad, own.lora_router["default"].weight.grad, atol=1e-5, rtol=1e-5
    )


def test_it_is_left_out_where_nothing_is_trained():
    model, layer = one_layer((2, 1), ExpertSettings(balance=1.0))
    plain, own = one_layer((2, 1))
    x = torch.randn(5, 12)
    for each in (model, plain):
        each.eval()(x).sum().backward()
    assert torch.equal(layer.lora_router["default"].weight.grad, own.lora_router["default"].weight.grad)


def test_columns_know_their_expert_and_its_scale():
    assert spread_matrix((1, 2), 4.0).tolist() == [[4, 0, 0], [0, 2, 2]]
    assert spread_matrix((1, 2), 4.0, "last").tolist() == [[2, 0, 0], [0, 2, 2]]


def test_masks_keep_experts_out_and_dim_ranks():
    model, layer = one_layer((2, 2, 2), ExpertSettings(top_k=3))
    x = torch.randn(6, 12)
    layer.masks = Masks(torch.tensor([0.5, 0.5, -1e4]), torch.ones(6))
    masked = model(x)
    layer.masks = None
    with torch.no_grad():
        layer.lora_router["default"].weight[2] = 0
        layer.routing.top_k = 2
        bare = gate_weights((x @ layer.lora_router["default"].weight.t())[:, :2], 2)
        down = x @ layer.lora_A["default"].weight[:4].t()
        update = (down * (bare @ layer.spread[:2, :4])) @ layer.lora_B["default"].weight[:, :4].t()
    torch.testing.assert_close(masked, layer.base_layer(x) + update, atol=1e-5, rtol=1e-5)
    layer.masks = Masks(torch.zeros(3), torch.zeros(6))
    torch.testing.assert_close(model(x), layer.base_layer(x))


def test_an_expert_that_is_not_chosen_is_heard_through_keep():
    model, layer = one_layer((2, 2, 2), ExpertSettings(top_k=1))
    x = torch.randn(6, 12)
    keep = torch.ones(3, requires_grad=True)
    plain = model(x)
    layer.masks = Masks(torch.tensor([0.0, 0.0, -1e4]), torch.ones(6), keep)
    kept = model(x)
    layer.masks = Masks(torch.tensor([0.0, 0.0, -1e4]), torch.ones(6))
    torch.testing.assert_close(kept, model(x))
    (found,) = torch.autograd.grad(kept.square().sum(), keep)
    assert found.abs().min() > 0
    assert plain.shape == kept.shape


def test_merging_is_refused():
    model, layer = one_layer((2, 2))
    with pytest.raises(StateError, match="depends on the input"):
        model.merge_and_unload()
    with pytest.raises(StateError):
        layer.get_delta_weight("default")
    layer.unmerge()


def test_a_second_adapter_is_refused():
    _, layer = one_layer((2, 2))
    with pytest.raises(StateError, match="already"):
        layer.update_layer("other", 2, 16, None)


def test_switching_the_adapter_off_gives_the_base():
    model, layer = one_layer((2, 2))
    x = torch.randn(3, 12)
    with model.disable_adapter():
        assert torch.equal(model(x), layer.base_layer(x))


@pytest.mark.parametrize(("ranks", "said"), [((2,), "one expert"), ((2, 11), "1 to 10"), ((0, 1), "1 to 10")])
def test_ranks_that_cannot_be_are_named(ranks, said):
    with pytest.raises(ConfigError, match=said):
        attach_experts(One(), {"inner": ranks})


def test_a_fresh_adapter_changes_nothing():
    model = tiny_llama()
    before = model(ids()).logits
    assert torch.equal(attach_experts(model, {"model.layers.0.self_attn.q_proj": (2, 3)})(ids()).logits, before)


def test_it_generates_as_it_reads():
    model = acting_experts().eval()
    said = model.generate(input_ids=ids(1), max_new_tokens=4, do_sample=False, pad_token_id=0)
    again = ids(1)
    for _ in range(4):
        again = torch.cat([again, model(again, use_cache=False).logits[:, -1:].argmax(-1)], dim=1)
    assert torch.equal(said, again)


@pytest.mark.parametrize("reentrant", [False, True])
def test_gradient_checkpointing_gives_the_same_gradients(reentrant):
    asked = ExpertSettings(balance=0.5)
    plain, kept = acting_experts(settings=asked).train(), acting_experts(settings=asked).train()
    kept.enable_input_require_grads()
    kept.gradient_checkpointing_enable({"use_reentrant": reentrant})
    for model in (plain, kept):
        model(input_ids=ids(), labels=ids(), use_cache=False).loss.backward()
    grads = [{name: one.grad for name, one in model.named_parameters() if one.requires_grad} for model in (plain, kept)]
    assert grads[0].keys() == grads[1].keys()
    for name, one in grads[0].items():
        torch.testing.assert_close(one, grads[1][name], atol=1e-6, rtol=1e-5)


def test_a_base_in_bf16_keeps_its_dtype_and_trains():
    model = acting_experts(tiny_llama().to(torch.bfloat16)).train()
    out = model(input_ids=ids(), labels=ids())
    out.loss.backward()
    assert out.logits.dtype == torch.bfloat16
    assert all(w.dtype == torch.float32 and w.grad is not None for w in model.parameters() if w.requires_grad)


def test_weights_in_bf16_run_too():
    model = acting_experts().to(torch.bfloat16)
    assert model(ids()).logits.isfinite().all()


def test_large_ranks_take_the_grouped_way_with_the_same_result(monkeypatch):
    import engines.parts.expert_layers.lora_experts as module

    model, _ = one_layer((3, 1, 2, 5), ExpertSettings(top_k=2))
    x = torch.randn(2, 8, 12, requires_grad=True)
    wanted = [x, *(weight for weight in model.parameters() if weight.requires_grad)]
    one = model(x)
    monkeypatch.setattr(module, "groups_pay", lambda *_: True)
    two = model(x)
    torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-5)
    for a, b in zip(*(torch.autograd.grad(out.square().sum(), wanted) for out in (one, two)), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)
