"""What another weight of learnability would choose, from the rewards that the run has stored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import ref

import numpy as np
import pandas as pd

from engines.persyn.config import AlphaControl
from engines.persyn.rewards import best_teacher
from engines.persyn.rows import PromptRow, Reward, RouterScore, TeacherRow
from engines.persyn.score_grid import Floats, Judged, ScoreGrid, hits, policies
from workbench.contract import Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

POLICY_NAMES = ("oracle", "router", "best single teacher", "random")
MAIN_ARM = "persyn"
NOTHING = "No prompt has been answered by every teacher yet."
LEAST_GAP = 1e-6
TABLE_COLUMNS = ("prompts", "policy", "mean reward", "regret", "hit@1 %", "hit@3 %", "asked most", "share %", "failed")


def teachers_in_order(tables: Tables) -> list[str]:
    """Names of the teachers in the order of the settings; of the rewards where the teachers are not listed yet."""
    listed = tables[TeacherRow]
    return list(listed.sort_values("order")["teacher"] if len(listed) else tables[Reward]["teacher"].drop_duplicates())


def judging_grid(tables: Tables) -> ScoreGrid:
    """Prompts that every teacher was asked and no router has learned from; the calibration's where there are no others.

    Scores are those of the main arm's router, else of the first one, under its first seed. The last grid is kept while
    its tables are, because a picture and its words need the same one.
    """
    frames = (tables[Reward], tables[RouterScore], tables[TeacherRow])
    for seen, grid in _LAST:
        if all(kept() is frame for kept, frame in zip(seen, frames, strict=True)):
            return grid
    found = _grid(tables[Reward], tables[RouterScore], teachers_in_order(tables))
    _LAST[:] = [(tuple(ref(frame) for frame in frames), found)]
    return found


_LAST: "list[tuple[tuple[ref[pd.DataFrame], ...], ScoreGrid]]" = []


def _grid(rewards: pd.DataFrame, scores: pd.DataFrame, names: Sequence[str]) -> ScoreGrid:
    asked = rewards["parallel"].to_numpy(bool)
    unseen = asked & (rewards["split"] != "calibration").to_numpy(bool)
    used = rewards if unseen.all() else rewards[unseen if unseen.any() else asked]
    if used.empty or not names:
        empty = np.zeros((0, len(names)))
        return ScoreGrid(tuple(names), np.zeros(0, np.int64), empty, empty, empty)
    present = np.bincount(used["place"].to_numpy(np.int64)) > 0
    quality, learnability = _spread(used, ("quality_norm", "learnability_norm"), names, present)
    (router,) = _spread(scores_of_one_router(scores), ("score",), names, present)
    return ScoreGrid(tuple(names), np.flatnonzero(present), quality, learnability, router)


def scores_of_one_router(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of the main arm under its first seed, of the first arm where that one has none."""
    if scores.empty:
        return scores
    own = (scores["arm"] == MAIN_ARM).to_numpy(bool)
    if not own.any():
        own = (scores["arm"] == scores["arm"].iloc[0]).to_numpy(bool)
    seeds = scores["seed"].to_numpy()
    chosen = own & (seeds == seeds[int(own.argmax())])
    return scores if chosen.all() else scores[chosen]


def _spread(frame: pd.DataFrame, columns: Sequence[str], names: Sequence[str], present: np.ndarray) -> list[Floats]:
    """Columns of long rows as prompts by teachers, for the places that are present; NaN where there is no row."""
    places = frame["place"].to_numpy(np.int64)
    codes, found = pd.factorize(frame["teacher"])
    teachers = pd.Index(names).get_indexer(pd.Index(found))[codes] if len(frame) else codes
    kept = (places < len(present)) & (teachers >= 0)
    rows = np.flatnonzero(kept)[np.flatnonzero(present[places[kept]])]
    row_of = np.cumsum(present) - 1
    at = row_of[places[rows]], teachers[rows]
    made = []
    for column in columns:
        full = np.full((int(present.sum()), len(names)), np.nan)
        full[at] = frame[column].to_numpy(float)[rows]
        made.append(full)
    return made


def alpha_of_run(rewards: pd.DataFrame) -> float:
    """The weight of learnability that the run's combined rewards were made with; NaN where they do not tell."""
    parts = rewards[["quality_norm", "learnability_norm", "reward"]].to_numpy(float)
    gap = parts[:, 1] - parts[:, 0]
    told = np.abs(gap) > LEAST_GAP
    return float(np.median((parts[told, 2] - parts[told, 0]) / gap[told]).round(4)) if told.any() else float("nan")


