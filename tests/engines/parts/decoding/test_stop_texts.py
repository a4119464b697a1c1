"""Stop texts, wherever they begin."""

from hypothesis import given
from hypothesis import strategies as st

from engines.parts.decoding.stop_texts import StopTexts


def test_the_first_stop_text_counts():
    stops = StopTexts(["three", "two"])
    assert stops.found("one two three", 0) == 4
    assert stops.found("one", 0) is None
    assert StopTexts([]).found("anything", 0) is None


def test_what_may_begin_a_stop_text_is_held_back():
    stops = StopTexts(["\n\n", "END"])
    assert stops.safe("all\n") == 3
    assert stops.safe("all EN") == 4
    assert stops.safe("all ENd") == 7
    assert StopTexts([]).safe("all") == 3
    assert StopTexts(["x"]).safe("all") == 3


pieces = st.lists(st.text("ab", max_size=3), max_size=8)


@given(pieces, st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_growing_piece_by_piece_finds_what_the_whole_text_holds(pieces, texts):
    stops, text, known = StopTexts(texts), "", 0
    for piece in pieces:
        text += piece
        first = min((at for stop in texts if (at := text.find(stop)) >= 0), default=None)
        assert stops.found(text, known) == first
        if first is not None:
            return
        known = len(text)


@given(
    st.text("ab", max_size=9), st.text("ab", max_size=9), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3)
)
def test_what_is_shown_never_has_to_be_taken_back(text, more, texts):
    stops = StopTexts(texts)
    if stops.found(text, 0) is None:
        ended = stops.found(text + more, 0)
        assert ended is None or stops.safe(text) <= ended
