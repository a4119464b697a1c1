"""Claims of SURE and ShifCon: what form changes, and where languages part."""

from tests.workbench.claims_of_papers.corpus import kolmogorov_smirnov
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
    Conjunction,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Reported,
    Share,
    Superiority,
    Trend,
)

TABLE = "results table, Mistral-7B-v0.3 / Llama-3.1-8B, Known-Golden"


def _robust(arm: str, where: str) -> Cell:
    return Cell("robust", arm, where)


SURE = MethodClaims(
    "sure",
    metrics=(
        share("robust", "The answer is as right, or as wrong, as before the change of form."),
        Metric("net_flip", "", "higher", "+1 where wrong became right, -1 where right became wrong."),
        share("lost", "Right became wrong.", "lower"),
        share("correct", "The answer contains a gold answer."),
        Metric(
            "form_gap", "", "higher", "Kolmogorov-Smirnov distance of a text feature.", kolmogorov_smirnov, floor=0.0
        ),
        Metric("attention_change", "", None, "Change of attention to the answer's span."),
    ),
    arms=arms(
        "sft dpo",
        "reader two_random_documents best_and_worst_document scale_05b scale_3b scale_32b scale_72b chain_of_note",
    ),
    claims=(
        Claim(
            "metadata_is_harmless",
            "Style, source and format change answers more than metadata does.",
            Conjunction(
                tuple(
                    Superiority(_robust("reader", "K-G/metadata"), _robust("reader", f"K-G/{kind}"))
                    for kind in ("style", "source", "format")
                )
            ),
            Reported("robustness 92.3-95.9 % for metadata, 83.0-92.5 % for the others", TABLE),
        ),
        Claim(
            "sources_help_and_hurt",
            "Rewriting by a model repairs more answers than it breaks.",
            Share(Cell("net_flip", "reader", "K-G/source"), 0.0),
            Reported("WR - LR = 0.56 (Mistral), 1.80 (Llama), LLM-generated", TABLE),
        ),
        Claim(
            "classes_hide_directions",
            "JSON and YAML are about as robust, yet JSON loses more answers.",
            both(
                Equivalence(_robust("reader", "K-G/format/json"), _robust("reader", "K-G/format/yaml"), 0.1),
                Superiority(Cell("lost", "reader", "K-G/format/yaml"), Cell("lost", "reader", "K-G/format/json")),
            ),
            Reported("RR 88.53 and 90.90, LR 7.96 and 4.75 (Mistral)", TABLE),
        ),
        Claim(
            "known_noise_is_fragile",
            "Noise documents upset known answers more than unknown ones.",
            Superiority(_robust("reader", "U-N"), _robust("reader", "K-N")),
            Reported("trend in words", "paper"),
        ),
        Claim(
            "reversal_loses_answers",
            "Reversing sentences loses more answers than it wins.",
            Share(Cell("net_flip", "reader", "K-G/logic/reverse"), 0.0, "below"),
            Reported("LR 5.44, WR 5.22 (Mistral); 5.06, 4.12 (Llama)", TABLE),
        ),
        Claim(
            "readers_prefer_a_form",
            "Documents that the reader scores highest and lowest differ in form more than two random ones.",
            above("form_gap", "best_and_worst_document", "two_random_documents"),
            Reported("0.064-0.171 against 0.012-0.030 (Mistral-7B)", "preliminary test"),
        ),
        Claim(
            "scale_helps_up_to_a_point",
            "Robustness rises with size up to 32B and drops at 72B.",
            both(
                Trend(points("robust", [(0.5, "scale_05b"), (3, "scale_3b"), (32, "scale_32b")])),
                above("robust", "scale_32b", "scale_72b"),
            ),
            Reported("trend in words (Qwen2.5)", "paper"),
        ),
        Claim(
            "training_repairs_in_domain",
            "Both trainings raise robustness where they were trained, without loss of accuracy.",
            both(
                above("robust", "sft", "reader", "SIG_Wiki"),
                above("robust", "dpo", "reader", "SIG_Wiki"),
                NonInferiority(Cell("correct", "sft"), Cell("correct", "reader"), 0.05),
            ),
            Reported("style 10.0 -> 96.5 / 96.5", "v3, one note", "medium"),
            note="The benchmark holds pairs that the model flips, so its base is low by selection.",
        ),
        Claim(
            "sft_wins_at_home_dpo_abroad",
            "SFT is better in its domain, DPO on another.",
            both(above("robust", "sft", "dpo", "SIG_Wiki"), above("robust", "dpo", "sft", "SIG_Trivial")),
            Reported("logic 99.0 against 96.0; 95.0 against 97.3", "v3, one note", "medium"),
        ),
        Claim(
            "thinking_does_not_repair",
            "Chain-of-note does not make the reader more robust by as much as training does.",
            DifferenceOfDifferences(
                (Cell("robust", "sft"), Cell("robust", "reader")),
                (Cell("robust", "chain_of_note"), Cell("robust", "reader")),
            ),
            Reported("trend in words", "v3, one note", "medium"),
        ),
        Claim(
            "attention_moves_with_flips",
            "Where an answer is lost, attention to the answer's span changed more.",
            Superiority(Cell("attention_change", "reader", "lost"), Cell("attention_change", "reader", "robust")),
            Reported("1.15e-4 against 6.5e-5, Welch p = .046", "v3, one note", "medium"),
        ),
    ),
)

