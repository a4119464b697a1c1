"""What another weight of learnability would choose, from the rewards and router scores that the run has stored.

Alpha weighs two normalised rewards, so that another alpha is one addition and one argmax over arrays of prompts by
teachers: nothing is read, scored or trained again. A response that failed is NaN: it is no candidate for the best
teacher; a policy that picks it gets the lowest reward of that prompt, and it is counted.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import ref

import numpy as np
import numpy.typing as npt
import pandas as pd

from engines.parts.ranking import Judged, best_column, best_single, hits, judged, judged_draw
from engines.persyn.config import AlphaControl
from engines.persyn.rewards import combined
from engines.persyn.rows import PromptRow, Reward, RouterScore, TeacherRow
from workbench.contract import Chart, Listing, Tables
from workbench.figures import bar_charts
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

Floats = npt.NDArray[np.float64]
POLICY_NAMES = ("oracle", "router", "best single teacher", "random")
MAIN_ARM = "persyn"
NOTHING = "No prompt has been answered by every teacher yet."
LEAST_GAP = 1e-6
TABLE_COLUMNS = ("prompts", "policy", "mean reward", "regret", "hit@1 %", "hit@3 %", "asked most", "share %", "failed")
PROVES_LITTLE = (
    "The router learns from this very reward: that it beats CAR or a fixed teacher on it is nearly certain and proves "
    "little. Whether its data teach better is seen under Student alone."
)


@dataclass(frozen=True)
class ScoreGrid:
    """Rewards and scores of P prompts by T teachers.

    Attributes:
        teachers: names, in the order of the columns.
        places: of the prompts in the data, (P,).
        quality, learnability: normalised within a prompt, (P, T); NaN where there is no response.
        router: the router's scores, (P, T); NaN for prompts that were not scored.
    """

    teachers: tuple[str, ...]
    places: npt.NDArray[np.int64]
    quality: Floats
    learnability: Floats
    router: Floats

    def __len__(self) -> int:
        return len(self.places)

    def reward(self, alpha: float) -> Floats:
        """Return combined reward (Eq. 2) of every response, (P, T)."""
        return combined(self.quality, self.learnability, alpha)

    def only(self, rows: npt.NDArray[np.bool_]) -> "ScoreGrid":
        """Return the grid of some rows, given as truths of shape (P,)."""
        rewards = (each[rows] for each in (self.quality, self.learnability, self.router))
        return ScoreGrid(self.teachers, self.places[rows], *rewards)


def policies(grid: ScoreGrid, alpha: float) -> tuple[Judged, ...]:
    """Judge the oracle, the router as it was trained, the best single teacher and a random one under `alpha`."""
    reward = grid.reward(alpha)
    single = np.full(len(grid), best_single(reward))
    chosen = dict(zip(POLICY_NAMES, (best_column(reward), best_column(grid.router), single), strict=False))
    return (*(judged(name, reward, each) for name, each in chosen.items()), judged_draw(reward))


def teachers_in_order(tables: Tables, rows: pd.DataFrame) -> list[str]:
    """Return names of the teachers in the order of the settings; of some rows where none is listed yet."""
    listed = tables[TeacherRow]
    return list(listed.sort_values("order")["teacher"] if len(listed) else rows["teacher"].drop_duplicates())


def judging_grid(tables: Tables) -> ScoreGrid:
    """Return prompts that all teachers were asked and no router learned from; the calibration's where there are none.

    Scores are those of the main arm's router, else of the first one, under its first seed. The last grid is kept while
    its tables are, because a picture and its words need the same one.
    """
    frames = (tables[Reward], tables[RouterScore], tables[TeacherRow])
    for seen, grid in _LAST:
        if all(kept() is frame for kept, frame in zip(seen, frames, strict=True)):
            return grid
    found = _grid(tables[Reward], tables[RouterScore], teachers_in_order(tables, tables[Reward]))
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
    """Return scores of the main arm under its first seed, of the first arm where that one has none."""
    if scores.empty:
        return scores
    own = (scores["arm"] == MAIN_ARM).to_numpy(bool)
    if not own.any():
        own = (scores["arm"] == scores["arm"].iloc[0]).to_numpy(bool)
    seeds = scores["seed"].to_numpy()
    chosen = own & (seeds == seeds[int(own.argmax())])
    return scores if chosen.all() else scores[chosen]


def _spread(frame: pd.DataFrame, columns: Sequence[str], names: Sequence[str], present: np.ndarray) -> list[Floats]:
    """Lay columns of long rows out as prompts by teachers, for the places that are present; NaN where no row is."""
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
    """Return the alpha that the run's combined rewards were made with; NaN where they do not tell."""
    parts = rewards[["quality_norm", "learnability_norm", "reward"]].to_numpy(float)
    gap = parts[:, 1] - parts[:, 0]
    told = np.abs(gap) > LEAST_GAP
    return float(np.median((parts[told, 2] - parts[told, 0]) / gap[told]).round(4)) if told.any() else float("nan")


