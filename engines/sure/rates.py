"""Robustness, win and lose rates: answers before and after a change of form, judged right or wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel

from engines.parts.answers import GoldAnswers
from engines.sure.perturbations import PLAIN
from engines.sure.rows import Answer, FormRate, golds
from workbench.contract import DataError, RunCell, RunLog

if TYPE_CHECKING:
    from engines.sure.instances import PairSet
    from engines.sure.readers import Reading

SUBSETS: Mapping[str, tuple[str, ...]] = {
    "golden": ("K-G", "U-G"),
    "K-G": ("K-G",),
    "U-G": ("U-G",),
    "noise": ("K-N", "U-N"),
    "K-N": ("K-N",),
    "U-N": ("U-N",),
}
"""What a rate may be taken over."""
Changes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rates:
    """What became of n pairs; the three shares add up to 1.

    Attributes:
        robust: RR, the share of pairs as right, or as wrong, as before (C = 0).
        win: WR, wrong became right (C = -1).
        lose: LR, right became wrong (C = 1).
    """

    pairs: int
    robust: float
    win: float
    lose: float


def changes(before: npt.ArrayLike, after: npt.ArrayLike) -> Changes:
    """Take C = Y(before) - Y(after) of each pair, in {-1, 0, 1}; Y is 1 where the answer is right.

    Raises:
        DataError: the two differ in length.
    """
    right, then = np.asarray(before, dtype=np.int64), np.asarray(after, dtype=np.int64)
    if right.shape != then.shape:
        raise DataError(f"{len(right)} answers before the change and {len(then)} after it make no pairs.")
    return right - then


def rates(change: Changes) -> Rates:
    """Count RR, WR and LR.

    Args:
        change: as `changes` gives it, shape (n,).

    Raises:
        DataError: there are no pairs.
    """
    if not len(change):
        raise DataError("There are no pairs to take rates of.", "Give more questions, or more forms.")
    robust, win, lose = (float((change == kind).mean()) for kind in (0, -1, 1))
    return Rates(len(change), robust, win, lose)


class AnswerCounts(BaseModel):
    """How many answers were judged, and what the training before them was, where there was one."""

    answers: int = 0
    cut: int = 0
    """Ended at the token limit."""
    empty: int = 0
    updates: int = 0
    examples: int = 0


def answer_frame(cell: RunCell, reading: "Reading", pair_set: "PairSet") -> pd.DataFrame:
    """Judge answers: rows of `Answer`; those of the plain documents have perturbation "plain" and class "original"."""
    instances = {row.instance: row for row in pair_set.instances.itertuples()}
    kinds = dict(zip(pair_set.forms["perturbation"], pair_set.forms["kind"], strict=True))
    gold = {name: GoldAnswers(golds(row), pair_set.config.match) for name, row in instances.items()}
    known, rows = reading.known(), []
    for row in reading.answers.itertuples():
        instance, right = instances[row.instance], gold[row.instance]
        rows.append(
            {
                "arm": cell.arm,
                "seed": cell.seed,
                "instance": row.instance,
                "subset": subset_of(known[instance.question], instance.golden),
                "part": instance.part,
                "kind": kinds.get(row.perturbation, "original"),
                "perturbation": row.perturbation,
                "before": row.before,
                "after": row.after,
                "right_before": right.within(row.before),
                "right_after": right.within(row.after),
                "cut": bool(row.cut),
            }
        )
    frame = pd.DataFrame(rows, columns=[name for name in Answer.model_fields if name != "change"])
    change = changes(frame["right_before"].to_numpy(dtype=int), frame["right_after"].to_numpy(dtype=int))
    return frame.assign(change=change)[list(Answer.model_fields)]


def subset_of(known: bool, golden: bool) -> str:
    """Name a subset: K-G, K-N, U-G or U-N."""
    return f"{'K' if known else 'U'}-{'G' if golden else 'N'}"


def slices_of(answers: pd.DataFrame, held_out_class: str) -> pd.Series:
    """Say where each answer was observed: subset/class/perturbation/part.

    The part is mending, held_out, or held_out_form: of a held-out question under a class that no training saw. The
    control, which changes nothing, stands apart under "control", so that no rate over all forms counts it.
    """
    unseen = (answers["part"] == "held_out") & (answers["kind"] == held_out_class)
    part = answers["part"].mask(unseen, "held_out_form")
    path = answers["subset"] + "/" + answers["kind"] + "/" + answers["perturbation"] + "/" + part
    return path.mask(answers["kind"] == "control", "control/" + path)


def rate_frame(answers: pd.DataFrame) -> pd.DataFrame:
    """Make rows of `FormRate` of one arm under one seed: by subset, by row of the taxonomy and by class.

    Over all questions, and over the held-out ones.
    """
    pairs = answers[answers["perturbation"] != PLAIN]
    rows = []
    for part, of_part in _parts(pairs):
        for subset, members in SUBSETS.items():
            inside = of_part[of_part["subset"].isin(members)]
            rows += [
                _rate_row(found, {"subset": subset, "part": part, "kind": kind, "perturbation": name})
                for kind, name, found in _groups(inside)
            ]
    return pd.DataFrame(rows, columns=list(FormRate.model_fields))


def _parts(pairs: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    held_out = pairs[pairs["part"] == "held_out"]
    if len(held_out) < len(pairs):
        yield "all", pairs
    yield "held_out", held_out


def _groups(pairs: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for (kind, name), found in pairs.groupby(["kind", "perturbation"], sort=False):
        yield str(kind), str(name), found
    for kind, found in pairs[pairs["kind"] != "control"].groupby("kind", sort=False):
        yield str(kind), "all", found
    real = pairs[pairs["kind"] != "control"]
    if len(real):
        yield "all", "all", real


def _rate_row(pairs: pd.DataFrame, named: Mapping[str, str]) -> dict[str, object]:
    found, right = rates(pairs["change"].to_numpy(dtype=int)), pairs["right_before"].astype(bool)
    unfinished = pairs["cut"].dropna()
    return {
        "arm": pairs["arm"].iloc[0],
        "seed": int(pairs["seed"].iloc[0]),
        **named,
        "pairs": found.pairs,
        "robust": found.robust,
        "win": found.win,
        "lose": found.lose,
        "accuracy_before": float(pairs["right_before"].mean()),
        "accuracy_after": float(pairs["right_after"].mean()),
        "right_stay": float(pairs["right_after"][right].mean()) if right.any() else None,
        "unfinished": float(unfinished.astype(float).mean()) if len(unfinished) else None,
    }


def rates_so_far(answers: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `FormRate` of every arm and seed: those known, else from the answers that have been judged so far.

    Args:
        answers: rows of `Answer`.
        known: rows of `FormRate` of the arms and seeds whose answers are all there.
    """
    done = set(zip(known["arm"], known["seed"], strict=True))
    found = [rate_frame(part) for cell, part in answers.groupby(["arm", "seed"], sort=False) if cell not in done]
    return pd.concat([frame for frame in (known, *found) if len(frame)] or [known], ignore_index=True)


