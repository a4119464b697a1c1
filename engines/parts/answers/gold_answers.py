r"""Whether a text contains a gold answer: both are brought to the same plain words first, whatever form they stand in.

What is undone, in the gold answer and in the text alike:
- escapes of HTML (`AT&amp;T`), of JSON and YAML (`\n`, `\u00e9`, `\"`) and of Markdown (`\*`);
- marks of print: curly quotation marks, all dashes (`1990–1995` is `1990-1995`), ligatures and full-width letters,
  composed and decomposed accents, invisible characters, digits of other scripts;
- case, articles (a, an, the), and punctuation, which parts words where it is a dash, a slash or a bracket.

Numbers keep their sign and their point: `3.5` is neither `35` nor `-3.5`; `1,000` is `1000` and `3.0` is `3`.

Differs from SQuAD's normalisation (`answers.normalised`), which deletes every ASCII mark, so that `3.5` becomes `35`
and `1990-1995` one number, and knows no other marks.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import unescape
from typing import Literal

Match = Literal["words", "substring"]
"""An answer must stand as whole words, or may be part of a word (as in SURE's paper: "art" in "party")."""
KEPT_TEXTS = 4096
NESTED = 2
"""Escapes within escapes that are undone: a page that was escaped once more in JSON."""
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0003ffff"
"""Scripts that put no space between words: there an answer may be part of any run of letters."""
ARTICLES = frozenset(("a", "an", "the"))
POINT, COMMA, SIGN = "\ue000", "\ue001", "\ue002"
"""Stand for the marks of a number while all other marks are taken away."""
_KEPT_MARKS = {ord(POINT): ".", ord(COMMA): ",", ord(SIGN): "-"}
_APOSTROPHES = frozenset("'‘’‚‛′`´ʼʹ")
_LONG_DASHES = frozenset("—―⸺⸻")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([bfnrt])|([^\w\s]))")
_RAISED = re.compile(r"(?<=\d)(?=[⁰¹²³⁴-⁹₀-₉¼-¾⅐-⅞])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BARE_POINT = re.compile(r"(?<![\w.])\.(?=\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)['‘’‚‛′`´ʼʹ&](?=\d)")
_MINUS = re.compile(r"(?<![\w)\]])-[$€£¥₹]?(?=\d)")
_BETWEEN_SCRIPTS = re.compile(rf"(?<=[{SPACELESS}])(?=[^{SPACELESS}\s])|(?<=[^{SPACELESS}\s])(?=[{SPACELESS}])")


class GoldAnswers:
    """The answers that count as right for one question.

    Answers of marks and articles alone ("the", "?!") can be found nowhere and are left out.

    Args:
        answers: as the data has them.
        match: as whole words, or as any part of the text.

    Attributes:
        usable: whether any answer can be found at all.
    """

    def __init__(self, answers: Iterable[str], match: Match = "words") -> None:
        golds = dict.fromkeys(comparable(answer) for answer in answers)
        self._needles = [_needle(gold, match) for gold in golds if gold]
        self.usable = bool(self._needles)

    def within(self, text: str) -> bool:
        """Return whether the text contains one of the answers."""
        said = _searchable(text)
        return any(needle in said for needle in self._needles)


def comparable(text: str) -> str:
    """Return a text as the plain words that answers are compared by; "" where no word is left."""
    said = _without_marks_of_print(_unescaped(text)).casefold()
    said = _NUMBER.sub(_number, _BARE_POINT.sub("0.", _BETWEEN_DIGITS.sub(" ", said)))
    said = _MINUS.sub(SIGN, said).translate(_PLAIN)
    if not said.isascii():
        said = _BETWEEN_SCRIPTS.sub(" ", said)
    return " ".join(word for word in said.split() if word not in ARTICLES)


@lru_cache(maxsize=KEPT_TEXTS)
def _searchable(text: str) -> str:
    return f" {comparable(text)} "


def _needle(gold: str, match: Match) -> str:
    if match == "substring":
        return gold
    before, after = ("" if re.match(f"[{SPACELESS}]", end) else " " for end in (gold[0], gold[-1]))
    return f"{before}{gold}{after}"


def _unescaped(text: str) -> str:
    for _ in range(NESTED):
        text = _ENTITY.sub(lambda found: unescape(found[0]), text) if "&" in text else text
        text = _ESCAPE.sub(_escaped_letter, text) if "\\" in text else text
    return text


def _escaped_letter(found: re.Match[str]) -> str:
    code, byte, blank, mark = found.groups()
    return chr(int(code or byte, 16)) if code or byte else mark or (" " if blank else "")


def _without_marks_of_print(text: str) -> str:
    if text.isascii():
        return text
    # Halves of a pair that stood as two escapes are joined; a lone half is no letter.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFKC", _RAISED.sub(" ", whole)).translate(_PRINTED)


def _number(found: re.Match[str]) -> str:
    run = found[0]
    if _THOUSANDS.fullmatch(run):
        run = run.replace(",", "")
    whole, point, part = run.partition(".")
    # Three digits may be thousands, as in German; a second point makes it a date or a version.
    if point and part.isdecimal() and len(part) != 3:
        run = f"{whole}.{part}".rstrip("0").rstrip(".")
    return run.replace(".", POINT).replace(",", COMMA)


class _Letters(dict[int, str]):
    """What becomes of each character, found when it first comes."""

    def __init__(self, becomes: Callable[[str], str], known: dict[int, str] | None = None) -> None:
        super().__init__(known or {})
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        self[code] = self._becomes(chr(code))
        return self[code]


def _plain(letter: str) -> str:
    if letter in _APOSTROPHES or letter in ".&":
        return ""
    return letter if unicodedata.category(letter)[0] in "LMN" else " "


def _printed(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    if (kind == "Pd" and letter not in _LONG_DASHES) or letter == "−":
        return "-"
    return "" if kind == "Cf" else " " if kind == "Co" else letter


_PLAIN = _Letters(_plain, _KEPT_MARKS)
_PRINTED = _Letters(_printed, {ord("٫"): ".", ord("٬"): ","})
