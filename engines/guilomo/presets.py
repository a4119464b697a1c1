"""Starting points: a few minutes, a decision, the paper's values."""

from engines.guilomo.config import GuilomoConfig
from workbench.contract import Preset

DEFAULT_ARMS = ("guilomo", "uniform", "experts_only", "ranks_only", "plain")
STUDY_ARMS = ("guilomo", "uniform", "plain")
"""What the claims that an hour can decide are about; an hour of two more arms buys seeds for these."""

PRESETS = {
    "quick": Preset(
        GuilomoConfig(),
        DEFAULT_ARMS,
        (0,),
        "Search and five trainings, first on the planted task, then on gloss choice in three blocks of the default "
        "model: two to four minutes on two cores. One seed decides nothing.",
    ),
    "study": Preset(
        GuilomoConfig(
            layers="last 8",
            train_items=160,
            test_items=240,
            search_steps=20,
            epochs=1.0,
            planted_steps=300,
            planted_layers=5,
            planted_width=64,
        ),
        STUDY_ARMS,
        (0, 1, 2, 3, 4),
        "The planted task with 300 steps, and gloss choice with 160 examples and 240 problems in eight blocks of the "
        "default model, for GuiLoMo and its two nearest baselines under five seeds: about an hour on two cores.",
    ),
    "paper": Preset(
        GuilomoConfig(
            model="meta-llama/Llama-2-7b-hf",
            tasks=("own",),
            data="upload:scienceqa.jsonl",
            verifier="letter",
            prompting="plain",
            layers="all",
            train_items=12_726,
            test_items=4241,
            search_steps=796,
            search_batch=64,
            search_warmup=100,
            vector_rate=3e-3,
            epochs=20.0,
            batch=64,
            learning_rate=3e-4,
            answer_tokens=128,
            dtype="bfloat16",
        ),
        DEFAULT_ARMS,
        (0, 1, 2),
        "The released values where they are known, with ScienceQA as a file of your own (prompt, response): needs a "
        "GPU and access to the weights.",
    ),
}
