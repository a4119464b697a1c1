import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.sure.config import FlipControl
from engines.sure.flip_views import (
    GOLD,
    GONE,
    NEW,
    document_spans,
    flip_rows,
    flip_spans,
    gold_spans,
    pairs_that_flipped,
)
from engines.sure.rows import Answer, FormText, Instance
from tests.engines.sure.tiny_run import tables
from workbench.contract.views import NoControls

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
    assert pairs_that_flipped(TABLES)["pair"] == ["reader / a / json", "reader / a / yaml"]
    rows = flip_rows(TABLES, NoControls())
    assert rows["flip"].tolist() == ["lost", "won"]
    assert rows["question"].tolist() == ["Where?", "Where?"]


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


def test_kinds_are_those_of_the_card():
    assert {Answer, FormText, Instance} <= set(TABLES)
