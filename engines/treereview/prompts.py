"""What the model is told and the JSON it is asked for: templates from one readable file, and forms of fixed shape.

Design decisions:
- The file is what the page shows and what a reader may change; names in double braces are filled, everything else is
  said as it stands. What is filled in is never read as a template again, so that no paper can fill a place.
- A place that a prompt cannot do without must be there; an unknown one is refused by name.
- Forms are sized so that an answer always ends within its tokens.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, create_model

from engines.parts.completions import Prompt, chat
from workbench.contract import ConfigError

NEEDED: Mapping[str, frozenset[str]] = {
    "system": frozenset(),
    "sub-questions": frozenset({"title", "question", "most"}),
    "leaf": frozenset({"question", "passages"}),
    "inner": frozenset({"question", "answers", "most"}),
    "inner that must answer": frozenset({"question", "answers"}),
    "review": frozenset({"paper", "answers"}),
    "comments": frozenset({"paper", "answers"}),
    "judge": frozenset({"review"}),
}
EXTRA = {"sub-questions": {"abstract", "contents", "depth"}, "judge": {"abstract"}}
ALLOWED: Mapping[str, frozenset[str]] = {
    name: needed | {"title"} | EXTRA.get(name, set()) for name, needed in NEEDED.items()
}
HEADING = re.compile(r"^## (.+?)\s*$", re.M)
PLACE = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class PromptSet:
    """A template for each kind of work."""

    templates: Mapping[str, str]

    def fill(self, name: str, **values: str) -> Prompt:
        """Return the prompt of that name with its places filled; the system turn comes first where there is one."""
        said = PLACE.sub(lambda found: values[found[1]], self.templates[name])
        return chat(said.strip(), self.templates["system"].strip())


@cache
def shipped_text(style: Literal["complete", "short"]) -> str:
    """Return the text of a shipped file of prompts."""
    return (FOLDER / f"prompts_{style}.md").read_text("utf-8")


def prompt_set(text: str = "") -> PromptSet:
    """Read the prompts of a text like the shipped ones; sections that it lacks are the complete ones.

    Raises:
        ConfigError: an unknown section or place, or a needed place that is missing.
    """
    templates = read_templates(shipped_text("complete")) | read_templates(text)
    _check(templates)
    return PromptSet(templates)


def read_templates(text: str) -> dict[str, str]:
    """Read templates by the headings (`## name`) they stand under; what precedes the first heading is a remark."""
    parts = HEADING.split(text)
    return {name.strip(): body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _check(templates: Mapping[str, str]) -> None:
    problems = [f"{name!r} is no prompt of this method" for name in templates if name not in NEEDED]
    for name in (name for name in templates if name in NEEDED):
        places = set(PLACE.findall(templates[name]))
        problems += [f"{name} does not say {{{{{place}}}}}" for place in sorted(NEEDED[name] - places)]
        problems += [f"{name} knows no {{{{{place}}}}}" for place in sorted(places - ALLOWED[name])]
    if problems:
        known = ", ".join(NEEDED)
        raise ConfigError(
            {"prompts": "; ".join(problems) + "."},
            f"Write each template under a line '## name'; the names are {known}.",
        )


LETTERS_PER_TOKEN, KEY_TOKENS = 3, 8
"""Fewer letters than English has, and what a key takes with its signs: a string that is full before the tokens are
leaves the JSON closed."""


class WrittenForm(BaseModel):
    """Base of everything that a model writes; more fields than asked are left aside."""

    model_config = ConfigDict(extra="ignore")


class SubQuestions(WrittenForm):
    """Questions that together answer the one above them; may be empty."""

    questions: list[str]


class Synthesis(WrittenForm):
    """The answer to a question from the answers below it."""

    reasoning: str = ""
    answer: str


class Sufficing(WrittenForm):
    """The answer to a question whose answers below suffice."""

    reasoning: str = ""
    sufficient: Literal[True]
    answer: str


class Lacking(WrittenForm):
    """What must be asked before a question can be answered."""

    reasoning: str = ""
    sufficient: Literal[False]
    follow_up_questions: Annotated[list[str], Field(min_length=1)]


class ReviewForm(WrittenForm):
    """The review form of ICLR."""

    summary: str
    strengths: list[str]
    weaknesses: list[str]
    questions: list[str]
    soundness: Annotated[int, Field(ge=1, le=4)]
    presentation: Annotated[int, Field(ge=1, le=4)]
    contribution: Annotated[int, Field(ge=1, le=4)]
    rating: Annotated[int, Field(ge=1, le=10)]
    confidence: Annotated[int, Field(ge=1, le=5)]


class Comment(WrittenForm):
    """What the authors should mend, and the sentence of the paper that it is about."""

    comment: str
    evidence: str = ""


class Comments(WrittenForm):
    """The comments on a paper."""

    comments: list[Comment]


class Marks(WrittenForm):
    """A judge's marks of a review."""

    specificity: Annotated[int, Field(ge=1, le=10)]
    comprehensiveness: Annotated[int, Field(ge=1, le=10)]
    technical_depth: Annotated[int, Field(ge=1, le=10)]
    overall: Annotated[int, Field(ge=1, le=10)]


SCORES = ("soundness", "presentation", "contribution", "rating", "confidence")


