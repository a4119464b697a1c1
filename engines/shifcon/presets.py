"""The arms, and starting points: a minute, a decision, the paper's values."""

from engines.shifcon.config import WIDE, ShifConConfig
from workbench.contract import Arm, Preset

ARMS = (
    Arm("unshifted", "Unshifted", "baseline", "Sentences as the model has them.", {"shift": "none"}),
    Arm(
        "mean_shifted",
        "Shifted by the means",
        "method",
        "Every state of a language is moved by the difference of the language vectors, h - v_l + v_d, estimated on the "
        "other half of the sentences.",
        {"shift": "mean"},
    ),
    Arm(
        "random_shift",
        "Shifted at random",
        "control",
        "Every state is moved by a random vector of exactly the same length: what moving alone does.",
        {"shift": "random"},
    ),
)
NAMES = tuple(arm.name for arm in ARMS)
SPLITS = tuple(range(10))
"""One split of the sentences is no more than luck, and ten cost little more: the states are read once."""
STUDY_SPLITS = tuple(range(20))

PRESETS = {
    "quick": Preset(
        ShifConConfig(),
        NAMES,
        SPLITS,
        "Ten languages, 120 sentences each, ten splits.",
    ),
    "study": Preset(
        ShifConConfig(languages=WIDE, sentences=160, token_cap=400_000),
        NAMES,
        STUDY_SPLITS,
        "Thirty languages, 160 sentences each, twenty splits: sees a gain of the paper's size in more than eight of "
        "ten runs.",
    ),
    "paper": Preset(
        ShifConConfig(
            model="meta-llama/Llama-2-7b-hf",
            languages=WIDE,
            sentences=1000,
            token_cap=2_000_000,
            pooling="sentence",
            sinks="keep",
            dtype="bfloat16",
        ),
        NAMES,
        SPLITS,
        "The published choices where they are known, on Llama-2-7B: needs a GPU, access to the weights and parallel "
        "text of your own, such as FLORES; languages and number of sentences are ours.",
    ),
}
