"""Which linear layers have experts and of which ranks: the layout that an adapter keeps in allocation.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from workbench.contract.errors import ConfigError, ModelError

ALLOCATION = "allocation.json"
Ranks = Mapping[str, tuple[int, ...]]
"""Ranks of the experts of each module, by module path."""


@dataclass(frozen=True)
class ExpertSettings:
    """How experts act; the ranks apart.

    Attributes:
        top_k: experts that a token uses.
        alpha: each expert's update is scaled by alpha / its rank.
        dropout: of what the experts read, in training.
        balance: weight of the load-balance loss (0.001 in GuiLoMo).
        by_experts: that loss times the number of experts, the form of switch transformers.
        scaling: "last" divides alpha by the last expert's rank for all, as GuiLoMo's release does.
        scales: a trainable factor per rank component, as in GuiLoMo's search.
    """

    top_k: int = 2
    alpha: int = 16
    dropout: float = 0.0
    balance: float = 0.0
    by_experts: bool = True
    scaling: Literal["expert", "last"] = "expert"
    scales: bool = False

    def __post_init__(self) -> None:
        problems = {}
        if self.top_k < 1:
            problems["top_k"] = f"{self.top_k}; at least 1."
        if not self.alpha > 0:
            problems["alpha"] = f"{self.alpha}; above 0."
        if not 0 <= self.dropout < 1:
            problems["dropout"] = f"{self.dropout}; from 0 to below 1."
        if not self.balance >= 0:
            problems["balance"] = f"{self.balance}; at least 0."
        if problems:
            raise ConfigError(problems, "Correct the settings of the experts.")


@dataclass(frozen=True)
class ExpertLayout:
    """A whole description of routed experts: what an adapter's allocation.json holds."""

    ranks: Ranks
    settings: ExpertSettings = ExpertSettings()

    def as_json(self) -> str:
        """As JSON, modules in order."""
        ranks = {path: list(one) for path, one in self.ranks.items()}
        return json.dumps({"format": 1, **asdict(self.settings), "ranks": ranks}, indent=1)


def read_layout(text: str | bytes, name: str = ALLOCATION) -> ExpertLayout:
    """Return the layout in an allocation.json.

    Raises:
        ModelError: it is none; the message says what is wrong.
    """
    again = "Use an adapter that `save_experts` or a training of this workbench has saved."
    try:
        found = json.loads(text)
        ranks = {str(path): tuple(one) for path, one in found.pop("ranks").items()}
        if found.pop("format") != 1:
            raise ModelError(f"{name} has an unknown format.", again)
        settings = ExpertSettings(**found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{name} is no allocation of experts: {error!r}"[:200], again) from error
    if not ranks or not all(isinstance(rank, int) and rank > 0 for one in ranks.values() for rank in one):
        raise ModelError(f"{name} has ranks that are not whole numbers above 0.", again)
    return ExpertLayout(ranks, settings)


def shapes_of(model: Any, targets: Sequence[str] = ()) -> dict[str, tuple[int, int]]:
    """Features in and out of the linear layers to adapt, by module path, in the model's order.

    Args:
        targets: layers' own names, such as q_proj; none takes every linear layer but the output head.

    Raises:
        ModelError: a target matches no layer, or one that is tied to another weight, quantised, or not linear.
    """
    named = dict(model.named_modules())
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    if targets:
        missing = [one for one in targets if not any(_is(path, one) for path in named)]
        if missing:
            raise ModelError(
                f"No layer of the model is named {', '.join(missing)}.",
                f"Choose among {', '.join(_linear_names(named, head))}.",
            )
    paths = [
        path
        for path, module in named.items()
        if (any(_is(path, one) for one in targets) if targets else _linear(module) and module is not head)
    ]
    for path in paths:
        require_adaptable(model, path, named[path])
    return {path: (named[path].in_features, named[path].out_features) for path in paths}


def require_adaptable(model: Any, path: str, module: Any) -> None:
    """Refuse a layer that cannot have experts.

    Raises:
        ModelError: it is not linear, is quantised, or shares its weight with another layer.
    """
    import torch

    kind = type(module).__name__
    weight = getattr(module, "weight", None)
    if weight is None or weight.ndim != 2:
        raise ModelError(f"{path} is a {kind}, not a linear layer.", "Name linear layers, such as q_proj and v_proj.")
    if type(module) is not torch.nn.Linear or not weight.is_floating_point() or _quantised(model):
        raise ModelError(
            f"{path} is a {kind} with weights of {weight.dtype}: quantised or special layers cannot have experts.",
            "Load the model unquantised, with plain linear layers.",
        )
    sharing = [name for name, other in model.named_parameters(remove_duplicate=False) if other is weight]
    if len(sharing) > 1:
        raise ModelError(f"{path} shares its weight: {' and '.join(sharing)} are tied.", "Leave tied layers out.")


def _linear(module: Any) -> bool:
    import torch

    return isinstance(module, torch.nn.Linear)


def _linear_names(named: Mapping[str, Any], head: Any) -> list[str]:
    return sorted({path.rpartition(".")[2] for path, one in named.items() if _linear(one) and one is not head})


def _is(path: str, target: str) -> bool:
    return path == target or path.endswith(f".{target}")


def _quantised(model: Any) -> bool:
    return getattr(getattr(model, "config", None), "quantization_config", None) is not None
