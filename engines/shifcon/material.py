"""The model and the parallel sentences of a run, opened and described to the reader."""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from engines.parts.datasets import parallel_sentences
from engines.parts.models import LoadedModel, dtype_note, load_causal
from engines.shifcon.config import ShifConConfig
from engines.shifcon.rows import LanguageProfile, ParallelSentence
from engines.shifcon.sentences import (
    Encode,
    ParallelTokens,
    doubts_of_sentences,
    other_languages,
    tokenise,
    usable_sentences,
)
from workbench.contract import Caution, DataError, Fact

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from workbench.contract import RunLog


def open_model(config: ShifConConfig, log: "RunLog") -> LoadedModel:
    """Load the model and record what was loaded.

    Raises:
        ModelError, DataError, ResourceError: as `load_causal`.
    """
    model = load_causal(
        config.model, dtype=config.dtype, report=lambda name, done, total: log.progress(done, total, name)
    )
    log.record("model", model.source.name)
    log.record("model_fingerprint", model.fingerprint)
    log.record(Fact.DTYPE, model.dtype)
    log.note(dtype_note(config.dtype))
    log.record(Fact.PARAMETERS, sum(weight.numel() for weight in model.model.parameters()))
    return model


def open_sentences(config: ShifConConfig, model: LoadedModel, log: "RunLog") -> tuple[ParallelTokens, list[str]]:
    """Read and tokenise the parallel sentences, and tell what was left out.

    Returns:
        The sentences, and what those left out leave open.

    Raises:
        DataError: a language is missing, or too few sentences are left.
    """
    text = parallel_sentences(
        config.data, (config.dominant, *other_languages(config)),
        report=lambda name, done, total: log.progress(done, total, name),
    )  # fmt: skip
    dominant, *others = text.languages
    sentences, lost = usable_sentences(text, dominant, others)
    tokens = tokenise(sentences, text.languages, config, encoder(model.tokenizer), model.context)
    log.record("data", text.source)
    log.record("data_licence", text.licence)
    log.record(Fact.PROMPTS, len(tokens.ids) * len(tokens.all_languages))
    log.record(Fact.PROMPTS_CUT, sum(tokens.cut.values()))
    for note in (*text.notes, *notes(tokens, len(text.rows), config)):
        log.note(note)
    return tokens, list(doubts_of_sentences(text.notes, lost, len(sentences), len(tokens.ids), config))


def encoder(tokenizer: "PreTrainedTokenizerBase") -> Encode:
    """Return a function that gives the token ids of sentences as the tokenizer marks them up, special tokens included.

    Raises:
        DataError: a sentence has no tokens.
    """
    # The tokenizer's own threads would compete with the model's and warn when the worker forks.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

    def encode(sentences: list[str]) -> list[list[int]]:
        ids = tokenizer(sentences, add_special_tokens=True, verbose=False)["input_ids"]
        empty = [sentence for sentence, tokens in zip(sentences, ids, strict=True) if not tokens]
        if empty:
            raise DataError(
                f"The tokenizer gives no token for {empty[0][:60]!r}.", "Remove sentences without visible characters."
            )
        return ids

    return encode


def notes(tokens: ParallelTokens, found: int, config: ShifConConfig) -> Iterator[str]:
    """Tell what a reader must know about the sentences used."""
    total = sum(tokens.length(language) for language in tokens.all_languages)
    languages = len(tokens.all_languages)
    yield f"{len(tokens.ids):,} of {found:,} sentences are used in {languages} languages: {total:,} tokens."
    cut = {language: count for language, count in tokens.cut.items() if count}
    if cut:
        counted = ", ".join(f"{count} in {language}" for language, count in cut.items())
        yield f"Sentences were cut at {config.max_tokens} tokens or at the model's context: {counted}."


def describe_sentences(tokens: ParallelTokens, doubts: Sequence[str], pooled: bool, log: "RunLog") -> None:
    """Emit the languages' profiles, the sentences themselves, and what those left out leave open."""
    for doubt in doubts:
        log.row(Caution(text=doubt))
    for language in tokens.all_languages:
        log.row(profile(tokens, language, pooled))
    log.table(ParallelSentence, sentence_rows(tokens))


def profile(tokens: ParallelTokens, language: str, pooled: bool = True) -> LanguageProfile:
    """Return what a language's sentences are to the tokenizer, and whether they share a `pooled` basis with others."""
    length, count = tokens.length(language), len(tokens.ids)
    return LanguageProfile(
        language=language,
        dominant=language == tokens.dominant,
        sentences=count,
        tokens=length,
        tokens_per_sentence=length / count,
        fertility=length / tokens.length(tokens.dominant),
        cut=tokens.cut[language],
        in_basis=pooled,
    )


def sentence_rows(tokens: ParallelTokens) -> pd.DataFrame:
    """Return `ParallelSentence` rows of all languages."""
    frames = [
        pd.DataFrame(
            {
                "sentence": list(tokens.ids),
                "language": language,
                "text": list(tokens.texts[language]),
                "tokens": [len(sentence) for sentence in tokens.tokens[language]],
            }
        )
        for language in tokens.all_languages
    ]
    return pd.concat(frames, ignore_index=True)
