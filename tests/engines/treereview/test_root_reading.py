from engines.treereview.root_reading import root_reading
from tests.engines.treereview.papers import count_words, small_paper


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
