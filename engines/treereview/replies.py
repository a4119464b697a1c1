"""What comes back from the model: text or JSON with its cost, replies to questions, the review, the finished tree."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from engines.parts.completions import Prompt, Sampling
from engines.treereview.prompts import SCORES
from engines.treereview.question_tree import Work

if TYPE_CHECKING:
    from engines.parts.generation import Generator, Use


Form = Literal["plain", "valid", "repaired", "lenient", "cut", "unusable"]
"""Plain text; JSON that was right at once, after a repair, in other text, cut so that some fields were read, or not."""
NO_ANSWER = "(The model gave no answer.)"
ENDS = (".", "!", "?", "。", "！", "？")
ASKING = ("?", "？", "؟", ";")
BULLET = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.)]|Q\d*[:.])\s*")
JSON = re.compile(r"\A\s*(?:```|[{\[])|\"\w+\"\s*:")


class Reply(BaseModel):
    """One node's reply.

    Attributes:
        questions: sub-questions or follow-ups.
        sufficient: for an inner node, whether it answered; else its questions are follow-ups.
        scores: of every chunk, for a leaf that was answered from passages.
        read: the chunks it was answered from, best first.
        ranker_tokens: read by the model that ranks.
        prompt_tokens, tokens: read and written, repairs included.
        cut: the answer ended at its token limit.
        echoed: the answer repeats the question or the instructions, and counts as none.
        dropped: questions that were none, or repeat the instructions.
        shortened: something was left out of the prompt so that it fits: passages, answers, the abstract, the paper.
        unread: tokens of the paper that the root did not read.
    """

    node: str
    questions: list[str] = []
    answer: str = ""
    reasoning: str = ""
    sufficient: bool = True
    form: Form = "plain"
    scores: list[float] = []
    read: list[int] = []
    ranker_tokens: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    cut: bool = False
    empty: bool = False
    echoed: bool = False
    dropped: int = 0
    shortened: bool = False
    unread: int = 0


class ReviewDraft(BaseModel):
    """A review form; a score that could not be read is None."""

    summary: str = ""
    strengths: list[str] = []
    weaknesses: list[str] = []
    questions: list[str] = []
    soundness: int | None = None
    presentation: int | None = None
    contribution: int | None = None
    rating: int | None = None
    confidence: int | None = None


class CommentDraft(BaseModel):
    """A comment and the sentence of the paper that it quotes."""

    comment: str
    evidence: str = ""


class Step(BaseModel):
    """What one batch brought."""

    work: Work
    replies: list[Reply]
    review: ReviewDraft | None = None
    comments: list[CommentDraft] = []
    ranking_seconds: float = 0.0


class StageTokens(BaseModel):
    """Tokens of one stage."""

    calls: int = 0
    prompt_tokens: int = 0
    tokens: int = 0


class Cuts(BaseModel):
    """What of the answers and prompts was cut, over a whole review; each answer has one prompt.

    Attributes:
        unread: tokens of the paper that the root did not read, its two prompts together.
        echoed, dropped: answers and questions that were none, as in `Reply`.
    """

    answers: int = 0
    answers_cut: int = 0
    answers_empty: int = 0
    prompts_cut: int = 0
    unread: int = 0
    echoed: int = 0
    dropped: int = 0

    def count(self, reply: Reply) -> None:
        """Take one more reply into account."""
        self.answers += 1
        self.answers_cut += reply.cut
        self.answers_empty += reply.empty
        self.prompts_cut += reply.shortened
        self.unread += reply.unread
        self.echoed += reply.echoed
        self.dropped += reply.dropped


class Leaf(BaseModel):
    """A leaf question as the comparison with the exhaustive way needs it."""

    number: str
    question: str
    prompt_tokens: int
    tokens: int


class FinishedTree(BaseModel):
    """A grown tree with its review, as far as later phases need it."""

    review: ReviewDraft
    comments: list[CommentDraft]
    leaves: list[Leaf]
    stages: dict[str, StageTokens]
    forms: dict[str, dict[str, int]]
    """Answers by stage, then by form."""
    nodes: int
    cuts: Cuts = Cuts()
    answered: dict[str, bool] = {}
    """Questions by number, and whether each has an answer."""
    ranker_tokens: int = 0
    """Read by the model that ranks."""
    below: dict[str, list[str]] = {}
    """The questions below each question that has some, in words."""

    @property
    def tokens(self) -> int:
        """Read and written for the whole review."""
        return sum(stage.prompt_tokens + stage.tokens for stage in self.stages.values())


class Orders(BaseModel):
    """What the reader asked of the tree before a step: names and fields of commands."""

    orders: list[tuple[str, dict[str, str]]] = []


@dataclass(frozen=True)
class JsonAnswer:
    """One answer.

    Attributes:
        value: its fields, None where it could not be read.
        text: as the model wrote it.
        prompt_tokens, tokens: read and written for it, repairs included.
        cut: it ended at its token limit (after a repair, the repaired one).
        fields: what can be read of one whose value could not be.
    """

    value: dict[str, Any] | None
    text: str
    form: Form
    prompt_tokens: int
    tokens: int
    cut: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> Mapping[str, Any]:
        """The fields that were read, all or some of them."""
        return self.fields if self.value is None else self.value

    @property
    def words(self) -> str:
        """The text, unless it is JSON or its beginning: that is no answer to anything."""
        return "" if JSON.search(self.text) else self.text.strip()

    def string(self, name: str) -> str:
        """Return a field as text, to its last whole sentence where it was cut; "" where it is not there."""
        found = self.said.get(name)
        text = found.strip() if isinstance(found, str) else ""
        return whole_sentences(text) if self.value is None and list(self.said)[-1:] == [name] else text

    def strings(self, name: str) -> list[str]:
        """Return a field as a list of texts; those of another kind are left out."""
        found = self.said.get(name)
        return [each for each in found if isinstance(each, str)] if isinstance(found, list | tuple) else []

    def reply(self, node: str, **fields: Any) -> Reply:
        """Return what it means to a node, with what it cost."""
        return Reply(
            node=node, form=self.form, prompt_tokens=self.prompt_tokens, tokens=self.tokens, cut=self.cut,
            empty=not self.text.strip(), **fields,
        )  # fmt: skip


def reads_well(answer: str) -> bool:
    """Return whether an answer is words to the end: not missing, no JSON, and not cut."""
    return bool(answer) and answer != NO_ANSWER and not JSON.search(answer) and answer.rstrip().endswith(ENDS)


def whole_sentences(text: str) -> str:
    """Return a text that was cut up to its last whole sentence; marked as cut where that would lose most of it."""
    end = max(text.rfind(mark) for mark in ENDS)
    if text.endswith(ENDS) or not text:
        return text
    return text[: end + 1].strip() if end >= 0.4 * len(text) else f"{text} ..."


def ask_text(generator: "Generator", prompts: Sequence[Prompt], sampling: Sampling, use: "Use") -> list[JsonAnswer]:
    """Ask for plain text to each prompt."""
    found = [answers[0] for answers in generator.generate(prompts, sampling, use)]
    return [
        JsonAnswer(None, each.text, "plain", each.prompt_tokens, each.tokens, each.finish == "length") for each in found
    ]


def ask_json(
    generator: "Generator", prompts: Sequence[Prompt], shape: "type[BaseModel]", sampling: Sampling, use: "Use"
) -> list[JsonAnswer]:
    """Ask for JSON of a shape: validated, repaired once, then read leniently; never an error of form."""
    from engines.parts.generation import generate_json

    return [
        JsonAnswer(
            None if each.value is None else each.value.model_dump(), each.text, _form(each), each.prompt_tokens,
            each.tokens, each.cut, each.fields,
        )
        for each in generate_json(generator, prompts, shape, sampling, use)
    ]  # fmt: skip


def _form(found: Any) -> Form:
    if found.value is None:
        return "cut" if found.fields else "unusable"
    if found.lenient:
        return "lenient"
    return "repaired" if found.repaired else "valid"


def questions_of(answer: JsonAnswer) -> list[str]:
    """Return sub-questions out of an answer: the JSON list, whole or cut, or the lines that ask something."""
    if "questions" in answer.said:
        return answer.strings("questions")
    lines = [BULLET.sub("", line).strip(" \"',[]") for line in answer.words.splitlines()]
    return [line for line in lines if line.endswith(ASKING)]


def review_of(answer: JsonAnswer) -> ReviewDraft:
    """Return a review out of an answer, whole or cut; what is no form becomes the summary."""
    fields: dict[str, Any] = {name: answer.strings(name) for name in ("strengths", "weaknesses", "questions")}
    fields |= {name: answer.said[name] for name in SCORES if type(answer.said.get(name)) is int}
    return ReviewDraft(summary=answer.string("summary") or answer.words or NO_ANSWER, **fields)


def comments_of(answer: JsonAnswer, most: int) -> list[CommentDraft]:
    """Return comments out of an answer: the JSON list, whole or cut, or the listed lines."""
    listed = answer.said.get("comments")
    if isinstance(listed, list):
        known = [each for each in listed if isinstance(each, dict) and isinstance(each.get("comment"), str)]
        found = [CommentDraft(comment=each["comment"], evidence=str(each.get("evidence", ""))) for each in known]
        return [comment for comment in found if comment.comment.strip()][:most]
    lines = [line for line in answer.words.splitlines() if BULLET.match(line)] or answer.words.split("\n\n")
    said = [BULLET.sub("", line).strip() for line in lines]
    return [CommentDraft(comment=line) for line in said if len(line.split()) > 3][:most]
