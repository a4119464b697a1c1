"""What TreeReview is asked: settings, commands, arms and presets."""

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le
from pydantic import StringConstraints

from engines.treereview.prompts import Sizes, shipped_text
from engines.treereview.question_tree import Limits
from workbench.contract import (
    BASIC,
    PER_ARM,
    Arm,
    Config,
    DataKind,
    InPaper,
    LongText,
    ModelKind,
    ModelRef,
    OneOf,
    Preset,
    Probability,
    Unit,
)

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
    DataKind(
        "comments that reviewers made: one a line of a text file, JSONL with a column comment (and paper, reviewer, "
        "rating), or a JSON object of the authors' kind (paper_reviewer: {major, minor}; paper: reviews with ratings)"
    ),
]
GeneratorRef = Annotated[
    str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True), ModelKind("generator")
]


class TreeReviewConfig(Config):
    """Settings of a review."""

    sections: ClassVar = {
        "Papers": "more_papers papers gold held_out",
        "Tree": "follow_ups allowance most_nodes",
        "Passages": "chunk_tokens top_k ranker reading exhaustive_answers exhaustive_papers",
        "Prompts and answers": "prompts guided temperature question_tokens answer_tokens review_tokens most_comments "
        "root_tokens",
        "Comparison and machine": "similar alike judge batch_nodes",
    }
    titles: ClassVar = {
        "gold": "Comments of reviewers", "top_k": "Chunks of an answer · k", "ranker": "Ranking model",
        "guided": "Hold the model to the form", "similar": "Same comment from", "alike": "Repeated from",
    }  # fmt: skip

    paper: Annotated[PaperRef, BASIC, InPaper("80 papers of ICLR 2024 and NeurIPS 2023", CODE)] = SHIPPED_PAPER
    """The paper under review: subspace-report (a report of this workbench), an upload, a file or a folder."""
    more_papers: Annotated[tuple[str, ...], InPaper("none", CODE)] = ()
    """Further papers, each a file, an upload or a folder; each gets a tree of its own."""
    papers: Annotated[int, Ge(1), Le(100), Unit("papers"), InPaper("80", CODE)] = 14
    """Papers that are reviewed of those named, in the order in which they are named; those of a folder in an order
    drawn from their file names, so that 20 papers begin with the same 10. Where fewer are named, all of them."""
    model: Annotated[GeneratorRef, BASIC, PER_ARM, InPaper("gemini-2.0-flash", f"{CODE}, the client's default")] = (
        "smollm2-135m-instruct"
    )
    """The model that asks and answers: of this machine, or a server (openai:MODEL@ADDRESS)."""
    depth: Annotated[int, Ge(0), Le(6), BASIC, PER_ARM, InPaper("3 (4 levels with the root)", CODE)] = 3
    """Depth of the deepest questions; the root has depth 0. With 0 no question is asked: one prompt reads the paper."""
    widths: Annotated[tuple[int, ...], BASIC, PER_ARM, InPaper("5, 4, 3", f"{CODE}: 6 minus the depth")] = (5, 4, 3)
    """Most questions below one node, for depth 1, 2 and so on; the last number holds for all deeper ones."""
    follow_ups: Annotated[bool, PER_ARM, InPaper("yes", CODE)] = True
    """Whether a question whose answers do not suffice may ask for more before it is answered."""
    allowance: Annotated[int, Ge(0), Le(10), PER_ARM, InPaper("2, at depths beyond 1", CODE)] = 2
    """Questions that follow-ups may add to the width, below one node and at depths beyond 1."""
    most_nodes: Annotated[
        int, Ge(1), Le(2000), PER_ARM, InPaper("186", "arithmetic of the widths; no limit is stated", "reconstruction")
    ] = 186
    """Questions of one paper at most, the root included: what a review may cost is bounded by this."""
    chunk_tokens: Annotated[int, Ge(32), Le(8192), Unit("tokens"), PER_ARM, InPaper("1,024 of GPT-4o", CODE)] = 1024
    """Paragraphs are packed into chunks of at most this many tokens of the model; a paragraph stays whole."""
    top_k: Annotated[int, Ge(1), Le(20), Unit("chunks"), PER_ARM, InPaper("3", CODE)] = 3
    """A question without sub-questions is answered from this many chunks."""
    ranking: Annotated[RankingName, BASIC, PER_ARM, InPaper("perplexity", CODE)] = "perplexity"
    """How chunks are found: by the perplexity of the question after the chunk, by words, by meaning, or at random."""
    ranker: Annotated[ModelRef, PER_ARM, InPaper("Llama-3.1-8B-Instruct", CODE)] = "smollm2-135m-instruct"
    """The model whose perplexity ranks chunks; of this machine."""
    reading: Annotated[
        Literal["passages", "whole paper"], PER_ARM, InPaper("passages", f"{CODE}; the other way is our comparator")
    ] = "passages"
    """What a question without sub-questions is answered from. The arms set this."""
    exhaustive_answers: Annotated[bool, PER_ARM, InPaper("none", "our comparator", "reconstruction")] = True
    """Whether the comparator's answers from the whole paper are written where they fit the context; otherwise what
    they would read is counted."""
    exhaustive_papers: Annotated[
        int, Ge(0), Le(100), Unit("papers"), PER_ARM, InPaper("none", "our comparator", "reconstruction")
    ] = 100
    """Papers, the first ones, of which the comparator's answers and review are written, so that quality can be judged
    beside tokens; of the others what they would read is counted."""
    prompts: Annotated[
        str,
        StringConstraints(max_length=20_000),
        LongText(20_000),
        PER_ARM,
        InPaper("not repeated here", "the release has no licence; the wording is ours", "reconstruction"),
    ] = ""
    """The prompts, each under a line "## name"; what stands in double braces is filled in. Sections that are missing
    are those of the complete prompts."""
    guided: Annotated[bool, PER_ARM, InPaper("no", "our addition for small models", "reconstruction")] = False
    """Hold the model to the form of an English question, to as many questions as may be asked, and to more than a word
    for each field. A model of a few hundred million parameters needs it; a larger one decides better by itself."""
    temperature: Annotated[float, Ge(0.0), Le(2.0), PER_ARM, InPaper("0", CODE)] = 0.0
    """0 takes the likeliest token; then seeds change nothing."""
    question_tokens: Annotated[int, Ge(16), Le(32_768), Unit("tokens"), PER_ARM, InPaper("32,768", CODE)] = 512
    """Most tokens of a list of sub-questions."""
    answer_tokens: Annotated[int, Ge(16), Le(32_768), Unit("tokens"), PER_ARM, InPaper("32,768", CODE)] = 768
    """Most tokens of an answer."""
    review_tokens: Annotated[int, Ge(32), Le(32_768), Unit("tokens"), PER_ARM, InPaper("32,768", CODE)] = 2048
    """Most tokens of the review and of the list of comments."""
    most_comments: Annotated[int, Ge(1), Le(50), PER_ARM, InPaper("none", CODE)] = 12
    """Comments in the list at most."""
    root_tokens: Annotated[
        int | None, Ge(64), Le(1_000_000), Unit("tokens"), PER_ARM, InPaper("the full paper", CODE)
    ] = None
    """The review and the comments read the paper up to this length, a longer one as a digest of its sections; empty:
    as much as fits the model's context."""
    batch_nodes: Annotated[
        int, Ge(1), Le(256), Unit("questions"), PER_ARM, InPaper("1", f"{CODE}: one node after the other")
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
        """Return how far a tree may grow."""
        return Limits(self.depth, self.widths, self.follow_ups, self.allowance, self.most_nodes)

    @property
    def sizes(self) -> Sizes:
        """Return how long answers may be."""
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


ARMS = (
    Arm("treereview", "TreeReview", "method", "A tree of questions with follow-ups, answered from passages.", {}),
    Arm(
        "exhaustive",
        "Whole paper for every question",
        "baseline",
        "The same questions, but each one without sub-questions reads the whole paper; counted where that exceeds the "
        "context.",
        {"reading": "whole paper"},
    ),
    Arm("depth_1", "Depth 1", "ablation", "One level of questions, no follow-ups.", {"depth": 1, "follow_ups": False}),
    Arm("depth_2", "Depth 2", "ablation", "Two levels, no follow-ups.", {"depth": 2, "follow_ups": False}),
    Arm("depth_3", "Depth 3", "ablation", "Three levels, no follow-ups.", {"depth": 3, "follow_ups": False}),
    Arm(
        "no_follow_ups", "No follow-ups", "ablation", "The tree is not asked for more.", {"follow_ups": False}, on=False
    ),
    Arm("no_tree", "No tree", "baseline", "One prompt reads the paper and writes the review.", {"depth": 0}, on=False),
    Arm("by_words", "Ranked by words", "ablation", "Chunks are found by BM25.", {"ranking": "bm25"}, on=False),
    Arm("by_meaning", "Ranked by meaning", "ablation", "By sentence embeddings.", {"ranking": "dense"}, on=False),
    Arm("at_random", "Ranked at random", "control", "Chunks are drawn at random.", {"ranking": "random"}, on=False),
)

QUICK = TreeReviewConfig(
    papers=1,
    depth=2,
    widths=(3, 2),
    allowance=1,
    most_nodes=12,
    chunk_tokens=200,
    top_k=2,
    prompts=shipped_text("short"),
    guided=True,
    question_tokens=80,
    answer_tokens=56,
    review_tokens=300,
    most_comments=3,
    root_tokens=600,
    held_out=5,
    exhaustive_answers=False,
    gold="subspace-report-comments",
)
STUDY = TreeReviewConfig(
    papers=14,
    depth=3,
    widths=(2, 2, 1),
    allowance=1,
    most_nodes=24,
    chunk_tokens=192,
    prompts=shipped_text("short"),
    guided=True,
    question_tokens=112,
    answer_tokens=112,
    review_tokens=420,
    most_comments=8,
    root_tokens=800,
    held_out=12,
    exhaustive_papers=1,
)

PRESETS = {
    "quick": Preset(
        QUICK,
        ("treereview", "exhaustive"),
        (0,),
        "One report, two levels of questions, a small model.",
    ),
    "study": Preset(
        STUDY,
        ("treereview", "exhaustive", "depth_1", "depth_2", "depth_3"),
        (0,),
        "Trees of depth 1 to 3 over 14 papers, which you name (a folder or uploads). On the report that ships, "
        "tokens are counted and nothing is decided over papers.",
    ),
    "paper": Preset(
        TreeReviewConfig(
            model="openai:gemini-2.0-flash@https://generativelanguage.googleapis.com/v1beta/openai",
            ranker="meta-llama/Llama-3.1-8B-Instruct",
            papers=80,
            prompts=shipped_text("complete"),
            question_tokens=32_768,
            answer_tokens=32_768,
            review_tokens=32_768,
            most_comments=50,
            batch_nodes=16,
        ),
        ("treereview", "no_tree"),
        (0,),
        "The released code's values: a hosted model (an account of yours), and a ranking model that needs a GPU.",
    ),
}
