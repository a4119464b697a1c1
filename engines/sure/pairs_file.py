"""The benchmark file: pairs of documents as JSONL, for another reader, another run, or other software."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from engines.sure.instances import golds
from engines.sure.judging import Probe
from workbench.contract import RunLog

PAIRS, FLIPPED = "pairs.jsonl", "flipped_pairs.jsonl"
"""Every kept pair; and those whose right answer every reader of the run lost or won, as in the paper's SIG."""


def save_pairs(probe: Probe, answers: Mapping[str, pd.DataFrame], log: RunLog) -> None:
    """Save every kept pair, and those that all unmended readers flip, as artifacts.

    Args:
        answers: rows of `Answer` by unmended arm; without any only the first file is written.
    """
    path = log.artifact(PAIRS)
    count = write_pairs(probe, path)
    run = path.parent.parent.name
    log.note(f"{count:,} pairs are saved; run another reader on them with run:{run}/{PAIRS} as data.")
    if answers:
        count = write_pairs(probe, log.artifact(FLIPPED), flipped_by_all(answers))
        who = "the reader flips" if len(answers) == 1 else f"all {len(answers)} readers flip"
        log.note(f"{count:,} Golden pairs that {who} are saved apart: run:{run}/{FLIPPED}.")


def write_pairs(probe: Probe, path: Path, only: "set[tuple[str, str]] | None" = None) -> int:
    """Write pairs one a line, readable by `questions.PairRow`; the number of lines.

    Args:
        only: (instance, perturbation) of the pairs to write; None for all.
    """
    instances = {row.instance: row for row in probe.instances.itertuples()}
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for form in probe.forms.itertuples():
            if only is not None and (form.instance, form.perturbation) not in only:
                continue
            row = instances[form.instance]
            line = {
                "id": f"{form.instance}/{form.perturbation}",
                "instance": form.instance,
                "question": row.asked,
                "answers": list(golds(row)),
                "title": row.title,
                "document": row.document,
                "golden": bool(row.golden),
                "cluster": row.cluster,
                "kind": form.kind,
                "perturbation": form.perturbation,
                "before": form.before,
                "text": form.text,
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    return count


def flipped_by_all(answers: Mapping[str, pd.DataFrame]) -> set[tuple[str, str]]:
    """(instance, perturbation) of the Golden pairs that every reader flips.

    Args:
        answers: rows of `Answer` by reader.
    """
    flips: Sequence[set[tuple[str, str]]] = [
        {
            (str(row.instance), str(row.perturbation))
            for row in frame[(frame["change"] != 0) & frame["subset"].str.endswith("G")].itertuples()
        }
        for frame in answers.values()
    ]
    return set.intersection(*flips) if flips else set()
