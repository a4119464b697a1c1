"""Adapters put on a loaded base model: merged into its weights where that can be, else attached as routed experts.

A merged adapter costs nothing when the model runs: W + scale * B A, added in float32 and then cast. DoRA scales the
rows of that sum to their trained lengths. Routed experts stay beside the weights, as which of them act depends on the
input.
"""

from typing import Any

from engines.parts.models.adapters import AGAIN, MAGNITUDE, OTHER_BASE, PREFIX, Adapter, stored_weights
from workbench.contract.errors import ModelError


def put_on(model: Any, adapter: Adapter) -> None:
    """Let a model run with an adapter; the model is changed in place.

    Raises:
        ModelError: the model lacks an adapted layer, or has it in another shape.
    """
    if adapter.experts:
        attach_adapter(model, adapter)
    else:
        merge_adapter(model, adapter)


def attach_adapter(model: Any, adapter: Adapter) -> None:
    """Put an adapter's routed experts beside the layers of a base model; its class stays.

    Raises:
        ModelError: the model lacks an adapted layer, or has it in another shape.
    """
    from engines.parts.experts.expert_adapters import attach_experts, fill_experts
    from workbench.contract.errors import ConfigError

    if adapter.experts is None:
        raise ModelError(f"{adapter.name} holds no routed experts.", AGAIN)
    for layer, (shape_a, shape_b) in adapter.layers.items():
        weight, _ = _weight(model, adapter, layer)
        _require_shape(adapter, layer, tuple(weight.shape), (shape_b[0], shape_a[1]))
    try:
        wrapped = attach_experts(model, adapter.experts.ranks, adapter.experts.settings)
    except ConfigError as error:
        raise ModelError(f"{adapter.name} does not fit the model: {error}", OTHER_BASE) from error
    fill_experts(wrapped, stored_weights(adapter))
    wrapped.requires_grad_(False)
    wrapped.eval()


def merge_adapter(model: Any, adapter: Adapter) -> None:
    """Add the adapter's updates to the weights of a loaded base model, in float32, then cast to the model's dtype.

    Raises:
        ModelError: the model lacks an adapted layer, or has it in another shape.
    """
    import torch

    stored = stored_weights(adapter)
    with torch.no_grad():
        for layer, (shape_a, shape_b) in adapter.layers.items():
            weight, turned = _weight(model, adapter, layer)
            wanted = (shape_a[1], shape_b[0]) if turned else (shape_b[0], shape_a[1])
            _require_shape(adapter, layer, tuple(weight.shape), wanted)
            a, b = (stored[f"{PREFIX}{layer}.lora_{side}.weight"].to(weight.device).float() for side in "AB")
            update = adapter.scale * (b @ a)
            changed = weight.float() + (update.T if turned else update)
            if adapter.dora:
                lengths = stored[f"{PREFIX}{layer}.{MAGNITUDE}"].to(weight.device).float()
                rows = changed.T if turned else changed
                rows = rows * (lengths / rows.norm(dim=1))[:, None]
                changed = rows.T if turned else rows
            weight.copy_(changed.to(weight.dtype))


def _require_shape(adapter: Adapter, layer: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise ModelError(f"{adapter.name} adapts {layer} of shape {wanted}; the base has {found}.", OTHER_BASE)


def _weight(model: Any, adapter: Adapter, layer: str) -> tuple[Any, bool]:
    """A layer's weight, and whether it is kept as [in, out], as GPT-2 does."""
    try:
        module = model.get_submodule(layer)
    except AttributeError as error:
        raise ModelError(f"{adapter.name} adapts {layer[:80]}, which the base model lacks.", OTHER_BASE) from error
    kind = type(module).__name__
    if kind not in ("Linear", "Conv1D") or module is model.get_output_embeddings():
        raise ModelError(f"{adapter.name} adapts {layer[:80]}, a {kind}; only inner linear layers can be.", AGAIN)
    return module.weight, kind == "Conv1D"
