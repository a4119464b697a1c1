"""Starting points: a minute, a decision, the paper's values."""

from engines.treereview.config import TreeReviewConfig
from engines.treereview.prompts import shipped_text
from workbench.contract import Preset

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
    exhaustive_answers=False,
)

PRESETS = {
    "quick": Preset(
        QUICK,
        ("treereview", "exhaustive"),
        (0,),
        "One report, two levels of questions, a small model: a tree within seconds, done in about a minute.",
    ),
    "study": Preset(
        STUDY,
        ("treereview", "exhaustive", "depth_1", "depth_2", "depth_3"),
        (0,),
        "Trees of depth 1 to 3 over 14 papers, which you name (a folder or uploads; about five minutes a paper on two "
        "cores). On the report that ships, tokens are counted and nothing is decided over papers.",
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
