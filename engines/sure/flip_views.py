"""The flips one by one: both documents with what differs, both answers, the gold answer."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from engines.sure.config import AskedControl, FlipControl
from engines.sure.perturbations import PLAIN, title_of
from engines.sure.rows import Answer, AskedForm, FormText, Instance
from engines.sure.sentences import split_sentences
from engines.sure.views import arm_title, sentence_case
from workbench.contract import NoControls, Span, Tables

SEPARATOR = " / "
CHANGES = {0: "robust", 1: "lost", -1: "won"}
GONE, NEW, GOLD, RIGHT, WRONG = "only before", "only after", "gold answer", "right", "wrong"
NO_FLIPS = "No answer has flipped yet."


def flips(tables: Tables) -> pd.DataFrame:
    """Answers that flipped, each with its key; lost ones first. Seeds with equal answers stand once."""
    answers = tables[Answer]
    found = answers[(answers["perturbation"] != PLAIN) & (answers["change"] != 0)]
    found = found.drop_duplicates(["arm", "instance", "perturbation"])
    keys = [
        SEPARATOR.join(map(str, key))
        for key in zip(found["arm"], found["instance"], found["perturbation"], strict=True)
    ]
    return found.assign(pair=keys).sort_values("change", ascending=False, kind="stable")


def pairs_that_flipped(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Keys of the flips."""
    return {"pair": list(flips(tables)["pair"])}


def flip_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a flip: who, which document and form, both answers, gold answers."""
    found = flips(tables).merge(tables[Instance][["instance", "asked", "answers"]], on="instance", how="left")
    return pd.DataFrame(
        {
            "pair": found["pair"],
            "reader": found["arm"].map(arm_title),
            "subset": found["subset"],
            "form": found["perturbation"].map(title_of),
            "flip": found["change"].map(CHANGES),
            "question": found["asked"],
            "before": found["before"],
            "after": found["after"],
            "gold answers": found["answers"],
        }
    )


def flip_spans(tables: Tables, controls: FlipControl) -> list[Span]:
    """One flip: question, gold answer, both answers, and the documents with what differs."""
    found = flips(tables)
    if found.empty:
        return [Span(NO_FLIPS)]
    chosen = found[found["pair"] == controls.pair]
    row = (chosen if len(chosen) else found).iloc[0]
    instances, forms = tables[Instance], tables[FormText]
    instance = instances[instances["instance"] == row["instance"]]
    form = forms[(forms["instance"] == row["instance"]) & (forms["perturbation"] == row["perturbation"])]
    if instance.empty or form.empty:
        return [Span(NO_FLIPS)]
    golds = str(instance["answers"].iloc[0]).split(" | ")
    head = [
        Span(f"{sentence_case(arm_title(row['arm']))}, {row['subset']}, {title_of(row['perturbation'])}: "),
        Span(f"{CHANGES[int(row['change'])]}\n"),
        Span(f"Question: {instance['asked'].iloc[0]}\nGold answer: "),
        Span(golds[0], GOLD, "; ".join(golds)),
        *answer_spans(row),
        Span("\n\n"),
    ]
    return [*head, *document_spans(str(form["before"].iloc[0]), str(form["text"].iloc[0]), golds)]


def answer_spans(row: "pd.Series") -> list[Span]:
    """The wrong answer and the right one of a flip; in this order, so that each keeps its colour in every flip."""
    said = {True: (row["before"], "before"), False: (row["after"], "after")}
    (wrong, when), (right, then) = said[not row["right_before"]], said[bool(row["right_before"])]
    return [
        Span(f"\nAnswer {when} the change: "),
        Span(wrong or "(nothing)", WRONG),
        Span(f"\nAnswer {then} the change: "),
        Span(right or "(nothing)", RIGHT),
    ]


def document_spans(before: str, after: str, golds: Sequence[str]) -> list[Span]:
    """Two documents as one text: what stands only before, only after, and the gold answers in what they share.

    Documents that differ in the order of sentences alone are compared sentence by sentence, others word by word.
    """
    pieces = _sentences if _same_sentences(before, after) else _words
    old, new = pieces(before), pieces(after)
    spans: list[Span] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            spans += gold_spans("".join(old[a:b]), golds)
            continue
        spans += [Span(text, mark) for text, mark in (("".join(old[a:b]), GONE), ("".join(new[c:d]), NEW)) if text]
    return spans


def gold_spans(text: str, golds: Sequence[str]) -> Iterator[Span]:
    """A text with its gold answers marked, the longest first where one holds another."""
    wanted = "|".join(re.escape(gold) for gold in sorted(golds, key=len, reverse=True) if gold)
    last = 0
    for match in re.finditer(rf"(?<!\w)(?:{wanted})(?!\w)", text, re.IGNORECASE) if wanted else ():
        if match.start() > last:
            yield Span(text[last : match.start()])
        yield Span(match[0], GOLD)
        last = match.end()
    if last < len(text):
        yield Span(text[last:])


def _same_sentences(before: str, after: str) -> bool:
    old, new = split_sentences(before), split_sentences(after)
    return old != new and sorted(old) == sorted(new)


def _sentences(text: str) -> list[str]:
    return [f"{sentence} " for sentence in split_sentences(text)]


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def asked_forms(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Forms of the asked document, those that changed the answer first."""
    rows = tables[AskedForm]
    changed = ~rows["verdict"].isin(["robust", "same"])
    return {"form": [*rows.loc[changed, "form"], *rows.loc[~changed, "form"]]}


def asked_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a form: the answer, and what became of it."""
    rows = tables[AskedForm][["form", "kind", "after", "before", "verdict", "right"]]
    return rows.rename(columns={"kind": "class", "after": "answer", "before": "answer before the change"})


def asked_spans(tables: Tables, controls: AskedControl) -> list[Span]:
    """The asked document before and after one change, with both answers."""
    rows, forms = tables[AskedForm], asked_forms(tables)["form"]
    if rows.empty:
        return [Span("The document has not been read yet.")]
    name = controls.form if controls.form in forms else forms[0]
    row = rows[rows["form"] == name].iloc[0]
    head = f"{name}: {row['verdict']}\nAnswer before: {row['before']}\nAnswer after: {row['after']}\n\n"
    return [Span(head), *document_spans(str(row["before_text"]), str(row["text"]), ())]
