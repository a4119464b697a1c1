import pytest

from engines.treereview.gold_comments import GoldComments, gold_comments
from tests.engines.treereview.tiny_run import paper_file
from workbench.contract.errors import DataError

ROWS = '{"paper": "a", "comment": "Too small."}\n{"paper": "b", "comment": "No baseline."}\n' + (
    '{"paper": "c", "comment": "?"}\n'
)


def test_none_are_asked_for():
    assert gold_comments("", ["a"], alone=True) == GoldComments({})


def test_comments_belong_to_the_paper_they_name():
    ref = paper_file("gold.jsonl", ROWS)
    assert gold_comments(ref, ["a", "b"], alone=False) == GoldComments({"a": ["Too small."], "b": ["No baseline."]}, 1)


def test_lines_of_a_text_belong_to_the_only_paper():
    ref = paper_file("gold-lines.txt", "Too small.\nNo baseline.\n")
    assert gold_comments(ref, ["a"], alone=True) == GoldComments({"a": ["Too small.", "No baseline."]})
    with pytest.raises(DataError, match="names one of the papers: a, b") as caught:
        gold_comments(ref, ["a", "b"], alone=False)
    assert caught.value.field == "paper"


def test_the_first_of_several_named_papers_is_not_the_only_one():
    with pytest.raises(DataError, match="names one of the papers: a"):
        gold_comments(paper_file("gold-lines.txt", "Too small.\nNo baseline.\n"), ["a"], alone=False)


def test_the_comments_that_ship_belong_to_the_report_that_ships():
    found = gold_comments("subspace-report-comments", ["subspace_report", "x"], alone=False)
    assert len(found.by_paper["subspace_report"]) == 8 and found.others == 0
    other = gold_comments("subspace-report-comments", ["x"], alone=True)
    assert other == GoldComments({}, 8), "the settings of the report on another paper"
