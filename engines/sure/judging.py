"""Answers before and after a change of form, judged: rows, rates and outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from engines.sure.answer_match import GoldAnswers
from engines.sure.blocks import blocks_of, digest
from engines.sure.config import SureConfig
from engines.sure.instances import golds
from engines.sure.perturbations import PLAIN
from engines.sure.rates import changes, rates
from engines.sure.rows import Answer, FormRate
from workbench.contract import Outcome, RunLog

SUBSETS: Mapping[str, tuple[str, ...]] = {
    "golden": ("K-G", "U-G"),
    "K-G": ("K-G",),
    "U-G": ("U-G",),
    "noise": ("K-N", "U-N"),
    "K-N": ("K-N",),
    "U-N": ("U-N",),
}
"""What a rate may be taken over."""


@dataclass(frozen=True)
class Probe:
    """What is read: documents and their forms.

    Attributes:
        instances: rows of `Instance`.
        forms: rows of `FormText` that were kept.
    """

    config: SureConfig
    instances: pd.DataFrame
    forms: pd.DataFrame

    def of(self, names: Sequence[str]) -> "Probe":
        """The same probe on some of its instances."""
        wanted = set(names)
        instances = self.instances[self.instances["instance"].isin(wanted)]
        return Probe(self.config, instances, self.forms[self.forms["instance"].isin(wanted)])

    def blocks(self) -> "list[Probe]":
        """Cut the probe into fixed blocks of questions, in the order of their draw."""
        order = list(dict.fromkeys(self.instances["question"]))
        of_question = self.instances.groupby("question")["instance"].agg(list).to_dict()
        return [self.of([name for asked in block for name in of_question[asked]]) for block in blocks_of(order)]

    @property
    def key(self) -> str:
        """Digest of all that is read: equal for equal documents, questions and forms."""
        return digest(self.instances, self.forms)

    def clusters(self) -> dict[str, str]:
        """What each instance shares with others: its topic or passage."""
        return dict(zip(self.instances["instance"], self.instances["cluster"], strict=True))


@dataclass(frozen=True)
class Reading:
    """What a reader answered.

    Attributes:
        answers: columns instance, perturbation, before, after, and cut where the one after ended at the token limit; a
            row "plain" for the unchanged document.
        closed_book: columns question, answer, known: what it answers without a document.
    """

    answers: pd.DataFrame
    closed_book: pd.DataFrame

    def known(self) -> dict[str, bool]:
        """Per question whether it is answered rightly without a document."""
        return dict(zip(self.closed_book["question"], self.closed_book["known"].astype(bool), strict=True))


def answer_frame(arm: str, seed: int, reading: Reading, probe: Probe) -> pd.DataFrame:
    """Rows of `Answer`; those of the plain documents have perturbation "plain" and class "original"."""
    instances = {row.instance: row for row in probe.instances.itertuples()}
    kinds = dict(zip(probe.forms["perturbation"], probe.forms["kind"], strict=True))
    gold = {name: GoldAnswers(golds(row), probe.config.match) for name, row in instances.items()}
    known, rows = reading.known(), []
    for row in reading.answers.itertuples():
        instance = instances[row.instance]
        rows.append(
            {
                "arm": arm,
                "seed": seed,
                "instance": row.instance,
                "subset": subset_of(known[instance.question], instance.golden),
                "part": instance.part,
                "kind": kinds.get(row.perturbation, "original"),
                "perturbation": row.perturbation,
                "before": row.before,
                "after": row.after,
                "right_before": gold[row.instance].within(row.before),
                "right_after": gold[row.instance].within(row.after),
            }
        )
    frame = pd.DataFrame(rows, columns=[name for name in Answer.model_fields if name != "change"])
    change = changes(frame["right_before"].to_numpy(dtype=int), frame["right_after"].to_numpy(dtype=int))
    return frame.assign(change=change)[list(Answer.model_fields)]


def subset_of(known: bool, golden: bool) -> str:
    """K-G, K-N, U-G or U-N."""
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


def outcome_frame(answers: pd.DataFrame, clusters: Mapping[str, str], held_out_class: str) -> pd.DataFrame:
    """Make rows of `Outcome`: of each pair whether it is robust, lost, won, won less lost, and right afterwards.

    Plain documents report their accuracy alone.
    """
    pairs = answers["perturbation"] != PLAIN
    values = {
        "robust": (answers["change"] == 0)[pairs],
        "lost": (answers["change"] == 1)[pairs],
        "won": (answers["change"] == -1)[pairs],
        "net_flip": -answers["change"][pairs],
        "correct": answers["right_after"],
    }
    same = pd.DataFrame(
        {
            "arm": answers["arm"],
            "seed": answers["seed"],
            "item": answers["instance"],
            "cluster": answers["instance"].map(clusters),
            "slice": slices_of(answers, held_out_class),
        }
    )
    frames = [same.loc[value.index].assign(metric=name, value=value.astype(float)) for name, value in values.items()]
    return pd.concat(frames, ignore_index=True)[list(Outcome.model_fields)]


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
    for kind, found in pairs.groupby("kind", sort=False):
        yield str(kind), "all", found
    real = pairs[pairs["kind"] != "control"]
    if len(real):
        yield "all", "all", real


def _rate_row(pairs: pd.DataFrame, named: Mapping[str, str]) -> dict[str, object]:
    found = rates(pairs["change"].to_numpy(dtype=int))
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
    }


def emit(answers: pd.DataFrame, probe: Probe, log: RunLog) -> None:
    """Report one reader's answers, their rates and outcomes.

    Args:
        answers: rows of `Answer` of one arm under one seed.
    """
    log.table(Answer, answers)
    log.table(FormRate, rate_frame(answers))
    log.table(Outcome, outcome_frame(answers, probe.clusters(), probe.config.held_out_class))
