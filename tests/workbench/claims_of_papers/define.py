"""Claims of TLDG, CODWOE, SimpDefiner and contrastive definition: how to say what a word means."""

from tests.workbench.claims_of_papers.corpus import bleu, match_f1
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
from workbench.claims import (
    Cell,
    Claim,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Reported,
    Trend,
)

BLEU = Metric("bleu", "", "higher", "Corpus BLEU against the reference definitions.", bleu, floor=0.0, ceiling=1.0)
CHRF = Metric("chrf", "", "higher", "Character n-grams shared with the reference.", match_f1, floor=0.0, ceiling=1.0)

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
        Claim(
            "contrast_over_combination",
            "Contrastive prompts beat combined prompts, which beat the pipeline and plain fine-tuning.",
            both(
                ordered("chrf", "contrastive prompt_combination fine_tuned", "trans"),
                above("chrf", "prompt_combination", "pipeline", "trans"),
            ),
            Reported("trend in words", "abstract", "medium"),
        ),
        Claim(
            "right_language",
            "Contrast lowers the share of definitions in the wrong language.",
            above("wrong_language", "contrastive", "prompt_combination", "trans"),
        ),
        Claim(
            "task_prompt_forgets_languages",
            "Contrast draws the task prompt of two languages together and away from the language prompts.",
            both(
                above("task_cosine", "contrastive", "prompt_combination"),
                above("language_cosine", "contrastive", "prompt_combination"),
            ),
            Reported("the training objective", "overview figure"),
        ),
        Claim(
            "holds_with_little_data",
            "The gain is no smaller with little data.",
            DifferenceOfDifferences(
                (Cell("bertscore", "contrastive", "low"), Cell("bertscore", "fine_tuned", "low")),
                (Cell("bertscore", "contrastive", "rich"), Cell("bertscore", "fine_tuned", "rich")),
                margin=-0.1,
            ),
            Reported("rich- and low-resource settings", "abstract", "medium"),
        ),
        Claim(
            "longer_prompts",
            "More prompt tokens give better definitions.",
            Trend(points("chrf", [(0, "prompt_1"), (1, "prompt_10"), (2, "prompt_100")])),
        ),
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
    arms=arms(
        "all_sources sgns char contextual no_mlm ensemble_3 ensemble_5 greedy first_token_baseline", "same_gloss"
    ),
    claims=(
        Claim(
            "three_embeddings_beat_one",
            "All embeddings together beat each alone.",
            best("s_bleu", "all_sources", "sgns char contextual"),
        ),
        Claim(
            "masked_modelling_helps",
            "Denoising glosses besides lowers the loss.",
            above("validation_loss", "all_sources", "no_mlm"),
        ),
        Claim(
            "ensembles_help",
            "More seeds in the ensemble give better glosses.",
            Trend(points("s_bleu", [(1, "all_sources"), (3, "ensemble_3"), (5, "ensemble_5")])),
        ),
        Claim("beam_beats_greedy", "Beam search beats greedy decoding.", above("s_bleu", "all_sources", "greedy")),
        Claim(
            "beats_organisers",
            "The memory of embeddings beats a vector as first token, by two measures.",
            both(
                above("moverscore", "ensemble_5", "first_token_baseline"),
                above("l_bleu", "ensemble_5", "first_token_baseline"),
            ),
            Reported("MoverScore .13475 (test, EN) against .04531-.08307 (dev, EN)", "official score files"),
            note="The paper's split differs from the baseline's; BLEU alone did not improve in English.",
        ),
        Claim(
            "beats_one_gloss_for_all",
            "The model beats saying the same gloss for every word.",
            above("s_bleu", "all_sources", "same_gloss"),
        ),
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
        "no_language_model no_reconstruction"
    ),
    claims=(
        Claim(
            "simpler_words",
            "Definitions of the simple route use easier words, and still say what the word means.",
            both(
                above("easy_words", "simple_route", "complex_route"),
                above("zipf", "simple_route", "complex_route"),
                NonInferiority(Cell("bleu", "simple_route"), Cell("bleu", "complex_route"), 0.1),
            ),
            Reported("+3.87 points of HSK level 1-3 words over the baseline (Chinese)", "abstract"),
        ),
        Claim(
            "better_sari",
            "Simple definitions come closer to simple references than those of a plain generator.",
            above("sari", "simple_route", "generation_only"),
            Reported("+1.77 SARI (English)", "abstract"),
        ),
        Claim(
            "separation_is_needed",
            "With everything shared the two routes say the same.",
            both(
                Equivalence(Cell("easy_words", "share_all_simple"), Cell("easy_words", "share_all_complex"), 0.1),
                DifferenceOfDifferences(
                    (Cell("easy_words", "simple_route"), Cell("easy_words", "complex_route")),
                    (Cell("easy_words", "share_all_simple"), Cell("easy_words", "share_all_complex")),
                ),
            ),
        ),
        Claim(
            "each_part_helps",
            "Removing any part makes the simple route worse.",
            best("sari", "simple_route", "no_layer_norm no_query no_language_model no_reconstruction"),
            Reported("ablations exist; numbers unknown to us", "abstract", "low"),
        ),
        Claim(
            "decoders_part_upwards",
            "The paired parameters part more in higher layers.",
            Trend(along=Cell("layer_norm_gap", "simple_route", "layer/*")),
        ),
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
        "two_stage one_stage generation_only mean_pooling lambda_02 lambda_08 lambda_098 batch_4 batch_16 batch_64"
    ),
    claims=(
        Claim(
            "contrast_improves_definitions",
            "Contrast improves definitions over generation alone.",
            above("bleu", "two_stage", "generation_only"),
            Reported("three benchmarks; numbers unknown to us", "abstract", "low"),
        ),
        Claim(
            "more_specific",
            "Definitions become more specific and are shared by fewer words.",
            both(
                above("specificity", "two_stage", "generation_only"), above("duplicate", "two_stage", "generation_only")
            ),
            Reported("under-specific is the commonest error", "table 1"),
        ),
        Claim("two_stages", "Two stages beat one.", above("bleu", "two_stage", "one_stage")),
        Claim(
            "maximum_pooling", "Maximum pooling beats the mean.", above("retrieval_at_1", "two_stage", "mean_pooling")
        ),
        Claim(
            "weight_has_an_optimum",
            "A contrast weight of 0.8 beats a lower and a higher one.",
            best("bleu", "lambda_08", "lambda_02 lambda_098"),
        ),
        Claim(
            "more_negatives_help",
            "Larger batches, with more negatives, find more definitions.",
            Trend(points("retrieval_at_1", [(2, "batch_4"), (4, "batch_16"), (6, "batch_64")])),
        ),
        Claim(
            "learning_brings_words_home",
            "Retrieval of the own definition rises over training.",
            Trend(along=Cell("retrieval_at_1", "two_stage", "step/*")),
        ),
        Claim(
            "specificity_keeps_bleu",
            "Two-stage training loses less than two points of BLEU to generation alone.",
            NonInferiority(Cell("bleu", "two_stage"), Cell("bleu", "generation_only"), 0.02),
        ),
    ),
)

METHODS = (TLDG, CODWOE, SIMPDEFINER, CONTRASTIVE_DEFINITION)
