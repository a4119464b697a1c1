from engines.parts.files.blocks import Block, levelled, word_count


def test_outlines_of_one_level_become_as_deep_as_their_numbers():
    flat = [Block("Title", 1, title=True), *(Block(name, 2) for name in ("1 One", "1.1 Two", "1.1.1 Three", "Results"))]
    assert [block.level for block in levelled(flat)] == [1, 2, 3, 4, 2]


def test_words_of_scripts_without_spaces_are_their_letters():
    assert word_count("two words") == 2 and word_count("隠れ状態") == 5
