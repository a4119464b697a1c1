"""The question tree: nodes by id, how wide and deep it may grow, and what is to be done next.

The tree knows no model. `next_batch` says which nodes are ready for what; `expand`, `answer` and `follow_up` take what
came back. All nodes of a batch are independent of each other, so that they can be asked at once: the tree is the same
in whichever order they are answered.

Differs from the released code: ids instead of copies, so that a resumed tree is one tree; follow-ups are cut to their
budget; an empty list of follow-ups means "answer now" instead of asking for ever; a root without children is reviewed
from the paper alone; siblings that ask the same are one question; the number of nodes has a limit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["paper", "generated", "follow-up", "reader"]
Status = Literal["open", "leaf", "inner", "answered", "dropped"]
Work = Literal["sub-questions", "leaf", "inner", "review", "comments"]

ROOT = "0"
LONGEST_QUESTION = 600


@dataclass(frozen=True)
class Limits:
    """How far a tree may grow.

    Attributes:
        depth: of the deepest question, D_max; the root has depth 0, and 0 asks no questions at all.
        widths: W_max by depth from 1; the last one holds for deeper questions.
        follow_ups: whether a node may ask for more before it answers.
        allowance: children beyond the width that follow-ups may add, at depths beyond 1.
        most_nodes: of the whole tree, root included.
    """

    depth: int
    widths: tuple[int, ...]
    follow_ups: bool = True
    allowance: int = 2
    most_nodes: int = 186

    def width(self, depth: int) -> int:
        """Return the most children of this depth below one node, before follow-ups."""
        if not 1 <= depth <= self.depth or not self.widths:
            return 0
        return self.widths[min(depth, len(self.widths)) - 1]

    def width_with_follow_ups(self, depth: int) -> int:
        """Return the same with follow-ups."""
        width = self.width(depth)
        return width + self.allowance if width and depth > 1 else width


@dataclass
class Node:
    """A question.

    Attributes:
        id: "0" is the root, "2" its second child, "2.1" that one's first.
        status: open: may still be divided; leaf: waits for its passages; inner: waits for its children's answers.
        settled: asks for no more follow-ups, because it had none to ask.
        pinned: its answer is handed to the review word for word.
        chunks, scores: what it was answered from, best first, and how relevant that is.
        form: of its answer: "plain" text, "valid", "repaired", "lenient", "cut", "unusable".
        step: the last step that changed it.
    """

    id: str
    parent: str | None
    depth: int
    question: str
    origin: Origin
    status: Status = "open"
    children: list[str] = field(default_factory=list)
    settled: bool = False
    pinned: bool = False
    chunks: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    reasoning: str = ""
    answer: str = ""
    form: str = ""
    prompt_tokens: int = 0
    tokens: int = 0
    step: int = 0


@dataclass(frozen=True)
class Batch:
    """Independent nodes that are ready for the same work.

    Attributes:
        room: for sub-questions, how many each may have; for inner nodes, how many follow-ups (0: it must answer).
    """

    work: Work
    nodes: tuple[str, ...]
    room: int = 0


class QuestionTree:
    """One paper's questions."""

    def __init__(self, title: str, limits: Limits) -> None:
        self.limits = limits
        self.nodes: dict[str, Node] = {ROOT: Node(ROOT, None, 0, title, "paper")}
        self.reviewed: set[Work] = set()
        self.step = 0

    def next_batch(self, most: int) -> Batch | None:
        """Return what to do now, for at most `most` nodes; None once review and comments are written."""
        self._close_full()
        for ready in (self._open, self._leaves, self._inner):
            batch = ready(most)
            if batch:
                return batch
        for work in ("review", "comments"):
            if work not in self.reviewed:
                return Batch(work, (ROOT,))
        return None

    def _close_full(self) -> None:
        """Nodes that no question may be added to are divided no further."""
        for node in self.nodes.values():
            if node.status == "open" and not self.room(node.id):
                node.status = "inner" if self._live_children(node) or node.id == ROOT else "leaf"

    def _open(self, most: int) -> Batch | None:
        found = [node for node in self.nodes.values() if node.status == "open"]
        if not found:
            return None
        depth = min(node.depth for node in found)
        level = [node for node in found if node.depth == depth]
        room = self.room(level[0].id)
        same = [node.id for node in level if self.room(node.id) == room]
        return Batch("sub-questions", tuple(same[:most]), room)

    def _leaves(self, most: int) -> Batch | None:
        found = [node for node in self.nodes.values() if node.status == "leaf"]
        order = sorted(found, key=lambda node: (not node.pinned, _place(node.id)))
        return Batch("leaf", tuple(node.id for node in order[:most])) if found else None

    def _inner(self, most: int) -> Batch | None:
        ready = [
            node for node in self.nodes.values() if node.status == "inner" and node.id != ROOT and self._ready(node)
        ]
        if not ready:
            return None
        depth = max(node.depth for node in ready)
        level = [node for node in ready if node.depth == depth]
        budget = self.follow_budget(level[0].id)
        same = [node.id for node in level if self.follow_budget(node.id) == budget]
        return Batch("inner", tuple(same[:most]), budget)

    def _ready(self, node: Node) -> bool:
        return all(self.nodes[child].status in ("answered", "dropped") for child in node.children)

    def room(self, node: str) -> int:
        """Return how many sub-questions a node may still be given when it is divided."""
        width = self.limits.width(self.nodes[node].depth + 1)
        return max(0, min(width - self._asked(node, "generated"), self._left()))

    def follow_budget(self, node: str) -> int:
        """Return how many follow-ups a node may still ask for, r; the root asks none."""
        asking = self.nodes[node]
        if node == ROOT or not self.limits.follow_ups or asking.settled:
            return 0
        width = self.limits.width_with_follow_ups(asking.depth + 1)
        return max(0, min(width - self._asked(node, "generated", "follow-up"), self._left()))

    def _asked(self, node: str, *origins: Origin) -> int:
        """Children of these origins, dropped ones included: what the reader adds spends no budget."""
        return sum(self.nodes[child].origin in origins for child in self.nodes[node].children)

    def _left(self) -> int:
        return self.limits.most_nodes - len(self.nodes)

    def expand(self, node: str, questions: Sequence[str]) -> list[str]:
        """Give a node its sub-questions, cut to its width; without any it becomes a leaf. Ids of the new nodes."""
        added = self._add(node, questions, self.room(node), "generated")
        parent = self.nodes[node]
        # The root is never answered from passages: without questions it is reviewed from the paper alone.
        parent.status = "inner" if self._live_children(parent) or node == ROOT else "leaf"
        parent.step = self.step
        return added

    def follow_up(self, node: str, questions: Sequence[str]) -> list[str]:
        """Give a node its follow-ups, cut to its budget; without a new one it is settled and answers next time."""
        added = self._add(node, questions, self.follow_budget(node), "follow-up")
        self.nodes[node].settled = not added
        self.nodes[node].step = self.step
        return added

    def _add(self, node: str, questions: Sequence[str], room: int, origin: Origin) -> list[str]:
        parent = self.nodes[node]
        known = {_same(parent.question), *(_same(self.nodes[child].question) for child in parent.children)}
        added: list[str] = []
        for question in map(_tidy, questions):
            if len(added) >= room or not _same(question) or _same(question) in known:
                continue
            known.add(_same(question))
            added.append(self._new(parent, question, origin))
        return added

    def _new(self, parent: Node, question: str, origin: Origin) -> str:
        number = len(parent.children) + 1
        name = str(number) if parent.id == ROOT else f"{parent.id}.{number}"
        node = Node(name, parent.id, parent.depth + 1, question, origin, step=self.step)
        self.nodes[name] = node
        parent.children.append(name)
        return name

    def answer(self, node: str, answer: str, reasoning: str = "") -> None:
        """Take a node's answer."""
        answered = self.nodes[node]
        answered.answer, answered.reasoning, answered.status, answered.step = answer, reasoning, "answered", self.step

    def finish(self, work: Work) -> None:
        """Note that the review or the comments are written."""
        self.reviewed.add(work)
        if {"review", "comments"} <= self.reviewed:
            self.nodes[ROOT].status = "answered"
        self.nodes[ROOT].step = self.step

    # What the reader asks of a tree that grows

    def add_question(self, parent: str, question: str) -> str | None:
        """Add the reader's own question, whatever the widths say; None where its parent is dropped or too deep."""
        above = self.nodes.get(parent)
        question = _tidy(question)
        if above is None or above.status == "dropped" or above.depth >= max(1, self.limits.depth) or not question:
            return None
        name = self._new(above, question, "reader")
        self.nodes[name].status = "leaf"
        self._reopen(above)
        return name

    def pin(self, node: str) -> bool:
        """Answer a question first, and hand its answer to the review; False where there is none."""
        found = self.nodes.get(node)
        if found is None or node == ROOT or found.status == "dropped":
            return False
        found.pinned, found.step = True, self.step
        return True

    def drop(self, node: str) -> bool:
        """Leave a branch out of everything that is not written yet; False where there is none."""
        found = self.nodes.get(node)
        if found is None or node == ROOT or found.status == "dropped":
            return False
        for below in self.below(node):
            below.status, below.step = "dropped", self.step
        self._reopen(self.nodes[found.parent or ROOT])
        return True

    def _reopen(self, node: Node) -> None:
        """Let a node whose children changed, and those above it, answer again."""
        while True:
            if node.status != "open":
                node.status = "inner" if self._live_children(node) or node.id == ROOT else "leaf"
            node.settled, node.step = True, self.step
            if node.parent is None:
                return
            node = self.nodes[node.parent]

    def _live_children(self, node: Node) -> bool:
        return any(self.nodes[child].status != "dropped" for child in node.children)

    # Looking

    def below(self, node: str) -> Iterator[Node]:
        """Yield a node and everything below it, depth first."""
        yield self.nodes[node]
        for child in self.nodes[node].children:
            yield from self.below(child)

    def answered_children(self, node: str) -> list[Node]:
        """Return children whose answers a node is answered from."""
        return [self.nodes[child] for child in self.nodes[node].children if self.nodes[child].status == "answered"]

    def handed_to_review(self) -> list[Node]:
        """Return answered questions of depth 1 and pinned ones: what the root reads beside the paper."""
        pinned = [node for node in self.below(ROOT) if node.pinned and node.depth > 1 and node.status == "answered"]
        return [*self.answered_children(ROOT), *pinned]

    def leaves(self) -> list[Node]:
        """Return questions that were answered from passages, in the order of the tree."""
        return [node for node in self.below(ROOT) if node.status == "answered" and node.chunks]


def _tidy(question: str) -> str:
    return " ".join(question.split())[:LONGEST_QUESTION]


def _same(question: str) -> str:
    return re.sub(r"[\W_]+", " ", question).strip().casefold()


def _place(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))
