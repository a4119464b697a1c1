"""What came back from the model, as it is kept: replies to questions, the review, the comments, and the grown tree."""

from typing import Literal

from pydantic import BaseModel

from engines.treereview.question_tree import Work

Form = Literal["plain", "valid", "repaired", "lenient", "unusable"]


class Reply(BaseModel):
    """One node's reply.

    Attributes:
        questions: sub-questions or follow-ups.
        sufficient: for an inner node, whether it answered; else its questions are follow-ups.
        scores: of every chunk, for a leaf that was answered from passages.
        read: the chunks it was answered from, best first.
        prompt_tokens, tokens: read and written, repairs included.
        cut: the answer ended at its token limit.
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
    prompt_tokens: int = 0
    tokens: int = 0
    cut: bool = False
    empty: bool = False
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


class StageTokens(BaseModel):
    """Tokens of one stage."""

    calls: int = 0
    prompt_tokens: int = 0
    tokens: int = 0


class Cuts(BaseModel):
    """What of the answers and prompts was cut, over a whole review; each answer has one prompt.

    Attributes:
        unread: tokens of the paper that the root did not read, its two prompts together.
    """

    answers: int = 0
    answers_cut: int = 0
    answers_empty: int = 0
    prompts_cut: int = 0
    unread: int = 0

    def count(self, reply: Reply) -> None:
        """Take one more reply into account."""
        self.answers += 1
        self.answers_cut += reply.cut
        self.answers_empty += reply.empty
        self.prompts_cut += reply.shortened
        self.unread += reply.unread


class Leaf(BaseModel):
    """A leaf question as the comparison with the exhaustive way needs it."""

    number: str
    question: str
    prompt_tokens: int
    tokens: int


class Grown(BaseModel):
    """A grown tree with its review, as far as later phases need it."""

    review: ReviewDraft
    comments: list[CommentDraft]
    leaves: list[Leaf]
    stages: dict[str, StageTokens]
    forms: dict[str, dict[str, int]]
    """Answers by stage, then by form."""
    nodes: int
    cuts: Cuts = Cuts()

    @property
    def tokens(self) -> int:
        """Read and written for the whole review."""
        return sum(stage.prompt_tokens + stage.tokens for stage in self.stages.values())


class Orders(BaseModel):
    """What the reader asked of the tree before a step: names and fields of commands."""

    orders: list[tuple[str, dict[str, str]]] = []
