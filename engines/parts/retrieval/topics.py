"""Cluster texts by topic: embeddings by spherical k-means, and clusters named by their telling words.

Ours: scikit-learn has no spherical k-means with a given start, and these are twenty lines.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

ROUNDS = 25
"""Most rounds of k-means."""
NAMED_BY = 3
"""Words that name a topic."""
_COMMON = """
the a an of and to in on at is are was were be been it its he she they his her their them him i you we how many much
what which who whom when where why do does did have has had with for from by as that this these those if then than there
each every all some more less now into out up down over after before or not no s t so but also can could will would
about your my our get got one two three
"""
_STOP = frozenset(_COMMON.split())


def spherical_clusters(vectors: np.ndarray, count: int) -> np.ndarray:
    """Return the cluster of each vector by spherical k-means, from a start that is spread out, not drawn.

    Args:
        vectors: of unit length, shape (P, D).
        count: most clusters; empty ones vanish.

    Returns:
        Numbers from 0 in the order of their first member, shape (P,).
    """
    if not len(vectors):
        return np.zeros(0, int)
    centres = vectors[_spread_out(vectors, min(count, len(vectors)))]
    members = np.zeros(len(vectors), int)
    for _ in range(ROUNDS):
        members = (vectors @ centres.T).argmax(1)
        sums = np.stack([vectors[members == at].sum(0) for at in range(len(centres))])
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(length > 0, sums / np.where(length > 0, length, 1), centres)
        if np.allclose(moved, centres, atol=1e-6):
            break
        centres = moved
    order = {old: new for new, old in enumerate(dict.fromkeys(members.tolist()))}
    return np.array([order[old] for old in members.tolist()])


def topic_names(texts: Sequence[str], clusters: np.ndarray) -> list[str]:
    """Name each text's cluster: the words that stand in more of its texts than elsewhere, most telling first."""
    words = [set(re.findall(r"[^\W\d_]{3,}", text.lower())) - _STOP for text in texts]
    everywhere = Counter(word for each in words for word in each)
    names: dict[int, str] = {}
    for cluster in sorted(set(clusters.tolist())):
        inside = [each for each, own in zip(words, clusters.tolist(), strict=True) if own == cluster]
        counts = Counter(word for each in inside for word in each)
        weights = {word: _weight(count, everywhere[word], len(inside)) for word, count in counts.items()}
        telling = sorted((word for word in counts if weights[word]), key=lambda word: (-weights[word], word))
        names[cluster] = ", ".join(telling[:NAMED_BY]) or f"topic {cluster + 1}"
    taken = Counter(names.values())
    return [names[at] if taken[names[at]] == 1 else f"{names[at]} ({at + 1})" for at in clusters.tolist()]


def _weight(inside: int, everywhere: int, size: int) -> float:
    """Share of the cluster's texts that have the word, times the share of the word's texts that are the cluster's."""
    return inside / size * inside / everywhere if inside > 1 or size == 1 else 0.0


def _spread_out(vectors: np.ndarray, count: int) -> list[int]:
    """The vector nearest to the mean, then each time the one farthest from all taken ones."""
    taken = [int((vectors @ vectors.mean(0)).argmax())]
    nearest = vectors @ vectors[taken[0]]
    while len(taken) < count:
        taken.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, vectors @ vectors[taken[-1]])
    return taken
