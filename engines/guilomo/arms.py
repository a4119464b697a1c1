"""The arms: the method, other ways to share out the same parameters, and searches of another kind."""

from typing import Literal

from workbench.contract import Arm


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
