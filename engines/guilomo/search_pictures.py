"""Pictures of a search: numbers of experts and ranks while it runs, its vectors, its losses, what was left to luck."""

# pyright: reportMissingTypeStubs=false

import pandas as pd

from engines.guilomo.agreement import Following, initialisation_warning, kappa_of
from engines.guilomo.rows import (
    ExpertCount,
    ExpertRank,
    PlantedModule,
    SearchEnd,
    SearchProgress,
    SeedAgreement,
    SelectionEntry,
    VectorMove,
)
from workbench.contract import Curves, Matrix, Pick, Points, Rows, Source, Tables

KEYS = ["task", "search", "seed"]
"""Columns that name a search."""


def newest(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the rows of each search at the last step that is there."""
    return rows[rows["step"] == rows.groupby(KEYS)["step"].transform("max")]


def move_counts(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Count vectors of a search by first and last count (column `vectors`), 0 where none did."""
    if rows.empty:
        return rows.assign(vectors=0)
    parts = []
    for search, part in rows.groupby(KEYS, sort=False):
        counts = pd.crosstab(part["first"], part["last"]).stack().rename("vectors").reset_index()
        parts.append(counts.assign(**dict(zip(KEYS, search, strict=True))))
    return pd.concat(parts, ignore_index=True)


def both_losses(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Losses of the searches in one column loss; column batch is "train" or "validation"."""
    long = rows.melt([*KEYS, "step"], ["train_loss", "validation_loss"], var_name="batch", value_name="loss")
    return long.assign(batch=long["batch"].astype(str).str.removesuffix("_loss"))


def planted_and_found(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Planted and found values of all layers and seeds; columns planted, found, what, seed, path."""
    rows = rows.drop_duplicates(["search", "seed", "path"])
    parts = [
        pd.DataFrame(
            {
                "planted": rows[f"planted_{name}"],
                "found": rows[f"found_{name}"],
                "what": title,
                "seed": "seed " + rows["seed"].astype(str),
                "path": rows["path"].astype(str),
            }
        )
        for name, title in (("number", "experts"), ("rank", "rank"))
    ]
    return pd.concat(parts, ignore_index=True)


def rounded_ends(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return what each search found, its means and shares to two digits."""
    return rows.assign(**{name: rows[name].astype(float).round(2) for name in ("experts", "rank", "stayed")})


def with_kappa(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return how far seeds agree, with their agreement beyond chance (column kappa), to three digits."""
    pairs = zip(rows["exact"].astype(float), rows["chance"].astype(float), strict=True)
    whole = rows.assign(kappa=pd.Series([kappa_of(*pair) for pair in pairs], index=rows.index, dtype=float))
    return whole.assign(
        **{name: whole[name].astype(float).round(3) for name in ("exact", "chance", "kappa", "spearman")}
    )


def say_counts(matrix: pd.DataFrame) -> str:
    """Range and mean of the numbers of experts, and the kinds of layers with most and fewest, in words."""
    counts, means = matrix.stack(), matrix.mean()
    return (
        f"{counts.min():.0f} to {counts.max():.0f} experts, {counts.mean():.1f} on average; most in {means.idxmax()} "
        f"({means.max():.1f}), fewest in {means.idxmin()} ({means.min():.1f})."
    )


def say_ranks(matrix: pd.DataFrame) -> str:
    """Range and mean of the ranks of kept experts in words."""
    kept = matrix.stack()
    kept = kept[kept > 0]
    return f"Kept experts have ranks {kept.min():.0f} to {kept.max():.0f}, mean {kept.mean():.1f}."


def say_vector(frame: pd.DataFrame) -> str:
    """Return which count the vector stood for at first and stands for now, in words."""
    steps = frame.pivot_table(index="step", columns="entry", values="value").sort_index()
    first, last = steps.iloc[0], steps.iloc[-1]
    return (
        f"The largest entry was {first.idxmax()} at the start and is {last.idxmax()} after {steps.index[-1]} steps; no "
        f"entry has moved by more than {(last - first).abs().max():.3f}."
    )


def say_moves(matrix: pd.DataFrame) -> str:
    """Return how many vectors kept their first count, with the warning where most did, in words."""
    stayed = int(sum(matrix.loc[count, count] for count in matrix.index if count in matrix.columns))
    vectors = int(matrix.to_numpy().sum())
    warning = initialisation_warning(Following(stayed / vectors, vectors, float("nan")))
    return (
        f"{stayed} of {vectors} vectors ended on the count that they began with. "
        f"{warning or 'The search left its start.'}"
    )


def say_recovery(points: pd.DataFrame) -> str:
    """Rank correlations of planted and found values in words."""
    said = []
    for what, part in points.groupby("what", sort=False):
        values = part[["planted", "found"]].astype(float).rank()
        varies = values["found"].nunique() > 1 and values["planted"].nunique() > 1
        found = f"{values['planted'].corr(values['found']):.2f}" if varies else "undefined (all alike)"
        said.append(f"{what} {found}")
    return f"Synthetic task. Spearman's correlation of planted and found values, all seeds together: {', '.join(said)}."


SEARCH = (
    Pick("task", last=True, help="On which task; the last that was searched unless one is chosen."),
    Pick("search", help="Which way of searching: how gradients pass the argmax, and the order."),
    Pick("seed", last=True, help="Under which seed; the last that was searched unless one is chosen."),
)
MODULE = Pick("module", help="Which kind of layer, such as q_proj.")
PATH = Pick("path", help="The path of a layer in the model.")
VECTOR = Pick("vector", help="The vector of the experts, or of the ranks of one expert.")

SEARCH_VIEWS = (
    Matrix(
        "experts", "Experts by layer", Source(ExpertCount, where=newest, picks=SEARCH), "layer", "module", "experts",
        unit="Experts", axes=("Layer", "Block"), digits=0, says=say_counts,
        group="Allocation", claim="higher_layers_get_more_experts",
        help="How many experts each layer keeps, while the search runs and at its end. Blocks run from the input down.",
    ),
    Matrix(
        "ranks", "Ranks by expert", Source(ExpertRank, where=newest, picks=(*SEARCH, MODULE)), "layer", "expert",
        "rank", unit="Rank", axes=("Expert", "Block"), digits=0, says=say_ranks, group="Allocation",
        help="The rank of each expert of one kind of layer; 0 is an expert that is not kept.",
    ),
    Curves(
        "vector", "A selection vector", Source(SelectionEntry, picks=(*SEARCH, PATH, VECTOR)), "step", "value",
        by="entry", axes=("Step", "Entry of the vector"), says=say_vector, group="Search",
        help="Each line is an entry; the highest one is the count that is kept. As released, only the highest entry of "
        "an expert vector is ever moved by its gradient.",
    ),
    Matrix(
        "moves", "First and last counts", Source(VectorMove, where=move_counts, picks=SEARCH), "first", "last",
        "vectors", unit="Vectors", axes=("Count at the end", "Count at the start"), digits=0, says=say_moves,
        group="Search",
        help="What lies on the diagonal ended where its random start had put it. A search that only kept its start has "
        "found nothing.",
    ),
    Rows(
        "searches", "Searches", Source(SearchEnd, where=rounded_ends), group="Search",
        columns={name: name for name in SearchEnd.model_fields}
        | {"experts": "mean experts", "rank": "mean rank", "stayed": "share that stayed"},
        help="What each search found. Its parameters are the budget of every arm under that seed.",
    ),
    Rows(
        "agreement", "Agreement of seeds", Source(SeedAgreement, where=with_kappa), group="Search",
        columns={"task": "task", "search": "search", "counts": "counts of", "seeds": "seeds", "exact": "equal counts",
                 "chance": "by chance", "kappa": "kappa", "spearman": "spearman", "warning": "warning"},
        help="If the task decided, seeds would agree more than chance would have them. Kappa is 0 at chance and 1 "
        "where all counts are equal; up to 0.2 it is called slight.",
    ),
    Points(
        "planted", "Planted and found", Source(PlantedModule, where=planted_and_found), "planted", "found", by="seed",
        panel="what", label="path", axes=("Planted", "Found"), says=say_recovery,
        group="Planted task", claim="search_recovers_numbers",
        help="Synthetic: each point is a layer of a tiny model that must learn a known number of changes of a known "
        "rank. A good search rises from left to right.",
    ),
    Curves(
        "search_losses", "Losses of the search", Source(SearchProgress, where=both_losses, picks=SEARCH), "step",
        "loss", by="batch", axes=("Step", "Loss"), group="Search",
        help="Each step has one training and one validation batch, so that single points are noisy.",
    ),
)  # fmt: skip
