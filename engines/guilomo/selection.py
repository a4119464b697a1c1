"""Guided selection vectors: how many experts a module keeps and which rank each expert has, learned through masks.

Per module an expert vector g_E [E] and for each expert a rank vector g_R [R]; s = sigmoid(g). The place of the largest
entry is a count: n experts, or q rank components, are kept from the first on. Estimators of the gradient through the
argmax, by the names of `Estimator`:

- "released": as in the released code (`expert_gradient`, `rank_gradient`): only the entry at the argmax hears of the
  kept ones; a rank entry elsewhere hears 1e-4 of its own mask's gradient.
- "selected": the same for the entry at the argmax and nothing elsewhere, for ranks too. A reading of the formulas
  without that remainder.
- "every" (ours): every entry stands for a count and hears how the loss changes with the expected masks under
  softmax(g) (`expected_keep`), at a price per parameter that makes a larger allocation worth nothing in itself
  (`at_price`). Experts that the router may not choose yet are heard as well.

Many modules are held in one tensor each, so that a forward pass of a model makes all masks in a few operations.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engines.guilomo.allocation import Shapes
from engines.guilomo.search_settings import Estimator, Learn
from engines.parts.expert_layers import Masks, expert_layers

LEAST_EXPERTS = 2
KEPT, DROPPED = 0.5, -1e4
"""What is added to the router's logit of an expert that is kept, and of one that is not."""
RESTORING = 10.0
"""How strongly what is spent beyond the budget is held against every component: at a tenth as much as the gradient."""
FAINT = 1e-4
"""The factor of a rank component that is not kept."""


def expert_count(vectors: Tensor) -> Tensor:
    """Count the experts kept, n: the place of the largest entry from 1 on, at least 2. [..., E] to [...]."""
    return (vectors.argmax(-1) + 1).clamp(min=LEAST_EXPERTS)


def rank_count(vectors: Tensor) -> Tensor:
    """Count the rank components kept, q: the place of the largest entry, from 1 on. [..., R] to [...]."""
    return vectors.argmax(-1) + 1


def expert_masks(counts: Tensor, experts: int) -> Tensor:
    """Return masks, 0.5 for experts up to the count, -1e4 beyond: added to the router's logits. [...] to [..., E]."""
    return torch.where(_within(counts, experts), KEPT, DROPPED)


def rank_masks(counts: Tensor, ranks: int) -> Tensor:
    """Return masks, 1 for rank components up to the count, 1e-4 beyond. [...] to [..., R]."""
    return torch.where(_within(counts, ranks), 1.0, FAINT)


def _within(counts: Tensor, places: int) -> Tensor:
    return torch.arange(places, device=counts.device) < counts[..., None]


def expert_gradient(upstream: Tensor, vectors: Tensor) -> Tensor:
    """Return the gradient of the expert vectors from that of their masks, G.

    At the argmax n it is s'(g_n) times the sum over t <= n of G_t s_t, elsewhere zero. All [..., E]. Where the
    argmax is the first entry it counts as the second, as for the mask.
    """
    return _at_argmax(upstream, vectors, expert_count(vectors), 0.0)


def rank_gradient(upstream: Tensor, vectors: Tensor, faint: float = FAINT) -> Tensor:
    """Return the gradient of the rank vectors from that of their masks, G.

    At the argmax q it is s'(g_q) times the sum over t <= q of G_t s_t, elsewhere s'(g_i) * `faint` * G_i. All [..., R].
    """
    return _at_argmax(upstream, vectors, rank_count(vectors), faint)


def _at_argmax(upstream: Tensor, vectors: Tensor, counts: Tensor, faint: float) -> Tensor:
    s = vectors.sigmoid()
    summed = (upstream * s * _within(counts, vectors.shape[-1])).sum(-1, keepdim=True)
    chosen = torch.arange(vectors.shape[-1], device=vectors.device) == counts[..., None] - 1
    return torch.where(chosen, summed, faint * upstream) * s * (1 - s)


