"""Declared pictures: their frames by hand, and each drawn and told on a small run and on the shipped one."""

import pandas as pd
import pytest

from engines.parts.rows.token_use import TokenUse
from engines.treereview import ENGINE
from engines.treereview.pictures import (
    both_ways,
    coverage_rows,
    form_rates,
    listed_comments,
    say_coverage,
    say_saving,
    standard_scores,
    tree_nodes,
)
from engines.treereview.rows import ChunkRelevance, Comparison, PaperParagraph, QuestionNode, ReviewComment
from engines.treereview.text_views import ReviewControl
from tests.engines.shown_views import assert_options, assert_shows, assert_waits, joined, shipped_tables, shown
from tests.engines.treereview.shown_run import REVIEW, VIEWS, shown_tables
from tests.engines.treereview.tiny_run import tables
from workbench.contract.pictures import Picture
from workbench.contract.views import Tables

DECLARED = [name for name, view in VIEWS.items() if isinstance(view, Picture)]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return shown_tables(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def shipped() -> Tables:
    return shipped_tables(ENGINE)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    assert_shows(VIEWS[name], done)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    assert_waits(VIEWS[name], tables())


@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows)))
def test_views_show_a_run_that_is_half_done(upto, done):
    partial = tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]})
    for view in VIEWS.values():
        shown(view, partial)


def test_every_option_of_a_view_can_be_drawn(done):
    assert_options(VIEWS.values(), done)
    for view in map(joined, VIEWS.values()):
        assert all(choice for choices in (view.options(done) if view.options else {}).values() for choice in choices)


def test_every_claim_that_a_view_names_is_there_and_every_view_has_a_heading():
    named = {view.claim for view in ENGINE.views if view.claim}
    assert named == {"fewer_tokens", "ranking_beats_chance"} <= {claim.name for claim in ENGINE.claims}
    assert all(view.group for view in ENGINE.views)


@pytest.mark.parametrize("name", DECLARED)
def test_declared_pictures_show_the_shipped_run(name, shipped):
    assert_shows(VIEWS[name], shipped)


def first_relevance(rows: Tables) -> float:
    ranked = rows[ChunkRelevance]
    scores = ranked[ranked["node"] == ranked["node"].iloc[0]].sort_values("chunk")["score"]
    return float((scores.iloc[0] - scores.mean()) / scores.std(ddof=0))


FIRST = {
    "relevance": first_relevance,
    "coverage": lambda rows: float(
        rows[ChunkRelevance]
        .query("read and chunk == 0 and arm == 'treereview' and paper == 'MVT_Rnews'")["node"]
        .nunique()
    ),
    "saving": lambda rows: float(rows[Comparison]["tokens"].iloc[0]),
    "stages": lambda rows: float(rows[TokenUse].query("stage == 'Generate questions'")["prompt_tokens"].sum()),
}


@pytest.mark.parametrize("name", FIRST)
def test_the_first_number_is_that_of_the_rows(name, shipped):
    trace = shown(VIEWS[name], shipped)[0].data[0]
    numbers = trace.z[0] if trace.type == "heatmap" else trace.x if trace.orientation == "h" else trace.y
    assert numbers[0] == pytest.approx(FIRST[name](shipped))


def test_sentences_of_the_shipped_run_are_those_of_its_numbers(shipped):
    rows, spent = shipped[Comparison], shipped[TokenUse]
    tokens, whole = rows["tokens"].sum(), rows["tokens_exhaustive"].sum()
    saving = shown(VIEWS["saving"], shipped)[1]
    assert saving.startswith(f"{tokens:,} tokens from passages (what the ranking model read was not counted), ")
    assert f", {whole:,} from whole papers: 68% fewer." in saving
    assert (
        f"{spent['prompt_tokens'].sum() + spent['completion_tokens'].sum():,} tokens"
        in shown(VIEWS["stages"], shipped)[1]
    )


def test_a_question_is_named_by_its_number(shipped):
    figure = shown(VIEWS["relevance"], shipped)[0]
    assert figure.layout.yaxis.ticktext[0] == figure.data[0].y[0].rsplit("/", 1)[-1]
    assert figure.data[0].customdata[0][0][0] == figure.data[0].y[0], "a click hands over the whole name"


