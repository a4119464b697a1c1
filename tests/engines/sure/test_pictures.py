"""Pictures of robustness on a small run, on the run that is shipped, and on rows made by hand."""

import pandas as pd
import pytest

from engines.sure import ENGINE
from engines.sure.pictures import documents_read, held_out_by_class, rates_in_percent, widest
from engines.sure.rows import Answer, AskedForm, FeatureTest, FormRate, MendedReader
from tests.engines.shown_views import assert_options, assert_shows, assert_waits, shipped_tables, shown
from tests.engines.sure.tiny_run import KINDS, start, tables, tiny_spec
from workbench.contract.pictures import Picture
from workbench.contract.schema import Outcome
from workbench.contract.views import Tables
from workbench.storage.home import place

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")
VIEWS = {view.name: view for view in (*ENGINE.views, *ENGINE.ask.views)}
DECLARED = [name for name, view in VIEWS.items() if isinstance(view, Picture) and not name.startswith("asked")]


@pytest.fixture(scope="module")
def done() -> Tables:
    run = start(tiny_spec(arms=("reader", "sft"), seeds=(0, 1)), place("runs"), "sure-views")
    asked = pd.DataFrame(
        [("as it is", "original", "a b", "a b", "x", "x", "robust", "yes"),
         ("JSON", "format", "a b", '{"a b"}', "x", "y", "lost", "no")],
        columns=list(AskedForm.model_fields),
    )  # fmt: skip
    rows = {kind.table(): run.table(kind) for kind in (*ENGINE.rows, Outcome)}
    return tables(**rows, AskedForm=asked)


@pytest.fixture(scope="module")
def shipped() -> Tables:
    return shipped_tables(ENGINE)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    assert_shows(VIEWS[name], done)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    assert_waits(VIEWS[name], tables())


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows), 4))
def test_views_show_a_run_that_is_half_done(name, upto, done):
    shown(VIEWS[name], tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]}))


def test_every_option_of_a_view_can_be_drawn(done):
    assert_options(VIEWS.values(), done)


@pytest.mark.parametrize("name", DECLARED)
def test_declared_pictures_show_the_shipped_run(name, shipped):
    assert_shows(VIEWS[name], shipped)


FIRST = "arm == 'reader' and subset == 'golden' and part == 'all' and perturbation == 'self_generated' and seed == 0"


def test_shipped_rates_are_those_of_the_rows(shipped):
    rate = shipped[FormRate].query(FIRST).iloc[0]
    figure, said = shown(VIEWS["rates"], shipped)
    form = figure.data[0].y.index("rewritten by the reader")
    shares = {trace.name: trace.x[form] for trace in figure.data}
    assert shares["stayed right"] + shares["stayed wrong"] == pytest.approx(rate["robust"])
    assert shares["stayed right"] + shares["won"] == pytest.approx(rate["accuracy_after"])
    assert [shares["won"], shares["lost"]] == pytest.approx([rate["win"], rate["lose"]])
    assert said.startswith("Least robust under ") and "% right), most under " in said
    figure, said = shown(VIEWS["accuracy"], shipped)
    assert [trace.x[form] for trace in figure.data] == pytest.approx([rate["accuracy_before"], rate["accuracy_after"]])
    assert said.startswith(f"Accuracy is {sum(figure.data[0].x) / len(figure.data[0].x):.1%} before")
    row = shown(VIEWS["rate_table"], shipped).set_index("form").loc["rewritten by the reader"]
    assert row["robust %"] == pytest.approx(100 * rate["robust"], abs=0.05)


def test_shipped_fine_tuning_is_told_with_accuracy(shipped):
    rates = shipped[FormRate].query("subset == 'golden' and part == 'held_out' and perturbation == 'all'")
    means = rates[rates["kind"] == "all"].groupby("arm")[["robust", "accuracy_after"]].mean()
    figure, said = shown(VIEWS["mending"], shipped)
    assert f"robust {means.loc['reader', 'robust']:.1%} (Reader as it is)" in said
    assert f"right after the change {means.loc['reader', 'accuracy_after']:.1%} (Reader as it is)" in said
    assert figure.data[0].name == "Reader as it is"
    assert figure.data[0].x[figure.data[0].y.index("all classes")] == pytest.approx(means.loc["reader", "robust"])
    assert len(shown(VIEWS["readers"], shipped)) == len(shipped[MendedReader])


def test_shipped_densities_are_told_with_their_distances(shipped):
    figure, said = shown(VIEWS["densities"], shipped)
    tests = shipped[FeatureTest].query("feature == 'length'").set_index("groups")["statistic"]
    assert said.startswith(
        f"Length (tokens): Kolmogorov-Smirnov distance {tests['ranked']:.3f} when ranked, {tests['random']:.3f} at"
    )
    assert said.startswith(figure.layout.annotations[0].text)
    curve = figure.data[0]
    assert f"{curve.name} at {curve.x[curve.y.index(max(curve.y))]:.4g}" in said
    _, other = shown(VIEWS["densities"], shipped, feature="Flesch reading ease")
    assert other.startswith("Flesch reading ease: ")


