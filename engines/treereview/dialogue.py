"""What the model is told and asked about one paper, and how its answers are read.

Design decisions:
- Prompts are fitted to the context before they are sent: as many passages as fit, answers of equal share, the paper or
  its digest. Nothing is cut in the middle of an instruction.
- An answer that keeps no form is still used: fields of JSON that was cut, lines as questions or comments, text as an
  answer; never JSON itself.
- What is no question, or repeats the instructions, is not asked; an answer that does is none.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engines.parts.completions import Prompt, Sampling
from engines.parts.files import echoes
from engines.parts.retrieval import Ranking, best
from engines.treereview.excerpts import Chunk, RootReading, root_reading
from engines.treereview.growth import STAGES
from engines.treereview.paper import Paper
from engines.treereview.prompts import (
    PLACE,
    PromptSet,
    Sizes,
    comment_list,
    review_form,
    sub_questions,
    sufficiency,
    synthesis,
)
from engines.treereview.question_tree import ROOT, Batch, Node, QuestionTree, Work
from engines.treereview.replies import (
    ASKING,
    NO_ANSWER,
    JsonAnswer,
    Reply,
    Step,
    ask_json,
    ask_text,
    comments_of,
    questions_of,
    review_of,
)

if TYPE_CHECKING:
    from engines.parts.generation import Generator, Use

NO_CONTEXT = 10**9
SLACK = 48
"""Tokens left for what the chat template adds."""
WHOLE_PAPER_STAGE = "Answer leaves from the whole paper"
POINTS, GUIDED_POINTS = 5, 2
"""Most points under a heading of the review form."""


@dataclass
class PaperDialogue:
    """Asks about one paper.

    Attributes:
        top_k: passages of a leaf.
        notes: what a reader must know about how the paper was read.
        root: the paper as the root read it, once it has.
    """

    generator: "Generator"
    prompts: PromptSet
    paper: Paper
    chunks: Sequence[Chunk]
    ranking: Ranking
    sizes: Sizes
    use: "Use"
    temperature: float = 0.0
    top_k: int = 3
    root_tokens: int | None = None
    notes: list[str] = field(default_factory=list)
    root: RootReading | None = None

    def ask(self, batch: Batch, tree: QuestionTree) -> Step:
        """Ask the model about a batch of nodes."""
        nodes = [tree.nodes[name] for name in batch.nodes]
        if batch.work == "sub-questions":
            return Step(work=batch.work, replies=self._sub_questions(nodes, batch.room))
        if batch.work == "leaf":
            return self._leaves(nodes, first=not tree.leaves())
        if batch.work == "inner":
            return Step(work=batch.work, replies=self._inner(nodes, tree, batch.room))
        return self._review(tree) if batch.work == "review" else self._comments(tree)

    # Questions

    def _sub_questions(self, nodes: Sequence[Node], room: int) -> list[Reply]:
        abstract, contents = self._cut(self.paper.abstract, 4), self._cut(self.paper.contents, 4)
        shortened = (abstract, contents) != (self.paper.abstract, self.paper.contents)
        prompts = [
            self.prompts.fill(
                "sub-questions", title=self.paper.title, abstract=abstract, contents=contents, depth=str(node.depth),
                question=self.asked(node), most=str(room),
            )
            for node in nodes
        ]  # fmt: skip
        shape = sub_questions(room, self.sizes)
        answers = self._json("sub-questions", prompts, shape, self.sizes.question)
        return [
            self._asked(answer, node.id, questions_of(answer), "sub-questions", shortened=shortened)
            for node, answer in zip(nodes, answers, strict=True)
        ]

    def _asked(self, answer: JsonAnswer, node: str, asked: Sequence[str], work: str, **fields: Any) -> Reply:
        """A reply with the questions that are questions, and the number of those that are not."""
        instructions = PLACE.sub(" ", self.prompts.templates[work])
        kept = [question for question in asked if is_question(question) and not echoes(question, instructions)]
        return answer.reply(node, questions=kept, dropped=len(asked) - len(kept), **fields)

    def _echoed(self, answer: str, question: str, work: str) -> bool:
        return echoes(answer, f"{PLACE.sub(' ', self.prompts.templates[work])}\n{question}")

    def asked(self, node: Node) -> str:
        """Return a node's question in words; the root asks for the review itself."""
        return (
            f'Is "{self.paper.title}" a good paper, and what should its authors improve?'
            if node.id == ROOT
            else node.question
        )

    # Answers

    def _leaves(self, nodes: Sequence[Node], first: bool) -> Step:
        questions = [node.question for node in nodes]
        begun = time.monotonic()
        scores = self.ranking.scores(questions)
        seconds, tokens = time.monotonic() - begun, self.ranking.read(questions, first)
        if self.ranking.cut:
            self._note("Of the longest chunks the ranking model read the beginning only.")
        ranked = [[hit.passage for hit in best(row, self.top_k)] for row in scores]
        read = [self._fitting(question, chunks) for question, chunks in zip(questions, ranked, strict=True)]
        prompts = [
            self.leaf_prompt(question, self._passages(chunks)) for question, chunks in zip(questions, read, strict=True)
        ]
        answers = ask_text(self.generator, prompts, self.sampling(self.sizes.answer), self.used_for(STAGES["leaf"]))
        replies = [
            self._answered(answer, node, read=list(chunks), scores=row.tolist(), ranker_tokens=ranked,
                           shortened=len(chunks) < min(self.top_k, len(self.chunks)))
            for node, answer, chunks, row, ranked in zip(nodes, answers, read, scores, tokens, strict=True)
        ]  # fmt: skip
        return Step(work="leaf", replies=replies, ranking_seconds=seconds)

    def leaves_from_whole(self, nodes: Sequence[Node]) -> Step:
        """Answer questions without sub-questions from the whole paper, which must fit the context."""
        prompts = [self.leaf_prompt(node.question, self.paper.text) for node in nodes]
        answers = ask_text(self.generator, prompts, self.sampling(self.sizes.answer), self.used_for(WHOLE_PAPER_STAGE))
        read = [chunk.number for chunk in self.chunks]
        replies = [self._answered(answer, node, read=read) for answer, node in zip(answers, nodes, strict=True)]
        return Step(work="leaf", replies=replies)

    def _answered(self, answer: JsonAnswer, node: Node, **fields: Any) -> Reply:
        echoed = self._echoed(answer.words, node.question, "leaf")
        said = NO_ANSWER if echoed else answer.words or NO_ANSWER
        return answer.reply(node.id, answer=said, echoed=echoed, **fields)

    def leaf_prompt(self, question: str, passages: str) -> Prompt:
        """Return the prompt of a question without sub-questions."""
        return self.prompts.fill("leaf", title=self.paper.title, question=question, passages=passages)

    def _passages(self, chunks: Sequence[int]) -> str:
        return "\n\n".join(self.chunks[chunk].text for chunk in chunks)

    def _fitting(self, question: str, chunks: Sequence[int]) -> tuple[int, ...]:
        """As many of the best chunks as fit beside the question, at least one."""
        room = self._room(self.leaf_prompt(question, ""), self.sizes.answer)
        kept: list[int] = []
        for chunk in chunks:
            room -= self.chunks[chunk].tokens + 2
            if room < 0 and kept:
                self._note("Fewer passages than asked for fit the model's context beside some questions.")
                break
            kept.append(chunk)
        return tuple(kept)

    def _inner(self, nodes: Sequence[Node], tree: QuestionTree, budget: int) -> list[Reply]:
        name = "inner" if budget else "inner that must answer"
        shape = sufficiency(budget, self.sizes) if budget else synthesis(self.sizes)
        prompts, shortened = [], []
        for node in nodes:
            blank = self.prompts.fill(
                name, title=self.paper.title, question=node.question, answers="", most=str(budget)
            )
            answers, cut = self._answers(tree.answered_children(node.id), self._room(blank, self.sizes.answer))
            shortened.append(cut)
            prompts.append(
                self.prompts.fill(
                    name, title=self.paper.title, question=node.question, answers=answers, most=str(budget)
                )
            )
        found = self._json("inner", prompts, shape, self.sizes.answer)
        return [
            self._synthesis(node, answer, name, budget, cut)
            for node, answer, cut in zip(nodes, found, shortened, strict=True)
        ]

    def _synthesis(self, node: Node, answer: JsonAnswer, work: str, budget: int, shortened: bool) -> Reply:
        """An inner node's reply: its answer, or what it asks first."""
        said = answer.string("answer") or answer.words
        echoed = self._echoed(said, node.question, work)
        said, asked = "" if echoed else said, answer.strings("follow_up_questions")
        # An answer that is missing is asked for once more, with or without follow-ups.
        more = budget > 0 and (not said or (bool(asked) and answer.said.get("sufficient") is False))
        reply = self._asked(answer, node.id, asked, work, shortened=shortened, echoed=echoed, sufficient=not more)
        # Without budget the reasoning is better than nothing where the answer itself was cut away.
        said = said or (answer.string("reasoning") if not budget else "")
        return reply.model_copy(update={"answer": said or NO_ANSWER, "reasoning": answer.string("reasoning")})

    def _answers(self, nodes: Sequence[Node], room: int) -> tuple[str, bool]:
        """Questions with their answers, and whether they were cut, all to an equal share, because they do not fit."""
        pairs = [f"Question {node.id}: {node.question}\nAnswer: {node.answer}" for node in nodes]
        if not pairs:
            return "", False
        lengths = self.count(pairs)
        if sum(lengths) + 2 * len(pairs) <= room:
            return "\n\n".join(pairs), False
        self._note("Answers were shortened where all of them together exceed the model's context.")
        share = max(8, room // len(pairs) - 2)
        cut = [
            pair if length <= share else pair[: len(pair) * share // length]
            for pair, length in zip(pairs, lengths, strict=True)
        ]
        return "\n\n".join(cut), True

    # The root

    def _review(self, tree: QuestionTree) -> Step:
        points = GUIDED_POINTS if self.sizes.guided else POINTS
        answer, left_out = self._root("review", tree, review_form(points, self.sizes))
        return Step(work="review", replies=[answer.reply(ROOT, **left_out)], review=review_of(answer))

    def _comments(self, tree: QuestionTree) -> Step:
        answer, left_out = self._root("comments", tree, comment_list(self.sizes))
        comments = comments_of(answer, self.sizes.comments)
        return Step(work="comments", replies=[answer.reply(ROOT, **left_out)], comments=comments)

    def _root(self, work: Work, tree: QuestionTree, shape: type) -> tuple[JsonAnswer, dict[str, Any]]:
        """What the root says, and what was left out of its prompt, as fields of a `Reply`."""
        blank = self.prompts.fill(work, title=self.paper.title, paper="", answers="")
        room = self._room(blank, self.sizes.review)
        answers, cut = self._answers(tree.handed_to_review(), room // 2)
        left = room - (self.count([answers])[0] if answers else 0)
        self.root = self.root or self._read_root(min(left, self.root_tokens or left))
        prompt = self.prompts.fill(work, title=self.paper.title, paper=self.root.text, answers=answers)
        unread = 0 if self.root.whole else self.root.tokens - self.count([self.root.text])[0]
        left_out = {"shortened": cut or not self.root.whole, "unread": max(0, unread)}
        return self._json(work, [prompt], shape, self.sizes.review)[0], left_out

    def _read_root(self, room: int) -> RootReading:
        found = root_reading(self.paper, self.count, max(16, room))
        if not found.whole:
            self._note(
                f"The review and the comments read a digest: the paper has {found.tokens:,} tokens, {room:,} are left "
                "for it. Questions are answered from the full text."
            )
        return found

    # Tokens

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count tokens of texts by themselves."""
        return self.generator.count(list(texts))

    def context(self) -> int:
        """Return most tokens of prompt and answer; a very large number where a server does not tell."""
        return self.generator.context or NO_CONTEXT

    def _room(self, blank: Prompt, answer: int) -> int:
        """Tokens that may be filled into a prompt that is empty but for its instructions."""
        return max(16, self.context() - self.generator.count([blank])[0] - answer - SLACK)

    def _cut(self, text: str, part: int) -> str:
        """A text that takes at most a `part`-th of the context."""
        length, most = self.count([text])[0] if text else 0, self.context() // part
        return text if length <= most else text[: len(text) * most // length]

    def sampling(self, tokens: int) -> Sampling:
        """Return how answers of at most so many tokens are drawn."""
        return Sampling(max_tokens=tokens, temperature=self.temperature, seed=self.use.seed)

    def used_for(self, stage: str) -> "Use":
        """Return a line of the token ledger for a stage."""
        return replace(self.use, stage=stage)

    def _json(self, work: Work, prompts: Sequence[Prompt], shape: type, tokens: int) -> list[JsonAnswer]:
        return ask_json(self.generator, prompts, shape, self.sampling(tokens), self.used_for(STAGES[work]))

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def is_question(text: str) -> bool:
    """Return whether a text asks something: it ends with a question mark and has words."""
    return text.strip().endswith(ASKING) and any(letter.isalpha() for letter in text)
