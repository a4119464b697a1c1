"""The model card of a saved adapter of routed experts, with code that loads it by PEFT alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engines.parts.experts.expert_layout import ExpertLayout

LOADER = """import json
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel
from peft.tuners.lora import LoraLayer
from transformers import AutoModelForCausalLM

FOLDER = Path("adapter")  # this folder
BASE = "base"  # the base model
told = json.loads((FOLDER / "allocation.json").read_text())


class RoutedExperts(torch.nn.Module, LoraLayer):
    adapter_layer_names = (*LoraLayer.adapter_layer_names, "lora_router", "lora_scale")

    def __init__(self, base_layer, adapter_name, config, r=0, lora_alpha=1, target_name="", **kwargs):
        super().__init__()
        LoraLayer.__init__(self, base_layer)
        ranks = told["ranks"][target_name]
        linear, total = torch.nn.Linear, sum(ranks)
        self.lora_A["default"] = linear(self.in_features, total, bias=False)
        self.lora_B["default"] = linear(total, self.out_features, bias=False)
        self.lora_router = torch.nn.ModuleDict({"default": linear(self.in_features, len(ranks), bias=False)})
        self.lora_scale = torch.nn.ParameterDict()
        if told["scales"]:
            self.lora_scale["default"] = torch.nn.Parameter(torch.ones(total))
        # Which rank column belongs to which expert, times alpha / rank.
        scales = [told["alpha"] / (rank if told["scaling"] == "expert" else ranks[-1]) for rank in ranks]
        self.spread = torch.block_diag(*(torch.full((1, rank), scale) for rank, scale in zip(ranks, scales)))
        self._active_adapter = adapter_name
        self._move_adapter_to_device_of_base_layer(adapter_name)

    def forward(self, x, *args, **kwargs):
        out, weight = self.base_layer(x, *args, **kwargs), self.lora_A["default"].weight
        if self.disable_adapters:
            return out
        x = x.to(weight.dtype)
        logits = self.lora_router["default"](x)
        top, chosen = logits.topk(min(told["top_k"], logits.shape[-1]), dim=-1)
        gates = torch.zeros_like(logits).scatter(-1, chosen, top.softmax(-1)) @ self.spread.to(weight)
        if told["scales"]:
            gates = gates * self.lora_scale["default"]
        return out + self.lora_B["default"](self.lora_A["default"](x) * gates).to(out.dtype)


config = LoraConfig.from_pretrained(FOLDER)
config._register_custom_module({torch.nn.Linear: RoutedExperts})
model = AutoModelForCausalLM.from_pretrained(BASE)
model = PeftModel.from_pretrained(model, FOLDER, config=config)
"""
"""Tested by running it; FOLDER and BASE are to be filled in. Known to work with peft 0.21."""


def card(layout: "ExpertLayout", base: str, note: str = "") -> str:
    """Return the README.md of a saved adapter, its front matter as hubs read it.

    Args:
        base: reference of the base model; "" where it is not known.
        note: a sentence on the training or the base, such as its fingerprint.
    """
    from huggingface_hub import ModelCardData

    experts = [len(ranks) for ranks in layout.ranks.values()]
    ranks = [rank for one in layout.ranks.values() for rank in one]
    said = (
        f"{len(experts)} linear layers have {min(experts)} to {max(experts)} LoRA experts of rank {min(ranks)} to "
        f"{max(ranks)}; a router gives each token to the top {layout.settings.top_k} of a layer's experts."
    )
    told = ModelCardData(library_name="peft", base_model=base or None, tags=["lora", "mixture-of-experts"])
    parts = [
        f"---\n{told.to_yaml()}\n---\n\n# Routed LoRA experts\n",
        f"Base model: {base or 'not named'}.{f' {note}' if note else ''} {said}\n",
        "`allocation.json` holds the ranks by layer. The adapter cannot be merged into the base: which experts act "
        "depends on the input.\n",
        f"## Loading\n\nWith PEFT (0.21) and transformers alone:\n\n```python\n{LOADER}```\n",
        "In Benchwright, name it as a model, or call `load_experts(model, folder)` of `engines.parts.experts`.\n",
    ]
    return "\n".join(parts)
