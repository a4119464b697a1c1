import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.sure.sentences import in_order, join_sentences, random_order, reversed_order, split_sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("Dr. Lind met J. Roe in the U.S. Army. They left.", 2),
        ('"Go!" he said. "Now." She went.', 3),
        ("It cost 3.50 euros. 12 men paid.", 2),
        ("no capitals here. still one", 1),
        ("First line\nsecond line", 2),
        ("你好。再见！", 2),
        ("Élan vital. Ärger. Über alles.", 3),
        ("", 0),
        ("   ", 0),
    ],
)
def test_sentences_are_split_where_they_end(text, count):
    assert len(split_sentences(text)) == count


@given(st.text(alphabet="aB .!?\n1。'\"", max_size=60))
def test_splitting_loses_nothing_but_space(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@given(st.text(alphabet="aB .!?1", max_size=60))
def test_orders_keep_every_word(text):
    for changed in (reversed_order(text), random_order(text, 3)):
        assert sorted(changed.split()) == sorted(text.split()) or len(split_sentences(text)) < 2


def test_reversing_and_ranking_by_hand():
    text = "One is here. Two is there. Three is gone."
    assert reversed_order(text) == "Three is gone. Two is there. One is here."
    assert in_order(text, [2, 3, 1]) == "Two is there. Three is gone. One is here."
    assert join_sentences(["你好。", "再见！"]) == "你好。再见！"


@pytest.mark.parametrize("order", [[1, 2], [1, 2, 3, 4], [1, 1, 2], [0, 1, 2], []])
def test_an_order_that_is_none_leaves_the_text_as_it_was(order):
    text = "One is here. Two is there. Three is gone."
    assert in_order(text, order) == text


def test_a_random_order_is_another_one_and_the_same_each_time():
    text = "One is here. Two is there. Three is gone."
    drawn = {random_order(text, seed) for seed in range(30)}
    assert text not in drawn and len(drawn) == 5
    assert random_order(text, 4) == random_order(text, 4)


@pytest.mark.parametrize("text", ["Only one sentence.", "Same. Same. Same.", ""])
def test_what_has_no_other_order_stays(text):
    assert random_order(text) == text
