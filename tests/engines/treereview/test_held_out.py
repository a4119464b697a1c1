from itertools import pairwise

import pytest

from engines.treereview.chunks import pack
from engines.treereview.held_out import chance_of_hit, hold_out
from tests.engines.treereview.papers import count_words, small_paper


def test_sentences_are_taken_out_of_the_chunks():
    paper = small_paper()
    chunks = pack(paper, count_words, 45)
    held, texts = hold_out(paper, chunks, 10)
    assert 2 <= len(held) <= 6 and len(texts) == len(chunks)
    everything = "\n".join(texts)
    for each in held:
        assert each.sentence in paper.paragraphs[each.paragraph].text
        assert each.sentence not in everything
        home = {chunk.number for chunk in chunks if each.paragraph in chunk.paragraphs}
        assert home <= each.chunks
    assert "[2 Method" not in everything, "no path gives the section away"


def test_more_sentences_hold_the_fewer_ones():
    paper = small_paper()
    chunks = pack(paper, count_words, 45)
    assert hold_out(paper, chunks, 2) == hold_out(paper, chunks, 2)
    drawn = [{(each.paragraph, each.sentence) for each in hold_out(paper, chunks, most)[0]} for most in range(7)]
    assert [len(sentences) for sentences in drawn[:3]] == [0, 1, 2]
    assert all(fewer <= more for fewer, more in pairwise(drawn))


@pytest.mark.parametrize(
    ("chunks", "relevant", "k", "chance"),
    [(4, 1, 1, 0.25), (4, 1, 3, 0.75), (4, 2, 1, 0.5), (5, 2, 2, 0.7), (2, 1, 9, 1.0)],
)
def test_chance_by_hand(chunks: int, relevant: int, k: int, chance: float):
    assert chance_of_hit(chunks, relevant, k) == pytest.approx(chance)
