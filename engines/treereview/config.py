"""What TreeReview is asked."""

from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import StringConstraints

from engines.treereview.question_tree import Limits
from engines.treereview.schemas import Sizes
from workbench.contract import BASIC, Config, DataKind, InPaper, LongText, ModelKind, ModelRef, OneOf, Probability, Unit

RankingName = Literal["perplexity", "bm25", "dense", "random"]
CODE = "released code, commit 047327d"
SILENT = "the paper is silent here"
SHIPPED_PAPER = "subspace-report"

PaperRef = Annotated[
    str,
    StringConstraints(min_length=1, max_length=400, strip_whitespace=True),
    DataKind("a paper: PDF, Markdown, LaTeX or plain text; a folder of such files is read as several papers"),
]
GoldRef = Annotated[
    str,
    StringConstraints(max_length=400, strip_whitespace=True),
    DataKind("comments that reviewers made: one a line of a text file, or JSONL with a column comment (and paper)"),
]
GeneratorRef = Annotated[
    str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True), ModelKind("generator")
]


class TreeReviewConfig(Config):
    """Settings of a review."""

    paper: Annotated[PaperRef, BASIC, InPaper("80 papers of ICLR 2024 and NeurIPS 2023", CODE)] = SHIPPED_PAPER
    """The paper under review: subspace-report (a report of this workbench), an upload, a file or a folder."""
    more_papers: Annotated[tuple[str, ...], InPaper("none", CODE)] = ()
    """Further papers, each a file, an upload or a folder; each gets a tree of its own."""
    papers: Annotated[int, Ge(1), Le(100), BASIC, Unit("papers"), InPaper("80", CODE)] = 14
    """Papers that are reviewed of those named, in the order in which they are named; those of a folder in an order
    drawn from their file names, so that 20 papers begin with the same 10. Where fewer are named, all of them."""
    model: Annotated[GeneratorRef, BASIC, InPaper("gemini-2.0-flash", f"{CODE}, the client's default")] = (
        "smollm2-135m-instruct"
    )
    """The model that asks and answers: of this machine, or a server (openai:MODEL@ADDRESS)."""
    depth: Annotated[int, Ge(0), Le(6), BASIC, InPaper("3 (4 levels with the root)", CODE)] = 3
    """Depth of the deepest questions; the root has depth 0. With 0 no question is asked: one prompt reads the paper."""
    widths: Annotated[tuple[int, ...], BASIC, InPaper("5, 4, 3", f"{CODE}: 6 minus the depth")] = (5, 4, 3)
    """Most questions below one node, for depth 1, 2 and so on; the last number holds for all deeper ones."""
    follow_ups: Annotated[bool, BASIC, InPaper("yes", CODE)] = True
    """Whether a question whose answers do not suffice may ask for more before it is answered."""
    allowance: Annotated[int, Ge(0), Le(10), InPaper("2, at depths beyond 1", CODE)] = 2
    """Questions that follow-ups may add to the width, below one node and at depths beyond 1."""
    most_nodes: Annotated[
        int, Ge(1), Le(2000), InPaper("186", "arithmetic of the widths; no limit is stated", "reconstruction")
    ] = 186
    """Questions of one paper at most, the root included: what a review may cost is bounded by this."""
    chunk_tokens: Annotated[int, Ge(32), Le(8192), Unit("tokens"), InPaper("1,024 of GPT-4o", CODE)] = 1024
    """Paragraphs are packed into chunks of at most this many tokens of the model; a paragraph stays whole."""
    top_k: Annotated[int, Ge(1), Le(20), BASIC, Unit("chunks"), InPaper("3", CODE)] = 3
    """A question without sub-questions is answered from this many chunks."""
    ranking: Annotated[RankingName, BASIC, InPaper("perplexity", CODE)] = "perplexity"
    """How chunks are found: by the perplexity of the question after the chunk, by words, by meaning, or at random."""
    ranker: Annotated[ModelRef, InPaper("Llama-3.1-8B-Instruct", CODE)] = "smollm2-135m-instruct"
    """The model whose perplexity ranks chunks; of this machine."""
    reading: Annotated[
        Literal["passages", "whole paper"], InPaper("passages", f"{CODE}; the other way is our comparator")
    ] = "passages"
    """What a question without sub-questions is answered from. The arms set this."""
    exhaustive_answers: Annotated[bool, InPaper("none", "our comparator", "reconstruction")] = True
    """Whether the comparator's answers from the whole paper are written where they fit the context; otherwise what
    they would read is counted."""
    prompts: Annotated[
        str,
        StringConstraints(max_length=20_000),
        LongText(20_000),
        InPaper("not repeated here", "the release has no licence; the wording is ours", "reconstruction"),
    ] = ""
    """The prompts, each under a line "## name"; what stands in double braces is filled in. Sections that are missing
    are those of the complete prompts."""
    guided: Annotated[bool, InPaper("no", "our addition for small models", "reconstruction")] = False
    """Hold the model to the form of an English question, to as many questions as may be asked, and to more than a word
    for each field. A model of a few hundred million parameters needs it; a larger one decides better by itself."""
    temperature: Annotated[float, Ge(0.0), Le(2.0), InPaper("0", CODE)] = 0.0
    """0 takes the likeliest token; then seeds change nothing."""
    question_tokens: Annotated[int, Ge(16), Le(32_768), Unit("tokens"), InPaper("32,768", CODE)] = 512
    """Most tokens of a list of sub-questions."""
    answer_tokens: Annotated[int, Ge(16), Le(32_768), Unit("tokens"), InPaper("32,768", CODE)] = 768
    """Most tokens of an answer."""
    review_tokens: Annotated[int, Ge(32), Le(32_768), Unit("tokens"), InPaper("32,768", CODE)] = 2048
    """Most tokens of the review and of the list of comments."""
    most_comments: Annotated[int, Ge(1), Le(50), InPaper("none", CODE)] = 12
    """Comments in the list at most."""
    root_tokens: Annotated[int | None, Ge(64), Le(1_000_000), Unit("tokens"), InPaper("the full paper", CODE)] = None
    """The review and the comments read the paper up to this length, a longer one as a digest of its sections; empty:
    as much as fits the model's context."""
    batch_nodes: Annotated[
        int, Ge(1), Le(256), Unit("questions"), InPaper("1", f"{CODE}: one node after the other")
    ] = 8
    """Independent questions that are asked at once; after each such batch the run can be resumed."""
    gold: Annotated[GoldRef, InPaper("1,915 comments of 337 reviews", CODE)] = ""
    """Comments of human reviewers on the same paper, to compare with; empty: none."""
    similar: Annotated[Probability, InPaper("unknown", "how comments are matched is not given", "unverified")] = 0.6
    """Two comments say the same from this cosine of their embeddings on: for matches with human comments."""
    alike: Annotated[Probability, InPaper("unknown", SILENT, "reconstruction")] = 0.8
    """From this cosine on a comment repeats an earlier one of the same list and is not counted as distinct."""
    held_out: Annotated[int, Ge(0), Le(500), Unit("sentences"), InPaper("none", "our test", "reconstruction")] = 24
    """Sentences taken out of each paper and looked for, to compare the ways of ranking."""
    judge: Annotated[
        str | None, StringConstraints(max_length=400), ModelKind("generator"), InPaper("unknown", SILENT, "unverified")
    ] = None
    """A model that marks each review from 1 to 10; empty: none."""

    @property
    def limits(self) -> Limits:
        """How far a tree may grow."""
        return Limits(self.depth, self.widths, self.follow_ups, self.allowance, self.most_nodes)

    @property
    def sizes(self) -> Sizes:
        """How long answers may be."""
        return Sizes(self.question_tokens, self.answer_tokens, self.review_tokens, self.most_comments, self.guided)


