"""Rows of a run that never was: three teachers, one of which fails at times, four arms, two seeds; numbers invented."""

import numpy as np
import pandas as pd

from engines.parts.ranking import best_column, calibration_of, chosen_rewards, hit_at, regrets
from engines.parts.rows.token_use import TokenUse
from engines.parts.rows.training_step import TrainingStep
from engines.persyn import rows as kinds
from engines.persyn.pictures import ASK, VIEWS
from engines.persyn.rewards import combined, normalised
from engines.persyn.rows import EXAMINED, HELD_OUT
from workbench.contract.schema import Outcome, Row
from workbench.contract.views import Tables

TEACHERS = ("tiny a", "tiny b", "big c")
ARMS = ("persyn", "strong", "random", "oracle")
ALPHA = 0.4
GAP = float("nan")
SPLITS = ("calibration",) * 6 + ("routed",) * 4 + ("held_out",) * 8 + ("examined",) * 2
SHOWN = tuple(dict.fromkeys(kind for view in (*VIEWS, *ASK.views) for kind in view.reads))


def tables_of(frames: dict[type[Row], pd.DataFrame]) -> Tables:
    """Tables with these frames; every other type is empty."""
    made = {kind: frames.get(kind, pd.DataFrame(columns=list(kind.model_fields))) for kind in SHOWN}
    return Tables(lambda kind: made[kind], SHOWN)


def frame(kind: type[Row], /, **columns) -> pd.DataFrame:
    """Rows of a type from columns; it has exactly the type's fields."""
    made = pd.DataFrame(columns)
    assert set(made.columns) == set(kind.model_fields), set(made.columns) ^ set(kind.model_fields)
    return made[list(kind.model_fields)]