def zero_sum(upstream: Tensor, vectors: Tensor) -> float:
    """Return how far a gradient of expert masks, G, is from adding up to zero over each router's kept experts.

    The sum over modules of |sum of G_t|, as a share of that of sum |G_t|: 0 where routers, which do not heed what all
    logits share, tell a number of experts nothing. All [..., E].
    """
    kept = upstream.double() * _within(expert_count(vectors), vectors.shape[-1])
    size = float(kept.abs().sum())
    return float(kept.sum(-1).abs().sum()) / size if size else 0.0


class _ExpertMasks(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, vectors: Tensor) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(vectors)
        return expert_masks(expert_count(vectors), vectors.shape[-1]).to(vectors.dtype)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Tensor:  # type: ignore[override]
        (vectors,) = ctx.saved_tensors
        return expert_gradient(upstream[0], vectors)


class _RankMasks(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, vectors: Tensor, faint: float) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(vectors)
        ctx.faint = faint
        return rank_masks(rank_count(vectors), vectors.shape[-1]).to(vectors.dtype)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        (vectors,) = ctx.saved_tensors
        return rank_gradient(upstream[0], vectors, ctx.faint), None


class _AtPrice(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, keep: Tensor, prices: Tensor, over: float) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(prices)
        ctx.over = over
        return keep.view_as(keep)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        (prices,) = ctx.saved_tensors
        priced = upstream[0] - prices * ((upstream[0] * prices).sum() / (prices * prices).sum())
        return priced + prices * (RESTORING * ctx.over * upstream[0].norm() / prices.norm()), None, None


def straight_experts(vectors: Tensor) -> Tensor:
    """Return expert masks [..., E] of the vectors, with the gradient of `expert_gradient`."""
    masks = _ExpertMasks.apply(vectors)
    assert isinstance(masks, Tensor)
    return masks


def straight_ranks(vectors: Tensor, faint: float = FAINT) -> Tensor:
    """Return rank masks [..., R] of the vectors, with the gradient of `rank_gradient`."""
    masks = _RankMasks.apply(vectors, faint)
    assert isinstance(masks, Tensor)
    return masks


def expected_keep(vectors: Tensor, least: int = 1) -> Tensor:
    """Return how likely component i is kept if the count is drawn from softmax(g). [..., R].

    That is the sum of the softmax from i on.
    The first `least` are always kept. Ours, not the paper's.
    """
    likely = vectors.softmax(-1).flip(-1).cumsum(-1).flip(-1)
    sure = torch.arange(vectors.shape[-1], device=vectors.device) < least
    return torch.where(sure, torch.ones_like(likely), likely)


def at_price(keep: Tensor, prices: Tensor, over: float = 0.0) -> Tensor:
    """Return the value unchanged; its gradient less the part along the prices, so that spending alone gains nothing.

    With prices c the gradient G becomes G - c (G . c) / (c . c): what a component gains beyond the going rate per
    parameter. Since an optimiser that scales each entry would still let the whole grow, `RESTORING` times the overspent
    share is added along c. Ours, not the paper's.

    Args:
        prices: trainable parameters of each component, of the shape of `keep`.
        over: parameters beyond the budget, as a share of it; below 0 where some are left.
    """
    priced = _AtPrice.apply(keep, prices, over)
    assert isinstance(priced, Tensor)
    return priced


