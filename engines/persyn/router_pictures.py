"""Pictures of the routers: who teaches what, rewards of responses, calibration sizes, right and wrong choices."""

# pyright: reportMissingTypeStubs=false

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engines.persyn.alpha_sweep import ALPHA_VIEWS, PROVES_LITTLE, teachers_in_order
from engines.persyn.claims import ARMS
from engines.persyn.config import PlaceControl
from engines.persyn.rows import (
    HELD_OUT,
    Choice,
    CurvePoint,
    PairBin,
    PromptRow,
    Response,
    Reward,
    RouterRow,
    TeacherRow,
)
from workbench.contract import (
    Bars,
    Curves,
    Matrix,
    Measure,
    Measures,
    Passage,
    Pick,
    Points,
    Rows,
    Source,
    Span,
    Tables,
)

TRAINING = ("calibration", "routed")
GROUPS = ("all", "topic", "difficulty")
SHARES = ("arm", "group", "prompts", "seed", "teacher", "share")
NOT_CHOSEN = "not chosen"
JITTER = 0.03
"""Of the range: quality of a verifier is 0 or 1, and points would lie on each other."""
CHOSEN, OTHER = "chosen", "other response"
ROUTER, SINGLE = "router", "best single teacher"
AS_SAID = "as predicted"
ARM = Pick("arm", help="Whose choices are shown.")


