"""Instances: a question with a document, Golden or Noise; with their perturbed forms, a `PairSet`, saved as JSONL.

Design decisions:
- Block n of a pair set holds questions 4n to 4n + 3 of the draw, whatever the total is: what a block is read in is
  never another batch, and rounding in batches cannot tell a run that grew from one that was asked for all at once. (A
  model that runs here therefore answers a block from the cache as a whole or not at all.)
- What was computed for a block is kept under a digest of all that it was computed from. Of a run that goes on, only
  the last block, where it was not full, and the new ones are read.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd

from engines.parts.answers import GoldAnswers
from engines.parts.retrieval import Bm25
from engines.sure.config import SureConfig
from engines.sure.perturbations import PERTURBATIONS, PLAIN, Document
from engines.sure.questions import AskedQuestion, QuestionSet, held_out_clusters
from engines.sure.rows import SEPARATOR, Instance, golds
from workbench.contract import RunLog

NOISE_CANDIDATES = 50
"""Passages that BM25 is asked for, until one of them holds no answer."""
QUESTIONS = 4
"""In a block."""
PAIRS, FLIPPED = "pairs.jsonl", "flipped_pairs.jsonl"
"""Every kept pair; and those whose right answer every reader of the run lost or won, as in the paper's SIG."""
Thing = TypeVar("Thing")
_PLACES = {PLAIN: -1} | {name: place for place, name in enumerate(PERTURBATIONS)}


@dataclass(frozen=True)
class PairSet:
    """Documents with their forms: what readers read.

    Attributes:
        instances: rows of `Instance`.
        forms: rows of `FormText` that were kept.
    """

    config: SureConfig
    instances: pd.DataFrame
    forms: pd.DataFrame

    def of(self, names: Sequence[str]) -> "PairSet":
        """Return the same pair set on some of its instances."""
        wanted = set(names)
        instances = self.instances[self.instances["instance"].isin(wanted)]
        return PairSet(self.config, instances, self.forms[self.forms["instance"].isin(wanted)])

    def blocks(self) -> "list[PairSet]":
        """Cut the pair set into fixed blocks of questions, in the order of their draw."""
        order = list(dict.fromkeys(self.instances["question"]))
        of_question = self.instances.groupby("question")["instance"].agg(list).to_dict()
        return [self.of([name for asked in block for name in of_question[asked]]) for block in blocks_of(order)]

    @property
    def key(self) -> str:
        """Return a digest of all that is read: equal for equal documents, questions and forms."""
        return digest(self.instances, self.forms)

    def clusters(self) -> dict[str, str]:
        """Map each instance to what it shares with others: its topic or passage."""
        return dict(zip(self.instances["instance"], self.instances["cluster"], strict=True))

    def held_out(self, most: int | None = None) -> list[str]:
        """Name the held-out Golden instances, on which tuned readers are judged: `most`, the first of the draw."""
        judged = self.instances[self.instances["golden"] & (self.instances["part"] == "held_out")]
        return list(judged["instance"].head(len(judged) if most is None else most))


def instances_of(asked: QuestionSet, config: SureConfig) -> list[Instance]:
    """Make an instance of every question with each of its documents, and of some with an unrelated one found by BM25.

    A passage that came with a question but holds no answer is Noise too.
    """
    held_out = held_out_clusters([one.cluster for one in asked.questions], config.held_out)
    index = Bm25([document.plain() for document in asked.pool]) if asked.pool and config.noise_questions else None
    found: list[Instance] = []
    for place, one in enumerate(asked.questions):
        part = "held_out" if one.cluster in held_out else "mending"
        documents = list(one.documents)
        if index is not None and place < config.noise_questions:
            documents += list(unrelated(one, asked.pool, index, config))[:1]
        found += _instances(one, documents, part, config)
    return found


def _instances(one: AskedQuestion, documents: Sequence[Document], part: str, config: SureConfig) -> Iterator[Instance]:
    answers = GoldAnswers(one.answers, config.match)
    for number, document in enumerate(dict.fromkeys(documents)):
        yield Instance(
            instance=f"{one.name}/{number}" if number else one.name,
            question=one.name,
            asked=one.question,
            answers=SEPARATOR.join(one.answers),
            title=document.title,
            document=document.text,
            golden=answers.within(document.plain()),
            cluster=one.cluster,
            part=part,
            words=document.words,
        )


def unrelated(one: AskedQuestion, pool: Sequence[Document], index: Bm25, config: SureConfig) -> Iterator[Document]:
    """Find passages that are most like the question in words and hold none of its answers, best first."""
    answers = GoldAnswers(one.answers, config.match)
    for hit in index.search(one.question, NOISE_CANDIDATES):
        if pool[hit.passage] not in one.documents and not answers.within(pool[hit.passage].plain()):
            yield pool[hit.passage]


def instance_frame(instances: Sequence[Instance]) -> pd.DataFrame:
    """Make a frame of `Instance` rows, with its columns even where there are none."""
    return pd.DataFrame([row.model_dump() for row in instances], columns=list(Instance.model_fields))


def blocks_of(things: Sequence[Thing], size: int = QUESTIONS) -> list[Sequence[Thing]]:
    """Cut a draw into blocks; the last one may be smaller."""
    return [things[start : start + size] for start in range(0, len(things), size)]


def digest(*values: object) -> str:
    """Take 16 hex digits of what values say: texts, numbers, dataclasses, models, sequences of them, frames by rows."""
    said = repr([value.to_numpy().tolist() if isinstance(value, pd.DataFrame) else value for value in values])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def joined(frames: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Put the frames of all blocks together, by form in the order of the taxonomy and by the draw within a form.

    Args:
        columns: of the result where there is not one row.
    """
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    whole = pd.concat(filled, ignore_index=True)
    if "perturbation" not in whole:
        return whole
    # Forms that a data file brought along have no place in the taxonomy and come last.
    return whole.sort_values("perturbation", key=lambda names: names.map(_PLACES), kind="stable", ignore_index=True)


def save_pairs(pair_set: PairSet, answers: Mapping[str, pd.DataFrame], log: RunLog) -> None:
    """Save every kept pair, and those that all untuned readers flip, as artifacts.

    Args:
        answers: rows of `Answer` by untuned arm; without any only the first file is written.
    """
    path = log.artifact(PAIRS)
    count = write_pairs(pair_set, path)
    run = path.parent.parent.name
    log.note(f"{count:,} pairs are saved; run another reader on them with run:{run}/{PAIRS} as data.")
    if answers:
        count = write_pairs(pair_set, log.artifact(FLIPPED), flipped_by_all(answers))
        who = "the reader flips" if len(answers) == 1 else f"all {len(answers)} readers flip"
        log.note(f"{count:,} Golden pairs that {who} are saved apart: run:{run}/{FLIPPED}.")


def write_pairs(pair_set: PairSet, path: Path, only: "set[tuple[str, str]] | None" = None) -> int:
    """Write pairs one a line, readable by `questions.PairRow`; return the number of lines.

    Args:
        only: (instance, perturbation) of the pairs to write; None for all.
    """
    instances = {row.instance: row for row in pair_set.instances.itertuples()}
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for form in pair_set.forms.itertuples():
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
    """Find the Golden pairs (instance, perturbation) that every reader flips.

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
