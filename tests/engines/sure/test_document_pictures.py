import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.sure.document_pictures import (
    FLIPS,
    GOLD,
    GONE,
    NEW,
    PREFERRED,
    FlipControl,
    densities,
    document_spans,
    flip_spans,
    gold_spans,
    pair_names,
    say_densities,
    titled_distances,
)
from engines.sure.pictures import COUNTS
from engines.sure.rows import FeatureTest, FormCount, RankedDocument
from tests.engines.shown_views import shown
from tests.engines.sure.tiny_run import tables

VIEWS = {view.name: view for view in (*FLIPS, *PREFERRED, *COUNTS)}

BEFORE, AFTER = "Oslo has ada.", '{"text": "Oslo has ada."}'


def answer(perturbation: str, change: int, arm: str = "reader", seed: int = 0) -> dict:
    return {
        "arm": arm, "seed": seed, "instance": "a", "subset": "K-G", "part": "mending", "kind": "format",
        "perturbation": perturbation, "before": "Oslo", "after": "Bergen", "right_before": change == 1,
        "right_after": change == -1, "change": change,
    }  # fmt: skip


INSTANCE = {
    "instance": "a", "question": "q", "asked": "Where?", "answers": "Oslo | Christiania", "title": "",
    "document": BEFORE, "golden": True, "cluster": "t", "part": "mending",
}  # fmt: skip
FORM = {"instance": "a", "kind": "format", "before": BEFORE, "text": AFTER, "kept": True, "reason": ""}
TABLES = tables(
    Answer=pd.DataFrame([answer("yaml", -1), answer("json", 1), answer("json", 1, seed=1), answer("html", 0)]),
    Instance=pd.DataFrame([INSTANCE]),
    FormText=pd.DataFrame([{**FORM, "perturbation": name} for name in ("json", "yaml", "html")]),
)


def test_flips_are_listed_once_lost_ones_first():
    assert pair_names(TABLES)["pair"] == ["reader / a / json", "reader / a / yaml"]
    rows = shown(VIEWS["flips"], TABLES)
    assert rows["flip"].tolist() == ["lost", "won"]
    assert rows["question"].tolist() == ["Where?", "Where?"]
    assert rows["reader"].tolist() == ["Reader as it is"] * 2 and rows["form"].tolist() == ["JSON", "YAML"]


def test_one_flip_shows_answers_and_what_differs():
    spans = flip_spans(TABLES, FlipControl(pair="reader / a / yaml"))
    text = "".join(span.text for span in spans)
    assert "YAML" in text and "won" in text and "Question: Where?" in text
    marks = {(span.text, span.mark) for span in spans if span.mark}
    assert {("Oslo", "wrong"), ("Bergen", "right"), ("Oslo", GOLD)} <= marks
    assert flip_spans(TABLES, FlipControl(pair="gone")) == flip_spans(TABLES, FlipControl())


def test_formats_are_compared_word_by_word():
    spans = document_spans(BEFORE, AFTER, ["Oslo"])
    assert "".join(span.text for span in spans if span.mark != NEW) == BEFORE
    assert "".join(span.text for span in spans if span.mark != GONE) == AFTER
    assert ("Oslo", GOLD) in {(span.text, span.mark) for span in spans}


def test_orders_are_compared_sentence_by_sentence():
    spans = document_spans("One here. Two there.", "Two there. One here.", [])
    assert sorted(span.mark for span in spans) == ["", NEW, GONE]
    assert {span.text for span in spans} == {"One here. ", "Two there. "}


@given(st.text(alphabet="ab \n", max_size=30), st.text(alphabet="ab \n", max_size=30))
def test_word_diffs_lose_nothing(before, after):
    spans = document_spans(f"{before}x", f"{after}y", ["a"])
    assert "".join(span.text for span in spans if span.mark != GONE) == f"{after}y"
    assert "".join(span.text for span in spans if span.mark != NEW) == f"{before}x"


@pytest.mark.parametrize(
    ("golds", "marked"), [(["New York"], ["New York"]), (["York", "New York"], ["New York"]), (["Yor"], []), ([""], [])]
)
def test_gold_answers_are_marked_whole(golds, marked):
    spans = list(gold_spans("In New York.", golds))
    assert [span.text for span in spans if span.mark] == marked
    assert "".join(span.text for span in spans) == "In New York."


def ranked(groups: list[str], lengths) -> pd.DataFrame:
    return pd.DataFrame({"group": groups, "length": lengths}).reindex(columns=list(RankedDocument.model_fields))


def test_densities_integrate_to_one():
    draw = np.random.default_rng(0)
    rows = ranked(["preferred"] * 200 + ["least preferred"] * 200, draw.normal(size=400))
    curves = densities(rows, tables())
    assert set(curves["feature"]) == {"Length (tokens)"}
    for _, curve in curves.groupby("group"):
        assert np.trapezoid(curve["density"], curve["at"]) == pytest.approx(1, abs=0.03)


def test_a_group_without_spread_has_no_density():
    rows = ranked(["a"] * 3 + ["b"] * 3, [1.0, 1, 1, 1, 2, 3])
    assert set(densities(rows, tables())["group"]) == {"b"}
    assert densities(rows.iloc[:0], tables()).empty
    assert densities(ranked(["a"], [np.nan]), tables()).empty


def test_distances_head_the_densities():
    tests = pd.DataFrame([("length", "ranked", 9, 0.5), ("length", "random", 9, 0.1)],
                         columns=list(FeatureTest.model_fields))  # fmt: skip
    groups = ["preferred"] * 3 + ["least preferred"] * 3
    curves = densities(ranked(groups, [1.0, 2, 3, 5, 6, 7]), tables(FeatureTest=tests))
    told = "Length (tokens): Kolmogorov-Smirnov distance 0.500 when ranked, 0.100 at random"
    assert set(curves["told"]) == {told}
    said = say_densities(curves.rename(columns={"density": "value"}))
    assert said == f"{told}. Most documents lie near: preferred at 1.96, least preferred at 6.04."
    assert titled_distances(tests, tables())["statistic"].tolist() == [0.5, 0.1]


def test_counts_say_which_check_was_made():
    row = {name: 0 for name in FormCount.model_fields} | {"perturbation": "simple", "kind": "style", "judged": True}
    found = shown(VIEWS["forms"], tables(FormCount=pd.DataFrame([row, {**row, "judged": False}])))
    assert found["check"].tolist() == ["entailment judged", "answer checked alone"]
    assert found["form"].tolist() == ["simple style"] * 2


def test_subsets_are_counted_on_plain_documents():
    rows = [answer("plain", 0), answer("json", 1), {**answer("plain", 0), "instance": "b", "right_after": True}]
    found = shown(VIEWS["subsets"], tables(Answer=pd.DataFrame(rows)))
    assert found.to_numpy().tolist() == [["Reader as it is", "K-G", 2, 50.0]]
