"""Claims of the methods that are not built yet, in the types of the contract; each moves into its card when it is.

Numbers are those of the reading notes, with their confidence; a claim without a number known to us has no `paper`
or gives the trend in words.
"""

from math import log

from tests.workbench.claims_of_papers.corpus import bleu, f1, macro_f1, match_f1, mean_of_two, pearson
from tests.workbench.claims_of_papers.method_claims import (
    MethodClaims,
    above,
    arms,
    best,
    both,
    ordered,
    points,
    share,
)
from workbench.contract.claims import (
    Cell,
    Claim,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Reported,
    Share,
    Superiority,
    Trend,
)

# fmt: off
RL = "results table"
BLEU = Metric("bleu", "", "higher", "Corpus BLEU against the reference definitions.", bleu, floor=0.0, ceiling=1.0)
CHRF = Metric("chrf", "", "higher", "Character n-grams shared with the reference.", match_f1, floor=0.0, ceiling=1.0)

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
        "paths_1 paths_4 paths_16 language_prompt all_paradigms_prompt"),
    claims=(
        Claim("three_paradigms_beat_one", "Three paradigms in one chain beat each single one.",
            best("final_answer", "cor", "only_algorithm only_language"),
            Reported("66.7 against 37.6 and 27.8 (MATH)", "paradigm ablation in reading notes", "medium"),
            note="What the single-paradigm models were trained on is not stated; not a controlled comparison."),
        Claim("language_helps_proofs", "Reasoning in words first proves more theorems than symbols alone.",
            above("proved", "cor", "only_symbolic"),
            Reported("52.9 against 44.3 (miniF2F, pass@128)", "paradigm ablation in reading notes", "medium")),
        Claim("symbols_before_algorithms", "Symbols before algorithms beat the other order.",
            above("final_answer", "cor", "algorithm_before_symbols"),
            Reported("66.7 against 49.9 (MATH), 88.7 against 84.2 (GSM8K)", "paradigm ablation in reading notes",
                "medium")),
        Claim("stages_are_needed", "Training in stages beats going straight to the last.",
            above("final_answer", "cor", "direct_last_stage"), Reported("trend in words", "reading notes", "medium")),
        Claim("first_stage_is_the_largest_step", "The first stage gains more than the later ones together.",
            DifferenceOfDifferences((Cell("final_answer", "stage_1"), Cell("final_answer", "base")), (Cell(
                "final_answer", "cor"), Cell("final_answer", "stage_1"))),
            Reported("about 4.2 -> 52.1 after stage 1 (8B)", "reading notes", "medium")),
        Claim("more_paths_solve_more", "Coverage rises with the number of sampled paths.",
            Trend(points("solved_among", [(log(1), "paths_1"), (log(4), "paths_4"), (log(16), "paths_16")])),
            Reported("52.9, 59.4, 66.0 (miniF2F; 128x1, 32x100, 128x128)", "repository figure")),
        Claim("release_scores_generously", "Counting any paradigm's answer scores more than the final answer does.",
            Superiority(Cell("any_paradigm", "cor"), Cell("final_answer", "cor")),
            note="Ours; true by construction unless the final answer is always among the paradigms'."),
        Claim("prompting_alone", "Without training, asking for all paradigms does no worse than asking for words.",
            NonInferiority(Cell("final_answer", "all_paradigms_prompt"), Cell("final_answer", "language_prompt"),
                0.05)),
    ),
)

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
        Metric("subproblem_helps", "", "higher", "Correlation of a right subproblem with a right answer.",
            aggregate=pearson, floor=-1.0, ceiling=1.0),
    ),
    arms=arms(
        "rl_dac rl_cot deep_dac deep_cot reward_format reward_mean no_minimum answer_and_format conquer_only "
        "mix_rl_cot start_cot_rl",
        "init_dac init_cot divisions_1 divisions_4 divisions_16"),
    claims=(
        Claim("dividing_must_be_learned",
            "Before training, dividing is worse than a chain of thought; after training it is better.",
            both(above("pass_at_1", "init_cot", "init_dac"), above("pass_at_1", "rl_dac", "rl_cot")),
            Reported("5.6 against 0.4, then 8.2 against 10.4 (7B, average pass@1)", RL)),
        Claim("training_gains_more", "Training gains more for dividing than for chains of thought.",
            DifferenceOfDifferences((Cell("pass_at_1", "rl_dac"), Cell("pass_at_1", "init_dac")), (Cell("pass_at_1",
                "rl_cot"), Cell("pass_at_1", "init_cot"))),
            Reported("0.4 -> 10.4 against 5.6 -> 8.2 (7B, average pass@1)", RL)),
        Claim("beats_its_own_start", "Trained dividing beats the chain of thought that the model started with.",
            above("pass_at_1", "rl_dac", "init_cot"), Reported("46.1 against 42.7 (4B, average pass@1)", RL),
            note="The +8.6 over trained chains compares with a run that fell below its own start (42.7 -> 37.5)."),
        Claim("fair_deep_comparison",
            "With 32 rollouts on either side dividing still solves more, at one sample and at 32.",
            both(above("pass_at_1", "deep_dac", "deep_cot"), above("pass_at_32", "deep_dac", "deep_cot")),
            Reported("51.3 against 49.9; 81.6 against 76.9 (4B)", RL)),
        Claim("subproblems_help_answers", "A right subproblem goes with a right answer.",
            Share(Cell("subproblem_helps", "rl_dac"), 0.0), Reported("covariance of at least zero", "lemma 2.1")),
        Claim("mean_reward_leaks", "Rewarding a division by mean accuracy makes it give the answer away.",
            above("leaks_answer", "rl_dac", "reward_mean"), Reported("reward hacking, in words", "appendix C")),
        Claim("minimum_prevents_collapse", "Without a minimum number of subproblems divisions collapse.",
            Superiority(Cell("subproblems", "rl_dac"), Cell("subproblems", "no_minimum"), 1.0),
            Reported("trend in words", "paper")),
        Claim("format_reward_costs_accuracy", "Rewarding format too makes conquering follow it and solve less.",
            both(above("valid_division", "answer_and_format", "rl_dac"), above("pass_at_1", "rl_dac",
                "answer_and_format")), Reported("following 42.6 -> 92.1 %, pass@1 51.3 -> 45.2", "table 3")),
        Claim("more_divisions_than_conquers", "At a fixed budget more divisions are better than more conquers of each.",
            Trend(points("pass_at_32", [(log(1), "divisions_1"), (log(4), "divisions_4"), (log(16), "divisions_16")])),
            Reported("trend in words (1,024 samples)", "paper")),
        Claim("shorter_and_livelier", "Responses are shorter and the policy keeps more entropy.",
            both(Superiority(Cell("response_length", "rl_dac", log=True), Cell("response_length", "rl_cot",
                log=True)), Superiority(Cell("entropy", "rl_dac"), Cell("entropy", "rl_cot"))),
            Reported("trend in words", "paper")),
        Claim("mixed_training_helps_chains",
            "Mixed training also improves chains of thought, relatively by more than a tenth.",
            Superiority(Cell("pass_at_1", "mix_rl_cot", log=True), Cell("pass_at_1", "start_cot_rl", log=True), log(
                1.1)), Reported("more than 10 %, reference point not stated", "paper")),
        Claim("both_rewards_needed",
            "Rewarding divisions by any accuracy beats rewarding their format, and training to conquer alone.",
            best("pass_at_1", "rl_dac", "reward_format conquer_only")),
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
        "zero_shot"),
    claims=(
        Claim("versatile_without_loss_of_speciality",
            "Versatility rises by more than a tenth over full tuning, with a marginal loss of speciality.",
            both(Superiority(Cell("versatility", "cofitune", log=True), Cell("versatility", "full", log=True), log(
                1.1)), NonInferiority(Cell("speciality", "cofitune"), Cell("speciality", "full"), 0.05)),
            Reported("about +14 % versatility (13B), marginal loss of speciality", "abstract")),
        Claim("best_balance", "The balance of speciality and versatility is better than that of every baseline.",
            best("unified", "cofitune", "full lora l1 wise_ft zero_shot")),
        Claim("second_quarter_is_best",
            "Feed-forward projections of the second quarter balance better than those of other ranges, and attention.",
            best("unified", "coarse_only", "bottom1_ffn middle_ffn top_ffn all_layers_ffn bottom2_mha"),
            Reported("(25 %, 50 %] with up and down projections", "framework figure and default script")),
        Claim("mask_adds_versatility", "The soft mask adds versatility and costs no speciality.",
            both(above("versatility", "cofitune", "coarse_only"), NonInferiority(Cell("speciality", "cofitune"), Cell(
                "speciality", "coarse_only"), 0.05)), Reported("trend in words", "repository", "medium")),
        Claim("importance_matters", "The mask by importance keeps more versatility than a random and an inverted one.",
            best("versatility", "cofitune", "random_mask inverted_mask")),
        Claim("adamw_ignores_a_gradient_mask",
            "Under AdamW a fixed mask on the gradient does not change how far rows move; one on the update does.",
            both(Equivalence(Cell("row_displacement", "masked_gradient_adamw", "masked"), Cell("row_displacement",
                "masked_gradient_adamw", "unmasked"), 0.05), Superiority(Cell("row_displacement",
                "masked_update_adamw", "unmasked"), Cell("row_displacement", "masked_update_adamw", "masked"))),
            note="Ours; about the released optimiser's settings, not about the paper's numbers."),
        Claim("importance_is_measured", "Two halves of the data agree on which units matter.",
            Share(Cell("importance_reliability", "cofitune"), 0.2)),
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
        "bpo uniform_balance many_prompts random_prompts breadth_only depth_only all_pairs depth_by_embedding "
        "depth_by_norm depth_random depth_far",
        "gradient_clusters prompt_clusters"),
    claims=(
        Claim("balance_beats_breadth",
            "At equal budget, balancing beats many prompts with one pair each, and allotting depth does no worse.",
            both(above("preference_accuracy", "uniform_balance", "many_prompts"), NonInferiority(Cell(
                "preference_accuracy", "bpo"), Cell("preference_accuracy", "uniform_balance"), 0.02)),
            Reported("uniform balancing already helps", "summaries of the paper", "low"),
            note="A reconstruction: the paper's allocation rule was not available."),
        Claim("gradients_estimate_depth_best",
            "Depth by gradients beats depth by embedding, by norm, at random and far from the centre.",
            best("preference_accuracy", "bpo", "depth_by_embedding depth_by_norm depth_random depth_far"),
            Reported("gradient-based best on preference score", "digest", "low")),
        Claim("both_halves_needed", "Both halves together beat breadth alone and depth alone.",
            best("reward", "bpo", "breadth_only depth_only")),
        Claim("less_data", "With less than half of the pairs the result is no worse than with all.",
            both(Superiority(Cell("pairs", "bpo", log=True), Cell("pairs", "all_pairs", log=True), log(2)),
                NonInferiority(Cell("preference_accuracy", "bpo"), Cell("preference_accuracy", "all_pairs"), 0.03)),
            Reported("competitive with far less data", "summary", "low")),
        Claim("gradients_see_what_prompts_hide",
            "Gradient clusters find planted traits that clusters of prompts cannot.",
            above("planted_agreement", "gradient_clusters", "prompt_clusters")),
        Claim("centre_gets_more", "Prompts near their cluster's centre get more pairs than prompts far from it.",
            DifferenceOfDifferences((Cell("deep_prompt", "bpo", "near"), Cell("deep_prompt", "bpo", "far")), (Cell(
                "deep_prompt", "depth_random", "near"), Cell("deep_prompt", "depth_random", "far"))),
            Reported("samples near the centre get more of the budget", "digest and overview figure")),
    ),
)

