"""The load-balance loss: pooled over a block, and the same however many passes make an update."""

import pytest
import torch
from torch import nn

from engines.parts.expert_layers.load_balance import block_of, routed_share
from engines.parts.expert_layers.lora_experts import expert_layers
from engines.parts.experts.expert_adapters import attach_experts
from engines.parts.experts.expert_layout import ExpertSettings
from tests.engines.parts.tiny_experts import stirred


class Block(nn.Module):
    """Two layers of one block, side by side."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.ModuleList([nn.ModuleDict({"q": nn.Linear(6, 5), "k": nn.Linear(6, 5)})])

    def forward(self, x):
        return self.layers[0]["q"](x) + self.layers[0]["k"](x)


def routers(balance: float, pooled: bool = False, passes: int = 1):
    settings = ExpertSettings(balance=balance, by_experts=False)
    model = stirred(attach_experts(Block(), {"layers.0.q": (2, 1, 2), "layers.0.k": (1, 2)}, settings)).train()
    layers = expert_layers(model)
    routing = layers["layers.0.q"].routing
    routing.pooled, routing.passes = pooled, passes
    return model, [layer.lora_router["default"].weight for layer in layers.values()]


@pytest.mark.parametrize("path", ["model.layers.12.mlp.up", "model.layers.12"])
def test_a_block_is_the_path_up_to_its_number(path):
    assert block_of(path) == "model.layers.12"
    assert block_of("inner") == "inner"


def test_a_pooled_load_is_that_of_all_modules_of_a_block():
    x = torch.randn(7, 6)
    model, own = routers(0.5, pooled=True)
    model(x).sum().backward()
    plain, other = routers(0.0)
    logits = [x @ weight.t() for weight in other]
    shares = [nn.functional.pad(routed_share(one, 2), (0, 3 - one.shape[1])) for one in logits]
    chances = [nn.functional.pad(one.softmax(-1).mean(0), (0, 3 - one.shape[1])) for one in logits]
    pooled = (torch.stack(shares).mean(0) * torch.stack(chances).mean(0)).sum()
    (plain(x).sum() + 0.5 * pooled).backward()
    for a, b in zip(own, other, strict=True):
        torch.testing.assert_close(a.grad, b.grad, atol=1e-5, rtol=1e-5)


def test_the_gradient_of_an_update_does_not_depend_on_its_passes():
    x = torch.randn(8, 6)
    found = []
    for passes in (1, 4):
        model, weights = routers(0.7, passes=passes)
        for _ in range(passes):
            (model(x).sum() / passes).backward()
        found.append([weight.grad for weight in weights])
    for once, often in zip(*found, strict=True):
        torch.testing.assert_close(once, often)
