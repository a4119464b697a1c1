"""Script and language of a short text, and whether a response is in another one than its prompt.

A response is foreign by its letters, and between Latin languages by small words: a rough check that costs nothing and
errs towards "the same": a response of numbers, or a short one, is never foreign.
"""

import re
import unicodedata
from collections import Counter

LEAST_LETTERS = 12
"""Letters below which a text shows no script."""
LEAST_WORDS = 8
"""Words below which a text shows no language."""

SMALL_WORDS = {
    "en": "the is of and to in that it are was with for has how many each he she they his her",
    "fr": "le la les des et est une dans que pour il elle sont avec ses sur combien du aux",
    "de": "der die das und ist ein eine nicht mit von wie viele er sie hat zu den dem auf",
    "es": "el los las es una que para con tiene cuantos cuántos por del su más y hay ella",
    "it": "il gli una che per con ha quanti sono della di nel suo più lei e lui ogni",
    "pt": "os uma que para com tem quantos são não da do seu mais ela ele cada em",
    "nl": "de het een en is van niet met hoeveel zijn heeft hij zij voor op dat",
}
_WORDS = {language: frozenset(words.split()) for language, words in SMALL_WORDS.items()}


def script_of(text: str) -> str:
    """Return the script of most letters ("LATIN", "CJK", "CYRILLIC"); "" for a text with too few of them."""
    letters = [letter for letter in text[:4000] if letter.isalpha()]
    if len(letters) < LEAST_LETTERS:
        return ""
    names = Counter(unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters)
    return names.most_common(1)[0][0]


def latin_language(text: str) -> str:
    """Return the language whose small words stand in a text clearly more often than others'; "" for none."""
    words = re.findall(r"[^\W\d_]+", text.lower()[:4000])
    if len(words) < LEAST_WORDS:
        return ""
    counts = sorted(((sum(word in known for word in words), name) for name, known in _WORDS.items()), reverse=True)
    (most, language), (next_most, _) = counts[:2]
    return language if most >= max(2, 0.1 * len(words)) and most >= 2 * next_most else ""


def is_foreign(prompt: str, response: str) -> bool:
    """Return whether the response is clearly in another script or language than the prompt."""
    asked, said = script_of(prompt), script_of(response)
    if asked and said and asked != said:
        return True
    languages = latin_language(prompt), latin_language(response)
    return all(languages) and languages[0] != languages[1]