@dataclass(frozen=True)
class Sizes:
    """How long and how free answers may be.

    Attributes:
        question, answer, review: most tokens of a list of questions, an answer, and each half of the review.
        comments: most comments.
        guided: hold small models to the form of a question, to as many as may be asked, and to more than a word.
    """

    question: int
    answer: int
    review: int
    comments: int
    guided: bool = False

    def letters(self, tokens: int, parts: int = 1, keys: int = 1) -> int:
        """Return the letters that each of `parts` equal shares of the tokens may have, beside so many keys."""
        return max(24, LETTERS_PER_TOKEN * (tokens - KEY_TOKENS * keys) // parts)


@cache
def sub_questions(most: int, sizes: Sizes) -> type[BaseModel]:
    """Return `SubQuestions` with at most so many questions."""
    if not sizes.guided:
        return _sized("SubQuestions", SubQuestions, questions=_questions(most, sizes))
    # Different first words, because a small model asks the same again and again.
    letters = sizes.letters(sizes.question, most + 1)
    asked = tuple(_question(letters, sizes, OPENINGS[at % len(OPENINGS)]) for at in range(most))
    return _sized("SubQuestions", SubQuestions, questions=tuple[asked])


@cache
def synthesis(sizes: Sizes) -> type[BaseModel]:
    """Return `Synthesis` that fits an answer's tokens."""
    letters = sizes.letters(sizes.answer, 3, keys=2)
    return _sized("Synthesis", Synthesis, reasoning=_text(letters, sizes), answer=_text(2 * letters, sizes))


@cache
def sufficiency(most: int, sizes: Sizes) -> type[BaseModel]:
    """Return either of `Sufficing` and `Lacking`, with at most so many follow-ups: no answer has fields of both."""
    letters = sizes.letters(sizes.answer, 3, keys=3)
    reasoning = _text(letters, sizes)
    answered = _sized(
        "Sufficing", Sufficing, reasoning=reasoning, sufficient=Literal[True], answer=_text(2 * letters, sizes)
    )
    question = _question(2 * letters // max(1, most), sizes, "|".join(OPENINGS))
    asked = _sized(
        "Lacking", Lacking, reasoning=reasoning, sufficient=Literal[False],
        follow_up_questions=Annotated[list[question], Field(min_length=1, max_length=most)],
    )  # fmt: skip
    return create_model("Sufficiency", __base__=RootModel[answered | asked])


@cache
def review_form(points: int, sizes: Sizes) -> type[BaseModel]:
    """Return `ReviewForm` with at most so many points under each heading."""
    letters = sizes.letters(sizes.review, 3 * points + 3, keys=9)
    one = _text(letters, sizes)
    points_of = Annotated[list[one], Field(min_length=1, max_length=points)]
    return _sized(
        "ReviewForm", ReviewForm, summary=_text(2 * letters, sizes), strengths=points_of, weaknesses=points_of,
        questions=points_of,
    )  # fmt: skip


@cache
def comment_list(sizes: Sizes) -> type[BaseModel]:
    """Return `Comments`, as many as may be."""
    text = _text(sizes.letters(sizes.review, 2 * sizes.comments + 1, keys=2 * sizes.comments), sizes)
    one = _sized("Comment", Comment, comment=text, evidence=text)
    least = min(2, sizes.comments) if sizes.guided else 1
    return _sized(
        "Comments", Comments, comments=Annotated[list[one], Field(min_length=least, max_length=sizes.comments)]
    )


LEAST_LETTERS = 16
"""Of a guided text: a small model otherwise writes the name of the field into it."""
SENTENCE = r"^[A-Z](?:[^0-9\n\"\\]|[0-9]{{1,4}}[^0-9\n\"\\]){{{least},{most}}}(?:[0-9]{{1,4}})?[.?]$"
"""A guided text: a sentence, without the endless digits that a small model falls into."""
LONGEST_QUESTION = 300
QUESTION = r"^({opening}) [^\n\"]{{12,{most}}}\?$"
OPENINGS = ("How", "Which", "Why", "What", "Does|Do|Is|Are")


def _text(letters: int, sizes: Sizes) -> object:
    if not sizes.guided:
        return Annotated[str, StringConstraints(max_length=letters)]
    pattern = SENTENCE.format(least=LEAST_LETTERS, most=max(LEAST_LETTERS, letters - 2))
    return Annotated[str, StringConstraints(pattern=pattern)]


def _questions(most: int, sizes: Sizes) -> object:
    item = _question(sizes.letters(sizes.question, most + 1), sizes, "|".join(OPENINGS))
    return Annotated[list[item], Field(max_length=most)]


def _question(letters: int, sizes: Sizes, opening: str) -> object:
    letters = min(LONGEST_QUESTION, letters)
    pattern = QUESTION.format(opening=opening, most=max(24, letters - 12)) if sizes.guided else None
    return Annotated[str, StringConstraints(min_length=1, max_length=letters, pattern=pattern)]


def _sized(name: str, base: type[BaseModel], **fields: object) -> type[BaseModel]:
    return create_model(name, __base__=base, **{field: (kind, ...) for field, kind in fields.items()})  # type: ignore[call-overload]


def as_lines(points: Sequence[str]) -> str:
    """Return points as a list of lines."""
    return "\n".join(f"- {point}" for point in points)