class PinQuestion(Config):
    """Answer a question next, and hand its answer to the review word for word."""

    node: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$"), BASIC] = "1"
    """Its number in the tree that is growing, such as 2.1."""


class AddQuestion(Config):
    """Ask a question of your own, beyond the widths."""

    question: Annotated[
        str, StringConstraints(min_length=8, max_length=600, strip_whitespace=True), LongText(600), BASIC
    ] = "What would a reader need to repeat the main experiment?"
    """What to ask of the paper."""
    under: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$"), BASIC] = "0"
    """The number of the question it belongs to; 0 is the review itself."""


class DropBranch(Config):
    """Leave a question and everything below it out of what is not yet written."""

    node: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$"), BASIC] = "1"
    """Its number in the tree that is growing, such as 2.1."""


class FurtherQuestion(Config):
    """A question to a paper that a finished run has reviewed."""

    question: Annotated[
        str, StringConstraints(min_length=4, max_length=600, strip_whitespace=True), LongText(600), BASIC
    ] = "Which result of this paper would you doubt first, and why?"
    """What to ask; it is answered from the passages that belong to it."""
    node: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), BASIC, OneOf((), open=True)] = ""
    """The node it follows up on, as the tree names it (treereview/0/paper/2.1), whose question and answer are read
    too; empty: none."""
    paper: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""
    """The paper, where the run reviewed several and no node is named; empty: the first."""
