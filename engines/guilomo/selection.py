"""Guided selection vectors: how many experts a module keeps and which rank each expert has, learned through masks.

Per module an expert vector g_E [E] and for each expert a rank vector g_R [R]; s = sigmoid(g). The place of the largest
entry is a count: n experts, or q rank components, are kept from the first on. Estimators of the gradient through the
argmax, by the names of `Estimator`:

- "released": as in the released code (`expert_gradient`, `rank_gradient`): only the entry at the argmax hears of the
  kept ones; a rank entry elsewhere hears 1e-4 of its own mask's gradient.
- "selected": the same for the entry at the argmax and nothing elsewhere, for ranks too. A reading of the formulas
  without that remainder.
- "every" (ours): every entry stands for a count, and hears how the loss changes with the expected mask under
  softmax(g): see `expected_keep`.

Many modules are held in one tensor each, so that a forward pass of a model makes all masks in a few operations.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from torch import Tensor, nn

from engines.parts.lora_experts import Masks, expert_layers

Estimator = Literal["released", "selected", "every"]
KEPT, DROPPED = 0.5, -1e4
"""What is added to the router's logit of an expert that is kept, and of one that is not."""
FAINT = 1e-4
"""The factor of a rank component that is not kept."""


def expert_count(vectors: Tensor) -> Tensor:
    """Experts that the vectors keep, n: the place of the largest entry from 1 on, at least 2. [..., E] to [...]."""
    return (vectors.argmax(-1) + 1).clamp(min=2)


def rank_count(vectors: Tensor) -> Tensor:
    """Rank components that the vectors keep, q: the place of the largest entry, from 1 on. [..., R] to [...]."""
    return vectors.argmax(-1) + 1


def expert_masks(counts: Tensor, experts: int) -> Tensor:
    """0.5 for experts up to the count, -1e4 beyond: added to the router's logits. [...] to [..., E]."""
    raise NotImplementedError


def rank_masks(counts: Tensor, ranks: int) -> Tensor:
    """1 for rank components up to the count, 1e-4 beyond. [...] to [..., R]."""
    raise NotImplementedError


def expert_gradient(upstream: Tensor, vectors: Tensor) -> Tensor:
    """Gradient of the expert vectors from that of their masks, G: at the argmax n, s'(g_n) sum over t <= n of G_t s_t.

    Zero elsewhere. All [..., E]. Where the argmax is the first entry it counts as the second, as for the mask.
    """
    raise NotImplementedError


def rank_gradient(upstream: Tensor, vectors: Tensor, faint: float = FAINT) -> Tensor:
    """Gradient of the rank vectors from that of their masks, G: at the argmax q, s'(g_q) sum over t <= q of G_t s_t.

    Elsewhere s'(g_i) * `faint` * G_i. All [..., R].
    """
    raise NotImplementedError


def expected_keep(vectors: Tensor, least: int = 1) -> Tensor:
    """How likely component i is kept if the count is drawn from softmax(g): the sum of the softmax from i on. [..., R].

    The first `least` are always kept. Ours, not the paper's.
    """
    raise NotImplementedError


class SelectionVectors(nn.Module):
    """The selection vectors of all expert layers of a model, M modules: experts [M, E] and ranks [M, E, R].

    They start as softmax of standard normal numbers, as released. `lay` puts their masks on the layers.
    """

    def __init__(
        self, paths: Sequence[str], most_experts: int, most_rank: int, estimator: Estimator, seed: int
    ) -> None:
        super().__init__()
        raise NotImplementedError

    def lay(self, model: nn.Module) -> None:
        """Give each expert layer of the model its masks, connected to the vectors."""
        raise NotImplementedError

    def read_out(self) -> Mapping[str, tuple[int, ...]]:
        """The ranks of the experts that each module keeps, by module path."""
        raise NotImplementedError


def lift(model: nn.Module) -> None:
    """Take all masks off the model's expert layers."""
    for layer in expert_layers(model).values():
        layer.masks = None


_ = (Any, Masks)
