"""Corpus metrics of the papers as functions of summed sufficient statistics.

Layouts of the last axis: F1 counts are (true positives, false positives, false negatives) for each class in turn; a
match is (matched, in system, in reference); moments are (n, x, y, xx, yy, xy).
"""

import numpy as np


def f1(sums):
    """2 tp / (2 tp + fp + fn)."""
    return 2 * sums[..., 0] / (2 * sums[..., 0] + sums[..., 1] + sums[..., 2])


def macro_f1(sums):
    """Mean over classes of their F1."""
    return f1(sums.reshape(*sums.shape[:-1], -1, 3)).mean(axis=-1)


def match_f1(sums):
    """Harmonic mean of matched/system and matched/reference: chrF, ROUGE, B-cubed and CEAF are of this form."""
    return 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])


def bleu(sums):
    """Four matched and four possible n-gram counts, then system and reference length."""
    precisions = np.log(sums[..., :4] / sums[..., 4:8]).mean(axis=-1)
    return np.exp(precisions + np.minimum(0.0, 1 - sums[..., 9] / sums[..., 8]))


def pearson(sums):
    """Correlation from moments; on ranks it is Spearman's."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    return (n * xy - x * y) / np.sqrt((n * xx - x**2) * (n * yy - y**2))


def mean_of_two(sums):
    """Mean of two shares, each as (hits, trials): speciality and versatility in one number."""
    return (sums[..., 0] / sums[..., 1] + sums[..., 2] / sums[..., 3]) / 2
