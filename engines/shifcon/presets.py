"""Starting points: a minute, a decision, the paper's values."""

from engines.shifcon.config import SUGGESTED, ShifConConfig
from workbench.engine import Preset

ARMS = ("unshifted", "mean_shifted", "random_shift")

PRESETS = {
    "quick": Preset(
        ShifConConfig(),
        ARMS,
        (0,),
        "Ten languages, about 130 sentences each, one split: first curves in about ten seconds, done within a minute.",
    ),
    "study": Preset(
        ShifConConfig(languages=SUGGESTED, sentences=500, token_cap=400_000),
        ARMS,
        (0, 1, 2, 3, 4),
        "Seventeen languages in eight scripts, every sentence they share, five splits: decides the claims in a few "
        "minutes.",
    ),
    "paper": Preset(
        ShifConConfig(
            model="meta-llama/Llama-2-7b-hf",
            languages=SUGGESTED,
            sentences=1000,
            token_cap=2_000_000,
            pooling="sentence",
            sinks="keep",
            dtype="bfloat16",
        ),
        ARMS,
        (0, 1, 2),
        "The published choices where they are known, on Llama-2-7B: needs a GPU, access to the weights and parallel "
        "text of your own, such as FLORES; languages and number of sentences are ours.",
    ),
}
