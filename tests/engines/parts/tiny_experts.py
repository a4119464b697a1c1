"""A tiny Llama and routed experts on it, with B away from zero so that they act."""

import torch
from torch import nn

RANKS = {
    "model.layers.0.self_attn.q_proj": (3, 1, 2),
    "model.layers.0.mlp.down_proj": (2, 4),
    "model.layers.1.self_attn.v_proj": (1, 1, 1, 1, 2),
}


def tiny_llama(seed: int = 0, **other):
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=64, tie_word_embeddings=True, pad_token_id=0, **other,
    )  # fmt: skip
    torch.manual_seed(seed)
    return LlamaForCausalLM(config).eval()


def acting_experts(model=None, ranks=None, settings=None, seed=0):
    from engines.parts.experts.expert_adapters import attach_experts

    wrapped = attach_experts(tiny_llama() if model is None else model, ranks or RANKS, settings, seed)
    return stirred(wrapped)


def stirred(model: nn.Module, seed: int = 5):
    """Random B and factors."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name or "lora_scale" in name:
                weight.copy_(torch.randn(weight.shape, generator=draw) * 0.3)
    return model


def ids(rows: int = 2, length: int = 7, seed: int = 1):
    return torch.randint(1, 32, (rows, length), generator=torch.Generator().manual_seed(seed))
