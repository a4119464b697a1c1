"""The publication, its formulas, what is measured, and what is reproduced of it."""

from collections.abc import Mapping

from workbench.contract import Equation, Fact, Fidelity, Metric, Paper

PAPER = Paper(
    title="Find Your Optimal Teacher: Personalized Data Synthesis via Router-Guided Multi-Teacher Distillation",
    authors="Hengyuan Zhang, Shiping Yang, Xiao Liang, Chenming Shang, Yuxuan Jiang, Chaofan Tao, Jing Xiong, "
    "Hayden Kwok-Hay So, Ruobing Xie, Angel X. Chang, Ngai Wong",
    venue="ACL",
    year=2026,
    url="https://arxiv.org/abs/2510.10925",
    pages="14619--14637",
)

EQUATIONS = (
    Equation(
        r"r_l(y, \theta) = \frac{1}{|y|} \sum_t \log p_\theta\left(y^{(t)} \mid y^{(<t)}, x\right)",
        "Learnability (Eq. 1): how likely the untuned student theta finds a teacher's response y to prompt x, as the "
        "mean over the response's tokens; the prompt's own tokens do not count.",
    ),
    Equation(
        r"r = (1 - \alpha)\, \bar r_q + \alpha\, \bar r_l",
        "Combined reward (Eq. 2): quality r_q and learnability r_l, each normalised within a prompt across its "
        "teachers. alpha is the weight of learnability, 0.4 in the paper.",
    ),
    Equation(
        r"P(B \succ A \mid x) = \sigma\left(\pi(x)_B - \pi(x)_A\right), \qquad m^*(x) = \arg\max_n \pi(x)_n",
        "The router (Eq. 3): one score for each teacher from the prompt alone, fitted on all pairs of the calibration "
        "prompts by cross-entropy. A prompt goes to the teacher with the highest score; scores are defined up to a "
        "constant for each prompt.",
    ),
    Equation(
        r"\mathrm{CAR}(D) = \frac{\bar r(D)}{1 + \beta\, L(D, \theta)}",
        "The baseline that chooses one teacher for the whole data set: mean quality reward over one plus beta times "
        "the student's mean loss on that teacher's responses.",
    ),
)

METRICS = (
    Metric(
        "accuracy",
        "share",
        "higher",
        "Share of examined problems that the student of an arm answers rightly. What the paper's claim is about.",
        floor=0.0,
        ceiling=1.0,
        title="Problems solved by the student",
        things="problems",
    ),
    Metric(
        "reward",
        "",
        "higher",
        "Combined reward of the response that a policy picks for a held-out prompt. The router is trained on this.",
        title="Combined reward",
    ),
    Metric(
        "quality",
        "",
        "higher",
        "Raw quality of the response that a policy picks for a held-out prompt: 1 for a right answer, or the mark that "
        "the scorer gives.",
        title="Quality",
    ),
    Metric(
        "learnability",
        "nats",
        "higher",
        "Mean log-likelihood of a token of that response under the untuned student.",
        title="Learnability",
    ),
    Metric(
        "regret",
        "",
        "lower",
        "How far the combined reward stays below the best teacher's on the same prompt.",
        title="Regret",
    ),
    Metric(
        "hit_1",
        "share",
        "higher",
        "Held-out prompts whose best teacher has the router's highest score.",
        title="Best teacher first (hit@1)",
        things="prompts",
    ),
    Metric(
        "hit_3",
        "share",
        "higher",
        "Held-out prompts whose best teacher is among the router's first three.",
        title="Best teacher among three (hit@3)",
        things="prompts",
    ),
    Metric(
        "pairwise",
        "share",
        "higher",
        "Pairs of teachers on held-out prompts that the router orders as their combined rewards do; ties are left out.",
        chance=0.5,
        title="Pairs in the right order",
        things="pairs",
    ),
    Metric(
        "calibration_error",
        "",
        "lower",
        "Mean gap between the chance that the router gives a teacher to win a pair and how often it does, over ten "
        "bins of pairs.",
        title="Calibration error",
        bounds=(0.0, 1.0),
    ),
    Metric(
        "smaller",
        "share",
        "higher",
        "Prompts that go to another teacher than the strongest one.",
        floor=0.0,
        ceiling=1.0,
        title="Prompts sent to others than the strongest",
        things="prompts",
    ),
    Metric(
        "responses",
        "responses",
        "lower",
        "Teacher responses behind a training set, the calibration responses counted.",
        title="Responses of teachers",
        counted=True,
    ),
    Metric(
        "tokens",
        "tokens",
        "lower",
        "Tokens that teachers wrote for a training set, calibration counted; where prompts are drawn, under each seed.",
        title="Tokens of teachers",
        counted=True,
    ),
)

PUBLISHED: Mapping[str, float] = {Fact.PARAMETERS: 2.6e9, Fact.ITEMS: 10_000.0}
"""The middle one of the five students in the main table, Gemma-2-2B (0.5B to 3B; up to 14B elsewhere), and the prompts
of the maths setting; rates, epochs and so updates are unknown."""

HONESTY = (
    "Answers, likelihoods and verdicts are real. The bundled prompts are plain one-step problems made by rule: a model "
    "as small as the bundled one is nearly always wrong on SVAMP and GSM8K, which can be chosen. A single small model "
    "ships with the workbench, so that by default the teachers are that model under different instructions: one family "
    "and one size, which is no test of strong against weak teachers. Name other models, or bring a file of parallel "
    "responses, for that; Strong and Mix are off in the study for that reason. Answers and likelihoods are computed in "
    "float32, which takes about twice the time of bfloat16, whose noise turns the labels of teachers that are close. "
    "Where no teacher is right, rewards within the prompt still prefer one of the wrong answers: how many examples are "
    "wrong is shown for every arm. "
    "The router is trained on the combined reward, so that beating a fixed teacher on this reward proves little; only "
    "the accuracy of the trained student tests the paper's claim, and it is shown apart. The study is sized for a gain "
    "of ten points over CAR, where both training sets have most of their responses in common (the less they have, the "
    "more problems it takes). The paper's own gains are 0.9 to 1.8 points: to see those takes about fifteen thousand "
    "problems in 1,500 wordings under five seeds, days on such a machine. The problems made by rule have 24 "
    "wordings; those of one wording resemble each other and count as one observation in part."
)


FIDELITY = (
    Fidelity(
        "Learnability",
        "reproduced",
        "Eq. 1: mean log-likelihood of the response's tokens under the untuned student, prompt tokens left out.",
    ),
    Fidelity(
        "Quality",
        "approximated",
        "Maths: 1 where the final answer is right, as in the paper, by a verifier of ours: numbers (also in words, "
        "with units, as lists), options and words, else symbolically. Prompts whose right answer nothing matches are "
        "left out. "
        "Instructions: any reward model, judge prompt or column of scores; the paper's exact reward model is unknown.",
    ),
    Fidelity(
        "Normalisation",
        "reconstructed",
        "Within a prompt, across its teachers. Whether the paper scales to the range or standardises could not be "
        "settled; both are offered. Of two teachers both keep the sign of a difference alone, so that a third way, "
        "ours, scales by the spread over all calibration prompts. Where all teachers score the same, a reward decides "
        "nothing.",
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
        "One teacher for all prompts, or one drawn for each. Which teacher is the strongest is a setting, asked for "
        "where a size is not known.",
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
