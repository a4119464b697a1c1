"""What TreeReview answers."""

from typing import Literal

from workbench.contract import Row


class PaperRead(Row):
    """A paper as it was read."""

    paper: str
    title: str
    abstract: str
    contents: str
    tokens: int
    """Of the body, for the model."""
    paragraphs: int
    chunks: int
    words: int = 0
    """Of the whole file, as text; 0 in runs that did not count."""
    words_read: int = 0
    """Of title, headings and paragraphs."""
    left_out: str = ""
    """What was left out, each with its words."""


class PaperParagraph(Row):
    """A paragraph of a paper's body, in order."""

    paper: str
    paragraph: int
    section: str
    """Headings above it, joined by " > "."""
    inside: int
    """Its number inside its section, from 1."""
    chunk: int
    text: str


class DocumentFinding(Row):
    """Something a reader must know about the document: what was cut, and instructions that stand in it."""

    paper: str
    kind: Literal["read as", "left out", "instructions found in the document"]
    paragraph: int | None
    finding: str
    text: str


class QuestionNode(Row):
    """A question as it stood after a step; the last row of a node is what became of it."""

    node: str
    """arm/seed/paper/number, unique in the run."""
    parent: str | None
    arm: str
    seed: int
    paper: str
    number: str
    depth: int
    step: int
    question: str
    origin: Literal["paper", "generated", "follow-up", "reader"]
    status: Literal["open", "leaf", "inner", "answered", "dropped"]
    pinned: bool
    reasoning: str
    answer: str
    form: str
    """How well the model kept the asked form: "plain" text, "valid", "repaired", "lenient", "cut", "unusable"."""
    prompt_tokens: int
    tokens: int


class ChunkRelevance(Row):
    """How relevant a chunk is to a question that was answered from passages."""

    node: str
    arm: str
    seed: int
    paper: str
    number: str
    chunk: int
    score: float
    rank: int
    """From 1."""
    read: bool
    """Whether the question was answered from it."""


class ReviewText(Row):
    """One field of a review form."""

    review: str
    """arm/seed/paper, unique in the run."""
    arm: str
    seed: int
    paper: str
    field: str
    text: str


class ReviewComment(Row):
    """A comment, the evidence it quotes, and what the measures say of it."""

    review: str
    arm: str
    seed: int
    paper: str
    number: int
    comment: str
    evidence: str
    found: bool
    """Whether the evidence stands in the paper, word for word."""
    paragraph: int | None
    """Where it was found."""
    anchors: str
    """What in the comment can be looked up in the paper, joined by "; "."""
    repeats: int | None
    """The earlier comment that it repeats."""
    gold: str
    """The human comment nearest to it, where there are any."""
    gold_similarity: float


class SectionHit(Row):
    """One sentence taken out of a paper and looked for by one way of ranking."""

    paper: str
    paragraph: int
    section: str
    sentence: str
    ranking: Literal["perplexity", "bm25", "dense", "chance"]
    rank: float
    """Of the first chunk that holds text of its section, from 1; for chance the mean one."""
    hit: float
    """1 where that chunk is among the first k; for chance the probability."""


class Comparison(Row):
    """What the exhaustive way costs at the same questions: every question reads the whole paper."""

    arm: str
    seed: int
    paper: str
    leaves: int
    paper_tokens: int
    leaf_tokens: int
    """Read and written to answer the leaves from passages."""
    leaf_tokens_exhaustive: int
    """The same with the whole paper as passage."""
    tokens: int
    """Of the whole review."""
    tokens_exhaustive: int
    run: bool
    """Whether the exhaustive answers were written, or only what they read was counted."""
    reason: str
    ranker_tokens: int | None = None
    """Read by the model that ranks the passages: each chunk once, and each question after each chunk; None in runs that
    did not count it."""


class JsonForm(Row):
    """How often the model kept the asked form, by stage."""

    arm: str
    seed: int
    paper: str
    stage: str
    asked: int
    valid: int
    repaired: int
    """Valid after one more call."""
    lenient: int
    """Read from what is no valid JSON."""
    unusable: int
    cut: int = 0
    """JSON that was cut or lacked fields: those that it has were read."""


class FurtherAnswer(Row):
    """An answer to a question to a finished run."""

    paper: str
    node: str
    question: str
    answer: str
    chunk: int
    rank: int
    score: float
    section: str
    passage: str
