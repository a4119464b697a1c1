"""Flags from settings and back, with errors that name the closest flag."""

import shlex
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Le
from hypothesis import given
from hypothesis import strategies as st

from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.schema import Config
from workbench.contract.vocabulary import InPaper, Percent
from workbench.specs.flags import (
    RESERVED,
    FlagParser,
    add_settings,
    as_text,
    given_settings,
    own_arms_as_flags,
    read_own_arms,
    settings_as_flags,
)


class Every(Config):
    """One setting of each kind."""

    whole: Annotated[int, Ge(-5), Le(5)] = 1
    """A whole number."""
    real: Annotated[float, InPaper("30 %", "Section 4")] = 0.5
    """A number."""
    share: Percent = 30.0
    """A share of 100 %."""
    truth: bool = False
    """Yes or no."""
    kind: Literal["token", "sentence"] = "token"
    """One of two."""
    words: str = ""
    """Some text."""
    many: tuple[str, ...] = ("a",)
    """A list."""
    numbers: tuple[float, ...] = ()
    """Numbers."""
    maybe: int | None = None
    """A number or none."""


def _parser() -> FlagParser:
    parser = FlagParser(prog="try")
    add_settings(parser, Every)
    return parser


def _read(*arguments: str) -> Config:
    return read_config(Every, given_settings(_parser().read(arguments), Every))


def test_only_given_flags_override():
    found = _parser().read(["--whole", "3"])
    assert given_settings(found, Every) == {"whole": "3"}


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        (["--whole=-3"], "whole", -3),
        (["--whole", "-3"], "whole", -3),
        (["--truth"], "truth", True),
        (["--truth", "no"], "truth", False),
        (["--many", "x, y,z"], "many", ("x", "y", "z")),
        (["--numbers", "1,2.5"], "numbers", (1.0, 2.5)),
        (["--maybe", "none"], "maybe", None),
        (["--words", "a b_c=d"], "words", "a b_c=d"),
        (["--kind=sentence"], "kind", "sentence"),
    ],
)
def test_values_are_read(arguments: list[str], field: str, value: Any):
    assert getattr(_read(*arguments), field) == value


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--wohle", "3"], "Did you mean --whole?"),
        (["--whole"], "expected one argument"),
        (["stray"], "forgotten"),
        (["--whole", "ten"], "whole number"),
        (["--kind", "word"], "one of token, sentence"),
    ],
)
def test_refusals(arguments: list[str], said: str):
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        _read(*arguments)


def test_help_gives_paper_value_and_default(capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit):
        _parser().read(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "A share of 100 %." in shown
    assert "Paper: 30 % [Section 4, reported]" in shown
    assert "default 0.5" in shown


@given(
    st.builds(
        Every,
        whole=st.integers(-5, 5),
        real=st.floats(allow_nan=False, allow_infinity=False),
        share=st.floats(0, 100),
        truth=st.booleans(),
        kind=st.sampled_from(["token", "sentence"]),
        words=st.text(alphabet="ab '\"$-=\\\n é%#", max_size=12),
        many=st.lists(st.text(alphabet="abé_-'", min_size=1, max_size=5), max_size=4).map(tuple),
        numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3).map(tuple),
        maybe=st.none() | st.integers(),
    )
)
def test_settings_said_as_flags_read_back_the_same(config: Every):
    line = " ".join(settings_as_flags(config.model_dump(mode="json")))
    assert _read(*shlex.split(line)) == config


def test_own_arms_read_back_the_same():
    arms = {"wide": {"whole": 3, "words": "a=b:c d"}, "off": {"maybe": None}}
    parser = FlagParser(prog="try")
    parser.add_argument("--own-arm", action="append")
    found = parser.read(shlex.split(" ".join(own_arms_as_flags(arms))))
    assert read_own_arms(found.own_arm) == {"wide": {"whole": "3", "words": "a=b:c d"}, "off": {"maybe": "none"}}


@pytest.mark.parametrize("value", ["wide", "wide:", "wide:whole", ":whole=3"])
def test_an_own_arm_of_another_shape_is_refused(value: str):
    with pytest.raises(ConfigError, match="NAME:setting=value"):
        read_own_arms([value])


def test_texts():
    assert [as_text(v) for v in (None, True, False, (1, "b"), 0.1)] == ["none", "yes", "no", "1,b", "0.1"]


def test_flags_of_run_itself_are_reserved():
    from workbench.specs.run_arguments import run_parser

    own = {action.dest for action in run_parser(None)._actions if action.option_strings}
    assert own == RESERVED
