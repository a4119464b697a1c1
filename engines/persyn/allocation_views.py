"""Who teaches what: allocation of prompts to teachers, rewards of responses, and one prompt with all its responses."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from engines.persyn.alpha_views import teachers_in_order
from engines.persyn.arms import ARMS
from engines.persyn.config import ArmControl
from engines.persyn.controls import PlaceControl, RewardControl
from engines.persyn.rows import Choice, LeftOut, PromptRow, Response, Reward, TeacherRow
from workbench.contract import NoControls, Span, Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

ARM_NAMES = {arm.name: arm.title for arm in ARMS}
TRAINING = ("calibration", "routed")
NOT_CHOSEN = "not chosen"
JITTER = 0.03
"""Of the range: quality of a verifier is 0 or 1, and points would lie on each other."""
CHOSEN, OTHER = "chosen", "other response"
NO_CHOICE = "No prompt has been given to a teacher yet."


def arm_title(arm: str) -> str:
    """How pictures name an arm."""
    return ARM_NAMES.get(arm, arm)


def arms_that_chose(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Arms of the run in the order of their choices."""
    return {"arm": list(tables[Choice]["arm"].drop_duplicates())}


def allocation(tables: Tables, controls: ArmControl) -> pd.DataFrame:
    """Share of an arm's training prompts by teacher, mean over seeds.

    Columns group ("all", or a topic or difficulty), teacher, share. Prompts that nobody could answer are left out.
    """
    rows = tables[Choice]
    rows = rows[(rows["arm"] == controls.arm) & rows["split"].isin(TRAINING) & (rows["teacher"] != "")]
    if controls.group == "all":
        named = rows.assign(group="all")
    else:
        prompts = tables[PromptRow][["place", controls.group]].rename(columns={controls.group: "group"})
        named = rows[["seed", "place", "teacher"]].merge(prompts, on="place")
    if named.empty:
        return pd.DataFrame(columns=["group", "teacher", "share"])
    counts = named.groupby(["group", "seed", "teacher"], sort=False).size().unstack("teacher", fill_value=0)
    known = [name for name in teachers_in_order(tables) if name in counts]
    counts = counts[[*known, *(name for name in counts if name not in known)]]
    shares = counts.div(counts.sum(axis=1), axis=0).stack().rename("share").reset_index()
    return shares.groupby(["group", "teacher"], sort=False)["share"].mean().reset_index()


def draw_allocation(tables: Tables, controls: ArmControl) -> "go.Figure":
    """How many prompts of its training set an arm gives to each teacher."""
    shares = allocation(tables, controls)
    if controls.group == "all":
        axes = Axes("Teacher", "Share of the training prompts")
        return plotting.bars(shares, axes, Columns("teacher", "share"))
    axes = Axes(controls.group.capitalize(), "Share of the training prompts", legend="Teacher")
    columns = Columns("group", "share", by="teacher", order=teachers_in_order(tables))
    made = plotting.bars(shares, axes, columns)
    return made.update_layout(barmode="stack") if len(shares) else made


def describe_allocation(tables: Tables, controls: ArmControl) -> str:
    """The teacher that is asked most, and in which group the allocation differs most."""
    whole = allocation(tables, controls.model_copy(update={"group": "all"}))
    if whole.empty:
        return NO_CHOICE
    most = whole.loc[whole["share"].idxmax()]
    text = f"{arm_title(controls.arm)} gives {most['share']:.0%} of its training prompts to {most['teacher']}"
    strong = tables[TeacherRow]
    strong = strong[strong["role"].str.split().map(lambda roles: "strong" in roles)] if len(strong) else strong
    if len(strong):
        smaller = whole.loc[whole["teacher"] != strong["teacher"].iloc[0], "share"].sum()
        text += f", and {smaller:.0%} to others than the strong one, {strong['teacher'].iloc[0]}"
    if controls.group == "all":
        return f"{text}."
    parts = allocation(tables, controls)
    own = parts[parts["teacher"] == most["teacher"]].set_index("group")["share"]
    if own.empty:
        return f"{text}."
    ends = f"highest for {own.idxmax()} ({own.max():.0%}), lowest for {own.idxmin()} ({own.min():.0%})"
    return f"{text}. Its share is {ends}."


def reward_points(tables: Tables, controls: RewardControl) -> pd.DataFrame:
    """Responses with their rewards and who chose them: columns place, teacher, quality, learnability, chosen.

    `chosen` is the teacher where the arm took this response under its first seed, else "not chosen". Failed responses
    have no rewards and are left out.
    """
    choices = tables[Choice]
    choices = choices[choices["arm"] == controls.arm]
    choices = choices[choices["seed"] == choices["seed"].min()][["place", "teacher"]].assign(taken=True)
    rewards = tables[Reward]
    rewards = rewards[~rewards["failed"].astype(bool)]
    end = "_norm" if controls.scale == "normalised" else ""
    points = rewards[["place", "teacher"]].assign(
        quality=rewards[f"quality{end}"].astype(float), learnability=rewards[f"learnability{end}"].astype(float)
    )
    points = points.merge(choices, on=["place", "teacher"], how="left")
    taken = points["taken"].notna()
    return points.drop(columns="taken").assign(chosen=points["teacher"].where(taken, NOT_CHOSEN))


