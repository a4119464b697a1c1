"""Declared pictures of the run that is shipped: each is drawn, and its first number is that of the rows behind it."""

from collections.abc import Callable

import pandas as pd
import pytest

from engines.guilomo import ENGINE
from engines.guilomo.rows import (
    ExpertCount,
    ExpertRank,
    PlantedModule,
    RouterLoad,
    SearchEnd,
    SearchProgress,
    SelectionEntry,
    TrainedArm,
    VectorMove,
)
from engines.parts.rows.training_step import TrainingStep
from tests.engines.shown_views import assert_shows, shipped_tables, shown
from workbench.contract.pictures import Picture
from workbench.contract.views import Tables

VIEWS = {view.name: view for view in ENGINE.views if isinstance(view, Picture)}
SEARCH = "task == 'glosses' and search == 'released, second' and seed == 2"
"""The search that is shown first: the last task and seed, the first way."""
USE = "task == 'glosses' and arm == 'guilomo'"


@pytest.fixture(scope="module")
def shipped() -> Tables:
    return shipped_tables(ENGINE)


@pytest.mark.parametrize("name", VIEWS)
def test_each_is_drawn_and_told(name, shipped):
    assert_shows(VIEWS[name], shipped)


def last(rows: pd.DataFrame, query: str) -> pd.DataFrame:
    found = rows.query(query)
    return found[found["step"] == found["step"].max()]


def first_experts(rows: Tables) -> float:
    found = last(rows[ExpertCount], SEARCH).sort_values("layer", kind="stable")
    return float(found["experts"].iloc[0])


def first_rank(rows: Tables) -> float:
    found = last(rows[ExpertRank], SEARCH)
    found = found[found["module"] == found["module"].iloc[0]].sort_values(["layer", "expert"])
    return float(found["rank"].iloc[0])


def first_moves(rows: Tables) -> float:
    found = rows[VectorMove].query(SEARCH)
    return float(((found["first"] == found["first"].min()) & (found["last"] == found["last"].min())).sum())


def first_load(rows: Tables) -> float:
    found = rows[RouterLoad].query(USE)
    found = found[(found["module"] == found["module"].iloc[0]) & (found["layer"] == found["layer"].min())]
    return 100 * float(found.query("expert == 1")["load"].mean())


def first_entropy(rows: Tables) -> float:
    found = rows[RouterLoad].query(USE)
    return float(
        found[(found["layer"] == found["layer"].min()) & (found["module"] == found["module"].iloc[0])]["entropy"].mean()
    )


def first_vector(rows: Tables) -> float:
    found = rows[SelectionEntry].query(f"{SEARCH} and step == 0")
    return float(found["value"].iloc[0])


FIRST: dict[str, Callable[[Tables], float]] = {
    "experts": first_experts,
    "ranks": first_rank,
    "vector": first_vector,
    "moves": first_moves,
    "planted": lambda rows: float(rows[PlantedModule]["found_number"].iloc[0]),
    "search_losses": lambda rows: float(rows[SearchProgress].query(f"{SEARCH} and step == 1")["train_loss"].iloc[0]),
    "scores": lambda rows: float(rows[TrainedArm].query(f"{USE} and seed == 0")["score"].iloc[0]),
    "training": lambda rows: float(
        rows[TrainingStep].query("adapter.str.startswith('glosses-guilomo-') and step == 1")["loss"].mean()
    ),
    "load": first_load,
    "entropy": first_entropy,
}


@pytest.mark.parametrize("name", FIRST)
def test_the_first_number_is_that_of_the_rows(name, shipped):
    figure, _ = shown(VIEWS[name], shipped)
    trace = figure.data[0]
    assert (trace.z[0][0] if trace.type == "heatmap" else trace.y[0]) == pytest.approx(FIRST[name](shipped))


def test_the_sentence_of_moves_is_the_warning_that_the_search_itself_gave(shipped):
    _, said = shown(VIEWS["moves"], shipped)
    (end,) = shipped[SearchEnd].query(SEARCH).to_dict("records")
    assert end["warning"] and said.endswith(end["warning"])
    assert said.startswith("445 of 504 vectors")


def test_every_claim_that_a_view_names_is_there():
    named = {view.claim for view in ENGINE.views if view.claim}
    assert named and named <= {claim.name for claim in ENGINE.claims}
