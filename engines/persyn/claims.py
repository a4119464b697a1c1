"""What the paper says, of routers and of students apart, in a form that a run can confirm or refute."""

from collections.abc import Sequence

from engines.persyn.slices import COST, EXAMINED, HELD_OUT
from workbench.claims import Cell, Claim, NonInferiority, Reported, Share, Superiority

TABLE = "third-party notes, averages of six benchmarks"
ABLATION = "third-party notes, ablations"
CLOSE = 0.05
"""Of the reward, which lies in [0, 1] under min-max."""
SLIGHT = 0.02
"""Of the accuracy."""
STUDENTS_NOTE = "Trained at an equal token budget; a student stands for its arm only over several seeds."
REWARD_NOTE = (
    "A claim about the router. It is trained on this very reward, so that winning here is nearly certain and proves "
    "little; see the claims about students."
)


def _reward(arm: str) -> Cell:
    return Cell("reward", arm, HELD_OUT)


def _accuracy(arm: str) -> Cell:
    return Cell("accuracy", arm, EXAMINED)


def _student(better: str, than: str, sentence: str, value: str) -> Claim:
    return Claim(
        f"student_{better}_beats_{than}",
        sentence,
        Superiority(_accuracy(better), _accuracy(than)),
        paper=Reported(value, TABLE, "medium"),
        note=STUDENTS_NOTE,
    )


ROUTER_CLAIMS: Sequence[Claim] = (
    Claim(
        "router_beats_one_teacher",
        "Router: on held-out prompts PerSyn's choices have a higher combined reward than CAR's one teacher.",
        Superiority(_reward("persyn"), _reward("car")),
        note=REWARD_NOTE,
    ),
    Claim(
        "router_is_close_to_oracle",
        f"Router: on held-out prompts PerSyn's choices come within {CLOSE:g} of the highest possible combined reward.",
        NonInferiority(_reward("persyn"), _reward("oracle"), CLOSE),
        paper=Reported("27.18 against 27.63, 40.53 against 41.02, 30.35 against 30.18 on the student's score", TABLE,
                       "medium"),
        note="The paper compares students; here the rewards of the choices are compared as well.",
    ),
    Claim(
        "router_orders_pairs",
        "Router: it orders more than half of the pairs of teachers on held-out prompts as their rewards do.",
        Share(Cell("pairwise", "persyn", HELD_OUT), 0.5),
        note="Our own claim: without it the router has learned nothing of pairs. Always the same order can pass it.",
    ),
    Claim(
        "smaller_teachers_are_chosen",
        "Router: most prompts go to teachers other than the strongest one.",
        Share(Cell("smaller", "persyn", HELD_OUT), 0.5),
        paper=Reported("more than 95 % of the prompts", TABLE, "medium"),
        note="Not judged where teachers are of one size, as several askings of one model are.",
    ),
    Claim(
        "fewer_responses",
        "Cost: PerSyn asks for fewer responses than the oracle, which has every teacher answer every prompt.",
        Superiority(Cell("responses", "persyn", COST), Cell("responses", "oracle", COST)),
        paper=Reported("950K against 95K responses by our count (50K prompts, 19 teachers)", "derived"),
        note="Certain by construction; the share that is saved is what matters, and the calibration is counted.",
    ),
)  # fmt: skip

STUDENT_CLAIMS: Sequence[Claim] = (
    _student(
        "persyn", "car", "Student: taught by each prompt's own teacher it is more accurate than taught by CAR's one "
        "teacher.", "34.13 against 32.77 (Qwen2.5-0.5B), 50.63 against 49.21 (1.5B), 58.09 against 57.17 (3B)",
    ),
    _student(
        "car", "mix", "Student: taught by CAR's one teacher it is more accurate than by a mix of strong and weak "
        "teachers.", "32.77 against 30.75 (Qwen2.5-0.5B), 49.21 against 47.79 (1.5B), 57.17 against 55.39 (3B)",
    ),
    _student(
        "mix", "strong", "Student: taught by a mix of strong and weak teachers it is more accurate than by the strong "
        "one alone.", "30.75 against 28.51 (Qwen2.5-0.5B), 47.79 against 46.82 (1.5B), 55.39 against 55.38 (3B)",
    ),
    Claim(
        "student_is_close_to_oracle",
        f"Student: taught by the router's choices it is less than {SLIGHT:.0%} worse than taught by the oracle's.",
        NonInferiority(_accuracy("persyn"), _accuracy("oracle"), SLIGHT),
        paper=Reported("27.18 against 27.63 (0.5B), 40.53 against 41.02 (3B), 30.35 against 30.18 (Llama-3B)", TABLE,
                       "medium"),
        note=STUDENTS_NOTE,
    ),
    Claim(
        "quality_matters_more",
        "Student: choosing without quality costs it more accuracy than choosing without learnability.",
        Superiority(_accuracy("no_learnability"), _accuracy("no_quality")),
        paper=Reported("about 2 to 4 points against 1 to 2", ABLATION, "medium"),
        note=STUDENTS_NOTE,
    ),
    Claim(
        "teaching_teaches",
        "Student: taught by the router's choices it is more accurate than the untuned one.",
        Superiority(_accuracy("persyn"), _accuracy("untuned")),
        note="Our own claim: without it the other claims compare students that learned nothing.",
    ),
)  # fmt: skip

CLAIMS = (*ROUTER_CLAIMS, *STUDENT_CLAIMS)
