"""Claims of PerSyn: which teacher for which prompt."""

from math import log

from tests.workbench.claims_of_papers.method_claims import MethodClaims, above, arms, both, ordered, points, share
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
    Trend,
)

PERSYN = MethodClaims(
    "persyn",
    metrics=(
        share("student_score", "Share of test questions that the tuned student answers rightly."),
        Metric("combined_reward", "", "higher", "Quality and learnability of the chosen teacher's answer."),
        share("hit_at_1", "The router's first choice is the truly best teacher.", chance=1 / 8),
        share("hit_at_3", "The truly best teacher is among the router's first three.", chance=3 / 8),
        share("smaller_teacher", "The prompt goes to a teacher that is not the largest.", None),
        share("long_cot_teacher", "The prompt goes to a teacher with long chains of thought.", None),
        share("best_in_cell", "The arm is best for a student on a benchmark."),
        Metric("responses", "responses", "lower", "Teacher responses generated for the data set."),
        share("repeats_itself", "The student's answer repeats itself to the end.", "lower"),
    ),
    arms=arms(
        "persyn oracle car mix strong family_strong no_quality no_learnability short_cot_swap only_long_cot "
        "alpha_01 alpha_02 alpha_04 alpha_06 alpha_09",
        "router_50 router_200 router_800 router_2500 generate_then_select",
    ),
    claims=(
        Claim(
            "best_student",
            "Routing each prompt teaches the student better than one teacher for all, a mixture, or the strongest.",
            ordered("student_score", "persyn car mix strong"),
            Reported("34.13 > 32.77 > 30.75 > 28.51 (Qwen2.5-0.5B, six-benchmark average)", "reading notes", "medium"),
            note="On planted teachers the reward is what the router optimises: only the student's score tests this.",
        ),
        Claim(
            "above_own_family",
            "Routing beats the strongest teacher of the student's own family.",
            above("student_score", "persyn", "family_strong"),
        ),
        Claim(
            "best_in_most_cells",
            "PerSyn is best in more than half of the pairs of student and benchmark.",
            Share(Cell("best_in_cell", "persyn"), 0.5),
            Reported("28 of 30 pairs", "reading notes", "medium"),
        ),
        Claim(
            "close_to_oracle",
            "The learned router comes close to one that knows every reward.",
            NonInferiority(Cell("student_score", "persyn"), Cell("student_score", "oracle"), 0.05),
            Reported("27.18 against 27.63; 40.53 against 41.02; 30.35 against 30.18", "reading notes", "medium"),
        ),
        Claim(
            "quality_matters_more",
            "Removing the quality reward costs more than removing learnability.",
            DifferenceOfDifferences(
                (Cell("student_score", "persyn"), Cell("student_score", "no_quality")),
                (Cell("student_score", "persyn"), Cell("student_score", "no_learnability")),
            ),
            Reported("about 2-4 points against about 1-2", "reading notes", "medium"),
        ),
        Claim(
            "alpha_has_an_optimum",
            "The student's score rises up to alpha 0.4 and falls after it.",
            both(
                Trend(points("student_score", [(0.1, "alpha_01"), (0.2, "alpha_02"), (0.4, "alpha_04")])),
                Trend(
                    points("student_score", [(0.4, "alpha_04"), (0.6, "alpha_06"), (0.9, "alpha_09")]),
                    direction="falling",
                ),
            ),
            Reported("rises from 0.1 to 0.4, then falls", "reading notes", "medium"),
        ),
        Claim(
            "hits_rise_then_flatten",
            "Hit@3 rises with calibration prompts and flattens at the end.",
            both(
                Trend(
                    points("hit_at_3", [(log(50), "router_50"), (log(200), "router_200"), (log(2500), "router_2500")])
                ),
                Equivalence(Cell("hit_at_3", "router_800"), Cell("hit_at_3", "router_2500"), 0.06),
            ),
            Reported("flattens at about 500K pairs", "reading notes", "medium"),
        ),
        Claim(
            "smaller_teachers_suffice",
            "More than 95 % of prompts go to smaller teachers.",
            Share(Cell("smaller_teacher", "persyn"), 0.95),
            Reported("more than 95 %", "reading notes", "medium"),
        ),
        Claim(
            "few_but_needed_long_cot",
            "Long-chain teachers get few prompts, and replacing them by short-chain ones costs score.",
            both(
                Share(Cell("long_cot_teacher", "persyn"), 0.2, "below"),
                above("student_score", "persyn", "short_cot_swap"),
            ),
            Reported("few prompts; swapping costs about 1.3 %", "reading notes", "medium"),
        ),
        Claim(
            "long_cot_alone_repeats",
            "A student trained on long chains alone repeats itself more.",
            above("repeats_itself", "persyn", "only_long_cot"),
            Reported("trend in words", "reading notes", "medium"),
        ),
        Claim(
            "cheaper_than_selecting",
            "Routing before generating needs less than a fifth of the responses of generating before selecting.",
            Superiority(
                Cell("responses", "persyn", log=True), Cell("responses", "generate_then_select", log=True), log(5)
            ),
            note="Our arithmetic: 50,000 prompts and 19 teachers give 95,000 responses against 950,000.",
        ),
    ),
)

METHODS = (PERSYN,)