TLDG = MethodClaims(
    "tldg",
    metrics=(
        CHRF,
        share("wrong_language", "The definition is in another language than asked.", "lower"),
        Metric("task_cosine", "", "higher", "Cosine of the task prompt under two languages."),
        Metric("language_cosine", "", "lower", "Cosine of the task prompt and the language prompts."),
        Metric("bertscore", "", "higher", "Similarity to the definition in the source language."),
    ),
    arms=arms("contrastive prompt_combination fine_tuned pipeline prompt_1 prompt_10 prompt_100"),
    claims=(
        Claim("contrast_over_combination",
            "Contrastive prompts beat combined prompts, which beat the pipeline and plain fine-tuning.",
            both(ordered("chrf", "contrastive prompt_combination fine_tuned", "trans"), above("chrf",
                "prompt_combination", "pipeline", "trans")), Reported("trend in words", "abstract", "medium")),
        Claim("right_language", "Contrast lowers the share of definitions in the wrong language.",
            above("wrong_language", "contrastive", "prompt_combination", "trans")),
        Claim("task_prompt_forgets_languages",
            "Contrast draws the task prompt of two languages together and away from the language prompts.",
            both(above("task_cosine", "contrastive", "prompt_combination"), above("language_cosine", "contrastive",
                "prompt_combination")), Reported("the training objective", "overview figure")),
        Claim("holds_with_little_data", "The gain is no smaller with little data.",
            DifferenceOfDifferences((Cell("bertscore", "contrastive", "low"), Cell("bertscore", "fine_tuned", "low")),
                (Cell("bertscore", "contrastive", "rich"), Cell("bertscore", "fine_tuned", "rich")), margin=-0.1),
            Reported("rich- and low-resource settings", "abstract", "medium")),
        Claim("longer_prompts", "More prompt tokens give better definitions.",
            Trend(points("chrf", [(0, "prompt_1"), (1, "prompt_10"), (2, "prompt_100")]))),
    ),
)

