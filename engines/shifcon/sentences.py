"""Parallel sentences as token ids: the same sentences in every language, within the token cap.

They stay in the order they were drawn, so that a run with more sentences begins with the same ones.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engines.shifcon.config import ShifConConfig
from workbench.contract import DataError

LEAST_SENTENCES = 8
"""Four to estimate language vectors and four to judge them; fewer say nothing."""

Encode = Callable[[list[str]], Sequence[Sequence[int]]]
Sentence = tuple[str, Mapping[str, str]]
"""An id, and the sentence in each language."""


class ParallelRows(Protocol):
    """What is needed of parallel text."""

    @property
    def rows(self) -> Sequence[Mapping[str, str]]:
        """language -> sentence, one mapping per sentence."""
        ...

    @property
    def ids(self) -> Sequence[str]:
        """Names of the sentences."""
        ...


@dataclass(frozen=True)
class ParallelTokens:
    """Tokenised parallel sentences.

    Attributes:
        dominant: the dominant language.
        languages: the others, in the order asked.
        ids: sentence ids in the order drawn, which is that of every list below.
        texts, tokens: per language, one entry per sentence.
        cut: per language, how many sentences were cut.
    """

    dominant: str
    languages: tuple[str, ...]
    ids: tuple[str, ...]
    texts: Mapping[str, Sequence[str]]
    tokens: Mapping[str, Sequence[Sequence[int]]]
    cut: Mapping[str, int]

    @property
    def all_languages(self) -> tuple[str, ...]:
        """Return the dominant language and the others."""
        return (self.dominant, *self.languages)

    def length(self, language: str) -> int:
        """Count the tokens of all sentences in one language."""
        return sum(map(len, self.tokens[language]))

    def pooled(self, language: str, keep_first: bool) -> np.ndarray:
        """Count the pooled tokens of each sentence, shape (n,)."""
        lengths = np.array([len(sentence) for sentence in self.tokens[language]])
        return lengths if keep_first else np.maximum(1, lengths - 1)

    def shared(self, keep_first: bool) -> np.ndarray:
        """Count the pooled tokens of each sentence in the language that needs the fewest for it, shape (n,)."""
        return np.stack([self.pooled(language, keep_first) for language in self.all_languages]).min(axis=0)

    def digest(self, first: int = 0, end: int | None = None) -> str:
        """Return twelve hex digits over the ids and texts of the sentences from `first` on, up to but without `end`."""
        lists = (self.ids, *(self.texts[language] for language in self.all_languages))
        said = "\0".join(part for column in lists for part in column[first:end])
        return hashlib.sha256(said.encode()).hexdigest()[:12]


def other_languages(config: ShifConConfig) -> tuple[str, ...]:
    """Return the languages compared with the dominant one, each once.

    Raises:
        DataError: none is left.
    """
    others = tuple(dict.fromkeys(language for language in config.languages if language != config.dominant))
    if not others:
        raise DataError(
            f"The only language asked is the dominant one, {config.dominant!r}; there is nothing to compare it with.",
            "Name at least one other language; the claim needs 8.",
            field="languages",
        )
    return others


def usable_sentences(text: ParallelRows, dominant: str, others: Sequence[str]) -> tuple[list[Sentence], dict[str, int]]:
    """Return the sentences that every language has, and that no language repeats or leaves untranslated.

    A sentence that occurs twice has two right answers, and one that equals the dominant language's gives retrieval
    away.

    Returns:
        The sentences, and how many others were left out by reason ("are repeated"), reasons without any left away.

    Raises:
        DataError: fewer than 8 are left; the message counts why.
    """
    seen: dict[str, set[str]] = {language: set() for language in (dominant, *others)}
    kept: list[Sentence] = []
    lost = {"lack a language": 0, "are repeated": 0, "are left untranslated": 0}
    for name, row in zip(text.ids, text.rows, strict=True):
        sentence = {language: str(row.get(language) or "").strip() for language in seen}
        reason = _unusable(sentence, seen, dominant)
        if reason:
            lost[reason] += 1
            continue
        kept.append((str(name), sentence))
        for language, known in seen.items():
            known.add(sentence[language])
    lost = {reason: count for reason, count in lost.items() if count}
    if len(kept) < LEAST_SENTENCES:
        counted = ", ".join(_counted(lost)) or "there are no more"
        raise DataError(
            f"{len(kept)} of {len(text.rows)} sentences can be used ({counted}); at least {LEAST_SENTENCES} are "
            f"needed.",
            "Give more sentences, or leave out the language that lacks most of them.",
        )
    return kept, lost


def _counted(lost: Mapping[str, int]) -> list[str]:
    """Sentences left out by reason: "1 is repeated", "4 are left untranslated"."""
    single = {"lack a language": "lacks a language"}
    return [
        f"{count} {reason if count != 1 else single.get(reason, reason.replace('are', 'is', 1))}"
        for reason, count in lost.items()
    ]


def _unusable(sentence: Mapping[str, str], seen: Mapping[str, set[str]], dominant: str) -> str:
    if not all(sentence.values()):
        return "lack a language"
    if any(words in seen[language] for language, words in sentence.items()):
        return "are repeated"
    same = any(words == sentence[dominant] for language, words in sentence.items() if language != dominant)
    return "are left untranslated" if same else ""


def tokenise(
    sentences: Sequence[Sentence], languages: Sequence[str], config: ShifConConfig, encode: Encode, context: int
) -> ParallelTokens:
    """Return token ids of as many sentences as the settings allow, the same ones whatever the seed, in the order drawn.

    Fewer sentences are the first ones of more, whether the count or the token cap takes them.

    Args:
        sentences: as `usable_sentences` gives them.
        languages: the dominant one first.
        config: settings.
        encode: token ids of a list of sentences, special tokens included.
        context: most tokens that the model reads.

    Raises:
        DataError: the token cap leaves fewer than 8 sentences.
    """
    longest = min(config.max_tokens, context)
    order = np.random.default_rng(0).permutation(len(sentences))[: config.sentences]
    full = {language: encode([sentences[at][1][language] for at in order]) for language in languages}
    lengths = np.array([[min(len(words), longest) for words in full[language]] for language in languages])
    fits = int((np.cumsum(lengths.sum(axis=0)) <= config.token_cap).sum())
    if fits < LEAST_SENTENCES:
        needed = int(lengths[:, :LEAST_SENTENCES].sum())
        raise DataError(
            f"The token cap of {config.token_cap:,} holds {fits} sentences in {len(languages)} languages; at least "
            f"{LEAST_SENTENCES} are needed, which take {needed:,} tokens.",
            "Raise the token cap, cut sentences shorter, or name fewer languages.",
            field="token_cap",
        )
    taken = range(fits)
    return ParallelTokens(
        dominant=languages[0],
        languages=tuple(languages[1:]),
        ids=tuple(sentences[order[place]][0] for place in taken),
        texts={language: [sentences[order[place]][1][language] for place in taken] for language in languages},
        tokens={language: [list(full[language][place][:longest]) for place in taken] for language in languages},
        cut={language: sum(len(full[language][place]) > longest for place in taken) for language in languages},
    )


def doubts_of_sentences(
    notes: Sequence[str], lost: dict[str, int], usable: int, used: int, config: ShifConConfig
) -> Iterator[str]:
    """Tell what the sentences that were left out leave open.

    Args:
        notes: what the data's reader left out, in sentences.
        lost: sentences left out here, by reason.
        usable: sentences that are left.
        used: of these, how many are read.
        config: settings.
    """
    here = [f"{' and '.join(_counted(lost))}."] if lost else []
    if notes or here:
        yield " ".join([*notes, *here, "What is found holds for the other sentences."])
    if usable < config.sentences:
        yield (
            f"The data hold {usable:,} sentences that can be used in all of these languages, {config.sentences:,} were "
            "asked: going on with more sentences needs other data or fewer languages."
        )
    if used < min(usable, config.sentences):
        yield (
            f"The token cap of {config.token_cap:,} holds {used:,} sentences: going on with more sentences needs a "
            "higher cap."
        )
