"""Pictures of documents: flips one by one, the form of preferred documents, forms kept and dropped."""

# pyright: reportMissingTypeStubs=false

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from engines.parts.answers import split_sentences
from engines.sure.config import arm_title
from engines.sure.perturbations import PLAIN, title_of
from engines.sure.rows import Answer, AskedForm, FeatureTest, FormText, Instance, RankedDocument
from workbench.contract import Config, Curves, Measures, Passage, Pick, Rows, Source, Span, Tables

SEPARATOR = " / "
CHANGES = {0: "robust", 1: "lost", -1: "won"}
GONE, NEW, GOLD, RIGHT, WRONG = "only before", "only after", "gold answer", "right", "wrong"
NO_FLIPS = "No answer has flipped yet."
FEATURES = {
    "length": "Length (tokens)",
    "reading_ease": "Flesch reading ease",
    "distinct_1": "Share of different words",
    "perplexity": "Perplexity under the reader",
    "dependency_depth": "Depth of the dependency tree",
}
GROUPS = ("preferred", "least preferred", "random a", "random b")
DENSITY_POINTS = 61


class FlipControl(Config):
    """Which pair is shown."""

    pair: str = ""
    """A pair out of the list of flips: arm, document and form. Empty shows the first."""


class AskedControl(Config):
    """Which form is shown."""

    form: str = ""
    """A form out of the list; empty shows the first whose answer differs."""


def flipped_answers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Answers that flipped, each with its key (column pair), form, question and gold answers; lost ones first.

    Seeds with equal answers stand once.
    """
    found = rows[(rows["perturbation"] != PLAIN) & (rows["change"] != 0)]
    found = found.drop_duplicates(["arm", "instance", "perturbation"])
    pairs = found[["arm", "instance", "perturbation"]].astype(str).agg(SEPARATOR.join, axis=1)
    forms, flips = found["perturbation"].map(title_of), found["change"].map(CHANGES)
    found = found.assign(pair=pairs if len(found) else "", form=forms, flip=flips)
    asked = tables[Instance][["instance", "asked", "answers"]]
    return found.sort_values("change", ascending=False, kind="stable").merge(asked, on="instance", how="left")


def pair_names(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Keys of the flips."""
    return {"pair": list(flipped_answers(tables[Answer], tables)["pair"])}


def flip_spans(tables: Tables, controls: FlipControl) -> list[Span]:
    """Return one flip: question, gold answer, both answers, and the documents with what differs."""
    found = flipped_answers(tables[Answer], tables)
    if found.empty:
        return [Span(NO_FLIPS)]
    chosen = found[found["pair"] == controls.pair]
    row = (chosen if len(chosen) else found).iloc[0]
    forms = tables[FormText]
    form = forms[(forms["instance"] == row["instance"]) & (forms["perturbation"] == row["perturbation"])]
    if form.empty or not isinstance(row["answers"], str):
        return [Span(NO_FLIPS)]
    golds = row["answers"].split(" | ")
    head = [
        Span(f"{arm_title(row['arm'])}, {row['subset']}, {row['form']}: {row['flip']}\n"),
        Span(f"Question: {row['asked']}\nGold answer: "),
        Span(golds[0], GOLD, "; ".join(golds)),
        *answer_spans(row),
        Span("\n\n"),
    ]
    return [*head, *document_spans(str(form["before"].iloc[0]), str(form["text"].iloc[0]), golds)]


def answer_spans(row: "pd.Series") -> list[Span]:
    """Return the wrong answer and the right one of a flip.

    In this order, so that each keeps its colour in every flip.
    """
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
    """Return a text with its gold answers marked, the longest first where one holds another."""
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