CODWOE = MethodClaims(
    "codwoe",
    metrics=(
        Metric("s_bleu", "", "higher", "Mean sentence BLEU.", floor=0.0, ceiling=1.0),
        Metric("l_bleu", "", "higher", "Mean of the best BLEU over a lemma's glosses.", floor=0.0, ceiling=1.0),
        Metric("moverscore", "", "higher", "Distance of word embeddings to the reference."),
        Metric("validation_loss", "nats", "lower", "Cross-entropy of held-out glosses."),
    ),
    arms=arms("all_sources sgns char contextual no_mlm ensemble_3 ensemble_5 greedy first_token_baseline",
        "same_gloss"),
    claims=(
        Claim("three_embeddings_beat_one", "All embeddings together beat each alone.",
            best("s_bleu", "all_sources", "sgns char contextual")),
        Claim("masked_modelling_helps", "Denoising glosses besides lowers the loss.",
            above("validation_loss", "all_sources", "no_mlm")),
        Claim("ensembles_help", "More seeds in the ensemble give better glosses.",
            Trend(points("s_bleu", [(1, "all_sources"), (3, "ensemble_3"), (5, "ensemble_5")]))),
        Claim("beam_beats_greedy", "Beam search beats greedy decoding.", above("s_bleu", "all_sources", "greedy")),
        Claim("beats_organisers", "The memory of embeddings beats a vector as first token, by two measures.",
            both(above("moverscore", "ensemble_5", "first_token_baseline"), above("l_bleu", "ensemble_5",
                "first_token_baseline")),
            Reported("MoverScore .13475 (test, EN) against .04531-.08307 (dev, EN)", "official score files"),
            note="The paper's split differs from the baseline's; BLEU alone did not improve in English."),
        Claim("beats_one_gloss_for_all", "The model beats saying the same gloss for every word.",
            above("s_bleu", "all_sources", "same_gloss")),
    ),
)

