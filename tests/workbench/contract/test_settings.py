"""What a setting says about itself."""

from typing import Annotated

import pytest
from annotated_types import Ge, Lt

from workbench.contract.schema import Config
from workbench.contract.settings import settings_of
from workbench.contract.vocabulary import LongText, OneOf


class Words(Config):
    """Settings whose sentences are tried."""

    share: Annotated[float, Ge(0), Lt(1)] = 0.5
    """Share."""
    names: tuple[str, ...] = ()
    """Names."""
    layers: Annotated[tuple[int, ...], OneOf((1, 2, 3))] = (1,)
    """Layers."""
    prompt: Annotated[str, LongText()] = "x"
    """Prompt."""
    needed: int
    """No default."""


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("share", "a number at least 0 and below 1"),
        ("names", "a comma-separated list, each text"),
        ("layers", "a comma-separated list out of 1, 2, 3"),
        ("prompt", "text"),
        ("needed", "a whole number"),
    ],
)
def test_allowed_in_words(name: str, allowed: str) -> None:
    assert next(s for s in settings_of(Words) if s.name == name).allowed == allowed


def test_kinds_and_labels() -> None:
    by_name = {s.name: s for s in settings_of(Words)}
    assert (by_name["prompt"].kind, by_name["names"].kind, by_name["layers"].item) == ("long_text", "list", "int")
    assert by_name["needed"].required and by_name["needed"].label == "Needed"


def test_a_union_of_two_types_is_refused() -> None:
    class Both(Config):
        """Both."""

        either: int | str = 1
        """Either."""

    with pytest.raises(TypeError, match="no widget"):
        settings_of(Both)


def test_a_union_of_two_types_and_none_is_refused() -> None:
    class Three(Config):
        """Three."""

        either: int | str | None = None
        """Either."""

    with pytest.raises(TypeError, match="one type or None"):
        settings_of(Three)
