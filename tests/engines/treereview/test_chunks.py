from hypothesis import given
from hypothesis import strategies as st

from engines.treereview.chunks import JOIN_TOKENS, pack, pack_lengths, sections_of
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
    assert sum((chunk.paragraphs for chunk in chunks), ()) == tuple(range(6))
    assert chunks[0].text.startswith("[1 Introduction, paragraph 1]\nModels keep")
    assert chunks[0].tokens == len(chunks[0].text.split())
    assert sections_of(chunks[-1], paper)[-1] == "A Appendix"
