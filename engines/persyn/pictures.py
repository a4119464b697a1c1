"""Pictures of a run in the order of the page: what the router does first, what the student learned apart from it."""

# pyright: reportMissingTypeStubs=false

import numpy as np
import pandas as pd

from engines.parts.rows import TOKEN_USE
from engines.persyn.config import AskedPrompt
from engines.persyn.router_pictures import ROUTER_VIEWS, ROUTERS, TRAINING
from engines.persyn.rows import (
    EXAMINED,
    ArmCost,
    AskedAnswer,
    AskedTeacher,
    Choice,
    LeftOut,
    PromptRow,
    Reward,
    StudentAnswer,
    StudentRow,
    TeacherRow,
)
from workbench.contract import Ask, Bars, Measure, Measures, NoControls, Passage, Pick, Rows, Source, Span, Tables

ALL_OF_IT = "every teacher, every prompt"
CALIBRATION, FURTHER, WHOLE = "calibration", "further", "all"
ANSWER, FINAL = "answer", "final answer"


def mean_costs(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return costs by arm, mean over seeds, in the order of the run, with the shares that are saved in percent."""
    numbers = [name for name in rows.columns if name not in ("arm", "seed")]
    means = rows.astype(dict.fromkeys(numbers, float)).groupby("arm", sort=False)[numbers].mean().reset_index()
    for name in ("tokens", "seconds"):
        whole = means[f"everything_{name}"]
        means[f"{name}_saved"] = (100 * (1 - means[name] / whole.where(whole > 0))).round(1)
    means = means.assign(saved=(100 * means["saved"]).round(1), prompts=means["prompts"].round().astype(int))
    return means.round(dict.fromkeys(numbers, 1))


def cost_parts(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return costs of each arm by part, responses in two and tokens and seconds in one; generate-then-select last."""
    if rows.empty:
        return rows.assign(part="")
    named = rows[["arm", "seed"]]
    parts = [
        named.assign(part=CALIBRATION, responses=rows["calibration_responses"]),
        named.assign(part=FURTHER, responses=rows["routed_responses"]),
        named.assign(part=WHOLE, tokens=rows["tokens"], seconds=rows["seconds"]),
    ]
    most = rows[["everything", "everything_tokens", "everything_seconds"]].max()
    whole = {"responses": most.iloc[0], "tokens": most.iloc[1], "seconds": most.iloc[2]}
    parts.append(pd.DataFrame([{"arm": ALL_OF_IT, "seed": 0, "part": WHOLE} | whole]))
    return pd.concat(parts, ignore_index=True)


def say_cost(frame: pd.DataFrame) -> str:
    """Say what the first arm saves, its calibration counted, and which arm is cheapest."""
    sums = frame.groupby("arm", sort=False)["value"].sum(min_count=1)
    whole, arms = float(sums.get(ALL_OF_IT, np.nan)), sums.drop(ALL_OF_IT, errors="ignore").dropna()
    if np.isnan(whole) or arms.empty:
        return "Not known: answers were kept from an earlier run, or came from a file that does not tell."
    saved = 1 - arms.iloc[0] / whole if whole else 0.0
    own = frame[(frame["arm"] == arms.index[0]) & (frame["part"] == CALIBRATION)]["value"]
    counted = f", with {own.iloc[0]:,.0f} of the calibration counted" if len(own) else ""
    return (
        f"{arms.index[0]} takes {arms.iloc[0]:,.0f}, against {whole:,.0f} if all teachers answer all prompts: "
        f"{saved:.0%} saved{counted}. Cheapest is {arms.idxmin()} ({arms.min():,.0f})."
    )


def wrong_shares(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return how much of each arm's training set is wrong, means over seeds; nothing where quality is no verdict.

    Columns arm, examples, wrong, share, routed, routed_share (both shares in percent) and hopeless.
    """
    rewards = tables[Reward][["place", "teacher", "quality"]].dropna()
    if rewards.empty or not rewards["quality"].isin((0.0, 1.0)).all():
        return pd.DataFrame(columns=["arm", "examples", "wrong", "share", "routed", "routed_share", "hopeless"])
    best = rewards.groupby("place")["quality"].max().rename("best_quality")
    mine = rows[rows["split"].isin(TRAINING)].merge(rewards, on=["place", "teacher"]).merge(best, on="place")
    wrong, routed = mine["quality"] == 0, mine["split"] == "routed"
    lost = wrong & (mine["best_quality"] == 0) & (mine["best"] != "")
    mine = mine.assign(examples=1, wrong=wrong, routed=routed, routed_wrong=wrong & routed, hopeless=lost)
    counted = ["examples", "wrong", "routed", "routed_wrong", "hopeless"]
    means = mine.groupby(["arm", "seed"], sort=False)[counted].sum().groupby("arm", sort=False).mean()
    shares = {"share": means["wrong"] / means["examples"], "routed_share": means["routed_wrong"] / means["routed"]}
    return means.assign(**{name: 100 * share for name, share in shares.items()}).round(1).reset_index()


def student_means(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return what the students of each arm learned from and how many problems they solved, means over seeds."""
    numbers = ["accuracy", "examined", "examples", "different", "tokens", "updates", "right_share"]
    measured = ["first_loss", "last_loss", "seconds"]
    grouped = rows.astype(dict.fromkeys([*numbers, *measured], float)).groupby("arm", sort=False)
    shown = grouped[[*numbers, *measured]].mean().assign(seeds=grouped["seed"].nunique())
    shown = shown.assign(accuracy=100 * shown["accuracy"], right_share=100 * shown["right_share"])
    return shown.round(dict.fromkeys(numbers, 1) | dict.fromkeys(measured, 3)).reset_index()


def problems_and_answers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return answers of students with their problems in full, and whether they are right as "yes" or "no"."""
    texts = tables[PromptRow].drop_duplicates("place").set_index("place")["text"]
    problem = rows["place"].map(texts).fillna(rows["prompt"]).astype(str)
    return rows.assign(problem=problem, right=rows["right"].map({True: "yes", False: "no"}))


def listed_teachers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return teachers in their order: role, size, what their calibration responses were worth and took."""
    digits = {"quality": 3, "learnability": 3, "reward": 3, "car": 4, "tokens": 1, "seconds": 2}
    rounded = {name: rows[name].astype(float).round(count) for name, count in digits.items()}
    return rows.assign(
        role=rows["role"].str.replace("_", "-"),
        same_model=rows["same_model"].map({True: "yes", False: "no"}),
        parameters=(rows["parameters"].astype(float) / 1e6).round(1),
        **rounded,
    )


def asked_teachers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return teachers for the asked prompt, numbers rounded."""
    return rows.assign(
        score=rows["score"].astype(float).round(3),
        chance=(100 * rows["chance"].astype(float)).round(1),
        parameters=(rows["parameters"].astype(float) / 1e6).round(1),
        chosen=rows["chosen"].map({True: "yes", False: ""}),
    )


def say_asked(frame: pd.DataFrame) -> str:
    """Say who is sent the prompt, and how clearly."""
    ranked = frame.sort_values("value", ascending=False, kind="stable").to_dict("records")
    first = f"{ranked[0]['teacher']} is sent the prompt: {ranked[0]['value']:.0%} chance to beat another teacher"
    return f"{first}." if len(ranked) < 2 else f"{first}; next {ranked[1]['teacher']} ({ranked[1]['value']:.0%})."


def answer_spans(tables: Tables, controls: NoControls) -> list[Span]:
    """Return the answer of the teacher that won, with what the verifier reads out of it."""
    rows = tables[AskedAnswer]
    if rows.empty:
        return [Span("No teacher has been asked yet.")]
    row = rows.iloc[0]
    if not row["text"]:
        return [Span(f"{row['teacher']} gave no answer. {row['note']}")]
    spans = [Span(f"{row['teacher']}, {row['tokens']} tokens:\n\n"), Span(str(row["text"]), ANSWER)]
    return [*spans, Span("\n\nFinal answer: "), Span(str(row["final"]), FINAL)] if row["final"] else spans


COST_VIEWS = (
    Bars(
        "cost", "Router: what a training set costs", Source(ArmCost, where=cost_parts), "arm",
        Measure({"responses": "Responses of teachers", "tokens": "Tokens that teachers write",
                 "seconds": "Seconds of teachers"}),
        by="part", axes=("Arm", ""), order=(CALIBRATION, FURTHER, WHOLE), stacked=True, says=say_cost,
        group="Cost", claim="fewer_responses",
        help="Responses that teachers must give, those of the calibration counted in full. Judging the router is not "
        "counted. Of responses that were never asked for, each teacher's mean stands in.",
    ),
    Rows(
        "costs", "Router: costs by arm", Source(ArmCost, where=mean_costs), group="Cost", help="Means over seeds.",
        columns={
            "arm": "arm", "prompts": "prompts", "calibration_responses": "calibration responses",
            "routed_responses": "further responses", "responses": "responses", "everything": ALL_OF_IT,
            "saved": "responses saved %", "tokens": "tokens", "tokens_saved": "tokens saved %", "seconds": "seconds",
            "seconds_saved": "seconds saved %",
        },
    ),
)  # fmt: skip
WRONG_EXAMPLES = Rows(
    "wrong_examples", "Router: wrong examples in the training sets", Source(Choice, (Reward,), wrong_shares),
    group="Router",
    columns={"arm": "arm", "examples": "examples", "wrong": "wrong", "share": "wrong %", "routed": "routed examples",
             "routed_share": "wrong, routed %", "hopeless": "no teacher was right"},
    help="Examples whose final answer the verifier finds wrong, means over seeds. Rewards are compared within a "
    "prompt: where no teacher is right one of the wrong answers still has the highest reward, and is learned from.",
)  # fmt: skip
STUDENT_VIEWS = (
    Measures(
        "students", "Student: accuracy after training", ("accuracy",), within=EXAMINED,
        group="Students", claim="student_persyn_beats_car",
        help="What the paper's claim is about: the same student trained on the set of each arm, with an equal number "
        "of tokens, and examined on problems that no training has seen.",
    ),
    Rows(
        "student_table", "Student: training sets and scores", Source(StudentRow, where=student_means),
        group="Students",
        columns={
            "arm": "arm", "seeds": "seeds", "accuracy": "solved %", "examined": "examined", "examples": "examples",
            "different": "different", "tokens": "tokens read", "updates": "updates",
            "right_share": "right in the set %", "first_loss": "first loss", "last_loss": "last loss",
            "seconds": "seconds",
        },
        help="Means over seeds; the untuned student is examined alike. Few different examples mean that a small set "
        "was repeated to fill the budget.",
    ),
    Rows(
        "student_answers", "Student: answers",
        Source(StudentAnswer, (PromptRow,), problems_and_answers, (Pick("arm", help="Whose students answered."),)),
        group="Students",
        columns={"seed": "seed", "problem": "problem", "text": "answer", "final": "read", "gold": "gold",
                 "right": "right"},
        help="What the students of one arm answered in their examination.",
    ),
)  # fmt: skip
TABLES = (
    Rows(
        "teachers", "Teachers", Source(TeacherRow, where=listed_teachers), sort="order", group="Data",
        columns={
            "teacher": "teacher", "role": "role", "same_model": "same model as another",
            "parameters": "parameters (millions)", "family": "family", "answered": "answered", "failed": "failed",
            "quality": "quality", "learnability": "learnability", "reward": "reward", "car": "CAR",
            "tokens": "tokens a response", "seconds": "seconds a response", "ref": "reference",
        },
        help="From the calibration responses. Teachers that are one model asked in two ways differ in style, not in "
        "strength.",
    ),
    ROUTERS,
    Rows(
        "left_out", "Left out", Source(LeftOut), group="Data",
        columns={"what": "of", "teacher": "teacher", "reason": "reason", "count": "count", "example": "example"},
        help="What was used, and prompts and responses that were not. A failed response takes part in no pair and "
        "never counts as zero.",
    ),
    TOKEN_USE,
)  # fmt: skip

VIEWS = (*ROUTER_VIEWS, WRONG_EXAMPLES, *COST_VIEWS, *STUDENT_VIEWS, *TABLES)
ASK = Ask(
    title="Which teacher for your prompt?",
    question=AskedPrompt,
    views=(
        Bars(
            "asked_scores", "Teachers for your prompt", Source(AskedTeacher), "teacher", "chance", says=say_asked,
            axes=("Teacher", "Chance to beat another teacher"),
            help="From the prompt alone, before anybody answers.",
        ),
        Rows(
            "asked_teachers", "Scores", Source(AskedTeacher, where=asked_teachers), sort="-score",
            columns={"teacher": "teacher", "score": "score", "chance": "chance to beat another %",
                     "parameters": "parameters (millions)", "chosen": "sent to"},
        ),
        Passage("asked_answer", "Answer of the chosen teacher", (AskedAnswer,), answer_spans),
    ),
    rows=(AskedTeacher, AskedAnswer),
)  # fmt: skip
