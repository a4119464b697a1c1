"""LoRA experts behind a router: a linear layer's update as a sum of low-rank experts; each token uses the top k.

    y = W x + sum over the top k experts j of w_j(x) * (alpha / r_j) * B_j A_j x,    w(x) = renormalised softmax(R x)

Every module has its own number of experts and every expert its own rank. All A and all B of a module are kept
concatenated (rows of A and columns of B, expert after expert), so that a layer costs two products however many experts
it has: each token's weights are spread over the columns of the experts' ranks, and are 0 for experts not chosen.

Design decisions:
- The layer enters PEFT as a custom module of its LoRA (`peft` 0.21: experimental), so saving, loading, freezing and
  switching off are PEFT's own. One adapter of this kind at a time; it cannot be merged, as routing depends on input.
- The load-balance loss is added in the backward pass, at the router: any training loop then has it, and gradient
  checkpointing as well. The loss that a loop reports is without it.

Sources: LoRA (Hu et al., 2021), switch transformers (Fedus et al., 2021), MoLA (Gao et al., 2024). Loads torch and
peft: import it in functions.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import torch
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from engines.parts.expert_layers.expert_groups import grouped_update, groups_pay
from engines.parts.expert_layers.load_balance import Balanced, Routing, Scaling
from workbench.contract.errors import ConfigError, StateError


class Masks(NamedTuple):
    """What a search lays over a layer.

    Attributes:
        experts: added to the router's logits, [E].
        ranks: factors of the rank components, [R] expert after expert.
        keep: how far each expert is kept, [E]: lends the gates its gradient, not its value; None for none.
    """

    experts: Tensor
    ranks: Tensor
    keep: Tensor | None = None


def gate_weights(logits: Tensor, top_k: int) -> Tensor:
    """Weights of the experts for each token, w: softmax over the top k logits, 0 elsewhere. [N, E] to [N, E].

    Equal to the softmax over all, cut to its top k and divided by their sum.
    """
    if top_k >= logits.shape[-1]:
        return logits.softmax(-1)
    top, chosen = logits.topk(top_k, dim=-1)
    return torch.zeros_like(logits).scatter(-1, chosen, top.softmax(-1))


def expert_linear(ranks: Mapping[str, tuple[int, ...]], routing: Routing) -> type["LoraExperts"]:
    """Return the layer type for an allocation, for `LoraConfig._register_custom_module({nn.Linear: ...})`.

    Args:
        ranks: of the experts of each module, by module path.
        routing: shared by all layers of the model.
    """
    return type("LoraExperts", (LoraExperts,), {"allocated": dict(ranks), "routing": routing})


class LoraExperts(nn.Module, LoraLayer):
    """A frozen linear layer with routed LoRA experts; made by PEFT from a type of `expert_linear`.

    Weights: lora_A [R, in] and lora_B [out, R] with R the sum of the ranks, lora_router [E, in], all without bias, and
    in a search lora_scale [R]. A starts as in PEFT's LoRA, each expert by its own fan-in, B at 0.
    """

    allocated: ClassVar[Mapping[str, tuple[int, ...]]] = {}
    routing: ClassVar[Routing] = Routing()
    adapter_layer_names = (*LoraLayer.adapter_layer_names, "lora_router", "lora_scale")
    # By adapter name, as PEFT holds them; torch's types do not say what is inside.
    lora_A: Any  # noqa: N815
    lora_B: Any  # noqa: N815
    lora_router: Any
    lora_scale: Any
    lora_dropout: Any
    spread: Any
    in_features: Any
    out_features: Any

    def __init__(
        self, base_layer: nn.Module, adapter_name: str, config: Any, r: int = 0, lora_alpha: int = 1, **kwargs: Any
    ) -> None:
        super().__init__()
        LoraLayer.__init__(self, base_layer, **kwargs)
        self.lora_router = nn.ModuleDict()
        self.lora_scale = nn.ParameterDict()
        self.masks: Masks | None = None
        self.path = ""
        self.ranks: tuple[int, ...] = ()
        self._active_adapter = adapter_name
        self.update_layer(adapter_name, r, lora_alpha, config, **kwargs)

    def update_layer(self, adapter_name: str, r: int, lora_alpha: int, config: Any, **kwargs: Any) -> None:
        """Make the experts that the allocation gives to this module.

        Raises:
            ConfigError: the allocation does not name the module, or gives it one expert or a rank above its size.
            StateError: the layer has experts already.
        """
        if self.lora_A:
            raise StateError("The layer has experts already.", "Load the base model again for another adapter.")
        path = str(kwargs.get("target_name", ""))
        ranks = self.allocated.get(path, ())
        require_ranks(path, ranks, min(self.in_features, self.out_features))
        self.path, self.ranks = path, tuple(ranks)
        total = sum(ranks)
        self.r[adapter_name], self.lora_alpha[adapter_name] = total, lora_alpha
        self.scaling[adapter_name] = 1.0  # the real one is each expert's own, in `spread`
        self.lora_dropout[adapter_name] = nn.Dropout(config.lora_dropout) if config.lora_dropout else nn.Identity()
        self.lora_A[adapter_name] = nn.Linear(self.in_features, total, bias=False)
        self.lora_B[adapter_name] = nn.Linear(total, self.out_features, bias=False)
        self.lora_router[adapter_name] = nn.Linear(self.in_features, len(ranks), bias=False)
        if self.routing.scales:
            self.lora_scale[adapter_name] = nn.Parameter(torch.ones(total))
        nn.init.zeros_(self.lora_B[adapter_name].weight)
        self.register_buffer("spread", spread_matrix(ranks, lora_alpha, self.routing.scaling), persistent=False)
        self._move_adapter_to_device_of_base_layer(adapter_name)
        self.spread = self.spread.to(self.lora_A[adapter_name].weight.device)
        self.set_adapter(self.active_adapters, inference_mode=config.inference_mode)

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Return the frozen layer's output plus the chosen experts' updates, [..., in] to [..., out], in its dtype."""
        name = self._active_adapter if isinstance(self._active_adapter, str) else self._active_adapter[0]
        result = self.base_layer(x, *args, **kwargs)
        if self.disable_adapters or name not in self.lora_A:
            return result
        flat = x.reshape(-1, self.in_features).to(self.lora_A[name].weight.dtype)
        spread = self.spread.to(flat.dtype)
        if name in self.lora_scale:
            spread = spread * self.lora_scale[name]
        if self.masks is not None:
            spread = spread * self.masks.ranks
        up = self.lora_B[name].weight
        if self.masks is None and groups_pay(len(flat), self.ranks, self.routing.top_k):
            gates = self._gates(F.linear(flat, self.lora_router[name].weight))
            weights = (self.lora_A[name].weight, up, spread.sum(0))
            update = grouped_update(self.lora_dropout[name](flat), gates, weights, self.ranks)
            return result + update.view(result.shape).to(result.dtype)
        down, logits = self._down(flat, name)
        hidden = down * (self._gates(logits) @ spread)
        if result.dtype == up.dtype:
            return torch.addmm(result.reshape(-1, self.out_features), hidden, up.t()).view(result.shape)
        return result + F.linear(hidden, up).view(result.shape).to(result.dtype)

    def _down(self, flat: Tensor, name: str) -> tuple[Tensor, Tensor]:
        """All A x [N, R], and the router's logits [N, E]."""
        weight, router = self.lora_A[name].weight, self.lora_router[name].weight
        dropout = self.lora_dropout[name]
        if self.training and not isinstance(dropout, nn.Identity):
            return F.linear(dropout(flat), weight), F.linear(flat, router)
        # One product: the router's own would be too narrow to run at full speed.
        both = F.linear(flat, torch.cat([weight, router]))
        down, logits = both.split([weight.shape[0], router.shape[0]], dim=-1)
        return down, logits

    def _gates(self, logits: Tensor) -> Tensor:
        routing = self.routing
        masked = logits if self.masks is None else logits + self.masks.experts
        if routing.balance and self.training:
            weight = routing.balance * (len(self.ranks) if routing.by_experts else 1) / routing.passes
            masked = Balanced.apply(masked, routing, self.path, weight)
        gates = gate_weights(masked, routing.top_k)
        if self.masks is not None and self.masks.keep is not None:
            # Value 0, gradient of the gates as they would be if each expert were kept to that degree.
            kept = logits.detach().softmax(-1) * self.masks.keep
            kept = kept / kept.sum(-1, keepdim=True)
            gates = gates + (kept - kept.detach())
        if routing.watch is not None:
            routing.watch(self.path, masked.detach(), gates.detach())
        return gates

    def merge(self, safe_merge: bool = False, adapter_names: list[str] | None = None) -> None:
        """Refused.

        Raises:
            StateError: always: which experts act depends on the input.
        """
        raise StateError(
            "Routed experts cannot be merged into the weights: which of them act depends on the input.",
            "Keep the adapter beside its base model.",
        )

    def unmerge(self) -> None:
        """Nothing: it is never merged."""

    def get_delta_weight(self, adapter: str) -> Tensor:
        """Refused, as `merge` is.

        Raises:
            StateError: always.
        """
        raise StateError("Routed experts have no single weight update.", "Keep the adapter beside its base model.")


