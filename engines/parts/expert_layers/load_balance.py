"""What the expert layers of one model share, and the load-balance loss of their routers.

Sources: switch transformers (Fedus et al., 2021); GuiLoMo's released code for loads pooled by block.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

Scaling = Literal["expert", "last"]
"""Each expert's update times alpha / its own rank; or, as GuiLoMo's release does, alpha / the last expert's rank."""


@dataclass
class Routing:
    """What the expert layers of one model share.

    Attributes:
        top_k: experts that a token uses; all of a module's where it has fewer.
        balance: weight of the load-balance loss in training.
        passes: backward passes of an update, among which that weight is shared out.
        pooled: the load is that of all modules of a block together, as GuiLoMo's release has it in the search.
        loads: of each block, by module, the shares of the last forward pass; filled where loads are pooled.
        by_experts: the loss times the number of experts (the form of switch transformers).
        scaling: what alpha is divided by.
        scales: each rank component has a trainable factor, as in GuiLoMo's search.
        mask: True [B, T] or [N] for tokens that count in the load balance; None counts all, padding as well.
        watch: called by each layer with its path, router logits [N, E] and gates [N, E].
    """

    top_k: int = 2
    balance: float = 0.0
    by_experts: bool = True
    scaling: Scaling = "expert"
    scales: bool = False
    mask: Tensor | None = None
    watch: Callable[[str, Tensor, Tensor], None] | None = None
    passes: int = 1
    pooled: bool = False
    loads: dict[str, dict[str, Tensor]] = field(default_factory=dict)

    def pooled_share(self, path: str, share: Tensor) -> Tensor:
        """Return the share of routed tokens by expert, mean over the modules of the block that `path` lies in."""
        shares = self.loads[block_of(path)].values()
        return torch.stack([F.pad(one, (0, max(0, len(share) - len(one))))[: len(share)] for one in shares]).mean(0)


def load_balance(logits: Tensor, top_k: int, mask: Tensor | None = None) -> Tensor:
    """Return the load-balance loss of one router, sum over experts of f P; 1 / E where the load is even.

    f is an expert's share of the routed tokens (over the experts it sums to 1) and P its mean probability.

    Args:
        logits: [N, E].
        mask: True [N] for tokens that count.
    """
    used = logits if mask is None else logits[mask]
    probabilities = used.softmax(-1)
    return (routed_share(used, top_k) * probabilities.mean(0)).sum()


def routed_share(logits: Tensor, top_k: int) -> Tensor:
    """Share of the routed tokens that each expert gets, f: [N, E] to [E], without gradient."""
    with torch.no_grad():
        chosen = logits.topk(min(top_k, logits.shape[-1]), dim=-1).indices.flatten()
        return torch.bincount(chosen, minlength=logits.shape[-1]).to(logits.dtype) / max(1, chosen.numel())


class Balanced(torch.autograd.Function):
    """The logits unchanged; in the backward pass, the gradient of `weight` times their load-balance loss is added."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, routing: Routing, path: str, weight: float) -> Tensor:  # type: ignore[override]
        """Return the logits, and remember their load."""
        mask = None if routing.mask is None else routing.mask.reshape(-1)
        ctx.save_for_backward(logits, mask)
        ctx.routing, ctx.path, ctx.weight = routing, path, weight
        ctx.share = routed_share(logits if mask is None else logits[mask], routing.top_k)
        if routing.pooled:
            routing.loads.setdefault(block_of(path), {})[path] = ctx.share
        return logits.view_as(logits)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None, None]:  # type: ignore[override]
        """Add the gradient of the balance."""
        logits, mask = ctx.saved_tensors
        share, weight = ctx.share, ctx.weight
        if ctx.routing.pooled:
            # One loss a block, of the mean load and the mean probability of its modules.
            share = ctx.routing.pooled_share(ctx.path, share)
            weight /= len(ctx.routing.loads[block_of(ctx.path)])
        counted = logits.shape[0] if mask is None else int(mask.sum())
        p = logits.softmax(-1)
        own = p * (share - (p @ share)[:, None]) * (weight / max(1, counted))
        return upstream[0] + (own if mask is None else own * mask[:, None]), None, None, None


def block_of(path: str) -> str:
    """Return the path of the block that a module lies in: up to its first number; the module's own without any."""
    found = re.match(r"(?:.*?\.)?\d+(?=\.|$)", path)
    return found[0] if found else path
