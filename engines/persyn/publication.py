"""The publication, its formulas, and what is measured."""

from collections.abc import Mapping

from workbench.contract import Equation, Fact, Metric, Paper

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
    "responses, for that. "
    "The router is trained on the combined reward, so that beating a fixed teacher on this reward proves little; only "
    "the accuracy of the trained student tests the paper's claim, and it is shown apart. The study is sized for a gain "
    "of ten points over CAR, where both training sets have most of their responses in common (the less they have, the "
    "more problems it takes). The paper's own gains are 0.9 to 1.8 points: to see those takes about fifteen thousand "
    "problems in 1,500 wordings under five seeds, days on such a machine. The problems made by rule have 24 "
    "wordings; those of one wording resemble each other and count as one observation in part."
)
