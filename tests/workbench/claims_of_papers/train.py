"""Claims of GuiLoMo, CoFiTune and BPO: where to put training."""

from math import log

from tests.workbench.claims_of_papers.corpus import mean_of_two, pearson
from tests.workbench.claims_of_papers.method_claims import MethodClaims, above, arms, best, both, share
from workbench.claims import (
    Cell,
    Claim,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Reported,
    Share,
    Superiority,
)

GUILOMO = MethodClaims(
    "guilomo",
    metrics=(
        share("accuracy", "The answer is right."),
        Metric("planted_rank_agreement", "", "higher", "Spearman correlation of found and planted ranks.", pearson),
        Metric("validation_loss", "nats", "lower", "Cross-entropy of the tuned model."),
        share("same_allocation", "Two seeds give a module the same number of experts.", chance=1 / 7),
    ),
    arms=arms("guilomo uniform triangle random_allocation number_only rank_only first_order"),
    claims=(
        Claim(
            "learned_allocation_wins",
            "The learned allocation beats uniform, triangular and random ones of as many parameters.",
            best("accuracy", "guilomo", "uniform triangle random_allocation"),
            Reported("outperforms its baselines", "digest of v1", "low"),
        ),
        Claim(
            "numbers_and_ranks_together",
            "Choosing both numbers and ranks beats choosing one of them.",
            best("accuracy", "guilomo", "number_only rank_only"),
            Reported("joint choice matters", "digest of v1", "low"),
        ),
        Claim(
            "recovers_planted_ranks",
            "Where the needed ranks are planted, the search finds their order.",
            Share(Cell("planted_rank_agreement", "guilomo"), 0.0),
        ),
        Claim(
            "fits_better_than_random",
            "The tuned model's loss is lower than under a random allocation.",
            above("validation_loss", "guilomo", "random_allocation"),
        ),
        Claim(
            "first_order_suffices",
            "The cheaper first-order search loses less than three points.",
            NonInferiority(Cell("accuracy", "first_order"), Cell("accuracy", "guilomo"), 0.03),
        ),
        Claim(
            "seeds_agree",
            "Two seeds agree on the number of experts more often than chance.",
            Share(Cell("same_allocation", "guilomo"), 1 / 7),
        ),
    ),
)

COFITUNE = MethodClaims(
    "cofitune",
    metrics=(
        share("speciality", "Share right on the new task."),
        share("versatility", "Share right on what the model knew before."),
        Metric("unified", "", "higher", "Mean of speciality and versatility.", mean_of_two, floor=0.0, ceiling=1.0),
        Metric("row_displacement", "", None, "How far a row moved, over its move without a mask."),
        Metric("importance_reliability", "", "higher", "Split-half correlation of unit importance.", pearson),
    ),
    arms=arms(
        "cofitune full lora l1 wise_ft coarse_only bottom1_ffn middle_ffn top_ffn all_layers_ffn bottom2_mha "
        "random_mask inverted_mask mask_everything masked_gradient_adamw masked_update_adamw",
        "zero_shot",
    ),
    claims=(
        Claim(
            "versatile_without_loss_of_speciality",
            "Versatility rises by more than a tenth over full tuning, with a marginal loss of speciality.",
            both(
                Superiority(Cell("versatility", "cofitune", log=True), Cell("versatility", "full", log=True), log(1.1)),
                NonInferiority(Cell("speciality", "cofitune"), Cell("speciality", "full"), 0.05),
            ),
            Reported("about +14 % versatility (13B), marginal loss of speciality", "abstract"),
        ),
        Claim(
            "best_balance",
            "The balance of speciality and versatility is better than that of every baseline.",
            best("unified", "cofitune", "full lora l1 wise_ft zero_shot"),
        ),
        Claim(
            "second_quarter_is_best",
            "Feed-forward projections of the second quarter balance better than those of other ranges, and attention.",
            best("unified", "coarse_only", "bottom1_ffn middle_ffn top_ffn all_layers_ffn bottom2_mha"),
            Reported("(25 %, 50 %] with up and down projections", "framework figure and default script"),
        ),
        Claim(
            "mask_adds_versatility",
            "The soft mask adds versatility and costs no speciality.",
            both(
                above("versatility", "cofitune", "coarse_only"),
                NonInferiority(Cell("speciality", "cofitune"), Cell("speciality", "coarse_only"), 0.05),
            ),
            Reported("trend in words", "repository", "medium"),
        ),
        Claim(
            "importance_matters",
            "The mask by importance keeps more versatility than a random and an inverted one.",
            best("versatility", "cofitune", "random_mask inverted_mask"),
        ),
        Claim(
            "adamw_ignores_a_gradient_mask",
            "Under AdamW a fixed mask on the gradient does not change how far rows move; one on the update does.",
            both(
                Equivalence(
                    Cell("row_displacement", "masked_gradient_adamw", "masked"),
                    Cell("row_displacement", "masked_gradient_adamw", "unmasked"),
                    0.05,
                ),
                Superiority(
                    Cell("row_displacement", "masked_update_adamw", "unmasked"),
                    Cell("row_displacement", "masked_update_adamw", "masked"),
                ),
            ),
            note="Ours; about the released optimiser's settings, not about the paper's numbers.",
        ),
        Claim(
            "importance_is_measured",
            "Two halves of the data agree on which units matter.",
            Share(Cell("importance_reliability", "cofitune"), 0.2),
        ),
    ),
)