class SelectionVectors(nn.Module):
    """The selection vectors of all expert layers of a model, M modules: `experts` [M, E] and `ranks` [M, E, R].

    They start as softmax of standard normal numbers, as released. `lay` puts their masks on the layers; `zero_sum` is
    that of the last backward pass, nan before one and where the masks hear none.

    Args:
        shapes: features in and out by module path.
        learn: vectors that are not learned keep all experts, or all ranks.
    """

    expert_prices: Tensor
    rank_prices: Tensor

    def __init__(
        self, shapes: Shapes, most: tuple[int, int], estimator: Estimator = "released", learn: Learn = "both",
        seed: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.paths = tuple(shapes)
        self.estimator: Estimator = estimator
        self.learn: Learn = learn
        self.zero_sum = float("nan")
        self._budget = 0.0
        draw = torch.Generator().manual_seed(seed)
        experts, rank = most
        self.experts = nn.Parameter(torch.randn(len(shapes), experts, generator=draw).softmax(-1))
        self.ranks = nn.Parameter(torch.randn(len(shapes), experts, rank, generator=draw).softmax(-1))
        sides = torch.tensor([[one, one + two] for one, two in shapes.values()], dtype=torch.float32)
        self.register_buffer("expert_prices", (sides[:, :1] + rank * sides[:, 1:]).expand(-1, experts).clone())
        self.register_buffer("rank_prices", sides[:, 1:, None].expand(-1, experts, rank).clone())
        self._budget = self.spent()

    def learned(self) -> list[nn.Parameter]:
        """Return the vectors that are learned."""
        return [self.experts] * (self.learn != "ranks") + [self.ranks] * (self.learn != "experts")

    def lay(self, model: nn.Module) -> None:
        """Give each expert layer of the model its masks, connected to the vectors. Do so before each forward pass."""
        experts, keep = self._expert_masks()
        if experts.requires_grad:
            experts.register_hook(self._heard)
        ranks = self._rank_masks().flatten(1)
        layers = expert_layers(model)
        kept = [None] * len(self.paths) if keep is None else keep.unbind(0)
        for path, one, two, three in zip(self.paths, experts.unbind(0), ranks.unbind(0), kept, strict=True):
            layers[path].masks = Masks(one, two, three)

    def _heard(self, gradient: Tensor) -> None:
        self.zero_sum = zero_sum(gradient.detach(), self.experts.detach())

    def _expert_masks(self) -> tuple[Tensor, Tensor | None]:
        if self.learn == "ranks":
            return torch.full_like(self.experts.detach(), KEPT), None
        if self.estimator != "every":
            return straight_experts(self.experts), None
        hard = expert_masks(expert_count(self.experts.detach()), self.experts.shape[-1]).to(self.experts.dtype)
        return hard, at_price(expected_keep(self.experts, LEAST_EXPERTS), self.expert_prices, self._over())

    def spent(self) -> float:
        """Return the trainable parameters of the counts that the vectors stand for now."""
        kept = _within(expert_count(self.experts.detach()), self.experts.shape[-1])
        each = self.rank_prices[..., 0]
        routers = self.expert_prices - self.ranks.shape[-1] * each
        return float((kept * (routers + rank_count(self.ranks.detach()) * each)).sum())

    def _over(self) -> float:
        """Return what is spent beyond the start's parameters, as a share of them."""
        return self.spent() / self._budget - 1

    def _rank_masks(self) -> Tensor:
        if self.learn == "experts":
            return torch.ones_like(self.ranks.detach())
        if self.estimator != "every":
            return straight_ranks(self.ranks, FAINT if self.estimator == "released" else 0.0)
        hard = rank_masks(rank_count(self.ranks.detach()), self.ranks.shape[-1]).to(self.ranks.dtype)
        soft = FAINT + (1 - FAINT) * at_price(expected_keep(self.ranks), self.rank_prices, self._over())
        return hard + (soft - soft.detach())

    def expert_counts(self) -> dict[str, int]:
        """Return the number of experts that each module keeps."""
        if self.learn == "ranks":
            return dict.fromkeys(self.paths, int(self.experts.shape[-1]))
        return dict(zip(self.paths, expert_count(self.experts.detach()).tolist(), strict=True))

    def rank_counts(self) -> dict[str, tuple[int, ...]]:
        """Rank of every expert of each module, kept or not."""
        if self.learn == "experts":
            everything = (int(self.ranks.shape[-1]),) * int(self.ranks.shape[-2])
            return dict.fromkeys(self.paths, everything)
        counts = rank_count(self.ranks.detach()).tolist()
        return {path: tuple(one) for path, one in zip(self.paths, counts, strict=True)}

    def read_out(self) -> Mapping[str, tuple[int, ...]]:
        """Return the ranks of the experts that each module keeps, by module path: the allocation."""
        experts = self.expert_counts()
        return {path: ranks[: experts[path]] for path, ranks in self.rank_counts().items()}


def lift(model: nn.Module) -> None:
    """Take all masks off the model's expert layers."""
    for layer in expert_layers(model).values():
        layer.masks = None
