"""Features of a text's form: reading ease, distinct words, depth of dependency trees, perplexity, length."""

import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.parts.answers.sentences import split_sentences

if TYPE_CHECKING:
    from engines.parts.scoring.scoring import Scorer

FEATURES = ("reading_ease", "distinct_1", "dependency_depth", "perplexity", "length")

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_VOWELS = re.compile(r"[aeiouyàáâäæèéêëìíîïòóôöœùúûü]+")


def words_of(text: str) -> list[str]:
    """Split a text into words and numbers in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def syllables(word: str) -> int:
    """Count the syllables of an English word: groups of vowels, but for a silent final e ("made"); 1 at least.

    A rule of thumb, right for about nine of ten words; letters of other scripts count as one syllable a word.
    """
    word = word.lower()
    groups = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "oe", "ye")) and len(word) > 2
    ended = word.endswith("ed") and len(word) > 3 and word[-3] not in "dt"
    return max(1, groups - silent - ended)


def reading_ease(text: str) -> float:
    """Return the Flesch reading ease: 206.835 - 1.015 words/sentences - 84.6 syllables/words; NaN without words.

    Made for English; higher is easier.
    """
    words = words_of(text)
    if not words:
        return float("nan")
    sentences = max(1, len(split_sentences(text)))
    count = sum(map(syllables, words))
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * count / len(words)


def distinct_1(text: str) -> float:
    """Return the share of different words among all words, in (0, 1]; NaN without words."""
    words = words_of(text)
    return len(set(words)) / len(words) if words else float("nan")


def tree_depth(heads: Sequence[int]) -> int:
    """Return the depth of a dependency tree: most steps from a word up to the root; 0 for a lone word.

    Args:
        heads: for each word the place of its head; a root is its own head.
    """
    deepest = 0
    for at in range(len(heads)):
        steps, here = 0, at
        while heads[here] != here:
            here, steps = heads[here], steps + 1
        deepest = max(deepest, steps)
    return deepest


def dependency_parser() -> Callable[[str], float] | None:
    """Return what gives the mean depth of a text's sentences; None unless spaCy has a pipeline installed."""
    if find_spec("spacy") is None:
        return None
    import spacy  # pyright: ignore[reportMissingImports]

    installed = spacy.util.get_installed_models()
    if not installed:
        return None
    parse: Any = spacy.load(installed[0])

    def depth(text: str) -> float:
        depths = [tree_depth([word.head.i - said.start for word in said]) for said in parse(text).sents]
        return float(np.mean(depths)) if depths else float("nan")

    return depth


def perplexities(texts: Sequence[str], scorer: "Scorer") -> np.ndarray:
    """Return exp(mean negative log-likelihood per token) of each text under a model, shape (n,).

    Each text is read after the model's own begin token, or after its own first token where there is none.

    Raises:
        DataError: a text is longer than the model's context.
    """
    tokenizer = scorer.model.tokenizer
    pairs = []
    for text in texts:
        ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
        begin = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else ids[:1]
        pairs.append((begin, ids if tokenizer.bos_token_id is not None else ids[1:]))
    return np.array([scored.perplexity for scored in scorer.score_ids(pairs)])


def lengths(texts: Sequence[str], scorer: "Scorer") -> np.ndarray:
    """Count the tokens of each text, shape (n,)."""
    return np.array([len(scorer.model.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts])


def features_of(texts: Sequence[str], scorer: "Scorer") -> dict[str, np.ndarray]:
    """Measure every feature of every text, shape (n,) each; the dependency depth only where a parser is installed."""
    measured = {
        "reading_ease": np.array([reading_ease(text) for text in texts]),
        "distinct_1": np.array([distinct_1(text) for text in texts]),
        "perplexity": perplexities(texts, scorer),
        "length": lengths(texts, scorer).astype(float),
    }
    depth = dependency_parser()
    if depth is not None:
        measured["dependency_depth"] = np.array([depth(text) for text in texts])
    return {name: measured[name] for name in FEATURES if name in measured}
