"""Claims of CoR and DAC-RL: how to reason."""

from math import log

from tests.workbench.claims_of_papers.corpus import pearson
from tests.workbench.claims_of_papers.method_claims import MethodClaims, above, arms, best, both, points, share
from workbench.claims import (
    Cell,
    Claim,
    DifferenceOfDifferences,
    Metric,
    NonInferiority,
    Reported,
    Share,
    Superiority,
    Trend,
)

COR = MethodClaims(
    "cor",
    metrics=(
        share("final_answer", "The final answer is right."),
        share("any_paradigm", "Some paradigm's answer is right: optimistic, as the release scores."),
        share("proved", "The formal proof is accepted."),
        share("solved_among", "At least one of the sampled paths is right."),
        share("paradigms_agree", "All paradigms give one answer.", None),
    ),
    arms=arms(
        "cor only_language only_algorithm only_symbolic algorithm_before_symbols direct_last_stage stage_1 base",
        "paths_1 paths_4 paths_16 language_prompt all_paradigms_prompt",
    ),
    claims=(
        Claim(
            "three_paradigms_beat_one",
            "Three paradigms in one chain beat each single one.",
            best("final_answer", "cor", "only_algorithm only_language"),
            Reported("66.7 against 37.6 and 27.8 (MATH)", "paradigm ablation in reading notes", "medium"),
            note="What the single-paradigm models were trained on is not stated; not a controlled comparison.",
        ),
        Claim(
            "language_helps_proofs",
            "Reasoning in words first proves more theorems than symbols alone.",
            above("proved", "cor", "only_symbolic"),
            Reported("52.9 against 44.3 (miniF2F, pass@128)", "paradigm ablation in reading notes", "medium"),
        ),
        Claim(
            "symbols_before_algorithms",
            "Symbols before algorithms beat the other order.",
            above("final_answer", "cor", "algorithm_before_symbols"),
            Reported(
                "66.7 against 49.9 (MATH), 88.7 against 84.2 (GSM8K)", "paradigm ablation in reading notes", "medium"
            ),
        ),
        Claim(
            "stages_are_needed",
            "Training in stages beats going straight to the last.",
            above("final_answer", "cor", "direct_last_stage"),
            Reported("trend in words", "reading notes", "medium"),
        ),
        Claim(
            "first_stage_is_the_largest_step",
            "The first stage gains more than the later ones together.",
            DifferenceOfDifferences(
                (Cell("final_answer", "stage_1"), Cell("final_answer", "base")),
                (Cell("final_answer", "cor"), Cell("final_answer", "stage_1")),
            ),
            Reported("about 4.2 -> 52.1 after stage 1 (8B)", "reading notes", "medium"),
        ),
        Claim(
            "more_paths_solve_more",
            "Coverage rises with the number of sampled paths.",
            Trend(points("solved_among", [(log(1), "paths_1"), (log(4), "paths_4"), (log(16), "paths_16")])),
            Reported("52.9, 59.4, 66.0 (miniF2F; 128x1, 32x100, 128x128)", "repository figure"),
        ),
        Claim(
            "release_scores_generously",
            "Counting any paradigm's answer scores more than the final answer does.",
            Superiority(Cell("any_paradigm", "cor"), Cell("final_answer", "cor")),
            note="Ours; true by construction unless the final answer is always among the paradigms'.",
        ),
        Claim(
            "prompting_alone",
            "Without training, asking for all paradigms does no worse than asking for words.",
            NonInferiority(Cell("final_answer", "all_paradigms_prompt"), Cell("final_answer", "language_prompt"), 0.05),
        ),
    ),
)

RL = "results table"

