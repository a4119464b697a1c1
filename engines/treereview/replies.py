"""What comes back from the model: text or JSON with its cost, replies to questions, the review, the finished tree."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel

from engines.parts.completions import Completion, Listen, Prompt, Sampling
from engines.treereview.question_tree import Work

if TYPE_CHECKING:
    from engines.parts.generation import Generator, Use


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
    """

    value: dict[str, Any] | None
    text: str
    form: Form
    prompt_tokens: int
    tokens: int
    cut: bool = False

    def reply(self, node: str, **fields: Any) -> Reply:
        """Return what it means to a node, with what it cost."""
        return Reply(
            node=node, form=self.form, prompt_tokens=self.prompt_tokens, tokens=self.tokens, cut=self.cut,
            empty=not self.text.strip(), **fields,
        )  # fmt: skip


def ask_text(
    generator: "Generator", prompts: Sequence[Prompt], sampling: Sampling, use: "Use", listen: Listen | None = None
) -> list[JsonAnswer]:
    """Ask for plain text to each prompt."""
    found = [answers[0] for answers in generator.generate(prompts, sampling, use, listen)]
    return [
        JsonAnswer(None, each.text, "plain", each.prompt_tokens, each.tokens, each.finish == "length") for each in found
    ]


def ask_json(
    generator: "Generator", prompts: Sequence[Prompt], shape: "type[BaseModel]", sampling: Sampling, use: "Use"
) -> list[JsonAnswer]:
    """Ask for JSON of a shape: validated, repaired once, then read leniently; never an error of form."""
    from engines.parts.generation import generate_json

    counted = _Counting(generator)
    found = generate_json(cast(Any, counted), prompts, shape, sampling, use)
    costs = counted.costs(prompts)
    return [
        JsonAnswer(None if each.value is None else each.value.model_dump(), each.text, _form(each), *cost)
        for each, cost in zip(found, costs, strict=True)
    ]


def _form(found: Any) -> Form:
    if found.value is None:
        return "unusable"
    if found.lenient:
        return "lenient"
    return "repaired" if found.repaired else "valid"


@dataclass
class _Counting:
    """A generator that remembers what it was asked, and what its answers cost."""

    generator: "Generator"
    calls: list[tuple[Sequence[Prompt], list[Completion]]] = field(default_factory=list)

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, use: "Use", listen: Listen | None = None
    ) -> list[list[Completion]]:
        """Generate as `Generator.generate`."""
        found = self.generator.generate(prompts, sampling, use, listen)
        self.calls.append((prompts, [answers[0] for answers in found]))
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.generator, name)

    def costs(self, prompts: Sequence[Prompt]) -> list[tuple[int, int, bool]]:
        """Return (prompt tokens, tokens, cut) of each prompt: of its answer and of the repair that goes on with it."""
        costs: list[tuple[int, int, bool]] = [(0, 0, False) for _ in prompts]
        for asked, answers in self.calls:
            places = _begun_by(prompts, asked)
            for at, answer in zip(places, answers, strict=True):
                read, written, _ = costs[at]
                costs[at] = (read + answer.prompt_tokens, written + answer.tokens, answer.finish == "length")
        return costs


def _begun_by(prompts: Sequence[Prompt], asked: Sequence[Prompt]) -> list[int]:
    """For each prompt asked, the place of the first one that it begins with and that none before it took."""
    left = list(range(len(prompts)))
    found = []
    for each in asked:
        at = next((at for at in left if each[: len(prompts[at])] == prompts[at]), left[0])
        left.remove(at)
        found.append(at)
    return found
