"""What is reproduced of the paper, what is not, and why."""

from workbench.contract import Fidelity

FIDELITY = (
    Fidelity(
        "Learnability",
        "reproduced",
        "Eq. 1: mean log-likelihood of the response's tokens under the untuned student, prompt tokens left out.",
    ),
    Fidelity(
        "Quality",
        "approximated",
        "Maths: 1 where the final answer is right, as in the paper, by a numeric and symbolic verifier of ours. "
        "Instructions: any reward model, judge prompt or column of scores; the paper's exact reward model is unknown.",
    ),
    Fidelity(
        "Normalisation",
        "reconstructed",
        "Within a prompt, across its teachers. Whether the paper scales to the range or standardises could not be "
        "settled; both are offered. Where all teachers score the same, a reward decides nothing.",
    ),
    Fidelity("Combined reward", "reproduced", "Eq. 2 with alpha 0.4; the values of the paper's sweep are unknown."),
    Fidelity(
        "Pairs",
        "approximated",
        "All pairs of a prompt's teachers: the reported number of pairs fits that. How ties were handled is unknown; "
        "here they are dropped, or kept as one half, by a setting.",
    ),
    Fidelity(
        "Router",
        "approximated",
        "Eq. 3. The paper trains Qwen2.5-1.5B with a linear head of one coefficient a teacher. Here a causal model "
        "with LoRA read at the last token (the place is our reading), or frozen sentence embeddings with a linear "
        "head, which a processor solves in seconds. One forward gives all scores, and all pairs are formed on them: "
        "the same loss and gradient as one forward a pair. Rates, epochs and batch of the paper are unknown.",
    ),
    Fidelity(
        "Routing and generation",
        "reproduced",
        "Each prompt is answered by its chosen teacher only. Calibration prompts have all their responses already, so "
        "that they take the one with the highest reward; all their responses are counted as cost.",
    ),
    Fidelity(
        "Student",
        "approximated",
        "LoRA in place of full tuning, on a far smaller student and set, every arm at an equal token budget. Loss on "
        "response tokens only. Rates, epochs and batch of the paper are unknown.",
    ),
    Fidelity(
        "Strong, Family-Strong, random",
        "reproduced",
        "One teacher for all prompts, or one drawn for each. Which teacher is the strongest is a setting.",
    ),
    Fidelity("Mix", "reconstructed", "Strong and weak teachers at random; the paper's ratio is unknown and a setting."),
    Fidelity(
        "CAR",
        "reconstructed",
        "The formula is known from two notes; beta 3 is unverified and a setting. Rewards and losses come from the "
        "calibration responses.",
    ),
    Fidelity(
        "Oracle",
        "reproduced",
        "The teacher with the highest combined reward, where all responses exist. It costs every response.",
    ),
    Fidelity(
        "Hit@k, regret, pairwise accuracy, calibration",
        "reconstructed",
        "Hit@3 is the paper's; where rewards tie, any of the best counts as the best. The others are ours.",
    ),
    Fidelity(
        "Saving",
        "approximated",
        "Responses, tokens and seconds are counted, with those of calibration. By this count the paper's own sizes "
        "save about 10 times (50,000 prompts, 19 teachers) and 3.3 times (10,000 prompts, 15 teachers).",
    ),
    Fidelity(
        "Six benchmarks, five to nine students, 15 and 19 teachers",
        "not tested",
        "Reported averages, PerSyn against CAR: 34.13 and 32.77 (Qwen2.5-0.5B), 50.63 and 49.21 (1.5B), 58.09 and "
        "57.17 (3B), 32.85 and 31.41 (Gemma-2-2B), 34.81 and 32.99 (Llama-3.2-3B). Here verified maths alone.",
    ),
    Fidelity(
        "Long chains of thought",
        "not tested",
        "Reported: such teachers get few prompts, and students trained on them alone repeat themselves. No such "
        "teacher fits here.",
    ),
)