def draw_rewards(tables: Tables, controls: RewardControl) -> "go.Figure":
    """Quality against learnability of every response; chosen ones in the colour and shape of their teacher."""
    points = plotting.thin(reward_points(tables, controls))
    spread = float(points["quality"].max() - points["quality"].min() or 1.0) if len(points) else 1.0
    # By place and teacher alone, so that a point stays where it is when the picture is drawn again
    offset = np.sin(points["place"].to_numpy(float) * 12.9898 + pd.factorize(points["teacher"])[0] * 4.1)
    shown = points.assign(quality=points["quality"] + JITTER * spread * offset, label=_labels(tables, points))
    order = [*teachers_in_order(tables), NOT_CHOSEN]
    columns = Columns(
        "learnability", "quality", by="chosen", label="label", key="place", order=order, muted=(NOT_CHOSEN,)
    )
    unit = "normalised" if controls.scale == "normalised" else "mean log-likelihood of a token, nats"
    axes = Axes(f"Learnability ({unit})", f"Quality ({controls.scale})", legend="Chosen teacher")
    return plotting.scatter2d(shown, axes, columns)


def _labels(tables: Tables, points: pd.DataFrame) -> list[str]:
    texts = dict(zip(tables[PromptRow]["place"], tables[PromptRow]["text"], strict=True))
    return [
        f"{teacher}, prompt {place}: {texts.get(place, '')[:80]}"
        for teacher, place in zip(points["teacher"], points["place"], strict=True)
    ]


def describe_rewards(tables: Tables, controls: RewardControl) -> str:
    """Mean rewards of what was chosen and of what was not."""
    points = reward_points(tables, controls)
    if points.empty:
        return "No response has been scored yet."
    taken = points["chosen"] != NOT_CHOSEN
    means = points.groupby(taken)[["quality", "learnability"]].mean()
    said = []
    for side, name in ((True, "chosen"), (False, "other")):
        if side in means.index:
            quality, ease = means.loc[side]
            said.append(f"{int((taken == side).sum()):,} {name}, quality {quality:.3f} and learnability {ease:.3f}")
    return f"Responses: {'; '.join(said)} (means)."


def prompt_spans(tables: Tables, controls: PlaceControl) -> list[Span]:
    """A prompt and all responses to it with their rewards; the responses that PerSyn and others chose are marked."""
    rows = tables[Response]
    if rows.empty:
        return [Span("No teacher has answered yet.")]
    own = rows[rows["place"] == controls.place]
    place = controls.place if len(own) else int(rows["place"].iloc[0])
    own = own if len(own) else rows[rows["place"] == place]
    prompts = tables[PromptRow]
    prompt = prompts[prompts["place"] == place]
    text = str(prompt["text"].iloc[0]) if len(prompt) else ""
    gold = f"\nRight answer: {prompt['answer'].iloc[0]}" if len(prompt) and prompt["answer"].iloc[0] else ""
    return [Span(f"Prompt {place}: {text}{gold}\n\n"), *_responses(tables, own, place)]


def _responses(tables: Tables, responses: pd.DataFrame, place: int) -> Iterator[Span]:
    choices, rewards = tables[Choice], tables[Reward]
    choices, rewards = choices[choices["place"] == place], rewards[rewards["place"] == place]
    for row in responses.itertuples():
        arms = choices.loc[choices["teacher"] == row.teacher, "arm"].drop_duplicates().map(arm_title)
        reward = rewards[rewards["teacher"] == row.teacher]
        yield Span(f"{row.teacher}{': chosen by ' + ', '.join(arms) if len(arms) else ''}\n")
        if row.failed:
            yield Span(f"failed: {row.reason}\n\n")
            continue
        told = "".join(
            f"quality {r.quality:.3f}, learnability {r.learnability:.3f}, reward {r.reward:.3f}"
            for r in reward.head(1).itertuples()
        )
        yield Span(str(row.text) or "(nothing)", CHOSEN if len(arms) else OTHER, told)
        yield Span(f"\n{told}\n\n")


def teacher_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a teacher: its role, its size, what its calibration responses were worth and took."""
    rows = tables[TeacherRow].sort_values("order")
    shown = pd.DataFrame({"teacher": rows["teacher"], "role": rows["role"].str.replace("_", "-")})
    shown["same model as another"] = rows["same_model"].map({True: "yes", False: "no"})
    shown["parameters (millions)"] = (rows["parameters"].astype(float) / 1e6).round(1)
    shown["family"] = rows["family"]
    for name, digits in (
        ("answered", 0),
        ("failed", 0),
        ("quality", 3),
        ("learnability", 3),
        ("reward", 3),
        ("car", 4),
    ):
        shown[{"car": "CAR"}.get(name, name)] = rows[name].astype(float).round(digits)
    for name in ("answered", "failed"):
        shown[name] = rows[name].astype(int)
    shown["tokens a response"] = rows["tokens"].astype(float).round(1)
    shown["seconds a response"] = rows["seconds"].astype(float).round(2)
    return shown.assign(reference=rows["ref"])


def left_out_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a reason: what was not used, how much of it, and an example."""
    return tables[LeftOut].rename(columns={"what": "of"})
