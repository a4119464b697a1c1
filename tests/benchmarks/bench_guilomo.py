"""Routed experts and their search: against PEFT's LoRA, against a loop over the experts, and against a plain step.

Run `python -m tests.benchmarks.bench_guilomo` or `pytest -n0 -m benchmark tests/benchmarks/bench_guilomo.py`. Layers
have SmolLM2's sizes and read 512 tokens; both sides of a ratio run in turns in one process, at one thread, and a ratio
is that of the medians. Equal outputs are asserted before a layer is timed. Steps are those of a small Llama.

Two loops are timed: one that runs each expert on all tokens, as the formula is written, and one that gathers each
expert's tokens first. Three quarters of a pass are the frozen products, which both sides share: against the second loop
no layer could come below about 0.6.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from torch.nn import functional as F  # noqa: N812

from engines.guilomo.search import Search, next_token_loss
from engines.guilomo.search_settings import SearchSettings
from engines.guilomo.selection import SelectionVectors
from engines.parts.expert_layers import lora_experts
from engines.parts.expert_layers.lora_experts import LoraExperts, expert_layers, gate_weights
from engines.parts.experts.expert_adapters import attach_experts
from engines.parts.experts.expert_layout import ExpertSettings

TOKENS, ROUNDS = 512, 15
SHAPES = {"q_proj": (576, 576), "k_proj": (576, 192), "up_proj": (576, 1536), "down_proj": (1536, 576)}
MOST = {
    "PEFT LoRA of the same total rank": 1.05,
    "loop over 8 experts, each on all tokens": 0.70,
    "loop over 8 experts, each on its own tokens": 0.95,
    "grouped tokens to concatenated experts, total rank 512": 0.80,
    "32 experts to 8 at equal total rank": 1.10,
    "first-order search step": 3.2,
    "second-order search step": 5.5,
    "idle selection vectors": 1.02,
}


class Block(nn.Module):
    """The linear layers of a block, each on its own input."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict({name: nn.Linear(*shape, bias=False) for name, shape in SHAPES.items()})
        self.requires_grad_(False)

    def forward(self, given: Mapping[int, torch.Tensor]) -> list[torch.Tensor]:
        return [layer(given[layer.in_features]) for layer in self.layers.values()]


