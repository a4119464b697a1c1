from engines.treereview.config import PinQuestion
from engines.treereview.question_tree import ROOT, Limits, QuestionTree
from engines.treereview.steering import obey, taken_orders
from workbench.contract.run_log import Command


def tree() -> QuestionTree:
    made = QuestionTree("t", Limits(2, (2, 2)))
    made.expand(ROOT, ["Is it new?"])
    return made


def test_what_was_done_is_said():
    made = tree()
    assert obey(made, "pin_question", {"node": "1"}) == "Question 1 is pinned."
    assert "became 2" in obey(made, "add_question", {"under": "0", "question": "What of the data?"})
    assert obey(made, "drop_branch", {"node": "1"}) == "Question 1 and what is below it are dropped."


def test_what_cannot_be_done_is_said_too():
    made = tree()
    assert "no question 4" in obey(made, "pin_question", {"node": "4"})
    assert "no question 4" in obey(made, "drop_branch", {"node": "4"})
    assert "No question was added under 4" in obey(made, "add_question", {"under": "4", "question": "Why?"})


def test_commands_of_the_page_are_taken_in_order():
    class Log:
        def commands(self):
            yield Command("pin_question", PinQuestion(node="1"))
            yield Command("pin_question", PinQuestion(node="2"))

    assert taken_orders(Log()).orders == [("pin_question", {"node": "1"}), ("pin_question", {"node": "2"})]
