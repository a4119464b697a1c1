import pytest

from tests.catalogues import LINES
from workbench.contract.catalogue import ModelLine
from workbench.ui.data.model_table import fitting, model_table


def table(*lines, removable=True):
    return model_table(lines or LINES, "None.", removable)


def row(table, name):
    return next(part for part in table.split("<tr>") if f">{name}<" in part)


def test_every_model_is_a_row_with_what_is_known():
    shown = row(table(), "small")
    for words in (
        "272 MB",
        "135 million",
        "bfloat16",
        "8,192 tokens",
        "Apache-2.0",
        "not measured yet",
        "bundled, answers",
    ):
        assert words in shown
    assert "1,234 tokens/s" in table() and "92 MB, fetched at first use" in row(table(), "meaning")


def test_what_is_wrong_is_told_and_cannot_be_tried():
    shown = row(table(), "broken")
    assert "Holds a pickle." in shown and 'data-act="try"' not in shown
    assert 'data-act="try"' not in row(table(), "meaning")


def test_only_what_was_added_can_be_removed_and_only_by_those_who_may():
    assert table().count('data-act="remove"') == 2
    assert 'data-ref="server:Here"' in table() and 'data-act="remove"' not in table(removable=False)


def test_a_model_of_a_run_links_to_it():
    line = ModelLine("run:261123-1059-toy-717b21699d/x.adapter.zip", "x", "run", "adapter", parameters=900)
    assert 'href="/?run=261123-1059-toy-717b21699d"' in table(line) and ">900<" in table(line)


def test_names_meant_to_harm_are_text():
    assert "<img" not in table() and "&lt;img" in table()


def test_an_empty_list_says_why():
    assert 'role="status">None.<' in model_table([], "None.", True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("", "", False), 6),
        (("APACHE", "", False), 1),
        (("answers bundled", "", False), 1),
        (("", "folder", False), 2),
        (("", "folder", True), 1),
        (("", "bundled", True), 1),
        (("nothing like it", "", False), 0),
    ],
)
def test_the_list_is_searched_by_word_place_and_use(asked, found):
    assert len(fitting(LINES, *asked)) == found
