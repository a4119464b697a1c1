from engines.parts.files.text_pieces import fitting_pieces


def words(texts) -> list[int]:
    return [len(text.split()) for text in texts]


def test_pieces_fit_and_lose_nothing():
    text = " ".join(f"Sentence {at} is here." for at in range(50)) + " x" * 300
    pieces = fitting_pieces(text, words, 40)
    assert max(words(pieces)) <= 40 and " ".join(pieces).split() == text.split()
    assert fitting_pieces("short", words, 40) == ["short"]


def test_a_text_without_spaces_is_cut_anywhere():
    pieces = fitting_pieces("隠" * 100, lambda texts: [len(text) for text in texts], 30)
    assert "".join(pieces) == "隠" * 100 and max(map(len, pieces)) <= 30
