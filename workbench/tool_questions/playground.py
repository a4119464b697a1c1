"""What the page asks of the playground and what it answers: one prompt, several models, answers token by token."""

from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import Field, StringConstraints

from workbench.contract.schema import MEASURED, Config, Row
from workbench.contract.vocabulary import BASIC, LongText, Unit

PLAYGROUND = "playground"
MOST_MODELS = 4

_Ref = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]


class Prompting(Config):
    """A prompt, and the models that answer it."""

    prompt: Annotated[str, StringConstraints(min_length=1, max_length=20_000), LongText(), BASIC]
    """What every model is asked."""
    models: Annotated[tuple[_Ref, ...], Field(min_length=1, max_length=MOST_MODELS), BASIC]
    """One to four models, in the order of their answers."""
    system: Annotated[str, StringConstraints(max_length=20_000), LongText()] = ""
    """How to answer, said before the prompt; some models take no such text."""
    reading: Literal["chat", "text"] = "chat"
    """As a question in a chat, laid out by each model's own template, or as a text that is continued."""
    max_tokens: Annotated[int, Ge(1), Le(2000), Unit("tokens")] = 128
    """Most tokens of an answer."""
    temperature: Annotated[float, Ge(0.0), Le(2.0)] = 0.0
    """0 takes the likeliest token each time; more is more varied."""
    seed: Annotated[int, Ge(0), Le(2**31 - 1)] = 0
    """Of the draw, where the temperature is above 0: the same seed gives the same answer."""


class AnswerPiece(Row):
    """What an answer says from a character on, as it grows; a later piece takes the place of what it covers."""

    model: int
    """Place among the models asked, from 0."""
    begin: int
    text: str


class AnswerToken(Row):
    """One token of a finished answer."""

    model: int
    place: int
    text: str
    probability: float
    """Under the untempered model."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """The likeliest tokens at this place, each with its probability."""


class Answered(Row):
    """A finished answer."""

    model: int
    ref: str
    name: str
    text: str
    finish: Literal["stop", "length"]
    """Whether the model ended it, or the most tokens allowed."""
    prompt_tokens: int
    tokens: int
    dtype: str
    reused: Annotated[bool, MEASURED]
    """It was kept from an earlier call."""
    seconds: Annotated[float, MEASURED]
    """From the prompt to the last token, loading apart."""
    tokens_per_second: Annotated[float | None, MEASURED] = None
    """None for an answer that was kept, or that is too short to tell."""


class Unanswered(Row):
    """A model that could not answer, and why."""

    model: int
    ref: str
    message: str
    hint: str
