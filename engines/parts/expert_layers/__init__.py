"""Routed LoRA experts as layers of a network; importing them loads torch and PEFT."""

from engines.parts.expert_layers.lora_experts import Masks, expert_layers

__all__ = ["Masks", "expert_layers"]