def test_the_tree_is_of_one_review_and_says_how_it_stands(done):
    nodes = tree_nodes(done, ReviewControl(review=REVIEW))
    assert [node.id for node in nodes if node.parent is None] == [f"{REVIEW}/0"]
    parents = {node.id for node in nodes}
    assert all(node.parent in parents for node in nodes if node.parent)
    assert {node.status for node in nodes} <= {"answered", "answered, follow-up"}
    assert nodes[0].label.startswith("Review of Shifting states")


def test_relevance_is_standardised_by_question(done):
    rows = standard_scores(done[ChunkRelevance], done)
    assert rows.groupby("node")["standard"].mean().abs().max() < 1e-9
    assert set(rows["review"]) == {REVIEW, "treereview/0/other"}
    scores = pd.DataFrame(
        {"node": ["a/0/p/1"] * 3 + ["a/0/p/2"] * 2, "chunk": [0, 1, 2, 0, 1], "score": [1.0, 2, 3, 5, 5]}
    )
    assert standard_scores(scores, done)["standard"].tolist() == pytest.approx([-(1.5**0.5), 0, 1.5**0.5, 0, 0])


def test_coverage_counts_questions(done):
    rows = coverage_rows(done[PaperParagraph], done).set_index("review")
    assert len(rows.loc[REVIEW]) == 8 and rows.loc[REVIEW, "times"].sum() > 0
    assert rows.loc["no_tree/0/attack", "times"].sum() == 0
    nodes = set(done[QuestionNode].query("arm == 'treereview' and paper == 'attack'")["node"])
    read = done[ChunkRelevance]
    read = read[read["read"] & read["node"].isin(nodes)]
    for chunk, times in read.groupby("chunk")["node"].nunique().items():
        assert set(rows.loc[REVIEW].query(f"chunk == {chunk}")["times"]) == {times}


def test_coverage_in_words():
    frame = pd.DataFrame({"paragraph": [1, 2, 3], "section": ["A", "A", "B"], "value": [2.0, 0.0, 0.0]})
    assert say_coverage(frame) == "1 of 3 paragraphs were read to answer some question. Nothing was read of: B."


def test_the_saving_by_hand():
    said = {"arm": "exhaustive", "seed": 0, "paper": "p", "run": False, "tokens": 100, "ranker_tokens": 50,
            "tokens_exhaustive": 400}  # fmt: skip
    rows = both_ways(pd.DataFrame([said, said | {"paper": "q", "run": True}]), tables())
    assert rows["way"].tolist() == [
        "from passages", "from passages", "read to rank the passages", "read to rank the passages",
        "from the whole paper (counted)", "from the whole paper",
    ]  # fmt: skip
    text = say_saving(rows.rename(columns={"count": "value"}))
    assert text.startswith("300 tokens from passages, 100 of them read to rank, 800 from whole papers: 62% fewer.")
    assert text.endswith("For 1 of 2 papers answers from the whole were counted, not written.")


def test_fallback_rates_by_hand():
    row = {"arm": "a", "stage": "Review", "asked": 4, "valid": 3, "repaired": 1, "lenient": 0, "cut": 0,
           "unusable": 0}  # fmt: skip
    assert form_rates(pd.DataFrame([row]), tables())["fallback"].tolist() == ["25%"]


def test_listed_comments_can_be_narrowed(done):
    rows = done[ReviewComment].assign(repeats=[None, 1] * (len(done[ReviewComment]) // 2))
    frame = listed_comments(rows, done)
    assert (frame["which"] == "repeated").tolist() == [False, True] * (len(rows) // 2)
    twice = tables(ReviewComment=rows)
    assert len(shown(VIEWS["comments"], twice)) == 2
    assert shown(VIEWS["comments"], twice, which="distinct")["repeats"].tolist() == [""]
    assert shown(VIEWS["comments"], twice, which="repeated")["repeats"].tolist() == ["1"]


def test_findings_begin_with_instructions(done):
    rows = shown(VIEWS["findings"], done)
    assert rows["kind"].iloc[0] == "instructions found in the document"
    assert rows["paragraph"].iloc[0] == "4"
