"""Adapters of routed LoRA experts: put on a model, saved with their allocation and a card, loaded again bit-equal.

    from engines.parts.experts.expert_adapters import attach_experts, save_experts
    from engines.parts.experts.expert_layout import ExpertSettings, shapes_of
    ranks = {path: (4, 2) for path in shapes_of(model, ("q_proj", "v_proj"))}
    model = attach_experts(model, ranks, ExpertSettings(top_k=1))
    ...                                          # train it with any loop: only the experts' weights learn
    save_experts(model, folder, base="my/base")

A saved folder is PEFT's own (adapter_config.json, adapter_model.safetensors) with allocation.json beside, and a
README.md whose code loads it with PEFT alone. Loads torch and peft in its functions.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.parts.experts.expert_layout import (
    ALLOCATION,
    ExpertLayout,
    ExpertSettings,
    Ranks,
    read_layout,
    require_adaptable,
)
from workbench.contract.errors import ModelError

if TYPE_CHECKING:
    from engines.parts.expert_layers.load_balance import Routing


def expert_config(model: Any, layout: ExpertLayout) -> "tuple[Any, Routing]":
    """PEFT's config that puts the experts on a model (for `get_peft_model` or a trainer), and what its layers share.

    Raises:
        ConfigError: a module has one expert, or a rank larger than its layer.
        ModelError: the model lacks a module of the layout, or has one that cannot have experts.
    """
    from peft import LoraConfig
    from torch import nn

    from engines.parts.expert_layers.load_balance import Routing
    from engines.parts.expert_layers.lora_experts import expert_linear, require_ranks

    named = dict(model.named_modules())
    for path, ranks in layout.ranks.items():
        if path not in named:
            raise ModelError(f"The model has no layer {path[:80]}.", "Use the model that the allocation was made for.")
        require_adaptable(model, path, named[path])
        require_ranks(path, ranks, min(named[path].weight.shape))
    settings = layout.settings
    routing = Routing(settings.top_k, settings.balance, settings.by_experts, settings.scaling, settings.scales)
    config = LoraConfig(
        r=max(max(ranks) for ranks in layout.ranks.values()),
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(layout.ranks),
        task_type="CAUSAL_LM" if hasattr(model, "prepare_inputs_for_generation") else None,
    )
    config._register_custom_module({nn.Linear: expert_linear(layout.ranks, routing)})
    return config, routing


def attach_experts(model: Any, ranks: Ranks, settings: ExpertSettings | None = None, seed: int = 0) -> Any:
    """Return the model as a PEFT model with fresh experts; only they are trainable. The base is changed in place.

    Args:
        seed: decides the start of A and of the routers; the global random numbers are left as they were.

    Raises:
        ConfigError, ModelError: as `expert_config`.
    """
    import torch
    from peft import get_peft_model

    config, _ = expert_config(model, ExpertLayout(ranks, settings or ExpertSettings()))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return get_peft_model(model, config)


def save_experts(model: Any, folder: Path | str, base: str = "") -> None:
    """Save the experts of a PEFT model: PEFT's two files, allocation.json and README.md.

    Args:
        base: reference of the model they belong to, for the card and the config.

    Raises:
        ModelError: the model has no experts.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    from engines.parts.experts.expert_card import card

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    layout = layout_of(model)
    state = {name: weight.detach().cpu().contiguous() for name, weight in get_peft_model_state_dict(model).items()}
    save_file(state, target / "adapter_model.safetensors", {"format": "pt"})
    config = {**saved_config(model), "base_model_name_or_path": base, "inference_mode": True}
    (target / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True), encoding="utf-8")
    (target / ALLOCATION).write_text(layout.as_json() + "\n", encoding="utf-8")
    (target / "README.md").write_text(card(layout, base), encoding="utf-8")


def load_experts(model: Any, folder: Path | str, trainable: bool = False) -> Any:
    """Return the base model with saved experts on it, as a PEFT model; nothing but safetensors and JSON is read.

    Raises:
        ModelError: a file is missing or damaged, or does not fit the model.
        ConfigError: as `expert_config`.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    source = Path(folder)
    try:
        layout = read_layout((source / ALLOCATION).read_text(encoding="utf-8"))
        state = load_file(source / "adapter_model.safetensors")
    except (OSError, UnicodeDecodeError, SafetensorError) as error:
        raise ModelError(f"{source.name} cannot be read as experts: {error}", "Save the experts anew.") from error
    wrapped = attach_experts(model, layout.ranks, layout.settings)
    fill_experts(wrapped, state)
    if not trainable:
        wrapped.requires_grad_(False)
        wrapped.eval()
    return wrapped


def fill_experts(model: Any, state: Mapping[str, Any]) -> None:
    """Copy saved weights into attached experts.

    Raises:
        ModelError: a tensor is missing, unknown or of another shape.
    """
    import torch
    from peft import get_peft_model_state_dict, set_peft_model_state_dict

    own = {name: tuple(weight.shape) for name, weight in get_peft_model_state_dict(model).items()}
    given = {name: tuple(weight.shape) for name, weight in state.items()}
    for name in sorted({*own, *given}):
        if own.get(name) != given.get(name):
            raise ModelError(
                f"{name[:100]} is {given.get(name, 'missing')} in the file and {own.get(name, 'unknown')} by the "
                "allocation.",
                "Use the files of one and the same adapter.",
            )
    with torch.no_grad():
        set_peft_model_state_dict(model, dict(state))


def layout_of(model: Any) -> ExpertLayout:
    """Return the layout of the experts that a model has.

    Raises:
        ModelError: it has none.
    """
    from engines.parts.expert_layers.lora_experts import expert_layers

    layers = expert_layers(model)
    if not layers:
        raise ModelError("The model has no routed experts.", "Attach experts first.")
    first = next(iter(layers.values()))
    config, routing = model.peft_config["default"], first.routing
    settings = ExpertSettings(
        routing.top_k,
        config.lora_alpha,
        config.lora_dropout,
        routing.balance,
        routing.by_experts,
        routing.scaling,
        routing.scales,
    )
    return ExpertLayout({path: layer.ranks for path, layer in layers.items()}, settings)


def saved_config(model: Any) -> dict[str, Any]:
    """PEFT's config of the experts as plain JSON values, sets in order."""
    config = model.peft_config["default"].to_dict()
    return {
        key: sorted(map(str, value)) if isinstance(value, set | frozenset | tuple | list) else value
        for key, value in config.items()
        if value is None or isinstance(value, str | int | float | dict | list | set | frozenset | tuple)
    }
