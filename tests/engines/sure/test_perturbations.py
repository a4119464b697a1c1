from collections import Counter

from engines.sure.perturbations import CLASSES, PERTURBATIONS, RULE_BASED, kind_of, title_of


def test_the_taxonomy_has_the_rows_of_the_paper():
    kinds = Counter(row.kind for row in PERTURBATIONS.values())
    assert kinds == {"style": 2, "source": 2, "logic": 3, "format": 4, "metadata": 4, "control": 1}
    assert set(CLASSES) == set(kinds) - {"control"}


def test_ten_rows_need_no_model():
    assert len(RULE_BASED) == 10
    assert {PERTURBATIONS[name].made for name in RULE_BASED} == {"rule"}
    assert "unchanged" not in RULE_BASED


def test_a_row_that_data_brought_along_stands_for_itself():
    assert (title_of("json"), kind_of("json")) == ("JSON", "format")
    assert (title_of("as a song"), kind_of("as a song")) == ("as a song", "other")
