import pytest
from pydantic import ValidationError

from engines.treereview.config import AddQuestion, DropBranch, FurtherQuestion, PinQuestion, TreeReviewConfig
from engines.treereview.question_tree import Limits


def test_the_defaults_are_the_papers_limits():
    config = TreeReviewConfig()
    assert config.limits == Limits(3, (5, 4, 3), True, 2, 186)
    assert (config.chunk_tokens, config.top_k, config.ranking, config.temperature) == (1024, 3, "perplexity", 0.0)


def test_the_most_nodes_is_the_arithmetic_of_the_widths():
    limits = TreeReviewConfig().limits
    widths = [limits.width_with_follow_ups(depth) for depth in (1, 2, 3)]
    assert 1 + widths[0] + widths[0] * widths[1] + widths[0] * widths[1] * widths[2] == limits.most_nodes


def test_sizes_follow_the_settings():
    sizes = TreeReviewConfig(question_tokens=20, answer_tokens=30, review_tokens=40, most_comments=2, guided=True).sizes
    assert (sizes.question, sizes.answer, sizes.review, sizes.comments, sizes.guided) == (20, 30, 40, 2, True)


@pytest.mark.parametrize("node", ["", "a", "1.", "1..2", "1.2; drop"])
def test_commands_name_a_question_by_its_number(node):
    for kind in (PinQuestion, DropBranch):
        with pytest.raises(ValidationError):
            kind(node=node)
    assert PinQuestion(node="1.2.10").node == "1.2.10"


def test_questions_are_neither_empty_nor_endless():
    for text in ("why?", "x" * 601):
        with pytest.raises(ValidationError):
            AddQuestion(question=text)
    with pytest.raises(ValidationError):
        FurtherQuestion(question=" ")
