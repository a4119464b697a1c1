"""The head against the model's own logits, for heads with something behind them too."""

from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, CohereConfig, Gemma2Config, GraniteConfig, LlamaConfig

from engines.parts.hidden_states.lm_head import HEAD_POSITIONS, LanguageModelHead
from tests.engines.parts.small_models import GROUPED

SHAPE: dict[str, Any] = {**GROUPED, "head_dim": 8}


@pytest.mark.parametrize(
    "config",
    [
        LlamaConfig(**SHAPE),
        Gemma2Config(**SHAPE, final_logit_softcapping=0.05),
        GraniteConfig(**SHAPE, logits_scaling=7.0),
        CohereConfig(**SHAPE, logit_scale=0.3),
    ],
    ids=lambda config: config.model_type,
)
def test_logits_are_the_models_own(config):
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config).eval()
    ids = torch.randint(3, 60, (1, HEAD_POSITIONS + 9))
    with torch.inference_mode():
        whole = model(input_ids=ids).logits[0].log_softmax(-1)
        states = model.base_model(input_ids=ids).last_hidden_state[0]
        head = LanguageModelHead(model)
        found = head.log_probabilities(states[:-1], ids[0, 1:])
    expected = whole[:-1].gather(-1, ids[0, 1:, None])[:, 0]
    assert torch.allclose(found, expected, atol=1e-5)
    assert head.log_probabilities(states[:0], ids[0, :0]).shape == (0,)
