from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.treereview.excerpts import (
    JOIN_TOKENS,
    chance_of_hit,
    hold_out,
    pack,
    pack_lengths,
    root_reading,
)
from tests.engines.treereview.papers import count_words, small_paper


def test_paragraphs_are_packed_greedily_by_hand():
    assert pack_lengths([3, 3, 3], 8) == [[0, 1], [2]], "3 + 2 + 3 is 8, a third does not fit"
    assert pack_lengths([9, 1], 8) == [[0], [1]], "a paragraph stays whole"
    assert pack_lengths([], 8) == []


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 60))
def test_groups_keep_the_order_and_the_size(lengths: list[int], most: int):
    groups = pack_lengths(lengths, most)
    assert [at for group in groups for at in group] == list(range(len(lengths)))
    for group in groups:
        total = sum(lengths[at] for at in group) + JOIN_TOKENS * (len(group) - 1)
        assert total <= most or len(group) == 1


def test_chunks_say_where_their_paragraphs_stand():
    paper = small_paper()
    chunks = pack(paper, count_words, 50)
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert sum((chunk.paragraphs for chunk in chunks), ()) == tuple(range(7))
    assert chunks[0].text.startswith("[Abstract, paragraph 1]\nWe shift hidden")
    assert chunks[0].tokens == len(chunks[0].text.split())
    assert paper.paragraphs[chunks[-1].paragraphs[-1]].path == ("A Appendix",)


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


def test_a_paper_that_fits_is_read_whole():
    paper = small_paper()
    reading = root_reading(paper, count_words, 1000)
    assert reading.whole and reading.text == paper.text
    assert reading.tokens == len(paper.text.split())


def test_a_longer_one_is_read_as_a_digest_of_every_section_in_its_own_words():
    paper = small_paper()
    reading = root_reading(paper, count_words, 110)
    assert not reading.whole
    assert len(reading.text.split()) <= 110
    for section in ("1 Introduction", "2 Method > 2.1 Shift", "3 Results", "A Appendix"):
        assert f"## {section}" in reading.text
    body = " ".join(f"{paper.abstract} {paper.text}".split())
    for line in reading.text.splitlines():
        if line and not line.startswith(("##", "Abstract:")):
            assert line.removesuffix(" ...").split(". ")[0] in body


def test_very_little_room_still_gives_something():
    for room in (1, 5, 20):
        text = root_reading(small_paper(), count_words, room).text
        assert text and len(text.split()) <= room + 1