SHIFCON = MethodClaims(
    "shifcon",
    metrics=(
        share("retrieval_at_1", "The nearest sentence of the other language is the translation.", chance=0.01),
        Metric("distance", "", None, "Riemannian distance of two languages' subspaces."),
        Metric("noise_floor", "", None, "The same distance between halves of one language."),
        Metric("pair_cosine", "", "higher", "Cosine of a sentence and its translation."),
        share("accuracy", "The final number is right."),
        share("off_target", "The answer is in another language than the question.", "lower"),
    ),
    arms=arms(
        "shifcon base msft afp no_shift_back mcl_on_raw no_mcl whole_model narrow early_area late_area",
        "mean_shifted unshifted random_vector",
    ),
    claims=(
        Claim(
            "shift_brings_translations_together",
            "On held-out sentences the mean shift finds more translations than a random vector of equal norm.",
            above("retrieval_at_1", "mean_shifted", "random_vector"),
            clusters_needed=8,
            note="The default model is monolingual.",
        ),
        Claim(
            "languages_part",
            "Languages lie further apart than two halves of one language.",
            Superiority(Cell("distance", "unshifted"), Cell("noise_floor", "unshifted")),
            clusters_needed=8,
        ),
        Claim(
            "closest_in_the_middle",
            "Languages are closer in the middle layers than in the first and the last.",
            both(
                Superiority(Cell("distance", "unshifted", "area/early"), Cell("distance", "unshifted", "area/middle")),
                Superiority(Cell("distance", "unshifted", "area/late"), Cell("distance", "unshifted", "area/middle")),
            ),
            Reported("one contiguous block of middle layers, lowest 30 %", "reading note", "medium"),
        ),
        Claim(
            "apart_again_at_the_end",
            "Past the middle, translations lose similarity layer by layer.",
            Trend(along=Cell("pair_cosine", "unshifted", "layer/*"), direction="falling"),
        ),
        Claim(
            "low_resource_gain",
            "ShifCon beats its baselines in low-resource languages.",
            ordered("accuracy", "shifcon afp msft base", "low"),
            Reported("35.1 > 31.7 > 29.5 > 5.1 (Llama-2-7B, MGSM low)", "results table in reading notes", "medium"),
        ),
        Claim(
            "high_resource_gain",
            "ShifCon beats plain tuning in high-resource languages.",
            above("accuracy", "shifcon", "msft", "high"),
            Reported("44.9 -> 48.2 (Llama-2-7B, MGSM high)", "results table in reading notes", "medium"),
        ),
        Claim(
            "low_gains_more_than_high",
            "The gain is larger for low-resource languages, also in proportion.",
            DifferenceOfDifferences(
                (Cell("accuracy", "shifcon", "low", log=True), Cell("accuracy", "msft", "low", log=True)),
                (Cell("accuracy", "shifcon", "high", log=True), Cell("accuracy", "msft", "high", log=True)),
            ),
            Reported("+18.9 % against +7.3 % of MSFT", "results table in reading notes", "medium"),
        ),
        Claim(
            "dominant_language_pays_little",
            "The dominant language loses less than five points.",
            NonInferiority(Cell("accuracy", "shifcon", "dominant"), Cell("accuracy", "msft", "dominant"), 0.05),
            Reported("59.8 -> 58.2 (MGSM English, Llama-2-7B)", "one verified table", "medium"),
        ),
        Claim(
            "shift_back_keeps_the_language",
            "Without the shift back, answers leave the language of the question.",
            above("off_target", "shifcon", "no_shift_back"),
            Reported("trend in words", "ablation", "medium"),
        ),
        Claim(
            "contrast_after_the_shift",
            "Contrast on shifted representations beats contrast on raw ones, and none.",
            best("accuracy", "shifcon", "mcl_on_raw no_mcl", "low"),
            Reported("trend in words", "ablation", "medium"),
        ),
        Claim(
            "thirty_percent_of_layers",
            "About 30 % of the layers beat the whole model, very few, the first and the last.",
            best("accuracy", "shifcon", "whole_model narrow early_area late_area", "low"),
            Reported("beta around 30 % best", "ablation", "medium"),
        ),
        Claim(
            "untrained_shift_does_little",
            "Shifting without training changes accuracy by less than five points.",
            Equivalence(Cell("accuracy", "mean_shifted"), Cell("accuracy", "unshifted"), 0.05),
            Reported("39.35 -> 39.43 (MathOctopus-7B MGSM, a related paper)", "third-party table", "low"),
        ),
    ),
)

METHODS = (SURE, SHIFCON)