SIMPDEFINER = MethodClaims(
    "simpdefiner",
    metrics=(
        BLEU,
        Metric("sari", "points", "higher", "Words kept, added and deleted as in the simple reference.", match_f1),
        share("easy_words", "A generated content word is on the easy-word list."),
        Metric("zipf", "", "higher", "Mean Zipf frequency of the generated words."),
        Metric("layer_norm_gap", "", None, "Distance of the paired parameters of the two decoders."),
    ),
    arms=arms(
        "simple_route complex_route share_all_simple share_all_complex generation_only no_layer_norm no_query "
        "no_language_model no_reconstruction"),
    claims=(
        Claim("simpler_words", "Definitions of the simple route use easier words, and still say what the word means.",
            both(above("easy_words", "simple_route", "complex_route"), above("zipf", "simple_route", "complex_route"),
                NonInferiority(Cell("bleu", "simple_route"), Cell("bleu", "complex_route"), 0.1)),
            Reported("+3.87 points of HSK level 1-3 words over the baseline (Chinese)", "abstract")),
        Claim("better_sari", "Simple definitions come closer to simple references than those of a plain generator.",
            above("sari", "simple_route", "generation_only"), Reported("+1.77 SARI (English)", "abstract")),
        Claim("separation_is_needed", "With everything shared the two routes say the same.",
            both(Equivalence(Cell("easy_words", "share_all_simple"), Cell("easy_words", "share_all_complex"), 0.1),
                DifferenceOfDifferences((Cell("easy_words", "simple_route"), Cell("easy_words", "complex_route")), (
                Cell("easy_words", "share_all_simple"), Cell("easy_words", "share_all_complex"))))),
        Claim("each_part_helps", "Removing any part makes the simple route worse.",
            best("sari", "simple_route", "no_layer_norm no_query no_language_model no_reconstruction"),
            Reported("ablations exist; numbers unknown to us", "abstract", "low")),
        Claim("decoders_part_upwards", "The paired parameters part more in higher layers.",
            Trend(along=Cell("layer_norm_gap", "simple_route", "layer/*"))),
    ),
)