DAC_RL = MethodClaims(
    "dac_rl",
    metrics=(
        share("pass_at_1", "One sample is right.", chance=0.01),
        share("pass_at_32", "One of 32 samples is right; unbiased estimate.", chance=0.28),
        share("valid_division", "The division is well formed and has at least three subproblems."),
        share("leaks_answer", "The division holds the final answer.", "lower"),
        Metric("subproblems", "", None, "Subproblems in a division."),
        Metric("response_length", "tokens", "lower", "Tokens of a response."),
        Metric("entropy", "nats", None, "Entropy of the policy's tokens."),
        Metric(
            "subproblem_helps",
            "",
            "higher",
            "Correlation of a right subproblem with a right answer.",
            aggregate=pearson,
            floor=-1.0,
            ceiling=1.0,
        ),
    ),
    arms=arms(
        "rl_dac rl_cot deep_dac deep_cot reward_format reward_mean no_minimum answer_and_format conquer_only "
        "mix_rl_cot start_cot_rl",
        "init_dac init_cot divisions_1 divisions_4 divisions_16",
    ),
    claims=(
        Claim(
            "dividing_must_be_learned",
            "Before training, dividing is worse than a chain of thought; after training it is better.",
            both(above("pass_at_1", "init_cot", "init_dac"), above("pass_at_1", "rl_dac", "rl_cot")),
            Reported("5.6 against 0.4, then 8.2 against 10.4 (7B, average pass@1)", RL),
        ),
        Claim(
            "training_gains_more",
            "Training gains more for dividing than for chains of thought.",
            DifferenceOfDifferences(
                (Cell("pass_at_1", "rl_dac"), Cell("pass_at_1", "init_dac")),
                (Cell("pass_at_1", "rl_cot"), Cell("pass_at_1", "init_cot")),
            ),
            Reported("0.4 -> 10.4 against 5.6 -> 8.2 (7B, average pass@1)", RL),
        ),
        Claim(
            "beats_its_own_start",
            "Trained dividing beats the chain of thought that the model started with.",
            above("pass_at_1", "rl_dac", "init_cot"),
            Reported("46.1 against 42.7 (4B, average pass@1)", RL),
            note="The +8.6 over trained chains compares with a run that fell below its own start (42.7 -> 37.5).",
        ),
        Claim(
            "fair_deep_comparison",
            "With 32 rollouts on either side dividing still solves more, at one sample and at 32.",
            both(above("pass_at_1", "deep_dac", "deep_cot"), above("pass_at_32", "deep_dac", "deep_cot")),
            Reported("51.3 against 49.9; 81.6 against 76.9 (4B)", RL),
        ),
        Claim(
            "subproblems_help_answers",
            "A right subproblem goes with a right answer.",
            Share(Cell("subproblem_helps", "rl_dac"), 0.0),
            Reported("covariance of at least zero", "lemma 2.1"),
        ),
        Claim(
            "mean_reward_leaks",
            "Rewarding a division by mean accuracy makes it give the answer away.",
            above("leaks_answer", "rl_dac", "reward_mean"),
            Reported("reward hacking, in words", "appendix C"),
        ),
        Claim(
            "minimum_prevents_collapse",
            "Without a minimum number of subproblems divisions collapse.",
            Superiority(Cell("subproblems", "rl_dac"), Cell("subproblems", "no_minimum"), 1.0),
            Reported("trend in words", "paper"),
        ),
        Claim(
            "format_reward_costs_accuracy",
            "Rewarding format too makes conquering follow it and solve less.",
            both(
                above("valid_division", "answer_and_format", "rl_dac"),
                above("pass_at_1", "rl_dac", "answer_and_format"),
            ),
            Reported("following 42.6 -> 92.1 %, pass@1 51.3 -> 45.2", "table 3"),
        ),
        Claim(
            "more_divisions_than_conquers",
            "At a fixed budget more divisions are better than more conquers of each.",
            Trend(points("pass_at_32", [(log(1), "divisions_1"), (log(4), "divisions_4"), (log(16), "divisions_16")])),
            Reported("trend in words (1,024 samples)", "paper"),
        ),
        Claim(
            "shorter_and_livelier",
            "Responses are shorter and the policy keeps more entropy.",
            both(
                Superiority(Cell("response_length", "rl_dac", log=True), Cell("response_length", "rl_cot", log=True)),
                Superiority(Cell("entropy", "rl_dac"), Cell("entropy", "rl_cot")),
            ),
            Reported("trend in words", "paper"),
        ),
        Claim(
            "mixed_training_helps_chains",
            "Mixed training also improves chains of thought, relatively by more than a tenth.",
            Superiority(
                Cell("pass_at_1", "mix_rl_cot", log=True), Cell("pass_at_1", "start_cot_rl", log=True), log(1.1)
            ),
            Reported("more than 10 %, reference point not stated", "paper"),
        ),
        Claim(
            "both_rewards_needed",
            "Rewarding divisions by any accuracy beats rewarding their format, and training to conquer alone.",
            best("pass_at_1", "rl_dac", "reward_format conquer_only"),
        ),
    ),
)

METHODS = (COR, DAC_RL)
