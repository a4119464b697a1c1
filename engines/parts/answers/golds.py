r"""Right answers as data sets write them: what kind each is, and which of them no answer could ever match.

Kinds, in the order in which they are tried:
- number: 9, "9 (apples)", "$12.50", `\$40`, `\frac12`, "40 dollars", "nine", a solution that ends in "#### 72";
- numbers: "2, 3", "x = 2; x = -2", "21 (bags); 9 (boxes)": an answer must name all of them, in any order;
- option: a capital letter from A to J;
- words: "Tuesday", "no solution", "5:30": compared as plain words (`gold_answers.comparable`);
- mathematics: everything else, read by math-verify.
"""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

from engines.parts.answers.answers import final_number, numbers_in, option_letter, stated_answer
from engines.parts.answers.gold_answers import comparable
from engines.parts.answers.spelled_numbers import spelled_number

GoldKind = Literal["number", "numbers", "option", "words", "mathematics"]
OPTIONS = "ABCDEFGHIJ"
LONGEST_WORDS = 200
"""Characters up to which a right answer is compared as words."""
SHORT = 12
"""Words of a response that may be an answer as a whole."""

_AMOUNT = (
    r"[-+−–]?\s*(?:[$€£¥₹]|\\\$|US\$|Rs\.?)?\s*[-−–]?"
    r"(?:\\[dt]?frac(?:\{-?\d+\}|\d)(?:\{\d+\}|\d)|(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
    r"(?: \d+/\d+|\s?/\s?\d+)?|\.\d+)"
)
_UNIT = r"(?:\s*(?:%|\\%|°))?(?:\s*\([^()]*\)|(?:\s+[^\W\d_][\w.²³/]*){1,4}|\s?[a-zA-Z²³]{1,4})?"
_NUMBER = re.compile(rf"\s*\$?{_AMOUNT}{_UNIT}\$?\s*\.?\s*")
_PART = re.compile(rf"\s*(?:[a-zA-Z]\s*=\s*)?{_AMOUNT}{_UNIT}\s*")
_BETWEEN = re.compile(r"\s*;\s*|\s+(?:and|or)\s+|,\s+(?:and\s+|or\s+)?|(?<=\d),(?!\d{3}(?!\d))")
_WRAPPED = re.compile(r"\\(?:text(?:bf|rm|it)?|mathrm|mathbf|mbox)\s*\{([^{}]*)\}")
_OF_MATHEMATICS = re.compile(r"[\\^_{}=+*/<>|√π]|\d\s*[-−]\s*\d|\b[a-zA-Z]\s*[-−]\s*[a-zA-Z]\b")
_WORD = re.compile(r"[^\W\d_]{2,}|\d\s*:\s*\d")
_YES_OR_NO = ("yes", "no", "true", "false")


def gold_kind(gold: str) -> GoldKind:
    """Return the kind of a right answer."""
    text = _unwrapped(gold)
    if "####" in text and final_number(text) is not None:
        return "number"
    if _NUMBER.fullmatch(text[:LONGEST_WORDS]) or _is_spelled(text):
        return "number"
    parts = _parts(text)
    if len(parts) > 1 and all(_PART.fullmatch(part) for part in parts):
        return "numbers"
    if len(text) == 1 and text in OPTIONS:
        return "option"
    if len(text) <= LONGEST_WORDS and _WORD.search(text) and not _OF_MATHEMATICS.search(text):
        return "words"
    return "mathematics"


def matches_plainly(gold: str, response: str) -> bool | None:
    """Return whether a response gives the right answer; None for mathematics, which this cannot tell."""
    kind, text = gold_kind(gold), _unwrapped(gold)
    if kind == "mathematics":
        return None
    if kind == "number":
        wanted = final_number(text)
        return wanted is not None and wanted == final_number(_unwrapped(response))
    if kind == "numbers":
        said = stated_answer(response) or _last_line(response)
        return _set_of(text) == set(numbers_in(_unwrapped(said)))
    if kind == "option":
        return option_letter(response, OPTIONS) == text
    return comparable(text) in _sayings(response, comparable(text))


def unmatchable(golds: Iterable[str]) -> list[str]:
    """Return the right answers that not even themselves match, each once: "The answer is GOLD." is not judged right.

    Raises:
        ModelError: the process that reads mathematics does not start.
    """
    from engines.parts.answers.verdicts import verdicts

    different = list(dict.fromkeys(gold for gold in golds if gold.strip()))
    stated = verdicts([(gold, f"The answer is {gold}.") for gold in different])
    failed = [gold for gold, right in zip(different, stated, strict=True) if not right]
    boxed = verdicts([(gold, rf"\boxed{{{gold}}}") for gold in failed])
    return [gold for gold, right in zip(failed, boxed, strict=True) if not right]


def _unwrapped(text: str) -> str:
    return _WRAPPED.sub(r"\1", text).strip()


def _is_spelled(text: str) -> bool:
    return len(text.split()) <= SHORT and not re.search(r"\d", text) and spelled_number(text) is not None


def _parts(text: str) -> Sequence[str]:
    plain = text.strip("$ ")
    return [part for part in _BETWEEN.split(plain[:LONGEST_WORDS]) if part.strip()]


def _set_of(text: str) -> set[Fraction]:
    found = (final_number(part) for part in _parts(text))
    return {number for number in found if number is not None}


def _last_line(response: str) -> str:
    lines = [line for line in response.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _sayings(response: str, gold: str) -> set[str]:
    """What a response may give as its answer, as plain words: what it states, its last line, all of it where short."""
    text = _unwrapped(response)
    found = [stated_answer(text), _last_line(text), text if len(text.split()) <= SHORT else ""]
    said = {comparable(part) for part in found if part}
    if gold in _YES_OR_NO and text:
        said.add(comparable(text[:40]).split(" ")[0])
    return said