CONTRASTIVE_DEFINITION = MethodClaims(
    "contrastive_definition",
    metrics=(
        BLEU,
        share("retrieval_at_1", "The nearest definition is the word's own.", chance=1 / 16),
        Metric("specificity", "bits", "higher", "Mean inverse document frequency of content words."),
        share("duplicate", "The definition is also given for another word.", "lower"),
    ),
    arms=arms(
        "two_stage one_stage generation_only mean_pooling lambda_02 lambda_08 lambda_098 batch_4 batch_16 batch_64"),
    claims=(
        Claim("contrast_improves_definitions", "Contrast improves definitions over generation alone.",
            above("bleu", "two_stage", "generation_only"),
            Reported("three benchmarks; numbers unknown to us", "abstract", "low")),
        Claim("more_specific", "Definitions become more specific and are shared by fewer words.",
            both(above("specificity", "two_stage", "generation_only"), above("duplicate", "two_stage",
                "generation_only")), Reported("under-specific is the commonest error", "table 1")),
        Claim("two_stages", "Two stages beat one.", above("bleu", "two_stage", "one_stage")),
        Claim("maximum_pooling", "Maximum pooling beats the mean.",
            above("retrieval_at_1", "two_stage", "mean_pooling")),
        Claim("weight_has_an_optimum", "A contrast weight of 0.8 beats a lower and a higher one.",
            best("bleu", "lambda_08", "lambda_02 lambda_098")),
        Claim("more_negatives_help", "Larger batches, with more negatives, find more definitions.",
            Trend(points("retrieval_at_1", [(2, "batch_4"), (4, "batch_16"), (6, "batch_64")]))),
        Claim("learning_brings_words_home", "Retrieval of the own definition rises over training.",
            Trend(along=Cell("retrieval_at_1", "two_stage", "step/*"))),
        Claim("specificity_keeps_bleu", "Two-stage training loses less than two points of BLEU to generation alone.",
            NonInferiority(Cell("bleu", "two_stage"), Cell("bleu", "generation_only"), 0.02)),
    ),
)

SCRIPT_CHARACTERS = MethodClaims(
    "script_characters",
    metrics=(
        Metric("macro_f1", "", "higher", "Mean F1 over characters.", macro_f1, floor=0.0, ceiling=1.0),
        Metric("micro_f1", "", "higher", "F1 over mentions.", f1, floor=0.0, ceiling=1.0),
        Metric("b_cubed", "", "higher", "B-cubed F1 of coreference.", match_f1, floor=0.0, ceiling=1.0),
        Metric("ceaf", "", "higher", "CEAF-phi4 F1 of coreference.", match_f1, floor=0.0, ceiling=1.0),
        Metric("same_character_cosine", "", "higher", "Cosine of two mentions of one character."),
        Metric("other_character_cosine", "", "lower", "Cosine of mentions of two characters."),
    ),
    arms=arms("two_losses no_summary_loss no_cross_loss no_contrast one_stage span_bert longformer"),
    claims=(
        Claim("links_more_characters", "Contrast links more mentions to the right character than the plain encoders.",
            best("macro_f1", "two_losses", "span_bert longformer no_contrast")),
        Claim("resolves_coreference", "Coreference improves by two measures.",
            both(above("b_cubed", "two_losses", "no_contrast"), above("ceaf", "two_losses", "no_contrast"))),
        Claim("both_losses_help", "Each of the two contrastive losses helps.",
            best("micro_f1", "two_losses", "no_summary_loss no_cross_loss"),
            Reported("both losses help in the ablation", "digest", "low")),
        Claim("two_stages", "Two stages of training beat one.", above("macro_f1", "two_losses", "one_stage")),
        Claim("rare_characters_gain_more", "Characters of few mentions gain more than main characters.",
            DifferenceOfDifferences((Cell("micro_f1", "two_losses", "tail"), Cell("micro_f1", "no_contrast", "tail")),
                (Cell("micro_f1", "two_losses", "main"), Cell("micro_f1", "no_contrast", "main")))),
        Claim("characters_part", "Mentions of one character come together and those of two part.",
            both(above("same_character_cosine", "two_losses", "no_contrast"), Superiority(Cell(
                "other_character_cosine", "two_losses"), Cell("other_character_cosine", "no_contrast")))),
    ),
)

# fmt: on
METHODS = (COR, DAC_RL, COFITUNE, BPO, TLDG, CODWOE, SIMPDEFINER, CONTRASTIVE_DEFINITION, SCRIPT_CHARACTERS)
