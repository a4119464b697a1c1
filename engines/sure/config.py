"""What a run is asked: settings, arms, presets, and a document of one's own."""

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le
from pydantic import StringConstraints

from engines.parts.training import TrainingFields
from engines.sure.perturbations import CONTROLS, PERTURBATIONS, RULE_BASED
from workbench.contract import (
    BASIC,
    PER_ARM,
    Arm,
    Config,
    DataKind,
    InPaper,
    LongText,
    ModelKind,
    OneOf,
    Percent,
    Preset,
    Unit,
)

PAPER = "the paper, experimental set-up"
TABLE = "the paper, table of results"
NOTES = "third-party notes of the paper's third version"
OURS = "the paper does not say"

ReaderRef = Annotated[
    str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True), ModelKind("generator")
]
QuestionsRef = Annotated[
    str,
    StringConstraints(min_length=1, max_length=400, strip_whitespace=True),
    DataKind(
        "a question, the passage that answers it (or several), the gold answers, and a title where there is one",
        "engines.sure.questions:RagQuestion",
        "columns",
    ),
]
BUNDLED = "public-facts"


class ReadingFields(Config):
    """What is read, by whom, and what tuned readers are judged on."""

    reader: Annotated[
        ReaderRef, BASIC, PER_ARM, InPaper("Mistral-7B-Instruct-v0.3, Llama-3.1-8B-Instruct and four more", PAPER)
    ] = "smollm2-135m-instruct"
    """The model that answers questions from documents: any local model, or a server."""
    data: Annotated[
        QuestionsRef, BASIC, InPaper("NQ-open with Wikipedia of December 2018 in chunks of 100 words", PAPER)
    ] = BUNDLED
    """Questions with passages and gold answers: the bundled public-facts, a JSONL or CSV file, or the pairs that an
    earlier run saved (run:ID/pairs.jsonl), which are then read as they are."""
    columns: Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True), InPaper("none", OURS)] = ""
    """Which column of your table is which field, where the names do not say it, for instance
    question=Q,passage=Context,answers=Gold answer."""
    questions: Annotated[int, Ge(1), Le(100_000), BASIC, InPaper("1,000 (500 known, 500 unknown)", PAPER)] = 10
    """Most questions, spread over the passages. Two hundred begin with the same hundred, so that a run can go on."""
    perturbations: Annotated[
        tuple[str, ...], BASIC, OneOf(tuple(PERTURBATIONS)), InPaper("all fifteen rows", TABLE)
    ] = (*RULE_BASED, *CONTROLS)
    """Rows of the taxonomy. Ten are made by rule; simple, complex, llm_generated and llm_ranked need a writer;
    self_generated is written by the reader itself; reread and trailing_space are the noise floor."""
    writer: Annotated[ReaderRef | None, BASIC, InPaper("Llama-3.1-70B-Instruct", PAPER)] = None
    """The strong model that writes the style, source and ranked rows; without one they are left out."""
    noise_questions: Annotated[int, Ge(0), Le(100_000), InPaper("all", PAPER)] = 2
    """For that many of the questions an unrelated passage, found by BM25, is read as well: a Noise document."""
    document_words: Annotated[int, Ge(10), Le(20_000), Unit("words"), InPaper("100", PAPER)] = 250
    """Longer documents are cut to whole sentences around the answer, counted and listed."""
    prompting: Annotated[Literal["chat", "plain"], PER_ARM, InPaper("chat", PAPER, "unverified")] = "chat"
    """Through the model's chat template, or as a plain text for models that have none."""
    order: Annotated[
        Literal["question_around", "question_first", "document_first"],
        PER_ARM,
        InPaper("document_first", "P = (I, G, Q) in the paper"),
    ] = "question_around"
    """Where the question stands. Before the document, all forms share instruction and question, which are then computed
    once; before it and once more behind it, a small reader also answers about as well as in the paper's order, which
    has the document first."""
    answer_tokens: Annotated[
        int, Ge(1), Le(512), Unit("tokens"), PER_ARM, InPaper("5, asked for in the instruction", PAPER)
    ] = 32
    """Longest answer. Answers are greedy and end at a line break; those that the limit ends are counted."""
    abstain: Annotated[bool, PER_ARM, InPaper("yes", PAPER)] = False
    """Also ask for a fixed word where the document holds no answer; small models then use it nearly always."""
    match: Annotated[Literal["words", "substring"], InPaper("substring", PAPER)] = "words"
    """An answer is right where it contains a gold answer: as whole words, or as any part of the text. In both, escapes
    (AT&amp;T), marks of print and case are undone; numbers keep sign and point."""
    escape: Annotated[bool, InPaper("no", "templates of the paper insert raw text")] = True
    """Escape what JSON, HTML, YAML and Markdown would misread; without it the form breaks at quotation marks."""
    metadata_base: Annotated[
        Literal["html", "plain"],
        InPaper("html", "not stated; the low lose rates of its metadata rows suggest it", "reconstruction"),
    ] = "html"
    """What a document with a meta tag is compared with: the same HTML page without the tag, or the plain document."""
    cutoff: Annotated[int, Ge(1990), Le(2100), InPaper("each model's own", PAPER, "unverified")] = 2024
    """The year in which the reader's knowledge ends; time stamps lie two years before and after it."""
    shuffle_seed: Annotated[int, Ge(0), InPaper("unknown", OURS, "unverified")] = 0
    """Decides the random order of sentences; it does not change with the seed of the run."""
    judge: Annotated[
        Literal["off", "generator", "classifier"], InPaper("a language model, prompted for entailment", PAPER)
    ] = "off"
    """Who checks that a form that a model wrote entails the document and is entailed by it: nobody, any generator, or
    a classifier trained for entailment. The answer is checked in any case."""
    judge_model: Annotated[ReaderRef | None, InPaper("Llama-3.1-70B-Instruct", PAPER, "unverified")] = None
    """The judge's model; for a classifier one of sequence classification with a label for entailment."""
    oracle_questions: Annotated[int, Ge(0), Le(100_000), InPaper("2,658", "preliminary test of the paper")] = 6
    """Questions of the preliminary test: their documents are ranked by the reader's own likelihood of the answer. It
    needs a reader that runs here; 0 leaves it out."""
    oracle_documents: Annotated[
        int, Ge(2), Le(1000), InPaper("100, found by Contriever-msmarco", "preliminary test of the paper")
    ] = 20
    """Passages that BM25 finds for a question; those that contain the answer are ranked."""
    attention_pairs: Annotated[int, Ge(0), Le(10_000), InPaper("unknown", NOTES, "unverified")] = 2
    """At most that many robust pairs, lost ones and won ones are read again with plain attention, to see how much of it
    lies on the answer; 0 leaves it out."""
    mend: Annotated[Literal["none", "sft", "dpo", "sft_on_plain"], PER_ARM, InPaper("none, sft, dpo", NOTES)] = "none"
    """How the reader was trained before it reads. The arms set this."""
    held_out: Annotated[Percent, InPaper("two other benchmarks", NOTES)] = 33.0
    """Share of the passages (with all their questions) that no training sees and on which tuned readers are judged."""
    held_out_questions: Annotated[int, Ge(1), Le(100_000), InPaper("unknown", NOTES, "unverified")] = 1000
    """Most held-out questions that a tuned reader answers, the first ones of the draw."""
    held_out_class: Annotated[
        Literal["none", "style", "source", "logic", "format", "metadata"],
        InPaper("none; transfer is judged on another data set", NOTES),
    ] = "logic"
    """Flips of this class are not trained on, so that transfer to another kind of change is seen."""
    mending_pairs: Annotated[int, Ge(1), Le(1_000_000), PER_ARM, InPaper("more than 15,000 pairs", NOTES)] = 24
    """Most flipped pairs to learn from, the first ones of the draw of questions; each gives two examples, the document
    as it was and as it was changed. Where fewer flip, more questions are another training."""
    dtype: Annotated[Literal["auto", "bfloat16", "float32"], InPaper("bfloat16", OURS, "unverified")] = "float32"
    """Number format of a local reader. In bfloat16 answers depend on what is read beside them; auto takes it where it
    is faster."""