BPO = MethodClaims(
    "bpo",
    metrics=(
        share("preference_accuracy", "The implicit reward prefers the chosen answer.", chance=0.5),
        Metric("reward", "", "higher", "Score of the policy's answer."),
        Metric("pairs", "pairs", "lower", "Preference pairs used."),
        Metric("planted_agreement", "", "higher", "Adjusted Rand index of gradient clusters and planted traits."),
        share("deep_prompt", "The prompt gets more pairs than its even part.", None),
    ),
    arms=arms(
        "bpo uniform_balance many_prompts random_prompts breadth_only depth_only all_pairs "
        "depth_by_embedding depth_by_norm depth_random depth_far",
        "gradient_clusters prompt_clusters",
    ),
    claims=(
        Claim(
            "balance_beats_breadth",
            "At equal budget, balancing beats many prompts with one pair each, and allotting depth does no worse.",
            both(
                above("preference_accuracy", "uniform_balance", "many_prompts"),
                NonInferiority(
                    Cell("preference_accuracy", "bpo"), Cell("preference_accuracy", "uniform_balance"), 0.02
                ),
            ),
            Reported("uniform balancing already helps", "summaries of the paper", "low"),
            note="A reconstruction: the paper's allocation rule was not available.",
        ),
        Claim(
            "gradients_estimate_depth_best",
            "Depth by gradients beats depth by embedding, by norm, at random and far from the centre.",
            best("preference_accuracy", "bpo", "depth_by_embedding depth_by_norm depth_random depth_far"),
            Reported("gradient-based best on preference score", "digest", "low"),
        ),
        Claim(
            "both_halves_needed",
            "Both halves together beat breadth alone and depth alone.",
            best("reward", "bpo", "breadth_only depth_only"),
        ),
        Claim(
            "less_data",
            "With less than half of the pairs the result is no worse than with all.",
            both(
                Superiority(Cell("pairs", "bpo", log=True), Cell("pairs", "all_pairs", log=True), log(2)),
                NonInferiority(Cell("preference_accuracy", "bpo"), Cell("preference_accuracy", "all_pairs"), 0.03),
            ),
            Reported("competitive with far less data", "summary", "low"),
        ),
        Claim(
            "gradients_see_what_prompts_hide",
            "Gradient clusters find planted traits that clusters of prompts cannot.",
            above("planted_agreement", "gradient_clusters", "prompt_clusters"),
        ),
        Claim(
            "centre_gets_more",
            "Prompts near their cluster's centre get more pairs than prompts far from it.",
            DifferenceOfDifferences(
                (Cell("deep_prompt", "bpo", "near"), Cell("deep_prompt", "bpo", "far")),
                (Cell("deep_prompt", "depth_random", "near"), Cell("deep_prompt", "depth_random", "far")),
            ),
            Reported("samples near the centre get more of the budget", "digest and overview figure"),
        ),
    ),
)

METHODS = (GUILOMO, COFITUNE, BPO)
