import pytest
import torch
from torch import nn

from engines.parts.experts.expert_layout import ExpertLayout, ExpertSettings, read_layout, require_adaptable, shapes_of
from tests.engines.parts.tiny_experts import RANKS, tiny_llama
from workbench.contract.errors import ConfigError, ModelError


def test_a_layout_survives_its_json():
    layout = ExpertLayout(RANKS, ExpertSettings(top_k=1, scaling="last", scales=True))
    assert read_layout(layout.as_json()) == layout


@pytest.mark.parametrize(
    "text",
    ["no", "[]", "{}", '{"ranks": {}, "format": 1}', '{"ranks": {"a": [1, 2]}, "format": 2}', '{"ranks": {"a": ["x"]}}',
     '{"ranks": {"a": [1, 0]}, "format": 1}', '{"ranks": {"a": [1, 2]}, "format": 1, "odd": 1}'],
)  # fmt: skip
def test_what_is_no_layout_is_refused(text):
    with pytest.raises(ModelError):
        read_layout(text)


def test_settings_out_of_range_are_named():
    with pytest.raises(ConfigError) as caught:
        ExpertSettings(top_k=0, alpha=0, dropout=1.0, balance=-1)
    assert set(caught.value.problems) == {"top_k", "alpha", "dropout", "balance"}


def test_shapes_of_named_and_of_all_layers():
    model = tiny_llama()
    assert shapes_of(model, ("v_proj",)) == {
        "model.layers.0.self_attn.v_proj": (16, 8),
        "model.layers.1.self_attn.v_proj": (16, 8),
    }
    assert len(shapes_of(model)) == 14
    assert not any("lm_head" in path for path in shapes_of(model))


def test_targets_that_match_nothing_are_named_with_what_there_is():
    with pytest.raises(ModelError, match="zz_proj") as caught:
        shapes_of(tiny_llama(), ("q_proj", "zz_proj"))
    assert "down_proj" in caught.value.hint


def test_tied_layers_are_refused():
    with pytest.raises(ModelError, match="tied"):
        shapes_of(tiny_llama(), ("lm_head",))


def test_layers_that_are_not_plain_linear_are_refused():
    model = tiny_llama()
    with pytest.raises(ModelError, match="not a linear layer"):
        shapes_of(model, ("input_layernorm",))
    with pytest.raises(ModelError, match="quantised or special"):
        shapes_of(model, ("embed_tokens",))
    model.model.layers[0].mlp.up_proj.weight = nn.Parameter(torch.zeros(24, 16, dtype=torch.int8), requires_grad=False)
    with pytest.raises(ModelError, match="quantised"):
        shapes_of(model, ("up_proj",))
    model.config.quantization_config = {"bits": 4}
    with pytest.raises(ModelError, match="quantised"):
        require_adaptable(model, "q", model.model.layers[0].self_attn.q_proj)
