"""What a probe of spurious features answers, as rows."""

from typing import Annotated, Any

from workbench.contract import MEASURED, Row

SEPARATOR = " | "
"""Between the gold answers of an instance."""


class Instance(Row):
    """A question with a document."""

    instance: str
    question: str
    """Its name in the data."""
    asked: str
    """The question itself."""
    answers: str
    """Gold answers, separated by " | "."""
    title: str
    document: str
    golden: bool
    """Whether the document contains an answer; else it is Noise."""
    cluster: str
    """What questions share: a topic or a passage."""
    part: str
    """mending or held_out: whether a training may see it."""
    words: int = 0
    """Of the document before it was cut; 0 where it is whole."""


def golds(instance: Any) -> tuple[str, ...]:
    """Return the gold answers of an `Instance`, or of a row of such."""
    return tuple(str(instance.answers).split(SEPARATOR))


class ClosedBook(Row):
    """What a reader answers without a document: Known or Unknown."""

    arm: str
    question: str
    answer: str
    known: bool


class FormText(Row):
    """A document before and after one change of form."""

    instance: str
    perturbation: str
    kind: str
    """Class of the change."""
    before: str
    """What it is compared with: the plain document, for metadata the HTML page."""
    text: str
    kept: bool
    reason: str
    """Why it was dropped, "" where it was kept."""


class FormCount(Row):
    """How many forms a row of the taxonomy made, and why some were dropped."""

    perturbation: str
    kind: str
    made: int
    unchanged: int
    """The change left the text as it was (one sentence cannot be reversed)."""
    answer_lost: int
    """A Golden document no longer holds an answer."""
    answer_gained: int
    """A Noise document now holds one."""
    not_entailed: int
    """The judge found that meaning was lost or added; 0 where nobody judged."""
    too_long: int
    """The prompt would not fit into the reader's context."""
    kept: int
    judged: bool
    """Whether a judge of entailment was at work."""
    unfinished: int = 0
    """A rewriting ended at its limit of tokens, or in the middle of a sentence."""
    looping: int = 0
    """A rewriting says the same again and again."""
    numbers_lost: int = 0
    """A rewriting lacks a number of the document."""


class Answer(Row):
    """What a reader answered from one form of a document, beside its answer before the change."""

    arm: str
    seed: int
    instance: str
    subset: str
    """K-G, K-N, U-G or U-N."""
    part: str
    kind: str
    perturbation: str
    before: str
    """Answer before the change."""
    after: str
    right_before: bool
    right_after: bool
    change: int
    """C: 0 robust, -1 wrong became right, 1 right became wrong."""
    cut: bool | None = None
    """Whether the answer after the change ended at the limit of tokens; None in runs that did not keep it."""


class FormRate(Row):
    """Robustness, win and lose rates of one row of the taxonomy in one subset, with accuracy beside them."""

    arm: str
    seed: int
    subset: str
    """K-G, U-G, K-N, U-N; golden and noise hold two of them together."""
    kind: str
    perturbation: str
    """A row of the taxonomy, or "all" of its class."""
    part: str
    """all, mending or held_out."""
    pairs: int
    robust: float
    win: float
    lose: float
    accuracy_before: float
    accuracy_after: float
    right_stay: float | None = None
    """Of the answers that were right before, the share that is right afterwards; None where none was."""
    unfinished: float | None = None
    """Share of answers after the change that ended at the limit of tokens."""


class RankedDocument(Row):
    """A document that holds the answer, with the reader's own likelihood of the answer and features of its form."""

    question: str
    cluster: str
    group: str
    """preferred (highest oracle score), least preferred, random a, random b."""
    document: str
    score: float
    """Oracle score: log-likelihood of the answer, mean over its variants."""
    candidates: int
    """Documents that were ranked for the question."""
    length: float
    reading_ease: float
    distinct_1: float
    perplexity: float
    dependency_depth: float
    """NaN where no parser is installed."""


class FeatureTest(Row):
    """The two-sample Kolmogorov-Smirnov distance of one feature; questions share documents, so that it has no p."""

    feature: str
    groups: str
    """ranked (preferred against least preferred) or random."""
    documents: int
    """In each group."""
    statistic: float
    """Largest distance of the two distribution functions, in [0, 1]."""


class AttentionChange(Row):
    """Attention of the next token to the answer's words, before and after a change of form."""

    instance: str
    perturbation: str
    outcome: str
    """robust, lost or won."""
    before: float
    """Mean weight on a token of the answer, over heads and layers."""
    after: float
    change: float
    """|after - before|."""


class MendedReader(Row):
    """A reader as it was judged: what it was trained on, or nothing."""

    arm: str
    seed: int
    reader: str
    """A ModelRef: the base, or the adapter that the training saved."""
    pairs: int
    """Flipped pairs behind the examples."""
    examples: int
    updates: int
    first_loss: float
    """Mean of the first quarter of the updates; NaN where nothing was trained."""
    last_loss: float
    tokens: int
    seconds: Annotated[float, MEASURED]


class AskedForm(Row):
    """One's own document in one form, with the answer."""

    form: str
    kind: str
    before_text: str
    text: str
    before: str
    after: str
    verdict: str
    """same, changed; with gold answers: robust, won or lost."""
    right: str
    """Whether the answer is right: yes, no, or "" without gold answers."""
