"""The views of a run, in the order of the page: what the router does first, what the student learned apart from it."""

from engines.parts.rows import TOKEN_USE
from engines.persyn import allocation_views, alpha_views, asked_views, cost_views, router_views, student_views
from engines.persyn.config import AlphaControl, ArmControl, AskedPrompt, CurveControl
from engines.persyn.controls import CostControl, PlaceControl, RewardControl, RouterControl, StudentControl
from engines.persyn.rows import (
    ArmCost,
    AskedAnswer,
    AskedTeacher,
    Choice,
    CurvePoint,
    LeftOut,
    PairBin,
    PromptRow,
    Response,
    Reward,
    RouterRow,
    RouterScore,
    StudentAnswer,
    StudentRow,
    TeacherRow,
)
from engines.persyn.slices import EXAMINED, HELD_OUT
from workbench.contract import Ask, Chart, Listing, Measures, Passage

PROVES_LITTLE = (
    "The router learns from this very reward: that it beats CAR or a fixed teacher on it is nearly certain and proves "
    "little. Whether its data teach better is seen under Student alone."
)

ROUTER_VIEWS = (
    Chart(
        "allocation",
        "Router: who teaches what",
        (Choice, PromptRow, TeacherRow),
        allocation_views.draw_allocation,
        allocation_views.describe_allocation,
        controls=ArmControl,
        options=allocation_views.arms_that_chose,
        help="Share of the training prompts that each teacher is given, together or apart by topic and difficulty. "
        "Means over seeds.",
    ),
    Chart(
        "alpha",
        "Router: another weight of learnability",
        (Reward, RouterScore, TeacherRow, PromptRow),
        alpha_views.draw_alpha,
        alpha_views.describe_alpha,
        controls=AlphaControl,
        help="Move alpha: 0 asks for quality alone, 1 for what the student finds likely. Stored rewards are weighed "
        "anew and nothing is computed besides; the router stays as it was trained. Shown are prompts that all teachers "
        f"were asked and the router did not learn from, where there are such. {PROVES_LITTLE}",
    ),
    Listing(
        "alpha_table",
        "Router: reward and regret by alpha",
        (Reward, RouterScore, TeacherRow, PromptRow),
        alpha_views.alpha_rows,
        controls=AlphaControl,
        help="Regret: what a choice gets less than the best teacher of each prompt. The best single teacher is found "
        f"in hindsight on these prompts. A response that failed gets the lowest reward of its prompt. {PROVES_LITTLE}",
    ),
    Chart(
        "rewards",
        "Router: quality and learnability",
        (Reward, Choice, PromptRow, TeacherRow),
        allocation_views.draw_rewards,
        allocation_views.describe_rewards,
        controls=RewardControl,
        options=allocation_views.arms_that_chose,
        selects="place",
        help="Each point is a response; what the arm chose has the colour and shape of its teacher. Quality is spread "
        "a little, because right and wrong would hide each other. A click shows the prompt below.",
    ),
    Passage(
        "one_prompt",
        "One prompt, all responses",
        (Response, Reward, Choice, PromptRow),
        allocation_views.prompt_spans,
        controls=PlaceControl,
        help="Every response to a prompt with its rewards, and which arms chose it.",
    ),
    Measures(
        "router_measures",
        "Router: arms on held-out prompts",
        metrics=(
            "reward",
            "regret",
            "quality",
            "learnability",
            "hit_1",
            "hit_3",
            "pairwise",
            "smaller",
        ),
        within=HELD_OUT,
        help=f"Prompts that no router saw, with the responses of all teachers. {PROVES_LITTLE}",
    ),
    Chart(
        "curve",
        "Router: how many calibration prompts",
        (CurvePoint,),
        router_views.draw_curve,
        router_views.describe_curve,
        controls=CurveControl,
        help="Routers trained on parts of the calibration, judged on held-out prompts: the mean over seeds, and each "
        "seed as a point. Where the router does not come below the grey line, a single teacher would have done.",
    ),
    Chart(
        "confusion",
        "Router: chosen against best teacher",
        (Choice, TeacherRow),
        router_views.draw_confusion,
        router_views.describe_confusion,
        controls=RouterControl,
        options=router_views.arms_held_out,
        help="Held-out prompts, counted over seeds; the diagonal is right. Where two teachers are equally good, the "
        "first counts as the best here, while hit@1 lets both count.",
    ),
    Chart(
        "score_differences",
        "Router: do score differences mean what they say?",
        (PairBin,),
        router_views.draw_pairs,
        router_views.describe_pairs,
        controls=RouterControl,
        options=router_views.arms_with_bins,
        help="A score difference is a predicted chance that one teacher beats another. On the dotted line predictions "
        "come true; a flatter curve is overconfident.",
    ),
    Chart(
        "cost",
        "Router: what a training set costs",
        (ArmCost,),
        cost_views.draw_cost,
        cost_views.describe_cost,
        controls=CostControl,
        help="Responses that teachers must give, those of the calibration counted in full. Judging the router is not "
        "counted. Of responses that were never asked for, each teacher's mean stands in.",
    ),
    Listing("costs", "Router: costs by arm", (ArmCost,), cost_views.cost_rows, help="Means over seeds."),
)

STUDENT_VIEWS = (
    Measures(
        "students",
        "Student: accuracy after training",
        metrics=("accuracy",),
        within=EXAMINED,
        help="What the paper's claim is about: the same student trained on the set of each arm, with an equal number "
        "of tokens, and examined on problems that no training has seen.",
    ),
    Listing(
        "student_table",
        "Student: training sets and scores",
        (StudentRow,),
        student_views.student_rows,
        help="Means over seeds; the untuned student is examined alike. Few different examples mean that a small set "
        "was repeated to fill the budget.",
    ),
    Listing(
        "student_answers",
        "Student: answers",
        (StudentAnswer, PromptRow),
        student_views.answer_rows,
        controls=StudentControl,
        options=student_views.arms_examined,
        help="What the students of one arm answered in their examination.",
    ),
)

TABLES = (
    Listing(
        "teachers",
        "Teachers",
        (TeacherRow,),
        allocation_views.teacher_rows,
        help="From the calibration responses. Teachers that are one model asked in two ways differ in style, not in "
        "strength.",
    ),
    Listing(
        "routers",
        "Routers",
        (RouterRow,),
        router_views.router_rows,
        help="Loss of a pair in nats; 0.693 is no knowledge. The files of the run hold each router as a folder that "
        "loads in five lines.",
    ),
    Listing(
        "left_out",
        "Left out",
        (LeftOut,),
        allocation_views.left_out_rows,
        help="What was used, and prompts and responses that were not. A failed response takes part in no pair and "
        "never counts as zero.",
    ),
    TOKEN_USE,
)

VIEWS = (*ROUTER_VIEWS, *STUDENT_VIEWS, *TABLES)

ASK = Ask(
    title="Which teacher for your prompt?",
    question=AskedPrompt,
    views=(
        Chart(
            "asked_scores",
            "Teachers for your prompt",
            (AskedTeacher,),
            asked_views.draw_asked,
            asked_views.describe_asked,
            help="From the prompt alone, before anybody answers.",
        ),
        Listing("asked_teachers", "Scores", (AskedTeacher,), asked_views.asked_teacher_rows),
        Passage("asked_answer", "Answer of the chosen teacher", (AskedAnswer,), asked_views.asked_spans),
    ),
    rows=(AskedTeacher, AskedAnswer),
)
