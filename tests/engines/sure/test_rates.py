import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from engines.sure.config import SureConfig
from engines.sure.instances import PairSet
from engines.sure.rates import (
    answer_frame,
    changes,
    kolmogorov_smirnov,
    rate_frame,
    rates,
    rates_so_far,
    report_outcomes,
    same_documents,
    slices_of,
    subset_of,
)
from engines.sure.readers import Reading
from tests.engines.parts.heard_log import HeardLog
from workbench.contract.errors import DataError
from workbench.contract.run_log import RunCell


def test_a_table_by_hand():
    before = [1, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    after = [1, 1, 1, 0, 0, 0, 1, 1, 0, 0]
    change = changes(before, after)
    assert change.tolist() == [0, 0, 0, 1, 0, 0, -1, -1, 0, 1]
    found = rates(change)
    assert (found.pairs, found.robust, found.win, found.lose) == (10, 0.6, 0.2, 0.2)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_the_three_rates_add_up_to_one(pairs):
    before, after = zip(*pairs, strict=True)
    found = rates(changes(before, after))
    assert found.robust + found.win + found.lose == pytest.approx(1)
    assert np.mean(after) - np.mean(before) == pytest.approx(found.win - found.lose)


def test_no_change_is_robust_exactly():
    found = rates(changes([1, 0, 1], [1, 0, 1]))
    assert (found.robust, found.win, found.lose) == (1, 0, 0)


def test_what_makes_no_pairs_is_refused():
    with pytest.raises(DataError, match="make no pairs"):
        changes([1, 0], [1])
    with pytest.raises(DataError, match="no pairs"):
        rates(changes([], []))


INSTANCES = pd.DataFrame(
    [
        ("a", "q1", "Where?", "Oslo", "", "In Oslo.", True, "t1", "mending"),
        ("b", "q2", "Where?", "Rome", "", "In Rome.", True, "t2", "held_out"),
        ("b/1", "q2", "Where?", "Rome", "", "Nowhere.", False, "t2", "held_out"),
    ],
    columns=["instance", "question", "asked", "answers", "title", "document", "golden", "cluster", "part"],
)
FORMS = pd.DataFrame(
    [(name, form, kind, "", "", True, "") for name in ("a", "b", "b/1") for form, kind in
     (("json", "format"), ("reverse", "logic"))],
    columns=["instance", "perturbation", "kind", "before", "text", "kept", "reason"],
)  # fmt: skip
SAID = pd.DataFrame(
    [
        ("a", "plain", "Oslo", "Oslo"),
        ("b", "plain", "nothing", "nothing"),
        ("b/1", "plain", "no", "no"),
        ("a", "json", "Oslo", "In Bergen"),
        ("a", "reverse", "Oslo", "oslo!"),
        ("b", "json", "nothing", "It is Rome"),
        ("b", "reverse", "nothing", "none"),
        ("b/1", "json", "no", "no"),
        ("b/1", "reverse", "no", "yes"),
    ],
    columns=["instance", "perturbation", "before", "after"],
).assign(cut=False)
BOOK = pd.DataFrame({"question": ["q1", "q2"], "answer": ["Oslo", "?"], "known": [True, False]})
CELL = RunCell("reader", 0)
PAIR_SET = PairSet(SureConfig(), INSTANCES, FORMS)


@pytest.fixture
def answers() -> pd.DataFrame:
    return answer_frame(CELL, Reading(SAID, BOOK), PAIR_SET)


def test_answers_are_judged_by_hand(answers):
    found = answers.set_index(["instance", "perturbation"])
    assert found["subset"].to_dict() == {("a", form): "K-G" for form in ("plain", "json", "reverse")} | {
        ("b", form): "U-G" for form in ("plain", "json", "reverse")
    } | {("b/1", form): "U-N" for form in ("plain", "json", "reverse")}
    assert found["change"][found["change"] != 0].to_dict() == {("a", "json"): 1, ("b", "json"): -1}
    assert found.loc[("a", "plain"), "kind"] == "original"


def test_slices_name_subset_class_form_and_part(answers):
    found = dict(zip(answers["instance"] + answers["perturbation"], slices_of(answers, "logic"), strict=True))
    assert found["ajson"] == "K-G/format/json/mending"
    assert found["bjson"] == "U-G/format/json/held_out"
    assert found["breverse"] == "U-G/logic/reverse/held_out_form"
    assert found["aplain"] == "K-G/original/plain/mending"


def test_classes_are_compared_on_documents_that_have_forms_of_both(answers):
    tagged = answers[answers["perturbation"] == "json"].assign(kind="metadata", perturbation="source_wiki")
    both = pd.concat([answers[answers["instance"] != "b"], tagged], ignore_index=True)
    found = same_documents(both)
    assert set(found["instance"]) == {"a"}, "b has a meta tag alone, b/1 holds no answer"
    assert sorted(found["slice"]) == [
        "format_and_metadata/format/K-G/json", "format_and_metadata/metadata/K-G/source_wiki",
        "logic_and_metadata/logic/K-G/reverse", "logic_and_metadata/metadata/K-G/source_wiki",
    ]  # fmt: skip
    assert same_documents(answers).empty, "nothing has a meta tag"
    log = HeardLog()
    report_outcomes(both, CELL, PAIR_SET, log.as_log())


def test_rates_are_known_as_soon_as_answers_are(answers):
    known = rate_frame(answers)
    pd.testing.assert_frame_equal(rates_so_far(answers, known.iloc[:0]), known)
    other = answers.assign(arm="sft")
    both = rates_so_far(pd.concat([answers, other]), known)
    assert both["arm"].value_counts().to_dict() == {"reader": len(known), "sft": len(known)}
    assert rates_so_far(answers.iloc[:0], known.iloc[:0]).empty


def test_the_control_stands_apart(answers):
    control = answers.assign(kind="control", perturbation="unchanged")
    assert slices_of(control, "none").iloc[0] == "control/K-G/control/unchanged/mending"


def test_outcomes_by_hand(answers):
    log = HeardLog()
    report_outcomes(answers, CELL, PAIR_SET, log.as_log())
    found = pd.DataFrame([row.model_dump() for row in log.rows])
    robust = found[found["metric"] == "robust"]
    assert robust["value"].tolist() == [0, 1, 0, 1, 1, 1]
    assert found[found["metric"] == "net_flip"]["value"].tolist() == [-1, 0, 1, 0, 0, 0]
    assert found[found["metric"] == "lost"]["value"].sum() == 1 == found[found["metric"] == "won"]["value"].sum()
    correct = found[found["metric"] == "correct"]
    assert len(correct) == 9 and set(correct["cluster"]) == {"t1", "t2"}
    assert not found["slice"][found["metric"] == "robust"].str.contains("plain").any()


def test_rates_by_hand(answers):
    found = rate_frame(answers).set_index(["part", "subset", "perturbation", "kind"])
    golden = found.loc[("all", "golden", "json", "format")]
    assert (golden["pairs"], golden["robust"], golden["win"], golden["lose"]) == (2, 0.0, 0.5, 0.5)
    assert (golden["accuracy_before"], golden["accuracy_after"]) == (0.5, 0.5)
    everything = found.loc[("all", "golden", "all", "all")]
    assert (everything["pairs"], everything["robust"]) == (4, 0.5)
    assert found.loc[("held_out", "U-G", "json", "format"), "win"] == 1.0
    assert found.loc[("all", "noise", "all", "logic"), "robust"] == 1.0


def test_a_tuned_reader_has_held_out_rates_alone(answers):
    found = rate_frame(answers[answers["part"] == "held_out"])
    assert set(found["part"]) == {"held_out"}


def test_part_of_a_pair_set_keeps_its_forms():
    part = PAIR_SET.of(["b"])
    assert (len(part.instances), len(part.forms)) == (1, 2)


def test_tuned_readers_are_judged_on_held_out_golden_documents():
    assert PAIR_SET.held_out() == PAIR_SET.held_out(5) == ["b"]
    assert PAIR_SET.held_out(0) == []


@pytest.mark.parametrize(("known", "golden", "name"), [(1, 1, "K-G"), (1, 0, "K-N"), (0, 1, "U-G"), (0, 0, "U-N")])
def test_subsets(known, golden, name):
    assert subset_of(bool(known), bool(golden)) == name


def test_it_equals_scipys_distance_on_values_in_bins():
    draw = np.random.default_rng(0)
    first, second = draw.integers(0, 8, 50), draw.integers(1, 8, 40)
    sums = np.concatenate([np.bincount(first, minlength=8), np.bincount(second, minlength=8)])
    assert kolmogorov_smirnov(sums) == pytest.approx(ks_2samp(first, second).statistic)


@given(st.lists(st.integers(1, 9), min_size=8, max_size=8))
def test_it_lies_between_nought_and_one_and_is_nought_for_equal_groups(counts):
    assert 0 <= kolmogorov_smirnov(np.array(counts)) <= 1
    assert kolmogorov_smirnov(np.array([*counts, *counts])) == 0


def test_leading_axes_are_free():
    sums = np.ones((3, 5, 12))
    sums[1, 2, :6] = [6, 0, 0, 0, 0, 0]
    found = kolmogorov_smirnov(sums)
    assert found.shape == (3, 5)
    assert found[1, 2] == pytest.approx(5 / 6)
