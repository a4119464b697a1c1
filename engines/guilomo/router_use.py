"""How routers use their experts: load and entropy while a model runs, and the top expert of each token of a text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ExpertUse:
    """Use of one expert of one module.

    Attributes:
        load: share of the routed tokens; 1 / experts is even.
        probability: mean router probability.
        entropy: of the module's routers' probabilities, mean over tokens, in shares of the highest, log experts.
    """

    path: str
    expert: int
    load: float
    probability: float
    entropy: float
    tokens: int


@dataclass(frozen=True)
class TokenExperts:
    """The top expert of each token in one module.

    Attributes:
        tokens: texts of the tokens.
        experts: counted from 1.
        weights: of that expert.
    """

    path: str
    tokens: tuple[str, ...]
    experts: tuple[int, ...]
    weights: tuple[float, ...]


class UseMeter:
    """Sums over the tokens that passed while it watched."""

    def rows(self) -> list[ExpertUse]:
        """The use of each expert, modules in order; empty where no token passed."""
        raise NotImplementedError


@contextmanager
def watching(model: Any) -> Iterator[UseMeter]:
    """Meter the routers of a model inside the block, padding included."""
    raise NotImplementedError
    yield UseMeter()


def experts_of_text(model: Any, tokenizer: Any, text: str, most_tokens: int = 256) -> list[TokenExperts]:
    """The top expert of each token of a text, for each module.

    Raises:
        DataError: the text is empty.
        ModelError: the model has no routed experts.
    """
    raise NotImplementedError
