import pandas as pd

from engines.guilomo.config import SearchControl, VectorControl
from engines.guilomo.rows import ExpertCount, PlantedModule, SeedAgreement, SelectionEntry, VectorMove
from engines.guilomo.search_views import (
    agreement_rows,
    chosen_search,
    describe_moves,
    describe_planted,
    describe_vector,
    expert_matrix,
    move_matrix,
    searches_of,
)
from tests.engines.guilomo.tiny_run import tables
from workbench.views import NoControls


def search_rows(kind, rows: list[dict]) -> pd.DataFrame:
    named = {"task": "glosses", "search": "released, second", "seed": 0, "step": 4}
    return pd.DataFrame([{**named, **row} for row in rows], columns=list(kind.model_fields))


def counts(**given) -> pd.DataFrame:
    layers = [("q_proj", 0, 3), ("v_proj", 0, 2), ("q_proj", 1, 7), ("v_proj", 1, 5)]
    return search_rows(
        ExpertCount,
        [
            {"path": f"layers.{layer}.{module}", "layer": layer, "module": module, "experts": number, **given}
            for module, layer, number in layers
        ],
    )


def test_the_heatmap_holds_the_last_counts_by_block_and_layer():
    rows = pd.concat([counts(step=0, experts=2), counts()])
    matrix = expert_matrix(tables(ExpertCount=rows), SearchControl())
    assert (
        matrix.loc[1, "q_proj"] == 7 and matrix.loc[0, "v_proj"] == 2 and list(matrix.columns) == ["q_proj", "v_proj"]
    )


def test_a_search_is_chosen_by_task_way_and_seed():
    rows = pd.concat([counts(), counts(seed=1), counts(task="svamp"), counts(task="svamp", search="every, second")])
    assert set(chosen_search(rows, SearchControl())["task"]) == {"svamp"}
    assert set(chosen_search(rows, SearchControl())["search"]) == {"released, second"}
    assert set(chosen_search(rows, SearchControl(task="glosses", seed=0))["seed"]) == {0}
    assert set(chosen_search(rows, SearchControl(task="glosses"))["seed"]) == {1}
    assert len(chosen_search(rows, SearchControl(search="every, second"))) == 4


def test_what_is_shown_may_follow_the_search_or_be_held_fast():
    rows = tables(ExpertCount=pd.concat([counts(), counts(task="svamp", seed=3)]))
    offered = searches_of(ExpertCount)(rows)
    assert offered["task"] == ["", "glosses", "svamp"] and offered["seed"] == [-1, 0, 3]
    assert not any(searches_of(ExpertCount)(tables(ExpertCount=counts()[:0])).values())
    assert set(chosen_search(rows[ExpertCount], SearchControl())["task"]) == {"svamp"}


def test_first_and_last_counts_are_counted():
    moves = search_rows(
        VectorMove,
        [
            {"path": str(at), "vector": "experts", "first": a, "last": b}
            for at, (a, b) in enumerate([(2, 2), (2, 5), (3, 3)])
        ],
    )
    rows = tables(VectorMove=moves)
    matrix = move_matrix(rows, SearchControl())
    assert matrix.loc[2, 5] == 1 and matrix.loc[2, 2] == 1 and matrix.loc[3, 3] == 1
    assert describe_moves(rows, SearchControl()).startswith("2 of 3 vectors ended on the count that they began with.")


def test_a_vector_is_described_by_its_first_and_last_count():
    entries = [
        {"path": "a", "vector": "experts", "step": step, "entry": entry, "value": value}
        for step, values in ((0, (0.2, 0.5, 0.3)), (4, (0.2, 0.4, 0.45)))
        for entry, value in enumerate(values, 1)
    ]
    said = describe_vector(tables(SelectionEntry=search_rows(SelectionEntry, entries)), VectorControl())
    assert "was 2 at the start and is 3 after 4 steps" in said and "0.150" in said


def test_agreement_is_shown_beside_chance():
    row = SeedAgreement(
        task="glosses", search="every", counts="ranks", seeds=3, exact=0.5, chance=0.25, spearman=0.1, warning="said"
    )
    rows = pd.DataFrame([row.model_dump()])
    found = agreement_rows(tables(SeedAgreement=rows), NoControls()).iloc[0]
    assert found["kappa"] == round(1 / 3, 3) and found["equal counts"] == 0.5 and found["warning"] == "said"


def test_recovery_is_told_as_a_rank_correlation():
    rows = [
        {"path": f"layers.{at}.q", "layer": at, "module": "q", "planted_number": a, "planted_rank": b,
         "found_number": c, "found_rank": 2.0}
        for at, (a, b, c) in enumerate([(2, 1, 3), (4, 2, 5), (8, 3, 4)])
    ]  # fmt: skip
    said = describe_planted(tables(PlantedModule=search_rows(PlantedModule, rows)), NoControls())
    assert "experts 0.50" in said and "rank undefined" in said
