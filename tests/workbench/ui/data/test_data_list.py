from tests.catalogues import SETS
from workbench.ui.data.data_list import data_table


def test_every_data_set_is_a_row_with_what_is_known():
    shown = data_table(SETS)
    for words in ("1,234", "5 MB", "parallel sentences", "By all, MIT.", "fetched at first use", "not looked into yet"):
        assert words in shown
    assert shown.count('data-act="look"') == 3 and 'data-ref="upload:x.csv"' in shown
    assert "<img" not in shown


def test_no_data_says_what_to_do():
    assert "Upload a file" in data_table([])
