"""Starting points: a minute, a decision, the paper's values."""

from engines.sure.config import SureConfig
from engines.sure.perturbations import PERTURBATIONS
from workbench.contract import Preset

STUDY_ROWS = ("self_generated", "reverse", "json", "html", "markdown", "timestamp_pre", "source_wiki")
"""One or more of each class. The forms of one question resemble each other, so that more questions tell more than more
rows do, at the same cost."""
PAPER_ROWS = tuple(name for name, row in PERTURBATIONS.items() if row.kind != "control")

PRESETS = {
    "quick": Preset(
        SureConfig(),
        ("reader",),
        (0,),
        "All ten rule-based rows on 15 passages with the default reader: within a minute; nothing is mended.",
    ),
    "study": Preset(
        SureConfig(
            perturbations=STUDY_ROWS,
            questions=320,
            noise_questions=40,
            oracle_questions=160,
            attention_pairs=30,
            held_out=50.0,
            held_out_questions=100,
        ),
        ("reader", "sft", "sft_on_plain"),
        (0, 1, 2, 3, 4),
        "All 320 questions in six rule-based rows and rewritten by the reader itself, two trainings under five seeds, "
        "judged on 100 held-out questions: one to two hours on two cores. DPO can join the finished run.",
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