def test_a_subset_that_an_arm_did_not_read_is_replaced_and_said(shipped):
    _, said = shown(VIEWS["rates"], shipped, arm="SFT on flips", subset="noise")
    assert said.endswith("Subset golden is shown, for noise has no rows.")


def test_every_claim_that_a_view_names_is_there():
    named = {view.claim for view in ENGINE.views if view.claim}
    assert named and named <= {claim.name for claim in ENGINE.claims}


def rate(arm: str, perturbation: str, part: str, robust: float, seed: int = 0) -> dict:
    given = {"arm": arm, "seed": seed, "subset": "golden", "kind": "format", "perturbation": perturbation, "part": part}
    rest = {name: 0.25 for name in FormRate.model_fields if name not in given}
    return {**given, **rest, "robust": robust, "pairs": 8}


RATES = tables(
    FormRate=pd.DataFrame(
        [
            rate("reader", "json", "all", 0.5), rate("reader", "json", "all", 0.7, 1),
            rate("reader", "all", "all", 0.6),
            rate("reader", "all", "held_out", 0.4), rate("sft", "json", "held_out", 0.9),
            rate("sft", "all", "held_out", 0.8),
        ]
    )
)  # fmt: skip


def test_rates_are_those_of_the_widest_part():
    rows = widest(RATES[FormRate])
    assert rows[["arm", "part"]].drop_duplicates().to_numpy().tolist() == [["reader", "all"], ["sft", "held_out"]]


def test_arms_are_compared_on_held_out_questions():
    found = held_out_by_class(RATES[FormRate], RATES).query("measure == 'Robust'").set_index("arm")["value"]
    assert found.to_dict() == {"reader": 0.4, "sft": 0.8}


def answered(arm: str, seed: int, changes: str, **given) -> list[dict]:
    """Answers to documents as JSON: "=" right both times, "-" lost, "+" won, "0" wrong both times."""
    right = {"=": (True, True), "-": (True, False), "+": (False, True), "0": (False, False)}
    rest = {"arm": arm, "seed": seed, "subset": "K-G", "part": "mending", "kind": "format", "perturbation": "json"}
    return [
        {**rest, "instance": f"q{at}", "before": "x", "after": "y", "right_before": right[mark][0], "cut": mark == "-",
         "right_after": right[mark][1], "change": int(right[mark][0]) - int(right[mark][1]), **given}
        for at, mark in enumerate(changes)
    ]  # fmt: skip


NO_RATES = pd.DataFrame(columns=list(FormRate.model_fields))
ANSWERS = tables(
    FormRate=NO_RATES, Answer=pd.DataFrame([*answered("reader", 0, "==-+0"), *answered("reader", 1, "==-00")])
)


def test_bars_are_stacked_to_one_and_averaged_over_seeds():
    figure, said = shown(VIEWS["rates"], ANSWERS)
    assert figure.layout.barmode == "stack"
    assert {trace.name: trace.x if figure.data[0].orientation == "h" else trace.y for trace in figure.data} == {
        "stayed right": (pytest.approx(0.4),), "won": (pytest.approx(0.1),), "lost": (pytest.approx(0.2),),
        "stayed wrong": (pytest.approx(0.3),),
    }  # fmt: skip
    assert said.startswith("Least robust under JSON (70.0% robust, 20.0% lost, 10.0% won; 50.0% right)"), (
        "with accuracy"
    )


def test_the_first_block_of_answers_is_a_picture_already():
    first = tables(Answer=ANSWERS[Answer].iloc[:5], FormRate=NO_RATES)
    assert shown(VIEWS["rates"], first)[1].startswith("Least robust under JSON (60.0% robust")


def test_the_table_is_in_percent_with_accuracy_and_cut_answers_and_no_interval_of_its_own():
    rows = rates_in_percent(ANSWERS[Answer], ANSWERS).query("subset == 'golden'").set_index("form")
    assert rows.loc["JSON", ["robust", "win", "pairs", "accuracy_after"]].tolist() == [70.0, 10.0, 5, 50.0]
    assert rows.loc["JSON", ["right_stay", "unfinished"]].tolist() == [66.7, 20.0]
    assert rows.index.tolist() == ["JSON", "all of format", "all forms"]


def test_the_noise_floor_stands_beside_the_forms():
    floor = answered("reader", 0, "==", kind="control", perturbation="reread")
    both = tables(FormRate=NO_RATES, Answer=pd.concat([ANSWERS[Answer], pd.DataFrame(floor)], ignore_index=True))
    figure, _ = shown(VIEWS["rates"], both)
    assert "read again" in (*figure.data[0].x, *figure.data[0].y)


def test_documents_that_were_cut_stand_first_with_what_is_left():
    rows = pd.DataFrame([{"instance": "a", "words": 0, "document": "one two"},
                         {"instance": "b", "words": 900, "document": "one two three"}])  # fmt: skip
    found = documents_read(rows, tables(Instance=rows))
    assert found[["instance", "words", "read"]].to_numpy().tolist() == [["b", 900, 3], ["a", 2, 2]]


def test_kinds_cover_what_views_read():
    assert {kind for view in VIEWS.values() for kind in view.reads} <= set(KINDS)
