import pandas as pd
import pytest

from engines.sure.attention import answer_tokens, attention_to_answer, chosen_pairs, places_of_document
from engines.sure.config import SureConfig
from tests.engines.sure.planted_reader import make_planted_reader
from workbench.storage.home import place

CONFIG = SureConfig(prompting="plain")


@pytest.fixture(scope="module")
def model():
    from engines.parts.models.models import load_causal

    folder = place("uploads") / "planted-reader"
    if not folder.exists():
        make_planted_reader(folder)
    return load_causal(str(folder), "float32", eager=True)


def test_the_planted_head_looks_at_the_first_word(model):
    asked = ("who holds ada?", "oslo holds ada.")
    assert attention_to_answer(*asked, ["oslo"], model, CONFIG) == pytest.approx(1, abs=1e-3)
    later = ("who holds ada?", "rome holds bo. oslo holds ada.")
    assert attention_to_answer(*later, ["oslo"], model, CONFIG) == pytest.approx(0, abs=1e-3)


def test_an_answer_that_is_not_there_has_no_attention(model):
    assert attention_to_answer("who?", "rome holds bo.", ["oslo"], model, CONFIG) is None


def test_an_answer_is_looked_for_in_the_document_not_in_the_question_around_it(model):
    assert attention_to_answer("is it oslo?", "rome holds bo.", ["oslo"], model, CONFIG) is None
    assert attention_to_answer("is it oslo?", "oslo holds bo.", ["oslo"], model, CONFIG) == pytest.approx(1, abs=1e-3)


def test_the_places_of_a_document_in_its_prompt():
    assert places_of_document([1, 2, 7, 8, 3], [1, 2, 3]) == range(2, 4)
    assert places_of_document([1, 2, 3], [1, 2, 3]) == range(3, 3)
    assert places_of_document([1, 2, 2, 3], [1, 2, 3]) == range(2, 3)


def test_the_tokens_of_the_last_mention_are_taken(model):
    ids = model.tokenizer("oslo holds ada . oslo holds bo .")["input_ids"]
    whole = range(len(ids))
    assert answer_tokens(ids, ["Oslo"], model, whole) == [4]
    assert answer_tokens(ids, ["Oslo"], model, range(4)) == [0]
    assert answer_tokens(ids, ["holds bo"], model, whole) == [5, 6]
    assert answer_tokens(ids, ["osl"], model, whole) == []


ROWS = [("json", "K-G", change, right) for change, right in ((0, True), (0, False), (1, False), (-1, True))]
PAIRS = pd.DataFrame(
    [(f"q{at}", *row) for at in range(6) for row in ROWS] + [(f"q{at}", "html", "K-G", 1, False) for at in range(6)],
    columns=["instance", "perturbation", "subset", "change", "right_after"],
)


def test_pairs_are_chosen_by_outcome_one_a_document():
    other = pd.DataFrame([("q9", "plain", "K-G", 0, True), ("q8", "json", "K-N", 1, False)], columns=PAIRS.columns)
    chosen = chosen_pairs(pd.concat([PAIRS, other], ignore_index=True), 2)
    assert chosen["change"].tolist() == [0, 0, 1, 1, -1, -1]
    assert chosen["instance"].tolist() == ["q0", "q1"] * 3
    assert chosen.loc[chosen["change"] == 0, "right_after"].all()
    assert chosen_pairs(other, 2).empty


def test_more_answers_leave_the_chosen_pairs():
    few, more = (
        chosen_pairs(PAIRS[PAIRS["instance"].isin(names)], 3) for names in (("q0", "q1", "q2"), PAIRS["instance"])
    )
    pd.testing.assert_frame_equal(few, more)
    fewer = chosen_pairs(PAIRS[PAIRS["instance"].isin(("q0", "q1"))], 3)
    assert set(fewer.index) < set(more.index)
