from collections.abc import Callable

import pytest

from engines.treereview.config import PinQuestion
from engines.treereview.growth import Growth, finished_tree, grow, steer, taken_orders
from engines.treereview.question_tree import ROOT, Batch, Limits, QuestionTree
from engines.treereview.replies import CommentDraft, Orders, Reply, ReviewDraft, Step
from workbench.contract.run_log import Command

LIMITS = Limits(3, (3, 2, 2))


class Script:
    """Answers by rule: the same question always gets the same reply, whatever the batch."""

    def __init__(self, follow: int = 1, sub: Callable[[str, int], list[str]] | None = None) -> None:
        self.follow, self.sub = follow, sub or (lambda node, room: [f"{node} part {at}?" for at in range(room)])
        self.batches: list[Batch] = []

    def ask(self, batch: Batch, tree: QuestionTree) -> Step:
        self.batches.append(batch)
        replies = [self._reply(batch, tree, node) for node in batch.nodes]
        if batch.work == "review":
            return Step(work="review", replies=replies, review=ReviewDraft(summary="good", rating=6))
        comments = [CommentDraft(comment="mend it")] if batch.work == "comments" else []
        return Step(work=batch.work, replies=replies, comments=comments)

    def _reply(self, batch: Batch, tree: QuestionTree, node: str) -> Reply:
        spent = {"prompt_tokens": 10, "tokens": 2}
        if batch.work == "sub-questions":
            return Reply(node=node, questions=self.sub(node, batch.room), form="valid", **spent)
        if batch.work == "leaf":
            return Reply(node=node, answer=f"leaf {node}", read=[1, 0], scores=[0.1, 0.9], **spent)
        asked = [f"{node} more {len(tree.nodes[node].children)} {at}?" for at in range(self.follow)]
        below = "+".join(child.answer for child in tree.answered_children(node))
        return Reply(node=node, answer=f"({below})", questions=asked, sufficient=not asked or not batch.room, **spent)


class Memory:
    """Keeps steps in memory, and may be killed before one of them is kept."""

    def __init__(self, die_at: int = 0, orders: dict[int, Orders] | None = None) -> None:
        self.kept: dict[int, str] = {}
        self.given: dict[int, str] = {}
        self.die_at, self.asked_for = die_at, orders or {}

    def orders(self, number: int) -> Orders:
        if number not in self.given:
            self.given[number] = self.asked_for.pop(number, Orders()).model_dump_json()
        return Orders.model_validate_json(self.given[number])

    def step(self, number: int, ask: Callable[[], Step]) -> Step:
        if number not in self.kept:
            if number == self.die_at:
                raise KilledError
            self.kept[number] = ask().model_dump_json()
        return Step.model_validate_json(self.kept[number])


class KilledError(Exception):
    pass


def grown_by(script: Script, memory: Memory | None = None, limits: Limits = LIMITS, most: int = 2) -> Growth:
    return grow("A paper", limits, most, script, memory or Memory(), lambda *_: None)


def test_a_whole_growth():
    growth = grown_by(Script(follow=0))
    tree = growth.tree
    assert len(tree.nodes) == 1 + 3 + 6 + 12
    assert tree.nodes["1"].answer == "((leaf 1.1.1+leaf 1.1.2)+(leaf 1.2.1+leaf 1.2.2))"
    assert tree.nodes["1.1.1"].chunks == (1, 0) and tree.nodes["1.1.1"].scores == (0.9, 0.1)
    found = finished_tree(growth)
    assert found.review.rating == 6 and found.comments[0].comment == "mend it"
    assert {name: stage.calls for name, stage in found.stages.items()} == {
        "Generate questions": 10, "Answer leaves": 12, "Synthesise": 9, "Review": 1, "Comments": 1,
    }  # fmt: skip
    assert found.tokens == 33 * 12
    assert len(found.leaves) == 12 and {leaf.prompt_tokens for leaf in found.leaves} == {10}


def test_follow_ups_stay_within_their_budget():
    tree = grown_by(Script(follow=5)).tree
    for node in tree.nodes.values():
        assert len(node.children) <= LIMITS.width_with_follow_ups(node.depth + 1)
        assert node.status == "answered"
    assert any(node.origin == "follow-up" and node.children for node in tree.nodes.values()), "they are divided too"