def inputs() -> dict[int, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    return {size: torch.randn(4, TOKENS // 4, size, generator=draw).requires_grad_() for size in (576, 1536)}


def experts(count: int, rank: int, top_k: int = 2) -> nn.Module:
    ranks = {f"layers.{name}": (rank,) * count for name in SHAPES}
    torch.manual_seed(0)
    model = attach_experts(Block(), ranks, ExpertSettings(top_k=top_k, balance=0.001)).train()
    for layer in expert_layers(model).values():
        nn.init.normal_(layer.lora_B["default"].weight, std=0.02)
    return model


def lora(rank: int) -> nn.Module:
    torch.manual_seed(0)
    config = LoraConfig(r=rank, lora_alpha=16, target_modules=list(SHAPES), init_lora_weights=False)
    return get_peft_model(Block(), config).train()


class Loop(nn.Module):
    """One layer's experts one after another, each on the tokens that chose it."""

    def __init__(self, layer: LoraExperts) -> None:
        super().__init__()
        self.base_layer, self.ranks, self.top_k = layer.base_layer, layer.ranks, layer.routing.top_k
        self.in_features = layer.in_features
        self.router = nn.Parameter(layer.lora_router["default"].weight.detach().clone())
        downs = layer.lora_A["default"].weight.detach().split(layer.ranks)
        ups = layer.lora_B["default"].weight.detach().split(layer.ranks, dim=1)
        self.down = nn.ParameterList([nn.Parameter(one.clone()) for one in downs])
        self.up = nn.ParameterList([nn.Parameter(one.clone()) for one in ups])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = x.reshape(-1, x.shape[-1])
        gates = gate_weights(F.linear(flat, self.router), self.top_k)
        added = torch.zeros(len(flat), self.base_layer.out_features)
        for at, rank in enumerate(self.ranks):
            rows = gates[:, at].nonzero().squeeze(-1)
            update = F.linear(F.linear(flat[rows], self.down[at]), self.up[at]) * (16 / rank)
            added = added.index_add(0, rows, update * gates[rows, at, None])
        return self.base_layer(x) + added.view(*x.shape[:-1], -1)


class DenseLoop(Loop):
    """The formula as it stands: one layer's experts one after another, each on all tokens, times its gate."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gates = gate_weights(F.linear(x, self.router), self.top_k)
        out = self.base_layer(x)
        for at, rank in enumerate(self.ranks):
            out = out + F.linear(F.linear(x, self.down[at]), self.up[at]) * (16 / rank) * gates[..., at, None]
        return out


def loop_of(model: nn.Module, kind: type[Loop]) -> nn.Module:
    block = Block()
    for path, layer in expert_layers(model).items():
        block.layers[path.rpartition(".")[2]] = kind(layer)
    return block


def pass_of(model: nn.Module) -> Callable[[], object]:
    given = inputs()

    def work() -> None:
        sum(out.square().mean() for out in model(given)).backward()
        model.zero_grad()

    return work


def ratio(one: Callable[[], object], two: Callable[[], object], rounds: int = ROUNDS, repeat: int = 3) -> float:
    """CPU seconds of one over two, medians of rounds in turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for round_ in range(rounds + 1):
        for at in (0, 1) if round_ % 2 else (1, 0):
            begun = time.process_time()
            for _ in range(repeat):
                (one, two)[at]()
            if round_:  # the first warms up
                taken[at].append(time.process_time() - begun)
    return statistics.median(taken[0]) / statistics.median(taken[1])


def against_lora() -> float:
    return ratio(pass_of(experts(8, 8)), pass_of(lora(64)))


def against_loop(kind: type[Loop]) -> float:
    ours = experts(8, 8)
    theirs = loop_of(ours, kind)
    given = inputs()
    for one, two in zip(ours(given), theirs(given), strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-4)
    return ratio(pass_of(ours), pass_of(theirs))


def growing() -> float:
    return ratio(pass_of(experts(32, 2)), pass_of(experts(8, 8)))


def grouped() -> float:
    model = experts(32, 16)
    work, kept = pass_of(model), lora_experts.groups_pay

    def concatenated() -> None:
        lora_experts.groups_pay = lambda *_: False
        work()
        lora_experts.groups_pay = kept

    return ratio(work, concatenated, repeat=1)


def idle() -> float:
    laid, bare = experts(8, 8), experts(8, 8)
    vectors = SelectionVectors({path: (8, 8) for path in expert_layers(laid)}, (8, 8)).requires_grad_(False)
    vectors.lay(laid)
    return ratio(pass_of(laid), pass_of(bare), rounds=3 * ROUNDS)


def small_llama() -> nn.Module:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=1024, hidden_size=256, intermediate_size=768, num_hidden_layers=4, num_attention_heads=4
    )
    return LlamaForCausalLM(config)


def batch(seed: int) -> dict[str, torch.Tensor]:
    ids = torch.randint(1024, (4, 64), generator=torch.Generator().manual_seed(seed))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}


def searching(order: str) -> float:
    """A search step over a plain training step of the same model, experts attached and masks laid."""
    search = Search(small_llama(), SearchSettings(order=order, steps=10_000))
    other = Search(small_llama(), SearchSettings(order=order))
    model, train, validation = other.model, batch(0), batch(1)
    optimiser = torch.optim.AdamW(other.weights, lr=3e-4)

    def plain() -> None:
        next_token_loss(model, train).backward()
        nn.utils.clip_grad_norm_(other.weights, 1.0)
        optimiser.step()
        optimiser.zero_grad()

    return ratio(lambda: search.step(train, validation), plain, repeat=1)


CASES: Mapping[str, Callable[[], float]] = {
    "PEFT LoRA of the same total rank": against_lora,
    "loop over 8 experts, each on all tokens": lambda: against_loop(DenseLoop),
    "loop over 8 experts, each on its own tokens": lambda: against_loop(Loop),
    "grouped tokens to concatenated experts, total rank 512": grouped,
    "32 experts to 8 at equal total rank": growing,
    "first-order search step": lambda: searching("first"),
    "second-order search step": lambda: searching("second"),
    "idle selection vectors": idle,
}


@pytest.mark.benchmark
@pytest.mark.parametrize("name", CASES)
def test_ratio(name: str):
    torch.set_num_threads(1)
    found = CASES[name]()
    print(f"{name}: {found:.3f} (at most {MOST[name]})")
    assert found <= MOST[name]


def main(names: Sequence[str] = tuple(CASES)) -> None:
    torch.set_num_threads(1)
    for name in names:
        print(f"{name}: {CASES[name]():.3f} (at most {MOST[name]})", flush=True)


if __name__ == "__main__":
    main()
