import pytest

from engines.treereview.gold_comments import gold_comments
from tests.engines.treereview.tiny_run import paper_file
from workbench.errors import DataError

ROWS = '{"paper": "a", "comment": "Too small."}\n{"paper": "b", "comment": "No baseline."}\n' + (
    '{"paper": "c", "comment": "?"}\n'
)


def test_none_are_asked_for():
    assert gold_comments("", ["a"]) == {}


def test_comments_belong_to_the_paper_they_name():
    ref = paper_file("gold.jsonl", ROWS)
    assert gold_comments(ref, ["a", "b"]) == {"a": ["Too small."], "b": ["No baseline."]}


def test_lines_of_a_text_belong_to_the_only_paper():
    ref = paper_file("gold-lines.txt", "Too small.\nNo baseline.\n")
    assert gold_comments(ref, ["a"]) == {"a": ["Too small.", "No baseline."]}
    with pytest.raises(DataError, match="names one of the papers: a, b") as caught:
        gold_comments(ref, ["a", "b"])
    assert caught.value.field == "paper"


def test_the_comments_that_ship_belong_to_the_report_that_ships():
    assert len(gold_comments("subspace-report-comments", ["subspace_report", "x"])["subspace_report"]) == 8
    assert gold_comments("subspace-report-comments", ["x"]) == {}, "the settings of the report on another paper"