def spread_matrix(ranks: tuple[int, ...], alpha: float, scaling: Scaling = "expert") -> Tensor:
    """Return which expert each rank column belongs to, times its scaling alpha / r: [E, R]."""
    spread = torch.zeros(len(ranks), sum(ranks))
    start = 0
    for expert, rank in enumerate(ranks):
        spread[expert, start : start + rank] = alpha / (rank if scaling == "expert" else ranks[-1])
        start += rank
    return spread


def expert_layers(model: nn.Module) -> dict[str, LoraExperts]:
    """Return the expert layers of a model by module path, in order."""
    return {module.path: module for module in model.modules() if isinstance(module, LoraExperts)}


def require_ranks(path: str, ranks: tuple[int, ...], most: int) -> None:
    """Refuse ranks that a module of `most` features on its smaller side cannot have.

    Raises:
        ConfigError: none, one expert alone, or a rank below 1 or above `most`.
    """
    if not ranks:
        raise ConfigError({"ranks": f"{path} is not in the allocation."}, "Use the allocation of this very model.")
    if len(ranks) < 2:
        raise ConfigError(
            {"ranks": f"{path} has one expert; a router needs at least two."}, "Use two or more, or plain LoRA."
        )
    if min(ranks) < 1 or max(ranks) > most:
        raise ConfigError(
            {"ranks": f"{path} has ranks {list(ranks)}; allowed are 1 to {most}, the layer's smaller side."},
            "Use smaller ranks there.",
        )