def test_the_tree_does_not_depend_on_the_size_of_batches():
    one, many = grown_by(Script(), most=1).tree, grown_by(Script(), most=50).tree
    assert {name: (node.question, node.answer) for name, node in one.nodes.items()} == {
        name: (node.question, node.answer) for name, node in many.nodes.items()
    }


def _document(growth: Growth) -> tuple:
    return growth.tree.nodes, growth.review, growth.comments, growth.stages, growth.forms, growth.notes


ORDERS = {
    2: [("add_question", {"question": "What of ethics?", "under": "0"}), ("pin_question", {"node": "1"})],
    4: [("drop_branch", {"node": "2"}), ("pin_question", {"node": "9.9"})],
}


def orders() -> dict[int, Orders]:
    return {number: Orders(orders=asked) for number, asked in ORDERS.items()}


def test_killed_at_every_step_and_resumed_it_is_the_same_tree():
    whole = grown_by(Script(), Memory(orders=orders()))
    last = whole.tree.step
    assert last > 20 and whole.notes[-1] == "There is no question 9.9 to pin."
    for at in range(1, last):
        memory = Memory(die_at=at, orders=orders())
        with pytest.raises(KilledError):
            grown_by(Script(), memory)
        memory.die_at = 0
        script = Script()
        assert _document(grown_by(script, memory)) == _document(whole), f"killed at step {at}"
        assert len(script.batches) == last - at, "nothing is asked twice"


def test_what_the_reader_asks_is_done():
    tree = grown_by(Script(), Memory(orders=orders())).tree
    assert [node.question for node in tree.nodes.values() if node.origin == "reader"] == ["What of ethics?"]
    assert tree.nodes["2"].status == "dropped"
    assert all(node.status == "dropped" for node in tree.below("2"))


@pytest.mark.parametrize("said", [[], ["", " "], ["same?"] * 9])
def test_empty_and_repeated_questions_end(said: list[str]):
    script = Script(follow=0, sub=lambda node, room: said)
    tree = grown_by(script).tree
    assert {node.status for node in tree.nodes.values()} == {"answered"}
    assert len(tree.nodes) <= 2


def test_follow_ups_that_repeat_themselves_end():
    script = Script()
    script._reply = lambda batch, tree, node: (  # type: ignore[method-assign]
        Reply(node=node, questions=["a?", "b?"], answer="x", sufficient=False)
    )
    assert {node.status for node in grown_by(script).tree.nodes.values()} == {"answered"}


def test_changes_are_told_as_they_happen():
    told = []
    grow(
        "A paper", Limits(1, (2,)), 8, Script(), Memory(), lambda tree, nodes, step: told.append([n.id for n in nodes])
    )
    assert told == [["0"], ["0", "1", "2"], ["1", "2"], ["0"], ["0"]]


def tree() -> QuestionTree:
    made = QuestionTree("t", Limits(2, (2, 2)))
    made.expand(ROOT, ["Is it new?"])
    return made


def test_what_was_done_is_said():
    made = tree()
    assert steer(made, "pin_question", {"node": "1"}) == "Question 1 is pinned."
    assert "became 2" in steer(made, "add_question", {"under": "0", "question": "What of the data?"})
    assert steer(made, "drop_branch", {"node": "1"}) == "Question 1 and what is below it are dropped."


def test_what_cannot_be_done_is_said_too():
    made = tree()
    assert "no question 4" in steer(made, "pin_question", {"node": "4"})
    assert "no question 4" in steer(made, "drop_branch", {"node": "4"})
    assert "No question was added under 4" in steer(made, "add_question", {"under": "4", "question": "Why?"})


def test_commands_of_the_page_are_taken_in_order():
    class Log:
        def commands(self):
            yield Command("pin_question", PinQuestion(node="1"))
            yield Command("pin_question", PinQuestion(node="2"))

    assert taken_orders(Log()).orders == [("pin_question", {"node": "1"}), ("pin_question", {"node": "2"})]
