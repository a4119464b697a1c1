r"""What a free-form answer says: its final number, its option letter, its words; and whether that equals the gold.

Everything here is plain text work in bounded time. Symbolic equality (`maths_equal`) is in `maths_answers`.

Sources: the "#### 42" convention of GSM8K (Cobbe et al., 2021); normalisation and F1 of SQuAD (Rajpurkar et al., 2016).
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from engines.parts.answers.spelled_numbers import spelled_number

LONGEST_ANSWER = 100_000
"""Characters of an answer that are read, from its end, where the result stands."""

MOST_DIGITS = 1_000
"""Longer runs of digits are no number anyone meant; Python itself refuses to read them from 4,300 on."""

EXPONENT_DIGITS = 3
"""Larger exponents would fill the memory."""

MINUS_SIGNS = str.maketrans(dict.fromkeys("−﹣-‒", "-"))
_WHOLE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
_DECIMAL = rf"(?:{_WHOLE}(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?!\w))?"
_CURRENCY = r"(?:[$€£¥₹]|\\\$|US\$|Rs\.? ?)?"
# A minus after a digit, a letter or a bracket subtracts; elsewhere it belongs to the number.
_SIGN = r"(?:(?<![\w)\]%.])-|(?<![\w)\]%.])\+)?"
_NUMBER = re.compile(
    rf"(?<![\d.])(?P<sign>{_SIGN}){_CURRENCY}(?P<inner>-?)"
    rf"(?:\\[dt]?frac\s?(?:\{{(?P<up>-?\d+)\}}|(?P<top>\d))\s?(?:\{{(?P<down>\d+)\}}|(?P<base>\d))"
    rf"|(?P<mixed>\d+) (?P<over>\d+)/(?P<under>\d+)(?![\d/])"
    rf"|(?P<value>{_DECIMAL})(?:\s?/\s?(?P<divisor>{_DECIMAL})(?![\d/]))?)"
)
_MARKED = (
    re.compile(r"####\s*([^\n]*)"),
    re.compile(r"\\boxed\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"),
    re.compile(r"\b(?:final |correct )?answers?(?: is| are|:|\s=)[:\s]*([^\n]*?)(?=\.\s|\.?$|\n)", re.I | re.M),
)
"""Where an answer says that its result stands, the most binding mark first; the last mark of a kind counts."""

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation)


def final_number(text: str) -> Fraction | None:
    r"""Return the number that an answer ends on, exactly; None where it names none.

    Read in this order: after the last "####", in the last \boxed{}, after the last "the answer is", else the last
    number of the text; a mark without a number is passed over. Thousands separators, currency and unit words are
    dropped, and so is a percent sign ("25%" is 25, as in GSM8K). "3/4", "1 3/4", \frac{3}{4} and \frac34 are
    fractions, "10-3" ends on 3. A number in English words counts where it begins what is marked, or a text without
    digits ("nine", "The answer is twenty-three").
    """
    said = _plain_signs(text)
    for mark in _MARKED:
        marked = mark.findall(said)
        if marked and (numbers := _numbers(marked[-1])):
            return numbers[0] if mark is not _MARKED[2] else _result(marked[-1], numbers)
        if marked and (spelled := spelled_number(marked[-1])) is not None:
            return Fraction(spelled)
    numbers = _numbers(said)
    spelled = spelled_number(said) if not numbers else None
    return numbers[-1] if numbers else None if spelled is None else Fraction(spelled)


def numbers_in(text: str) -> list[Fraction]:
    """Return all numbers of a text in their order, read as `final_number` reads them."""
    return _numbers(_plain_signs(text))


def stated_answer(text: str) -> str:
    r"""Return what a text marks as its answer: after "####", in a \boxed{}, after "the answer is"; "" where nowhere."""
    for mark in _MARKED:
        marked = mark.findall(text[-LONGEST_ANSWER:])
        if marked:
            return marked[-1].strip()
    return ""


def _plain_signs(text: str) -> str:
    said = unicodedata.normalize("NFKC", text[-LONGEST_ANSWER:]).translate(MINUS_SIGNS).replace("{,}", ",")
    return said.replace("⁄", "/").replace("**", "")


def numbers_equal(gold: str, answer: str, tolerance: float = 0.0) -> bool:
    """Return whether both texts end on the same number, exactly or within a relative `tolerance` of the gold.

    False where either names no number.
    """
    wanted, found = final_number(gold), final_number(answer)
    if wanted is None or found is None:
        return False
    return abs(wanted - found) <= Fraction(tolerance) * abs(wanted)


def _result(sentence: str, numbers: list[Fraction]) -> Fraction:
    # "the answer is 3 + 4 = 7" gives its result after the last equals sign.
    after = _numbers(sentence.rpartition("=")[2])
    return after[0] if "=" in sentence and after else numbers[0]


def _numbers(text: str) -> list[Fraction]:
    found = (_value(match) for match in _NUMBER.finditer(text))
    return [number for number in found if number is not None]


def _value(match: re.Match[str]) -> Fraction | None:
    parts = match.groupdict()
    if any(part and _is_endless(part) for part in parts.values()):
        return None
    sign = -1 if "-" in (parts["sign"], parts["inner"]) else 1
    whole, above, below = Fraction(0), _plain(parts["value"]), _plain(parts["divisor"] or "1")
    up, down = parts["up"] or parts["top"], parts["down"] or parts["base"]
    if up is not None:
        above, below = _plain(up), _plain(down)
    elif parts["mixed"] is not None:
        whole, above, below = _plain(parts["mixed"]), _plain(parts["over"]), _plain(parts["under"])
    return sign * (whole + above / below) if below else None


def _is_endless(part: str) -> bool:
    return len(part) > MOST_DIGITS or len(part.lower().partition("e")[2].lstrip("+-")) > EXPONENT_DIGITS


def _plain(digits: str | None) -> Fraction:
    return Fraction((digits or "0").replace(",", ""))


def normalised(text: str) -> str:
    """Return a text in lower case without punctuation, articles and spare spaces, as SQuAD normalises answers."""
    plain = "".join(letter for letter in text.lower() if letter not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def exact_match(gold: str | Sequence[str], answer: str) -> bool:
    """Return whether the normalised answer is the normalised gold, or one of several golds."""
    said = normalised(answer)
    return any(said == normalised(one) for one in _several(gold))


def token_f1(gold: str | Sequence[str], answer: str) -> float:
    """Return SQuAD's F1 in [0, 1] over normalised words, of precision and recall; the best of several golds.

    Two empty texts agree (1); an empty text and another do not (0).
    """
    return max((_f1(normalised(one).split(), normalised(answer).split()) for one in _several(gold)), default=0.0)


def _several(gold: str | Sequence[str]) -> Sequence[str]:
    return (gold,) if isinstance(gold, str) else gold


def _f1(gold: list[str], answer: list[str]) -> float:
    if not gold or not answer:
        return float(gold == answer)
    shared = sum((Counter(gold) & Counter(answer)).values())
    return 2 * shared / (len(gold) + len(answer))


def option_letter(text: str, options: str = "ABCD") -> str | None:
    """Return the option that an answer chooses, as its capital letter; None where it chooses none, or several.

    Read in this order: what "the answer is" or a box names; a letter that the text begins with and sets apart ("B.",
    "(b) because"); letters in brackets; lone capitals ("I choose B"; "A" and "I" only where no word follows, because
    they are words). The first of these that names any option decides, and only if it names a single one.

    Args:
        options: the letters that may be chosen.
    """
    said = unicodedata.normalize("NFKC", text[-LONGEST_ANSWER:]).replace("*", "").strip()
    for pattern in _option_patterns(options):
        named = {next(filter(None, found.groups())).upper() for found in pattern.finditer(said)}
        if named:
            return named.pop() if len(named) == 1 else None
    return None


def _option_patterns(options: str) -> Sequence[re.Pattern[str]]:
    letter = f"([{re.escape(options.upper() + options.lower())}])"
    words = "".join(option for option in options.upper() if option in "AI")
    others = "".join(option for option in options.upper() if option not in "AI")
    lone = [rf"(?<![\w'])([{re.escape(others)}])(?![\w'])"] if others else []
    lone += [rf"(?<![\w'])([{words}])(?=[.,;:!?)]|\Z| (?:or|and|is)\b)"] if words else []
    # In "the answer is a dog" the letter is an article.
    stated = rf"\b(?i:answer|option|choice)(?i: is| would be|:)+\s*(?i:option |choice )?[(\[]?{letter}(?![\w'])"
    boxed = rf"\\boxed\s*\{{\s*(?:\\text(?:bf)?\{{)?\(?{letter}[)}}\s]"
    return (
        re.compile(rf"{stated}(?!(?<=[ai]) [a-z])|{boxed}"),
        re.compile(rf"\A[(\[]?{letter}(?:[)\].:,]|\s*\Z)"),
        re.compile(rf"[(\[]{letter}[)\]]"),
        re.compile("|".join(lone)),
    )