def groups_of(tables: Tables, grid: ScoreGrid, group: str) -> Iterator[tuple[str, ScoreGrid]]:
    """The grid in parts of one topic or difficulty each; whole under the name "all"."""
    if group == "all":
        yield "all", grid
        return
    prompts = tables[PromptRow]
    named = pd.Series(prompts[group].to_numpy(), index=prompts["place"].to_numpy()).reindex(grid.places)
    codes, names = pd.factorize(named)
    for code, name in enumerate(names):
        yield str(name), grid.only(codes == code)


def alpha_bars(tables: Tables, controls: AlphaControl) -> pd.DataFrame:
    """Share of prompts by teacher under the asked alpha: of every policy, or of the oracle in each group.

    Columns where (a teacher, or a group), series (a policy, or a teacher), share.
    """
    grid = judging_grid(tables)
    if controls.group == "all":
        found = [
            (teacher, policy.name, float(share))
            for policy in policies(grid, controls.alpha)
            for teacher, share in zip(grid.teachers, policy.shares, strict=True)
        ]
        return pd.DataFrame(found if len(grid) else [], columns=["where", "series", "share"])
    found = []
    for name, part in groups_of(tables, grid, controls.group):
        oracle = policies(part, controls.alpha)[0]
        found += [(name, t, float(share)) for t, share in zip(grid.teachers, oracle.shares, strict=True)]
    return pd.DataFrame(found, columns=["where", "series", "share"])


def draw_alpha(tables: Tables, controls: AlphaControl) -> "go.Figure":
    """Who would be asked under another alpha."""
    bars = alpha_bars(tables, controls)
    whole = controls.group == "all"
    order = POLICY_NAMES if whole else teachers_in_order(tables)
    axes = Axes(
        "Teacher" if whole else controls.group.capitalize(),
        "Share of prompts" if whole else "Share of prompts, oracle",
        legend="Choice" if whole else "Teacher",
    )
    made = plotting.bars(
        bars, axes, Columns("where", "share", by="series", order=order, muted=("random",) if whole else ())
    )
    return made if whole or bars.empty else made.update_layout(barmode="stack")


def describe_alpha(tables: Tables, controls: AlphaControl) -> str:
    """What the best teachers are under this alpha, and what the router as trained loses against them."""
    grid = judging_grid(tables)
    if not len(grid):
        return NOTHING
    oracle, router, single, _ = policies(grid, controls.alpha)
    if np.isnan(oracle.reward):
        return "Every response to these prompts failed, so that no teacher is the best yet."
    most = int(oracle.shares.argmax())
    text = (
        f"At alpha {controls.alpha:.2f}, {grid.teachers[most]} is the best teacher for {oracle.shares[most]:.0%} of "
        f"{len(grid):,} prompts; mean reward {oracle.reward:.3f} with the best teacher of each prompt, "
        f"{single.reward:.3f} with {grid.teachers[int(single.shares.argmax())]} alone."
    )
    if np.isnan(router.reward):
        return f"{text} No router has scored these prompts."
    trained = alpha_of_run(tables[Reward])
    at = "" if np.isnan(trained) else f" at alpha {trained:.2f}"
    hit = hits(grid.router, grid.reward(controls.alpha), 1)
    return f"{text} The router, trained{at} and not again here, has {router.reward:.3f} and the best for {hit:.0%}."


def alpha_rows(tables: Tables, controls: AlphaControl) -> pd.DataFrame:
    """One line for each policy (and group): mean reward, regret, hits, whom it asks most, and how often that fails."""
    found = [
        _line(name, part, policy, controls.alpha)
        for name, part in groups_of(tables, judging_grid(tables), controls.group)
        for policy in (policies(part, controls.alpha) if len(part) else ())
    ]
    return pd.DataFrame(found, columns=list(TABLE_COLUMNS))


def _line(group: str, grid: ScoreGrid, policy: Judged, alpha: float) -> Mapping[str, object]:
    reward = grid.reward(alpha)
    scores = {"router": grid.router, "oracle": reward}.get(policy.name)
    hit = [float("nan") if scores is None else hits(scores, reward, k) for k in (1, 3)]
    most = int(policy.shares.argmax()) if policy.shares.any() and policy.name != "random" else None
    answered = int((best_teacher(reward) >= 0).sum())
    return {
        "prompts": f"{group} ({answered:,})",
        "policy": policy.name,
        "mean reward": round(policy.reward, 4),
        "regret": round(policy.regret, 4),
        "hit@1 %": round(100 * hit[0], 1),
        "hit@3 %": round(100 * hit[1], 1),
        "asked most": "any" if most is None else grid.teachers[most],
        "share %": round(100 * float(policy.shares.max(initial=0.0)), 1),
        "failed": policy.failed,
    }
