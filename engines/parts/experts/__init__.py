"""Routed LoRA experts on disk: their layout, card and adapters."""

from engines.parts.experts.expert_adapters import attach_experts
from engines.parts.experts.expert_layout import ExpertLayout, ExpertSettings, shapes_of

__all__ = ["ExpertLayout", "ExpertSettings", "attach_experts", "shapes_of"]