def allocation_shares(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return share of each arm's training prompts by teacher, together and apart by topic and difficulty.

    Columns `SHARES`: group is one of `GROUPS`, prompts names a topic or a difficulty. Prompts that nobody could answer
    are left out.
    """
    rows = rows[rows["split"].isin(TRAINING) & (rows["teacher"] != "")][["arm", "seed", "place", "teacher"]]
    parts = [pd.DataFrame(columns=list(SHARES))]
    for group in GROUPS:
        if group == "all":
            named = rows.assign(prompts="all prompts")
        else:
            named = rows.merge(tables[PromptRow][["place", group]].rename(columns={group: "prompts"}), on="place")
        if len(named):
            keys = ["arm", "prompts", "seed", "teacher"]
            counts = named.groupby(keys, sort=False).size().unstack("teacher", fill_value=0)
            names = [*(name for name in teachers_in_order(tables, rows) if name in counts), *counts.columns]
            counts = counts[list(dict.fromkeys(names))]
            shares = counts.div(counts.sum(axis=1), axis=0).stack().rename("share").reset_index()
            parts.append(shares.assign(group=group)[list(SHARES)])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def say_allocation(frame: pd.DataFrame) -> str:
    """Say which teacher is asked most, and for which prompts most and least."""
    means = frame.groupby("teacher", sort=False)["value"].mean()
    most = means.idxmax()
    own = frame[frame["teacher"] == most].set_index("prompts")["value"]
    if len(own) == 1:
        others = ", ".join(f"{name} {share:.0%}" for name, share in means.drop(most).items()) or "nobody else any"
        return f"{most} teaches {means.max():.0%} of the training prompts, {others}."
    ends = f"most for {own.idxmax()} ({own.max():.0%}), least for {own.idxmin()} ({own.min():.0%})"
    return f"{most} is asked most, {ends}."


def rewarded_responses(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return responses with their rewards, by arm and by scale (raw, normalised), and who chose them.

    `chosen` is the teacher where the arm took this response under its first seed, else "not chosen"; `height` is the
    quality, spread a little. Failed responses have no rewards and are left out.
    """
    scored = rows[~rows["failed"].astype(bool)]
    names = teachers_in_order(tables, rows)
    texts = tables[PromptRow].drop_duplicates("place").set_index("place")["text"].astype(str).str[:80]
    asked = scored["place"].map(texts).fillna("")
    scored = scored.assign(
        # By place and teacher alone, so that a point stays where it is when the picture is drawn again
        offset=np.sin(scored["place"].to_numpy(float) * 12.9898 + pd.factorize(scored["teacher"])[0] * 4.1),
        label=scored["teacher"].astype(str) + ", prompt " + scored["place"].astype(str) + ": " + asked.astype(str),
    )
    choices = tables[Choice]
    parts = []
    for arm in choices["arm"].drop_duplicates() if len(choices) else [""]:
        own = choices[choices["arm"] == arm]
        own = own[own["seed"] == own["seed"].min()][["place", "teacher"]].assign(chosen=own["teacher"])
        marked = scored.merge(own, on=["place", "teacher"], how="left").fillna({"chosen": NOT_CHOSEN})
        rank = pd.Categorical(marked["chosen"], [*names, NOT_CHOSEN]).codes
        marked = marked.assign(arm=arm).iloc[np.argsort(rank, kind="stable")]
        parts += [_on_scale(marked, "raw", ""), _on_scale(marked, "normalised", "_norm")]
    return pd.concat(parts, ignore_index=True)


def _on_scale(marked: pd.DataFrame, scale: str, end: str) -> pd.DataFrame:
    quality, ease = marked[f"quality{end}"].astype(float), marked[f"learnability{end}"].astype(float)
    spread = (quality.max() - quality.min()) or 1.0
    shown = marked[["arm", "place", "teacher", "chosen", "label"]]
    return shown.assign(
        scale=scale, quality=quality, learnability=ease, height=quality + JITTER * spread * marked["offset"]
    )


def say_rewards(points: pd.DataFrame) -> str:
    """Say the mean rewards of what was chosen and of what was not."""
    said = []
    for name, part in points.groupby(np.where(points["chosen"] == NOT_CHOSEN, "other", "chosen")):
        means = f"quality {part['quality'].mean():.3f} and learnability {part['learnability'].mean():.3f}"
        said.append(f"{len(part):,} {name}, {means}")
    return f"Responses: {'; '.join(said)} (means)."


def prompt_spans(tables: Tables, controls: PlaceControl) -> list[Span]:
    """Return a prompt and all responses to it with their rewards; those that PerSyn and others chose are marked."""
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
    return [Span(f"Prompt {place}: {text}{gold}\n\n"), *_response_spans(tables, own, place)]


def _response_spans(tables: Tables, responses: pd.DataFrame, place: int) -> Iterator[Span]:
    titles = {arm.name: arm.title for arm in ARMS}
    choices, rewards = tables[Choice], tables[Reward]
    choices, rewards = choices[choices["place"] == place], rewards[rewards["place"] == place]
    for row in responses.itertuples():
        arms = [
            titles.get(arm, str(arm)) for arm in choices.loc[choices["teacher"] == row.teacher, "arm"].drop_duplicates()
        ]
        yield Span(f"{row.teacher}{': chosen by ' + ', '.join(arms) if arms else ''}\n")
        if row.failed:
            yield Span(f"failed: {row.reason}\n\n")
            continue
        told = "".join(
            f"quality {r.quality:.3f}, learnability {r.learnability:.3f}, reward {r.reward:.3f}"
            for r in rewards[rewards["teacher"] == row.teacher].head(1).itertuples()
        )
        yield Span(str(row.text) or "(nothing)", CHOSEN if arms else OTHER, told)
        yield Span(f"\n{told}\n\n")


def curve_points(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return measures of routers by calibration size, and the regret of the best single teacher (column choice)."""
    single = rows.assign(choice=SINGLE, regret=rows["single"], hit_1=np.nan, hit_3=np.nan, pairwise=np.nan)
    return pd.concat([rows.assign(choice=ROUTER), single], ignore_index=True)


def chosen_and_best(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return numbers of held-out prompts by arm, chosen teacher and truly best one (columns teacher, best, prompts).

    Summed over seeds. Where rewards tie, the first of the best counts as the best. Prompts without a choice or a best
    are left out.
    """
    held = rows[(rows["split"] == "held_out") & (rows["teacher"] != "") & (rows["best"] != "")]
    names = teachers_in_order(tables, held)
    index, columns = pd.Index(names, name="teacher"), pd.Index(names, name="best")
    parts = [pd.DataFrame(columns=["teacher", "best", "prompts", "arm"])]
    for arm, part in held.groupby("arm", sort=False):
        counts = pd.crosstab(part["teacher"], part["best"]).reindex(index=index, columns=columns, fill_value=0)
        parts.append(counts.stack().rename("prompts").reset_index().assign(arm=arm))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def say_confusion(counts: pd.DataFrame) -> str:
    """Say how often the chosen teacher is the best, and the commonest mistake."""
    cells = counts.stack()
    right = sum(int(counts.loc[name, name]) for name in counts.index)  # pyright: ignore[reportArgumentType]
    text = f"The best teacher is chosen for {right:,} of {int(cells.sum()):,} held-out prompts"
    wrong = cells[[chosen != best for chosen, best in cells.index]]
    if wrong.empty or not wrong.max():
        return f"{text}."
    chosen, best = wrong.idxmax()
    return f"{text}; most often {chosen} is taken where {best} is better ({int(wrong.max()):,})."


def pair_chances(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return predicted and observed chances of pairs by tenth, weighed by pairs over seeds, and where both are equal.

    Columns arm, predicted, observed and choice, which names the pairs and their mean gap, each pair counted both ways.
    """
    rows = rows[rows["pairs"] > 0]
    parts = [pd.DataFrame(columns=["arm", "predicted", "observed", "choice"])]
    for arm, part in rows.groupby("arm", sort=False):
        pairs = part["pairs"]
        sums = part.assign(predicted=part["predicted"] * pairs, observed=part["observed"] * pairs).groupby("low")
        sums = sums[["predicted", "observed", "pairs"]].sum().astype(float)
        chances = sums[["predicted", "observed"]].div(sums["pairs"], axis=0)
        gap = np.average((chances["predicted"] - chances["observed"]).abs(), weights=sums["pairs"])
        parts.append(chances.assign(choice=f"router: mean gap {gap:.3f} over {int(pairs.sum()):,} pairs", arm=arm))
        parts.append(pd.DataFrame({"predicted": [0.0, 1.0], "observed": [0.0, 1.0], "choice": AS_SAID, "arm": arm}))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def say_chances(frame: pd.DataFrame) -> str:
    """Say the mean gap of predicted and observed chances, and the tenth with the largest one."""
    bins = frame[frame["choice"] != AS_SAID]
    worst = bins.loc[(bins["predicted"] - bins["value"]).abs().idxmax()]
    return (
        f"{str(bins['choice'].iloc[0]).capitalize()}, each counted both ways; furthest apart where "
        f"{worst['predicted']:.2f} is predicted and {worst['value']:.2f} observed."
    )


def rounded_routers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return routers with rounded losses and seconds."""
    losses = {name: rows[name].astype(float).round(4) for name in ("first_loss", "last_loss")}
    return rows.assign(seconds=rows["seconds"].astype(float).round(1), **losses)


ROUTER_VIEWS = (
    Bars(
        "allocation", "Router: who teaches what",
        Source(
            Choice, (PromptRow, TeacherRow), allocation_shares,
            (ARM, Pick("group", help="Whether prompts are shown together or apart.")),
        ),
        "teacher", "share", by="prompts", axes=("Teacher", "Share of the training prompts"), says=say_allocation,
        group="Router", claim="smaller_teachers_are_chosen",
        help="Share of the training prompts that each teacher is given, together or apart by topic and difficulty. "
        "Means over seeds.",
    ),
    *ALPHA_VIEWS,
    Points(
        "rewards", "Router: quality and learnability",
        Source(
            Reward, (Choice, PromptRow, TeacherRow), rewarded_responses,
            (ARM, Pick("scale", help="Rewards as measured, or as normalised among the teachers of a prompt.")),
        ),
        "learnability", "height", by="chosen", label="label", key="place", muted=(NOT_CHOSEN,), selects="place",
        axes=("Learnability (mean log-likelihood of a token; raw in nats)", "Quality"), says=say_rewards,
        group="Router",
        help="Each point is a response; what the arm chose has the colour and shape of its teacher. Quality is spread "
        "a little, because right and wrong would hide each other. A click shows the prompt below.",
    ),
    Passage(
        "one_prompt", "One prompt, all responses", (Response, Reward, Choice, PromptRow), prompt_spans, PlaceControl,
        group="Router", help="Every response to a prompt with its rewards, and which arms chose it.",
    ),
    Measures(
        "router_measures", "Router: arms on held-out prompts",
        ("reward", "regret", "quality", "learnability", "hit_1", "hit_3", "pairwise", "smaller"), within=HELD_OUT,
        group="Router", claim="router_beats_one_teacher",
        help=f"Prompts that no router saw, with the responses of all teachers. {PROVES_LITTLE}",
    ),
    Curves(
        "curve", "Router: how many calibration prompts", Source(CurvePoint, where=curve_points), "calibration",
        Measure({"regret": "Regret", "hit_1": "Hit@1", "hit_3": "Hit@3", "pairwise": "Pairs ordered rightly"}),
        by="choice", axes=("Calibration prompts", ""), muted=(SINGLE,), order=(ROUTER, SINGLE), log="x", dots="seed",
        group="Router",
        help="Routers trained on parts of the calibration, judged on held-out prompts: the mean over seeds, and each "
        "seed as a point. Where the router does not come below the grey line, a single teacher would have done. Of "
        "fewer than four teachers the first three say nothing, so that there is no Hit@3.",
    ),
    Matrix(
        "confusion", "Router: chosen against best teacher", Source(Choice, (TeacherRow,), chosen_and_best, (ARM,)),
        "teacher", "best", "prompts", unit="prompts", axes=("Best teacher (oracle)", "Chosen teacher"), digits=0,
        says=say_confusion, group="Router", claim="router_is_close_to_oracle",
        help="Held-out prompts, counted over seeds; the diagonal is right. Where two teachers are equally good, the "
        "first counts as the best here, while hit@1 lets both count.",
    ),
    Curves(
        "score_differences", "Router: do score differences mean what they say?",
        Source(PairBin, where=pair_chances, picks=(ARM,)), "predicted", "observed", by="choice", muted=(AS_SAID,),
        axes=("Predicted chance that the first teacher is better", "Observed share"), says=say_chances,
        group="Router", claim="router_orders_pairs",
        help="A score difference is a predicted chance that one teacher beats another. On the dotted line predictions "
        "come true; a flatter curve is overconfident.",
    ),
)  # fmt: skip
ROUTERS = Rows(
    "routers", "Routers", Source(RouterRow, where=rounded_routers), group="Router",
    columns={name: name.replace("_", " ") for name in RouterRow.model_fields} | {"artifact": "file"},
    help="Loss of a pair in nats; 0.693 is no knowledge. The files of the run hold each router as a folder that "
    "loads in five lines.",
)  # fmt: skip