def groups_of(tables: Tables, grid: ScoreGrid, group: str) -> Iterator[tuple[str, ScoreGrid]]:
    """Part the grid by topic or difficulty; whole under the name "all"."""
    if group == "all":
        yield "all", grid
        return
    prompts = tables[PromptRow]
    named = pd.Series(prompts[group].to_numpy(), index=prompts["place"].to_numpy()).reindex(grid.places)
    codes, names = pd.factorize(named)
    for code, name in enumerate(names):
        yield str(name), grid.only(codes == code)


def alpha_bars(tables: Tables, controls: AlphaControl) -> pd.DataFrame:
    """Return share of prompts by teacher under the asked alpha: of every policy, or of the oracle in each group.

    Columns where (a teacher, or a group), series (a policy, or a teacher), share.
    """
    grid, found = judging_grid(tables), []
    for name, part in groups_of(tables, grid, controls.group) if len(grid) else ():
        for policy in policies(part, controls.alpha)[: None if controls.group == "all" else 1]:
            for teacher, share in zip(grid.teachers, policy.shares.tolist(), strict=True):
                found.append((teacher, policy.name, share) if controls.group == "all" else (name, teacher, share))
    return pd.DataFrame(found, columns=["where", "series", "share"])


def draw_alpha(tables: Tables, controls: AlphaControl) -> "go.Figure":
    """Draw who would be asked under another alpha."""
    whole = controls.group == "all"
    axes = Axes("Teacher", "Share of prompts", legend="Choice")
    columns = Columns("where", "share", by="series", order=POLICY_NAMES, muted=("random",))
    if not whole:
        axes = Axes(controls.group.capitalize(), "Share of prompts, oracle", legend="Teacher")
        columns = Columns("where", "share", by="series", order=judging_grid(tables).teachers)
    return bar_charts.bars(alpha_bars(tables, controls), axes, columns, stacked=not whole)


def describe_alpha(tables: Tables, controls: AlphaControl) -> str:
    """Say what the best teachers are under this alpha, and what the router as trained loses against them."""
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
    """Return mean reward, regret, hits, whom it asks most and how often that fails, by policy (and group)."""
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
    answered = int((best_column(reward) >= 0).sum())
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


ALPHA_VIEWS = (
    Chart(
        "alpha", "Router: another weight of learnability", (Reward, RouterScore, TeacherRow, PromptRow), draw_alpha,
        describe_alpha, controls=AlphaControl, group="Router",
        help="Move alpha: 0 asks for quality alone, 1 for what the student finds likely. Stored rewards are weighed "
        "anew and nothing is computed besides; the router stays as it was trained. Shown are prompts that all teachers "
        f"were asked and the router did not learn from, where there are such. {PROVES_LITTLE}",
    ),
    Listing(
        "alpha_table", "Router: reward and regret by alpha", (Reward, RouterScore, TeacherRow, PromptRow), alpha_rows,
        controls=AlphaControl, group="Router",
        help="Regret: what a choice gets less than the best teacher of each prompt. The best single teacher is found "
        f"in hindsight on these prompts. A response that failed gets the lowest reward of its prompt. {PROVES_LITTLE}",
    ),
)  # fmt: skip
