"""The growth of a tree: build it level by level, answer it from the leaves up, ask for more where answers fall short.

Every step is one batch of independent nodes and is kept before the next begins: a run that is killed goes on with the
very same tree. A step is the only place where a model is asked; everything else is replayed from what was kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engines.treereview.question_tree import ROOT, Batch, Limits, Node, QuestionTree, Work
from engines.treereview.replies import (
    NO_ANSWER,
    CommentDraft,
    Cuts,
    FinishedTree,
    Leaf,
    Orders,
    Reply,
    ReviewDraft,
    StageTokens,
    Step,
)

if TYPE_CHECKING:
    from workbench.contract import RunLog


STAGES: dict[Work, str] = {
    "sub-questions": "Generate questions",
    "leaf": "Answer leaves",
    "inner": "Synthesise",
    "review": "Review",
    "comments": "Comments",
}


class Dialogue(Protocol):
    """Whoever asks the model about one paper."""

    def ask(self, batch: Batch, tree: QuestionTree) -> Step:
        """Ask the model about a batch."""
        ...


class StepStore(Protocol):
    """Keeps each step, so that a resumed growth repeats it instead of asking again."""

    def orders(self, number: int) -> Orders:
        """Return what the reader asked before step `number`."""
        ...

    def step(self, number: int, ask: Callable[[], Step]) -> Step:
        """Return the step `number`, asked for unless it was kept."""
        ...


OnStep = Callable[[QuestionTree, Sequence[Node], Step | None], None]
"""Called with the tree, the nodes that a step has changed, and the step."""


@dataclass
class Growth:
    """One paper's tree while it grows."""

    tree: QuestionTree
    review: ReviewDraft = field(default_factory=ReviewDraft)
    comments: list[CommentDraft] = field(default_factory=list)
    stages: dict[str, StageTokens] = field(default_factory=dict)
    forms: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    leaf_replies: dict[str, Reply] = field(default_factory=dict)
    cuts: Cuts = field(default_factory=Cuts)


def grow(title: str, limits: Limits, most: int, dialogue: Dialogue, store: StepStore, on_step: OnStep) -> Growth:
    """Grow a tree and write the review.

    Args:
        title: of the paper: what the root asks about.
        limits: depth, widths and budgets.
        most: nodes of a batch.
        dialogue: asks the model.
        store: keeps the steps.
        on_step: called with what changed.

    It ends: every step answers a node, divides one (at most `limits.most_nodes` times), settles one (once each), or
    spends follow-ups, whose budget only shrinks; the reader's own questions apart.
    """
    growth = Growth(QuestionTree(title, limits))
    tree = growth.tree
    on_step(tree, list(tree.nodes.values()), None)
    while True:
        tree.step += 1
        for name, body in store.orders(tree.step).orders:
            growth.notes.append(steer(tree, name, body))
        batch = tree.next_batch(most)
        if batch is None:
            break
        step = store.step(tree.step, lambda batch=batch: dialogue.ask(batch, tree))
        take(growth, batch, step)
        on_step(tree, [node for node in tree.nodes.values() if node.step == tree.step], step)
    return growth


def take(growth: Growth, batch: Batch, step: Step) -> None:
    """Let a step change the tree."""
    for reply in step.replies:
        _count(growth, STAGES[step.work], reply)
        growth.cuts.count(reply)
        node = growth.tree.nodes[reply.node]
        node.prompt_tokens += reply.prompt_tokens
        node.tokens += reply.tokens
        node.form = reply.form
        if step.work == "leaf":
            growth.leaf_replies[reply.node] = reply
        _TAKERS[step.work](growth.tree, reply, batch.room)
    if step.review is not None:
        growth.review = step.review
        growth.tree.nodes[ROOT].answer = step.review.summary
        growth.tree.finish("review")
    elif step.work == "comments":
        growth.comments = step.comments
        growth.tree.finish("comments")


def _divided(tree: QuestionTree, reply: Reply, room: int) -> None:
    tree.expand(reply.node, reply.questions[:room])


def _answered(tree: QuestionTree, reply: Reply, room: int) -> None:
    node = tree.nodes[reply.node]
    node.chunks = tuple(reply.read)
    node.scores = tuple(reply.scores[chunk] for chunk in reply.read) if reply.scores else ()
    tree.answer(reply.node, reply.answer, reply.reasoning)


def _synthesised(tree: QuestionTree, reply: Reply, room: int) -> None:
    # Without a new question among its follow-ups a node is settled, and must answer in the next step.
    if room and not reply.sufficient:
        tree.follow_up(reply.node, reply.questions)
    else:
        tree.answer(reply.node, reply.answer, reply.reasoning)


def _written(tree: QuestionTree, reply: Reply, room: int) -> None:
    tree.nodes[reply.node].step = tree.step


_TAKERS: dict[Work, Callable[[QuestionTree, Reply, int], None]] = {
    "sub-questions": _divided,
    "leaf": _answered,
    "inner": _synthesised,
    "review": _written,
    "comments": _written,
}


def _count(growth: Growth, stage: str, reply: Reply) -> None:
    spent = growth.stages.setdefault(stage, StageTokens())
    spent.calls += 1
    spent.prompt_tokens += reply.prompt_tokens
    spent.tokens += reply.tokens
    forms = growth.forms.setdefault(stage, {})
    forms[reply.form] = forms.get(reply.form, 0) + 1


def finished_tree(growth: Growth) -> FinishedTree:
    """Return what later phases need of a growth that has ended."""
    leaves = [
        Leaf(number=node.id, question=node.question, prompt_tokens=reply.prompt_tokens, tokens=reply.tokens)
        for node in growth.tree.leaves()
        for reply in [growth.leaf_replies[node.id]]
    ]
    return FinishedTree(
        review=growth.review, comments=growth.comments, leaves=leaves, stages=growth.stages, forms=growth.forms,
        nodes=len(growth.tree.nodes), cuts=growth.cuts,
        answered={node.id: node.answer != NO_ANSWER for node in growth.tree.nodes.values()
                  if node.status == "answered" and node.id != ROOT},
        ranker_tokens=sum(reply.ranker_tokens for reply in growth.leaf_replies.values()),
        below={node.question: below for node in growth.tree.nodes.values()
               for below in [[growth.tree.nodes[child].question for child in node.children
                              if growth.tree.nodes[child].status == "answered"]] if below},
    )  # fmt: skip


def taken_orders(log: "RunLog") -> Orders:
    """Return the commands that the page sent since the last step, in order."""
    return Orders(orders=[(command.name, command.body.model_dump()) for command in log.commands()])


def steer(tree: QuestionTree, name: str, body: Mapping[str, str]) -> str:
    """Do what was asked, and say what became of it."""
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
