"""Arms (ways to share out the same parameters, and to search) and presets (settings to start from)."""

from typing import Literal

from engines.guilomo.config import GuilomoConfig
from workbench.contract import Arm, Preset


def _arm(
    name: str, title: str, role: Literal["method", "baseline", "ablation", "control"], text: str, on: bool = False,
    **more: object,
) -> Arm:  # fmt: skip
    overrides = {"allocation": name} | more
    return Arm(name, title, role, text, overrides, on=on, trained=True)


ARMS = (
    _arm("guilomo", "GuiLoMo", "method", "Numbers of experts and ranks as the search found them.", on=True),
    _arm(
        "uniform",
        "Uniform 5555",
        "baseline",
        "Five experts of about one rank in every layer, same parameters.",
        on=True,
    ),
    _arm(
        "experts_only", "Experts only", "ablation", "The found numbers of experts, with one rank everywhere.", on=True
    ),
    _arm("ranks_only", "Ranks only", "ablation", "The found ranks, with one number of experts everywhere.", on=True),
    _arm("plain", "Plain LoRA", "baseline", "One update a layer, no router, same parameters.", on=True),
    _arm("triangle", "Triangle 2468", "baseline", "MoLA's shape with more experts in higher layers."),
    _arm("inverted", "Inverted 8642", "baseline", "MoLA's shape with fewer experts in higher layers."),
    _arm("random", "Random allocation", "control", "Numbers and ranks drawn at random, at the same parameters."),
    _arm("dora", "DoRA", "baseline", "One update a layer whose rows have trained lengths (PEFT's DoRA)."),
    _arm(
        "perturbed_experts", "Perturbed experts", "ablation", "Found, with experts added or taken away in some blocks."
    ),
    _arm("perturbed_ranks", "Perturbed ranks", "ablation", "Found, with each layer's ranks dealt out anew."),
    _arm(
        "every",
        "Every entry heard",
        "ablation",
        "Ours: a search in which every entry of a vector hears a gradient, at a price per parameter.",
        allocation="guilomo",
        estimator="every",
    ),
)

DEFAULT_ARMS = ("guilomo", "uniform", "experts_only", "ranks_only", "plain")
STUDY_ARMS = ("guilomo", "uniform", "plain")
"""What the claims that an hour can decide are about; an hour of two more arms buys seeds for these."""

PRESETS = {
    "quick": Preset(
        GuilomoConfig(),
        DEFAULT_ARMS,
        (0,),
        "Search and five trainings, first on the planted task, then on gloss choice in three blocks of the default "
        "model. One seed decides nothing.",
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
        "default model, for GuiLoMo and its two nearest baselines under five seeds.",
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
            batch=16,
            accumulation=4,
            learning_rate=3e-4,
            warmup_steps=100,
            answer_tokens=128,
            dtype="bfloat16",
        ),
        DEFAULT_ARMS,
        (0, 1, 2),
        "The released values where they are known, with ScienceQA as a file of your own (prompt, response): needs a "
        "GPU and access to the weights.",
    ),
}