def emit(answers: pd.DataFrame, cell: RunCell, pair_set: "PairSet", log: RunLog) -> None:
    """Report the rates and the outcomes of one arm under one seed, from its rows of `Answer`."""
    log.table(FormRate, rate_frame(answers))
    report_outcomes(answers, cell, pair_set, log)


def report_outcomes(answers: pd.DataFrame, cell: RunCell, pair_set: "PairSet", log: RunLog) -> None:
    """Report of each pair whether it is robust, lost, won, won less lost, and right afterwards.

    Plain documents report their accuracy alone. Classes are compared on the same documents once more.
    """
    slices, clusters = slices_of(answers, pair_set.config.held_out_class), answers["instance"].map(pair_set.clusters())
    pairs = answers["perturbation"] != PLAIN
    change = answers["change"][pairs]
    metrics = {"robust": change == 0, "lost": change == 1, "won": change == -1, "net_flip": -change}
    for metric, values in {**metrics, "correct": answers["right_after"]}.items():
        at = values.index
        log.outcomes(metric, cell, values.astype(float), answers["instance"][at], clusters[at], slices[at])
    shared = same_documents(answers)
    for metric, values in {"robust": shared["change"] == 0, "correct": shared["right_after"]}.items():
        at, items = clusters[shared["row"]].to_numpy(), shared["instance"]
        log.outcomes(metric, cell, values.astype(float), items, at, shared["slice"])


def same_documents(answers: pd.DataFrame) -> pd.DataFrame:
    """Choose Golden pairs of documents that were changed by each class and by a meta tag too, for their comparison.

    Rewritings are dropped more often than other forms, and not from any document alike: rates over whatever was kept
    of each class would compare documents, not changes.

    Args:
        answers: rows of `Answer` of one arm under one seed.

    Returns:
        Columns of `Answer`, row (of `answers`) and slice: CLASS_and_metadata/its own class/subset/perturbation.
    """
    golden = answers[(answers["perturbation"] != PLAIN) & answers["subset"].str.endswith("G")]
    tagged, parts = set(golden.loc[golden["kind"] == "metadata", "instance"]), [golden.iloc[:0].assign(slice="", row=0)]
    for kind in ("style", "source", "logic", "format"):
        both = tagged & set(golden.loc[golden["kind"] == kind, "instance"])
        part = golden[golden["kind"].isin([kind, "metadata"]) & golden["instance"].isin(both)]
        path = f"{kind}_and_metadata/" + part["kind"] + "/" + part["subset"] + "/" + part["perturbation"]
        parts.append(part.assign(slice=path, row=part.index))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def count_answers(answered: pd.DataFrame) -> AnswerCounts:
    """Count answers to the changed documents, and to the plain ones.

    Args:
        answered: columns as of `readers.answers_to`.
    """
    empty = int((answered["after"] == "").sum())
    return AnswerCounts(answers=len(answered), cut=int(answered["cut"].astype(bool).sum()), empty=empty)


def kolmogorov_smirnov(sums: np.ndarray) -> np.ndarray:
    """Return the largest distance of two groups' distribution functions.

    Args:
        sums: counts of the first group's bins, then of the second's, shape (..., 2 B).

    Returns:
        In [0, 1], shape (...).
    """
    counts = sums.reshape(*sums.shape[:-1], 2, -1)
    curves = np.cumsum(counts, axis=-1) / counts.sum(axis=-1, keepdims=True)
    return np.abs(curves[..., 0, :] - curves[..., 1, :]).max(axis=-1)