def densities(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Gaussian kernel densities of every feature by group (Scott's bandwidth): columns feature, told, group, at,
    density.

    A group whose values are all equal has no density and is left out. Column told heads the panel with the distances.
    """
    parts = [
        curve.assign(feature=title, told=f"{title}{_distances(feature, tables)}")
        for feature, title in FEATURES.items()
        for curve in _densities_of(rows["group"], rows[feature].astype(float))
    ]
    columns = ["feature", "told", "group", "at", "density"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def titled_distances(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Distances of features under their titles, to four digits."""
    return rows.assign(feature=rows["feature"].replace(FEATURES), statistic=rows["statistic"].astype(float).round(4))


def say_densities(frame: pd.DataFrame) -> str:
    """Return the feature with its distances, and where the densities of ranked documents are highest, in words."""
    highest = frame.loc[frame.groupby("group", sort=False)["value"].idxmax()].set_index("group")["at"]
    peaks = [f"{name} at {highest[name]:.4g}" for name in GROUPS[:2] if name in highest]
    told = frame["told"].iloc[0]
    return f"{told}. Most documents lie near: {', '.join(peaks)}." if peaks else f"{told}."


def asked_forms(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Forms of the asked document, those that changed the answer first."""
    rows = tables[AskedForm]
    changed = ~rows["verdict"].isin(["robust", "same"])
    return {"form": [*rows.loc[changed, "form"], *rows.loc[~changed, "form"]]}


def asked_spans(tables: Tables, controls: AskedControl) -> list[Span]:
    """Return the asked document before and after one change, with both answers."""
    rows, forms = tables[AskedForm], asked_forms(tables)["form"]
    if rows.empty:
        return [Span("The document has not been read yet.")]
    name = controls.form if controls.form in forms else forms[0]
    row = rows[rows["form"] == name].iloc[0]
    head = f"{name}: {row['verdict']}\nAnswer before: {row['before']}\nAnswer after: {row['after']}\n\n"
    return [Span(head), *document_spans(str(row["before_text"]), str(row["text"]), ())]


def _densities_of(groups: pd.Series, values: pd.Series) -> Iterator[pd.DataFrame]:
    if values.dropna().empty:
        return
    spread = float(values.max() - values.min()) or 1.0
    along = np.linspace(values.min() - 0.1 * spread, values.max() + 0.1 * spread, DENSITY_POINTS)
    for group, part in values.groupby(groups, sort=False):
        points = part.dropna().to_numpy()
        width = points.std(ddof=1) * len(points) ** -0.2 if len(points) > 1 else 0.0
        if width > 0:
            steps = (along[:, None] - points) / width
            density = np.exp(-(steps**2) / 2).mean(axis=1) / (width * np.sqrt(2 * np.pi))
            yield pd.DataFrame({"group": group, "at": along, "density": density})


def _distances(feature: str, tables: Tables) -> str:
    tests = tables[FeatureTest]
    tests = tests[tests["feature"] == feature]
    found = dict(zip(tests["groups"], tests["statistic"], strict=True))
    if {"ranked", "random"} - set(found):
        return ""
    return f": Kolmogorov-Smirnov distance {found['ranked']:.3f} when ranked, {found['random']:.3f} at random"


FLIPS = (
    Rows(
        "flips", "Flips", Source(Answer, (Instance,), flipped_answers),
        {"pair": "pair", "arm": "reader", "subset": "subset", "form": "form", "flip": "flip", "asked": "question",
         "before": "before", "after": "after", "answers": "gold answers"},
        selects="pair", group="Flips",
        help="Every answer that a change of form lost or won. Choose one to see its documents below.",
    ),
    Passage(
        "flip", "One flip", (Answer, Instance, FormText), flip_spans, controls=FlipControl, options=pair_names,
        group="Flips",
        help="The document before and after the change in one text: what stands only before, only after, and the gold "
        "answer.",
    ),
)  # fmt: skip

PREFERRED = (
    Curves(
        "densities", "Form of preferred documents",
        Source(
            RankedDocument, (FeatureTest,), densities,
            (Pick("feature", help="Length, reading ease, share of different words, perplexity or depth of the "
                  "dependency tree."),),
        ),
        "at", "density", by="group", panel="told", axes=("Value of the feature", "Density"), muted=GROUPS[2:],
        order=GROUPS, says=say_densities, group="Preferred documents",
        help="All of these documents hold the answer. Preferred is the one from which the reader finds the answer most "
        "likely. If the two thick curves differ more than the grey ones, the reader prefers a form.",
    ),
    Rows(
        "feature_tests", "Distances of form", Source(FeatureTest, where=titled_distances),
        {"feature": "feature", "groups": "groups", "documents": "documents", "statistic": "distance"},
        group="Preferred documents",
        help="Kolmogorov-Smirnov distances. No p value stands beside them, for questions share documents; below they "
        "have intervals that take topics as the sample.",
    ),
    Measures(
        "form_gaps", "Distances of form, with intervals", ("form_gap",), along="form/*/*", group="Preferred documents",
        claim="readers_prefer_a_length",
        help="From histograms. Ranked: documents preferred most and least; random: two drawn without regard to the "
        "reader. Two finite groups always differ a little, so that ranked must be compared with random.",
    ),
)  # fmt: skip

ASK_VIEWS = (
    Rows(
        "asked_forms", "Answers by form", Source(AskedForm),
        {"form": "form", "kind": "class", "after": "answer", "before": "answer before the change",
         "verdict": "verdict", "right": "right"},
    ),
    Passage("asked_form", "One form", (AskedForm,), asked_spans, controls=AskedControl, options=asked_forms),
)  # fmt: skip
