import ast

import pytest
import torch
from huggingface_hub import ModelCard

from engines.parts.experts.expert_adapters import save_experts
from engines.parts.experts.expert_card import LOADER, card
from engines.parts.experts.expert_layout import ExpertLayout, ExpertSettings
from tests.engines.parts.tiny_experts import RANKS, acting_experts, ids, tiny_llama


@pytest.mark.parametrize(
    "asked",
    [ExpertSettings(), ExpertSettings(top_k=1, alpha=8, scaling="last", scales=True)],
    ids=["plain", "released"],
)
def test_the_code_of_the_card_loads_the_adapter_with_peft_alone(tmp_path, asked):
    tiny_llama().save_pretrained(tmp_path / "base")
    model = acting_experts(settings=asked).eval()
    save_experts(model, tmp_path / "adapter", "my/base")
    readme = (tmp_path / "adapter" / "README.md").read_text()
    code = readme.split("```python\n")[1].split("```")[0]
    assert code == LOADER
    code = code.replace('Path("adapter")', f"Path({str(tmp_path / 'adapter')!r})")
    code = code.replace('BASE = "base"', f"BASE = {str(tmp_path / 'base')!r}")
    found = {name.name.split(".")[0] for node in ast.walk(ast.parse(code)) for name in getattr(node, "names", ())}
    assert {node.module.split(".")[0] for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)} == {
        "pathlib", "peft", "transformers",
    }  # fmt: skip
    assert not found & {"engines", "workbench"}
    loaded = {}
    exec(code, loaded)
    assert type(loaded["model"]).__module__.startswith("peft.")
    torch.testing.assert_close(loaded["model"].eval()(ids()).logits, model(ids()).logits, atol=1e-6, rtol=0)


def test_the_card_says_what_is_inside():
    text = card(ExpertLayout(RANKS), "my/base", "Fingerprint abc.")
    assert "base_model: my/base" in text and "Fingerprint abc." in text
    assert "3 linear layers have 2 to 5 LoRA experts of rank 1 to 4" in text
    assert "not named" in card(ExpertLayout(RANKS), "")


def test_a_base_with_a_line_break_writes_no_lines_of_its_own_into_the_front_matter():
    read = ModelCard(card(ExpertLayout(RANKS), "my/base\nlicense: mit"))
    assert read.data.base_model == "my/base\nlicense: mit"
    assert read.data.license is None
