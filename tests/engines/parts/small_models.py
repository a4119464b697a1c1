"""Small models with random weights in memory, one for each way of attending: for equality with the usual way."""

from pathlib import Path
from typing import Any

TOKENS: dict[str, Any] = {"vocab_size": 60, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
SHAPE: dict[str, Any] = {**TOKENS, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
GROUPED: dict[str, Any] = {**SHAPE, "num_key_value_heads": 1, "intermediate_size": 32, "max_position_embeddings": 512}


def architectures() -> dict[str, Any]:
    """Configurations by name: grouped heads, learned positions, biases, sliding windows with capping, a recurrence."""
    from transformers import Gemma2Config, GPT2Config, LlamaConfig, MambaConfig, MistralConfig, Qwen2Config

    window: dict[str, Any] = {"head_dim": 8, "sliding_window": 8, "query_pre_attn_scalar": 8}
    learned: dict[str, Any] = {"vocab_size": 60, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 512}
    return {
        "llama": LlamaConfig(**GROUPED),
        "gpt2": GPT2Config(**learned, bos_token_id=1, eos_token_id=2),
        "qwen2": Qwen2Config(**GROUPED),
        "mistral, window of 8": MistralConfig(**GROUPED, sliding_window=8),
        "gemma2, window of 8": Gemma2Config(**GROUPED, **window, final_logit_softcapping=1.0),
        "mamba": MambaConfig(vocab_size=60, hidden_size=16, num_hidden_layers=2, state_size=4, pad_token_id=0),
    }


def small_model(config: Any, tokenizer: Any = None) -> Any:
    """A LoadedModel with random weights in float32."""
    import torch
    from transformers import AutoModelForCausalLM

    from engines.parts.models.model_files import ModelFolder
    from engines.parts.models.models import LoadedModel, ModelSource

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config).eval()
    folder = ModelFolder(Path(), {}, {}, "0" * 16)
    source = ModelSource(config.model_type, config.model_type, folder)
    return LoadedModel(model, tokenizer, source, "float32", torch.device("cpu"), 400, 2, 16, 0)