class SureConfig(TrainingFields, ReadingFields):
    """Settings of a run."""

    sections: ClassVar = {
        "Documents": "columns noise_questions document_words metadata_base escape cutoff shuffle_seed",
        "Prompt, answer and judge": "prompting order answer_tokens abstain match judge judge_model",
        "Preliminary test, attention, format": "oracle_questions oracle_documents attention_pairs dtype",
        "Training": "mend mending_pairs epochs learning_rate dpo_learning_rate beta rank batch accumulation schedule "
        "warmup_steps longest held_out held_out_questions held_out_class",
    }
    titles: ClassVar = {
        "order": "Place of the question", "cutoff": "End of the reader's knowledge", "rank": "LoRA rank · r",
        "mend": "Training of the reader", "mending_pairs": "Pairs to learn from", "beta": "Strength of DPO · β",
    }  # fmt: skip

    epochs: Annotated[float, Gt(0), Le(50), PER_ARM, InPaper("2", NOTES)] = 1.0
    """Passes over the examples."""
    learning_rate: Annotated[float, Gt(0), Le(1), PER_ARM, InPaper("unknown", NOTES, "unverified")] = 5e-4
    """Of the supervised training."""
    dpo_learning_rate: Annotated[float, Gt(0), Le(1), PER_ARM, InPaper("unknown", NOTES, "unverified")] = 2e-4
    """Of DPO, which moves a model further at the same rate."""
    beta: Annotated[float, Gt(0), Le(10), PER_ARM, InPaper("unknown", NOTES, "unverified")] = 0.1
    """How strongly DPO holds the reader to what it was."""
    rank: Annotated[int, Ge(1), Le(512), PER_ARM, InPaper("none: every weight is tuned", NOTES)] = 8
    """Rank of the LoRA adapter."""
    batch: Annotated[int, Ge(1), Le(512), PER_ARM, InPaper("unknown", NOTES, "unverified")] = 2
    """Examples (or pairs) of one update."""
    longest: Annotated[int, Ge(8), Le(100_000), Unit("tokens"), InPaper("unknown", NOTES, "unverified")] = 1024
    """Longer examples are left out, and counted."""