def numbers(teachers: int = 3, failing: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Raw quality, raw learnability and router scores, (20, T) each."""
    draw = np.random.default_rng(3)
    quality = (draw.random((20, teachers)) < 0.5).astype(float)
    ease = -3 * draw.random((20, teachers))
    if failing:
        quality[::5, -1] = ease[::5, -1] = np.nan
    scores = draw.normal(size=(20, teachers))
    return quality, ease, scores - scores.mean(1, keepdims=True)


def long(places: np.ndarray, names: tuple[str, ...]) -> dict:
    """Places, splits and teachers of long rows."""
    repeated = np.repeat(places, len(names))
    return {"place": repeated, "split": [SPLITS[at] for at in repeated], "teacher": list(names) * len(places)}


def shown_frames(teachers: int = 3, failing: bool = True) -> dict[type[Row], pd.DataFrame]:
    """Frames of every row type of a finished run."""
    names = TEACHERS[-teachers:]
    quality, ease, scores = numbers(teachers, failing)
    parts = normalised(quality, "minmax"), normalised(ease, "minmax")
    reward = combined(*parts, ALPHA)
    asked = np.array([at for at, split in enumerate(SPLITS) if split in ("calibration", "held_out")])
    flat = lambda values: values[asked].ravel()  # noqa: E731
    failed = np.isnan(quality)
    found = {
        kinds.Reward: frame(
            kinds.Reward, **long(asked, names), quality=flat(quality), learnability=flat(ease),
            quality_norm=flat(parts[0]), learnability_norm=flat(parts[1]), reward=flat(reward), failed=flat(failed),
            parallel=True,
        ),
        kinds.Response: frame(
            kinds.Response, place=np.repeat(asked, teachers), teacher=list(names) * len(asked),
            text=["" if gone else "2 + 2 = 4" for gone in flat(failed)], final="4", tokens=7, seconds=0.5,
            failed=flat(failed), reason=["empty" if gone else "" for gone in flat(failed)],
        ),
        kinds.PromptRow: frame(
            kinds.PromptRow, place=range(20), prompt=[f"p{at}" for at in range(20)], text="How many?", answer="4",
            topic=["apples", "coins"] * 10, difficulty=(["short", "medium", "long"] * 7)[:20], split=list(SPLITS),
        ),
        kinds.TeacherRow: frame(
            kinds.TeacherRow, teacher=list(names), ref=[f"m#{name}" for name in names], profile="direct",
            order=range(teachers), parameters=[GAP, 2e6, 9e6][-teachers:], family="llama",
            role=["weak", "car", "strong"][-teachers:], same_model=False, answered=6, failed=1, quality=0.5,
            learnability=-1.2, reward=0.6, car=0.1, tokens=7.0, seconds=0.5,
        ),
    }  # fmt: skip
    chosen = _chosen(names, reward, scores) | {Outcome: _outcomes(names, reward, scores)}
    return found | chosen | _measured(names, reward, scores) | _taught()


def _chosen(names, reward, scores) -> dict[type[Row], pd.DataFrame]:
    best = best_column(reward)
    picks = {
        "persyn": scores.argmax(1), "strong": np.full(20, len(names) - 1), "random": np.arange(20) % len(names),
        "oracle": best,
    }  # fmt: skip
    places = np.arange(18)
    choices = [
        frame(
            kinds.Choice, arm=arm, seed=seed, place=places, split=list(SPLITS[:18]),
            teacher=[names[at] for at in pick[:18]], how="router", best=[names[at] for at in best[:18]],
            reward=chosen_rewards(reward, pick)[:18], regret=regrets(reward, pick)[:18], hit_3=True,
        )
        for arm, pick in picks.items()
        for seed in (0, 1)
    ]  # fmt: skip
    routed = np.arange(6, 18)
    scored = [
        frame(kinds.RouterScore, arm=arm, seed=seed, **long(routed, names), score=sign * scores[routed].ravel())
        for arm, sign in (("no_quality", -1), ("persyn", 1))
        for seed in (0, 1)
    ]
    return {
        kinds.Choice: pd.concat(choices, ignore_index=True),
        kinds.RouterScore: pd.concat(scored, ignore_index=True),
    }


def _outcomes(names, reward, scores) -> pd.DataFrame:
    """Rewards, hits and accuracies of two arms under two seeds."""
    held = np.arange(10, 18)
    picks = {"persyn": scores.argmax(1), "strong": np.full(20, len(names) - 1)}
    found = []
    for seed in (0, 1):
        for arm, pick in picks.items():
            values = {
                ("reward", HELD_OUT): chosen_rewards(reward, pick)[held],
                ("hit_1", HELD_OUT): hit_at(scores, reward, 1)[held],
                ("accuracy", EXAMINED): (held + seed + len(arm)) % 2.0,
            }
            found += [
                frame(Outcome, arm=arm, metric=metric, seed=seed, value=value, item=[f"p{at}" for at in held],
                      cluster=[f"w{at % 4}" for at in held], slice=where)
                for (metric, where), value in values.items()
            ]  # fmt: skip
    return pd.concat(found, ignore_index=True).dropna(subset=["value"])


def _measured(names, reward, scores) -> dict[type[Row], pd.DataFrame]:
    held = slice(10, 18)
    bins = calibration_of(scores[held], reward[held])
    sizes = [2, 4, 6]
    return {
        kinds.CurvePoint: frame(
            kinds.CurvePoint, seed=[0] * 3 + [1] * 3, calibration=sizes * 2, pairs=[3 * size for size in sizes] * 2,
            regret=[0.4, 0.3, 0.2, 0.2, 0.1, 0.0], hit_1=0.5, hit_3=GAP, pairwise=0.6, single=0.3,
        ),
        kinds.PairBin: frame(
            kinds.PairBin, arm="persyn", seed=0, low=bins.low, high=bins.high, predicted=bins.predicted,
            observed=bins.observed, pairs=bins.pairs,
        ),
        kinds.RouterRow: frame(
            kinds.RouterRow, arm=["persyn"], seed=0, kind="linear", backbone="m", prompts=6, pairs=16, ties=1,
            excluded=2, first_loss=0.6931, last_loss=0.5, seconds=0.1, artifact="router-persyn-0.safetensors",
        ),
        kinds.ArmCost: frame(
            kinds.ArmCost, arm=["persyn", "persyn", "strong", "oracle"], seed=[0, 1, 0, 0], prompts=10,
            calibration_responses=[18, 18, 0, 0], routed_responses=[4, 4, 10, 30], responses=[22, 22, 10, 30],
            everything=30, saved=[8 / 30, 8 / 30, 2 / 3, 0.0], tokens=[154.0, 154.0, 70.0, 210.0],
            everything_tokens=210.0, seconds=[11.0, 11.0, 5.0, 15.0], everything_seconds=15.0,
        ),
        kinds.LeftOut: frame(
            kinds.LeftOut, what=["responses"], teacher="big c", reason="empty", count=3, example="How many?"
        ),
        TokenUse: frame(
            TokenUse, stage=["Answer"], arm="", seed=0, model="m", calls=3, prompt_tokens=30, completion_tokens=21,
            cut=1, empty=0, computed_tokens=51, reused=0, seconds=1.0,
        ),
    }  # fmt: skip


def _taught() -> dict[type[Row], pd.DataFrame]:
    cells = [(arm, seed) for arm in ("persyn", "strong", "untuned") for seed in (0, 1)]
    arms, seeds = [arm for arm, _ in cells], [seed for _, seed in cells]
    return {
        kinds.StudentRow: frame(
            kinds.StudentRow, arm=arms, seed=seeds, examples=10, different=8, tokens=400, right_share=0.5, updates=3,
            first_loss=2.0, last_loss=1.0, accuracy=[0.5, 0.7, 0.4, 0.4, 0.2, 0.2], examined=2, seconds=1.0, model="m",
        ),
        kinds.StudentAnswer: frame(
            kinds.StudentAnswer, arm=arms, seed=seeds, place=18, prompt="p18", text="It is 4.", final="4", gold="4",
            right=[True, False] * 3,
        ),
        TrainingStep: frame(
            TrainingStep, arm=["persyn"] * 3 + ["strong"] * 3, seed=0, adapter="x", step=[1, 2, 3] * 2,
            loss=[2.0, 1.5, 1.0, 2.5, 2.0, 1.5], learning_rate=1e-3, tokens=40, seconds=0.1,
        ),
        kinds.AskedTeacher: frame(
            kinds.AskedTeacher, teacher=["tiny b", "big c"], score=[0.5, -0.5], chance=[0.73, 0.27],
            chosen=[True, False], parameters=[2e6, GAP],
        ),
        kinds.AskedAnswer: frame(
            kinds.AskedAnswer, teacher=["tiny b"], text="14 - 5 = 9. The answer is 9.", final="9", tokens=9,
            seconds=0.5, note="",
        ),
    }  # fmt: skip
