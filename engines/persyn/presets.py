"""Starting points: a minute, a decision, the paper's values."""

from engines.persyn.config import PersynConfig
from workbench.contract import Preset

QUICK_ARMS = ("persyn", "strong", "mix", "car", "random", "oracle", "no_quality", "no_learnability")
STUDY_ARMS = ("persyn", "strong", "mix", "car", "oracle")

PRESETS = {
    "quick": Preset(
        PersynConfig(),
        QUICK_ARMS,
        (0, 1),
        "Two teachers, the bundled model asked in two ways, answer one-step problems; a router learns whom to ask: a "
        "minute or two. No student is taught, so that nothing is said of students; the untuned one is examined.",
    ),
    "study": Preset(
        PersynConfig(
            teachers=(
                "smollm2-135m-instruct#worked",
                "smollm2-135m-instruct#terse",
                "smollm2-135m-instruct#careful",
                "smollm2-135m-instruct#sampled",
            ),
            prompts=240,
            calibration=100,
            held_out=200,
            train_student=True,
            token_budget=8_000,
        ),
        STUDY_ARMS,
        (0, 1, 2, 3, 4),
        "Four askings of the bundled model as teachers, a student taught on the set of every arm at an equal token "
        "budget under five seeds and examined on 200 problems: sized to see a gain of ten points; about fifty minutes "
        "on two idle cores, less where arms choose the same teachers.",
    ),
    "paper": Preset(
        PersynConfig(
            data="gsm8k",
            student="Qwen/Qwen2.5-0.5B",
            teachers=(
                "Qwen/Qwen2.5-72B-Instruct#steps",
                "Qwen/Qwen2.5-7B-Instruct#steps",
                "Qwen/Qwen2.5-3B-Instruct#steps",
                "meta-llama/Llama-3.1-405B-Instruct#steps",
                "meta-llama/Llama-3.1-8B-Instruct#steps",
                "google/gemma-2-9b-it#steps",
                "deepseek-ai/DeepSeek-R1#steps",
            ),
            prompts=7000,
            calibration=2500,
            held_out=1000,
            router="causal",
            router_model="Qwen/Qwen2.5-1.5B",
            train_student=True,
            token_budget=5_000_000,
            learning_rate=1e-4,
            batch=32,
            rank=64,
            evaluation="svamp",
            answer_tokens=1024,
            dtype="bfloat16",
        ),
        STUDY_ARMS,
        (0, 1, 2),
        "The published choices where they are known, with teachers of which three are named in the paper: needs GPUs "
        "or servers and access to the weights; LoRA stands for tuning every weight.",
    ),
}
