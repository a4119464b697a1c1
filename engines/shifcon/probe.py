"""What a run would take: real tokens read, one layer compared, one language judged, and how often that is done."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engines.parts.hidden_states import LayerReader, SentenceMeans, counted_tokens, token_batches
from engines.parts.models import missing_bytes
from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_states import MOST_COMPONENTS, SAMPLE_TOKENS, Reading
from engines.shifcon.material import open_model, open_sentences
from engines.shifcon.retrieval import pair_cosine, retrieved, shifted_cosines, unrelated_cosine
from engines.shifcon.subspace import leading_axes, moments, pooled_basis, principal_angles, riemannian_distance
from workbench.contract import Asked, Probe

PROBE_TOKENS = 600
BASIS, DISTANCE = "Find the basis that all languages share", "Measure each language's distance, layer by layer"
OTHERS = "Measure the other splits of the sentences"


def probe(config: ShifConConfig, probe: Probe) -> None:
    """Measure how long it takes to read, compare and judge.

    Raises:
        WorkbenchError: as the run itself would, for a model or data that cannot be used.
    """
    with probe.part("Read the sentences"):
        model = open_model(config, probe.log)
        text, _ = open_sentences(config, model, probe.log)
    sizes = Sizes(Reading(LayerReader(model.model), text, config))
    _probe_reading(sizes, probe)
    _probe_distances(sizes, probe)
    _probe_shifts(sizes, probe)
    probe.memory(lambda asked: sizes.working_bytes(asked) + sizes.kept_bytes(asked))
    probe.disk(missing_bytes(config.model))
    probe.disk(sizes.kept_bytes)


@dataclass(frozen=True)
class Sizes:
    """How much a run does, from sentences that were tokenised for it or for a larger one."""

    reading: Reading

    @cached_property
    def lengths(self) -> np.ndarray:
        """Count tokens of each sentence in all languages together, shape (n,)."""
        columns = self.reading.text.tokens.values()
        return np.sum([[len(sentence) for sentence in sentences] for sentences in columns], axis=0)

    def sentences(self, asked: Asked[ShifConConfig]) -> int:
        """Count the sentences that are taken."""
        fits = int((np.cumsum(self.lengths) <= asked.config.token_cap).sum())
        return max(1, min(asked.config.sentences, fits))

    def tokens(self, asked: Asked[ShifConConfig]) -> int:
        """Count the tokens that are read for the languages' states."""
        return int(self.lengths[: self.sentences(asked)].sum())

    def observations(self, asked: Asked[ShifConConfig]) -> int:
        """Count the observations of a language, both halves."""
        return int(self.reading.per_sentence[: self.sentences(asked)].sum())

    def kept_width(self, asked: Asked[ShifConConfig]) -> int:
        """Count the dimensions that states are kept in."""
        pooled = asked.config.estimator == "pooled_pca"
        return min(MOST_COMPONENTS, self.reading.reader.width) if pooled else self.reading.reader.width

    def width(self, asked: Asked[ShifConConfig]) -> int:
        """Count the dimensions of the covariances, at most."""
        pooled = asked.config.estimator == "pooled_pca"
        kept = self.kept_width(asked)
        return max(2, min(kept, self.observations(asked) // 40)) if pooled else kept

    def kept_bytes(self, asked: Asked[ShifConConfig]) -> float:
        """Count the bytes of the sentence means and of the kept states of all languages."""
        layers, languages = self.reading.reader.layers, len(self.reading.text.all_languages)
        means = 4 * self.sentences(asked) * self.reading.reader.width
        return (means + 2 * self.observations(asked) * self.kept_width(asked)) * layers * languages

    def working_bytes(self, asked: Asked[ShifConConfig]) -> float:
        """Count the bytes of the largest batch inside the model: a feed-forward layer and attention scores."""
        longest = max(len(sentence) for language in self.reading.text.tokens.values() for sentence in language)
        return 4 * max(asked.config.batch_tokens, longest) * (12 * self.reading.reader.width + longest)


def _probe_reading(sizes: Sizes, probe: Probe) -> None:
    reading, width = sizes.reading, sizes.reading.reader.width
    tokens = reading.text.tokens[reading.text.languages[0]]
    enough = int(np.searchsorted(np.cumsum([len(one) for one in tokens]), PROBE_TOKENS)) + 1
    batches = token_batches(tokens[:enough], min(reading.config.batch_tokens, PROBE_TOKENS))
    means = SentenceMeans(len(tokens), reading.reader.layers, width)

    def read() -> None:
        for batch in batches:
            counted = counted_tokens(batch.mask, reading.keep_first)
            reading.reader.read(
                batch, lambda at, states, batch=batch, counted=counted: means.add(at, states, batch, counted)
            )

    count = sum(int(batch.mask.sum()) for batch in batches)
    with probe.part(DISTANCE, sizes.tokens, done=count, unit="tokens", warm=read) as piece:
        read()
    probe.seconds(BASIS, piece.each, max(SAMPLE_TOKENS, 12 * width), "as long as a token there")
    states = np.random.default_rng(0).standard_normal((SAMPLE_TOKENS, width), dtype=np.float32)
    with probe.part(BASIS, reading.reader.layers, unit="layers"):
        pooled_basis(states, 2)


def _probe_distances(sizes: Sizes, probe: Probe) -> None:
    half, width = max(1, sizes.observations(probe.asked) // 2), sizes.width(probe.asked)
    rank, languages = min(width, probe.asked.config.angle_rank), len(sizes.reading.text.all_languages)
    rows = np.random.default_rng(0).standard_normal((1, half, width)).astype(np.float16)

    def describe() -> tuple[np.ndarray, np.ndarray]:
        covariance = moments(rows, np.ones((1, half), dtype=bool))[1] + np.eye(width)
        return covariance, leading_axes(covariance, rank)

    def compare() -> None:
        riemannian_distance(covariance, covariance)
        principal_angles(axes, axes)

    def subspaces(asked: Asked[ShifConConfig]) -> float:
        growth = sizes.observations(asked) / 2 / half * (sizes.width(asked) / width) ** 2
        return 2 * languages * sizes.reading.reader.layers * growth

    def pairs(asked: Asked[ShifConConfig], of_split: int) -> float:
        return of_split * sizes.reading.reader.layers * (sizes.width(asked) / width) ** 3

    covariance, axes = describe()
    with probe.part(DISTANCE, subspaces, unit="subspaces", warm=describe) as described:
        describe()
    # Under the first split all pairs of languages, under the others floors and distances from the dominant language.
    every = languages * (languages + 1) // 2
    with probe.part(DISTANCE, lambda asked: pairs(asked, every), unit="pairs", warm=compare) as compared:
        compare()
    splits = "as long as one of the first split"
    probe.seconds(OTHERS, described.each, lambda asked: subspaces(asked) * (len(asked.seeds) - 1), splits)
    probe.seconds(OTHERS, compared.each, lambda asked: pairs(asked, 2 * languages - 1) * (len(asked.seeds) - 1), splits)


def _probe_shifts(sizes: Sizes, probe: Probe) -> None:
    half = max(1, sizes.sentences(probe.asked) // 2)
    states = np.random.default_rng(0).standard_normal((2, 2, half, sizes.reading.reader.width), dtype=np.float32)

    def judge() -> None:
        for found in shifted_cosines(states[0], states[1], [states[0, :, 0]]):
            for measured in (retrieved, pair_cosine, unrelated_cosine):
                measured(found)

    def shifts(asked: Asked[ShifConConfig]) -> float:
        moves = sum(arm.draws if arm.shift == "random" else 1 for arm in asked.arms.values())
        languages = len(sizes.reading.text.languages)
        growth = (sizes.sentences(asked) / 2 / half) ** 2
        return moves * languages * len(asked.seeds) * sizes.reading.reader.layers * growth

    with probe.part("Shift the sentences and look for their translations", shifts, done=2, unit="layers", warm=judge):
        judge()
