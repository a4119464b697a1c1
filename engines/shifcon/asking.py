"""The follow-up question: two sentences of the reader's own, compared layer by layer inside the model of the run."""

from collections.abc import Mapping

import numpy as np
import torch
from safetensors.numpy import load_file
from torch import Tensor

from engines.parts.hidden_states import (
    LayerReader,
    SentenceMeans,
    TokenBatch,
    counted_tokens,
    token_batches,
    without_sinks,
)
from engines.parts.models import LoadedModel
from engines.shifcon.config import SentencePair, ShifConConfig
from engines.shifcon.language_vectors import mean_shift
from engines.shifcon.material import encoder, open_model
from engines.shifcon.retrieval import cosines
from engines.shifcon.rows import LanguageProfile, PairAtLayer
from workbench.contract import DataError, Parent, RunLog


def ask(question: SentencePair, parent: Parent, log: RunLog) -> None:
    """Measure cosine and distance of two sentences by layer, as they are and in the dominant subspace."""
    config = ShifConConfig.model_validate(parent.spec.settings)
    with log.phase("Read the two sentences"):
        shifts = [shift_of(language, parent) for language in (question.first_language, question.second_language)]
        longest = load_file(parent.artifact("language_vectors.safetensors"))["longest"]
        means = sentence_means([question.first, question.second], open_model(config, log), config, longest)
        for shifted in (False, True):
            first, second = (mean + shifted * shift for mean, shift in zip(means, shifts, strict=True))
            for layer, (a, b) in enumerate(zip(first, second, strict=True)):
                log.row(
                    PairAtLayer(
                        layer=layer,
                        shifted=shifted,
                        cosine=float(cosines(a[None], b[None])[0, 0]),
                        distance=float(np.linalg.norm(a - b)),
                    )
                )


def shift_of(language: str, parent: Parent) -> np.ndarray | float:
    """Return what shifts a sentence of `language` into the dominant subspace, (L, D); zero for "" and that one.

    Raises:
        DataError: the run did not read that language.
    """
    if not language:
        return 0.0
    profiles = parent.table(LanguageProfile)
    if language not in set(profiles["language"]):
        known = ", ".join(profiles["language"])
        raise DataError(
            f"The run did not read {language[:20]!r}; it read {known}.", "Choose one of them, or leave it empty."
        )
    vectors = load_file(parent.artifact("language_vectors.safetensors"))
    dominant = profiles.loc[profiles["dominant"].astype(bool), "language"].iloc[0]
    return mean_shift(vector_of(language, vectors), vector_of(dominant, vectors))


def vector_of(language: str, vectors: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the kept vector of a language, (L, D); of its first split where an older run kept one a split ("0/fr")."""
    return vectors[min(name for name in vectors if name.rsplit("/", 1)[-1] == language)]


def sentence_means(sentences: list[str], model: LoadedModel, config: ShifConConfig, longest: np.ndarray) -> np.ndarray:
    """Return sentence means as the run pools them, shape (n, L, D), float64.

    Args:
        sentences: any texts.
        model: the run's model.
        config: the run's settings.
        longest: longer states are sinks, shape (L,).
    """
    most = min(config.max_tokens, model.context)
    ids = [list(tokens[:most]) for tokens in encoder(model.tokenizer)(sentences)]
    reader = LayerReader(model.model)
    means = SentenceMeans(len(ids), reader.layers, reader.width)
    for batch in token_batches(ids, config.batch_tokens):
        counted = counted_tokens(batch.mask, config.sinks == "keep")

        def visit(layer: int, states: Tensor, batch: TokenBatch = batch, counted: Tensor = counted) -> None:
            means.add(layer, states, batch, without_sinks(states, counted, float(longest[layer])))

        reader.read(batch, visit)
    return means.means.to(torch.float64).numpy()
