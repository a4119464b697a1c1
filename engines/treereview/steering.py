"""What the reader asks of a tree while it grows: pin a question, add one, drop a branch."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engines.treereview.drafts import Orders
from engines.treereview.question_tree import QuestionTree

if TYPE_CHECKING:
    from workbench.contract import RunLog


def taken_orders(log: "RunLog") -> Orders:
    """The commands that the page sent since the last step, in order."""
    return Orders(orders=[(command.name, command.body.model_dump()) for command in log.commands()])


def obey(tree: QuestionTree, name: str, body: Mapping[str, str]) -> str:
    """Do what was asked; what became of it, in a sentence."""
    if name == "add_question":
        added = tree.add_question(body["under"], body["question"])
        if added is None:
            return (
                f"No question was added under {body['under']}: it is not there, dropped, or as deep as the tree goes."
            )
        return f"Your question became {added}: {body['question']}"
    node = body["node"]
    if name == "pin_question":
        return f"Question {node} is pinned." if tree.pin(node) else f"There is no question {node} to pin."
    return f"Question {node} and what is below it are dropped." if tree.drop(node) else f"There is no question {node}."