ARMS = (
    Arm("reader", "Reader as it is", "baseline", "The reader, untrained.", {"mend": "none"}),
    Arm(
        "sft",
        "SFT on flips",
        "method",
        "Tuned on its own flips: the gold answer, on the document before and after the change.",
        {"mend": "sft"},
        trained=True,
    ),
    Arm(
        "dpo",
        "DPO on flips",
        "method",
        "Tuned on its own flips by preference: the gold answer over the wrong one, on both documents.",
        {"mend": "dpo"},
        trained=True,
    ),
    Arm(
        "sft_on_plain",
        "SFT on plain documents",
        "control",
        "As many examples from unchanged documents: what learning to answer briefly does without any flip.",
        {"mend": "sft_on_plain"},
        trained=True,
    ),
    Arm(
        "document_first",
        "Document before question",
        "ablation",
        "The reader with the paper's order of the prompt, which shares less between forms.",
        {"mend": "none", "order": "document_first"},
        on=False,
    ),
)


def arm_title(arm: str) -> str:
    """Title of an arm; of a user's own arm its name."""
    return next((declared.title for declared in ARMS if declared.name == arm), arm)


STUDY_ROWS = ("self_generated", "reverse", "json", "html", "timestamp_pre", "source_wiki", *CONTROLS)
"""One or more of each class. The forms of one question resemble each other, so that more questions tell more than more
rows do, at the same cost."""
PAPER_ROWS = tuple(name for name, row in PERTURBATIONS.items() if row.kind != "control")

PRESETS = {
    "quick": Preset(
        SureConfig(),
        ("reader",),
        (0,),
        "All ten rule-based rows and the noise floor on 10 passages with the default reader; nothing is tuned.",
    ),
    "study": Preset(
        SureConfig(
            perturbations=STUDY_ROWS,
            questions=240,
            noise_questions=12,
            oracle_questions=60,
            attention_pairs=12,
            held_out=50.0,
            held_out_questions=40,
        ),
        ("reader", "sft", "sft_on_plain"),
        (0, 1, 2),
        "240 questions in five rule-based rows and rewritten by the reader itself beside the noise floor, two "
        "trainings under three seeds, judged on 40 held-out questions. DPO can join the finished run.",
    ),
    "paper": Preset(
        SureConfig(
            reader="mistralai/Mistral-7B-Instruct-v0.3",
            writer="meta-llama/Llama-3.1-70B-Instruct",
            judge="generator",
            judge_model="meta-llama/Llama-3.1-70B-Instruct",
            perturbations=PAPER_ROWS,
            questions=1000,
            noise_questions=1000,
            document_words=100,
            order="document_first",
            abstain=True,
            match="substring",
            escape=False,
            oracle_questions=2658,
            oracle_documents=100,
            attention_pairs=500,
            held_out_questions=1000,
            held_out_class="none",
            mending_pairs=15_000,
            epochs=2.0,
            dtype="bfloat16",
        ),
        ("reader", "sft", "dpo"),
        (0, 1, 2),
        "The published choices where they are known: needs GPUs, access to the weights, and questions with retrieved "
        "passages of your own; LoRA stands for tuning every weight.",
    ),
}


class AskedDocument(Config):
    """A question and a document of one's own, read under every form."""

    question: Annotated[
        str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), LongText(2000), BASIC
    ] = "Who designed the lighthouse?"
    """What to ask."""
    document: Annotated[
        str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), LongText(20_000), BASIC
    ] = (
        "The lighthouse on the northern cape was finished in 1874. It was designed by Ada Lindqvist and built of "
        "granite. Its lamp burned whale oil until 1902. Ships could see the light from 30 kilometres away."
    )
    """The text that holds the answer."""
    title: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), BASIC] = "Lighthouse"
    """Its title; may be empty."""
    answers: Annotated[tuple[str, ...], BASIC] = ("Ada Lindqvist", "Lindqvist")
    """Right answers, for the judgement; without any, answers are only compared with each other."""
    arm: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True), BASIC] = "reader"
    """Which reader of the run answers: reader, or a tuned one such as sft."""
    seed: Annotated[int, Ge(0)] = 0
    """The seed of the run whose tuned reader answers."""
