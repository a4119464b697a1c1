"""Answers as values of a pydantic model: held to its schema where the backend can, validated, repaired once.

Design decisions:
- Any backend will do. One that ignores the schema answers in its own words; then the validator finds out.
- An answer that does not validate is shown to the model together with what is wrong, once. What still does not validate
  is read leniently. How a value came about is told, since it is not the same to have been right at once.
- A method goes on with the answers it got: a value that cannot be had is None with its problem, not an error, and with
  the fields that can be read of it, so that nobody takes JSON that was cut for words.
- A repair has twice the room, since most answers are wrong because they were cut.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import from_json

from engines.parts.completions.generation import Completion, Sampling, schema_text
from engines.parts.completions.prompts import Message, Prompt

if TYPE_CHECKING:
    from engines.parts.generation.generator import Generator, Use

Shape = TypeVar("Shape", bound=BaseModel)

SHOWN = 4000
"""Characters of a wrong answer that its repair shows."""
PROBLEMS = 5
"""Most problems of one answer that are told."""
MOST_TOKENS = 1_000_000
STARTS = 50
"""Most places at which a lenient reading looks for a value."""

FENCE = re.compile(r"\A\s*```[\w-]*\n(.*?)\n?```\s*\Z", re.DOTALL)
TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
REPAIR = (
    "That is not the JSON that was asked for: {problem}\n"
    "It must be one JSON value of this schema:\n{schema}\n"
    "Answer again with the corrected JSON only, no other words."
)


@dataclass(frozen=True)
class Structured(Generic[Shape]):
    """One answer as a value.

    Attributes:
        value: None where no reading of the answer validates.
        text: the answer that the value was read from; of a None, the last one.
        repaired: it is the answer to the repair, not the first one.
        lenient: it was found in other text, or had commas too many.
        problem: of a None, why not.
        fields: of a None, what can be read of the better of both answers; its last text may be cut.
        prompt_tokens, tokens: read and written for it, its repair included.
        cut: it ended at its token limit (after a repair, the repaired one).
    """

    value: Shape | None
    text: str
    repaired: bool = False
    lenient: bool = False
    problem: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    prompt_tokens: int = field(default=0, compare=False)
    tokens: int = field(default=0, compare=False)
    cut: bool = field(default=False, compare=False)


def generate_json(
    generator: "Generator", prompts: Sequence[Prompt], shape: type[Shape], sampling: Sampling, use: "Use"
) -> list[Structured[Shape]]:
    """Answer every prompt `sampling.n` times with a value of a shape; by prompt, then sample.

    The prompt itself should say what is asked for; the schema alone does not tell a model what to write. Repairs enter
    the ledger as a stage of their own.

    Raises:
        DataError, ModelError, ResourceError, RunStopped: as `Generator.generate`.
    """
    schema = schema_text(shape.model_json_schema(schema_generator=_Closed))
    sampling = replace(sampling, schema=schema)
    answers = [one for several in generator.generate(prompts, sampling, use) for one in several]
    found = [_paid(_first_reading(answer.text, shape), answer) for answer in answers]
    wrong = [at for at, one in enumerate(found) if one.value is None]
    if not wrong:
        return found
    repairs = [repair_prompt(prompts[at // sampling.n], found[at].text, found[at].problem, schema) for at in wrong]
    # A repair is longer than its prompt, and that must not end a run.
    again = replace(sampling, n=1, too_long="truncate left", max_tokens=min(2 * sampling.max_tokens, MOST_TOKENS))
    corrected = generator.generate(repairs, again, replace(use, stage=f"{use.stage}, repair"))
    for at, (answer,) in zip(wrong, corrected, strict=True):
        first = found[at]
        found[at] = _paid(_after_repair(first, answer.text, shape), answer, first.prompt_tokens, first.tokens)
    return found


def _paid(found: Structured[Shape], answer: Completion, read: int = 0, written: int = 0) -> Structured[Shape]:
    """A value with what it cost, beside what was read and written for it before."""
    return replace(
        found, prompt_tokens=read + answer.prompt_tokens, tokens=written + answer.tokens, cut=answer.finish == "length"
    )


class _Closed(GenerateJsonSchema):
    """Objects have the fields of their model and no others: what nobody reads needs no tokens."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        found = super().model_schema(schema)
        if "properties" in found:
            found.setdefault("additionalProperties", False)
        return found


def repair_prompt(prompt: Prompt, answer: str, problem: str, schema: str) -> Prompt:
    """Return the prompt that shows a model its answer and what is wrong with it.

    A chat goes on, a plain text is added to.
    """
    shown = answer[:SHOWN] if answer.strip() else "(nothing)"
    asked = REPAIR.format(problem=problem, schema=schema)
    if isinstance(prompt, str):
        return f"{prompt}{shown}\n\n{asked}\n\n"
    return (*prompt, Message("assistant", shown), Message("user", asked))


def read_leniently(text: str, shape: type[Shape]) -> Shape | None:
    """Return the first JSON value of that shape in a text, trailing commas allowed; None where there is none."""
    for value in _values_in(TRAILING_COMMA.sub(lambda match: match[1] or "", text)):
        try:
            return shape.model_validate_json(json.dumps(value))
        except (ValidationError, RecursionError):
            continue
    return None


def _first_reading(text: str, shape: type[Shape]) -> Structured[Shape]:
    """Strictly; a fence around all of it is no reason to ask again."""
    fenced = FENCE.match(text)
    try:
        return Structured(shape.model_validate_json(fenced[1] if fenced else text), text, lenient=fenced is not None)
    except ValidationError as error:
        return Structured(None, text, problem=_told(error))


def _after_repair(first: Structured[Shape], text: str, shape: type[Shape]) -> Structured[Shape]:
    second = _first_reading(text, shape)
    if second.value is not None:
        return replace(second, repaired=True)
    for answer, repaired in ((text, True), (first.text, False)):
        value = read_leniently(answer, shape)
        if value is not None:
            return Structured(value, answer, repaired, lenient=True)
    found = max((salvaged(text), salvaged(first.text)), key=_said)
    return replace(second, repaired=True, fields=found)


def salvaged(text: str) -> dict[str, Any]:
    """Return the fields of the first JSON object of a text, as far as it goes; none where there is none."""
    for match in list(re.finditer(r"\{", text))[:STARTS]:
        try:
            found = from_json(text[match.start() :], allow_partial="trailing-strings")
        except ValueError:
            continue
        if isinstance(found, dict) and found:
            return found
    return {}


def _said(fields: Mapping[str, Any]) -> int:
    return len(json.dumps(fields, default=str))


def _values_in(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    for match in list(re.finditer(r"[{\[]", text))[:STARTS]:
        try:
            yield decoder.raw_decode(text, match.start())[0]
        except (ValueError, RecursionError):
            continue


def _told(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg']}" for one in found[:PROBLEMS]]
    more = len(found) - PROBLEMS
    return "; ".join(lines) + (f"; and {more} more" if more > 0 else "") + "."
