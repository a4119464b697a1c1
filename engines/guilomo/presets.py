"""Arms (ways to share out the same parameters, and to search) and presets (settings to start from)."""

from typing import Literal

from engines.guilomo.config import GuilomoConfig
from engines.parts.tasks import untrained_arm
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
    _arm("random", "Random allocation", "control", "Numbers and ranks drawn at random, same parameters.", on=True),
    _arm(
        "oracle",
        "Planted truth",
        "control",
        "The allocation that was planted, at the same parameters: what a perfect search finds. Planted task alone.",
        on=True,
    ),
    untrained_arm(allocation="untrained"),
    _arm("experts_only", "Experts only", "ablation", "The found numbers of experts, with one rank everywhere."),
    _arm("ranks_only", "Ranks only", "ablation", "The found ranks, with one number of experts everywhere."),
    _arm("plain", "Plain LoRA", "baseline", "One update a layer, no router, same parameters.", on=True),
    _arm("triangle", "Triangle 2468", "baseline", "MoLA's shape with more experts in higher layers."),
    _arm("inverted", "Inverted 8642", "baseline", "MoLA's shape with fewer experts in higher layers."),
    _arm("dora", "DoRA", "baseline", "One update a layer whose rows have trained lengths (PEFT's DoRA)."),
    _arm(
        "perturbed_experts", "Perturbed experts", "ablation", "Found, with experts added or taken away in some blocks."
    ),
    _arm("perturbed_ranks", "Perturbed ranks", "ablation", "Found, with each layer's ranks dealt out anew."),
    _arm(
        "every",
        "Every entry heard",
        "ablation",
        "Ours: a search in which every entry of a vector hears a gradient, at a price per parameter; what it finds is "
        "scaled to the parameters that GuiLoMo's search found.",
        allocation="guilomo",
        estimator="every",
    ),
)

DEFAULT_ARMS = ("guilomo", "uniform", "random", "oracle", "untrained", "plain")
"""The truth is trained on the planted task alone, and the untrained model nowhere."""
STUDY_ARMS = DEFAULT_ARMS[:5]
"""What the headlines are about; an hour of plain LoRA buys seeds for these."""

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
            tasks=("planted", "svamp"),
            layers="last 8",
            train_items=160,
            test_items=240,
            search_steps=10,
            epochs=2.0,
            planted_steps=500,
            planted_layers=5,
            planted_width=64,
        ),
        STUDY_ARMS,
        (0, 1, 2, 3),
        "The planted task with 500 steps, and 240 word problems after 160 examples, read twice, in eight blocks "
        "of the default model: GuiLoMo beside equal shares, chance, the planted truth and the untrained model.",
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
            search_steps=398,
            search_schedule="linear",
            balance_over="block",
            search_batch=64,
            search_warmup=100,
            vector_rate=3e-3,
            epochs=20.0,
            batch=16,
            accumulation=4,
            learning_rate=3e-4,
            plain_rate=3e-4,
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
