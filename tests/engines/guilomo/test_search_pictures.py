import pandas as pd
import pytest

from engines.guilomo.rows import ExpertCount, PlantedModule, SearchProgress, SeedAgreement, SelectionEntry, VectorMove
from engines.guilomo.search_pictures import (
    SEARCH_VIEWS,
    both_losses,
    move_counts,
    newest,
    planted_and_found,
    with_kappa,
)
from tests.engines.guilomo.tiny_run import tables
from tests.engines.shown_views import joined, shown

VIEWS = {view.name: view for view in SEARCH_VIEWS}
MOVES = [(2, 2), (2, 5), (3, 3)]


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


def moves(ends=MOVES, **given) -> pd.DataFrame:
    rows = [{"path": str(at), "vector": "experts", "first": a, "last": b, **given} for at, (a, b) in enumerate(ends)]
    return search_rows(VectorMove, rows)


def heatmap(name, rows, **chosen):
    figure, said = shown(VIEWS[name], rows, **chosen)
    (trace,) = figure.data
    return trace, said


def test_each_search_is_shown_at_its_last_step():
    rows = pd.concat([counts(step=0), counts(), counts(seed=1, step=2)])
    assert newest(rows, tables()).groupby("seed")["step"].unique().map(list).to_dict() == {0: [4], 1: [2]}


def test_the_heatmap_holds_the_last_counts_by_block_and_layer():
    trace, said = heatmap("experts", tables(ExpertCount=pd.concat([counts(step=0, experts=2), counts()])))
    assert (trace.x, trace.y) == (("q_proj", "v_proj"), ("0", "1"))
    assert [list(row) for row in trace.z] == [[3, 2], [7, 5]]
    assert said == "2 to 7 experts, 4.2 on average; most in q_proj (5.0), fewest in v_proj (3.5)."


@pytest.mark.parametrize(
    ("chosen", "experts"),
    [
        ({}, 3),
        ({"search": "every, second"}, 4),
        ({"task": "glosses", "seed": "0"}, 1),
        ({"task": "glosses"}, 2),
        ({"task": "unknown"}, 3),
    ],
)
def test_a_search_is_chosen_by_task_way_and_seed_or_is_the_last(chosen, experts):
    rows = pd.concat(
        [
            counts(experts=1),
            counts(seed=1, experts=2),
            counts(task="svamp", experts=3),
            counts(task="svamp", search="every, second", experts=4),
        ]
    )
    trace, _ = heatmap("experts", tables(ExpertCount=rows), **chosen)
    assert trace.z[0][0] == experts


def test_what_is_shown_may_follow_the_search_or_be_held_fast():
    view = joined(VIEWS["experts"])
    assert view.options
    offered = view.options(tables(ExpertCount=pd.concat([counts(), counts(task="svamp", seed=3)])))
    assert offered == {"task": ["", "glosses", "svamp"], "search": ["released, second"], "seed": ["", "0", "3"]}
    assert not any(view.options(tables(ExpertCount=counts()[:0])).values())


def test_kept_experts_have_ranks_and_others_none():
    ranks = [
        {"path": "a", "layer": layer, "module": "q_proj", "expert": expert, "rank": rank}
        for layer, row in enumerate([(4, 2), (1, 0)])
        for expert, rank in enumerate(row, 1)
    ]
    rows = pd.DataFrame(ranks).assign(task="glosses", search="released", seed=0, step=1)
    trace, said = heatmap("ranks", tables(ExpertRank=rows))
    assert [list(row) for row in trace.z] == [[4, 2], [1, 0]]
    assert said == "Kept experts have ranks 1 to 4, mean 2.3."


def test_first_and_last_counts_are_counted_with_those_that_none_took():
    counted = move_counts(pd.concat([moves(), moves([(1, 1)], seed=1)]), tables())
    found = counted.set_index(["seed", "first", "last"])["vectors"].to_dict()
    assert found == {
        (0, 2, 2): 1, (0, 2, 3): 0, (0, 2, 5): 1, (0, 3, 2): 0, (0, 3, 3): 1, (0, 3, 5): 0, (1, 1, 1): 1,
    }  # fmt: skip


def test_a_search_that_left_its_start_is_told_from_one_that_kept_it():
    trace, said = heatmap("moves", tables(VectorMove=moves()))
    assert [list(row) for row in trace.z] == [[1, 0, 1], [0, 1, 0]] and (trace.x, trace.y) == (
        ("2", "3", "5"),
        ("2", "3"),
    )
    assert said == "2 of 3 vectors ended on the count that they began with. The search left its start."
    _, said = heatmap("moves", tables(VectorMove=moves([(2, 2), (3, 3), (4, 4), (1, 2)])))
    assert said.endswith("not the task: 75% of 4 selection vectors ended where they began.")


def test_a_vector_is_described_by_its_first_and_last_count():
    entries = [
        {"path": "a", "vector": "experts", "step": step, "entry": entry, "value": value}
        for step, values in ((0, (0.2, 0.5, 0.3)), (4, (0.2, 0.4, 0.45)))
        for entry, value in enumerate(values, 1)
    ]
    figure, said = shown(VIEWS["vector"], tables(SelectionEntry=search_rows(SelectionEntry, entries)))
    assert [(trace.name, trace.y) for trace in figure.data] == [
        ("1", (0.2, 0.2)),
        ("2", (0.5, 0.4)),
        ("3", (0.3, 0.45)),
    ]
    assert said == (
        "The largest entry was 2 at the start and is 3 after 4 steps; no entry has moved by more than 0.150."
    )


def test_both_losses_stand_in_one_picture():
    steps = [{"step": step, "train_loss": 3.0 - step, "validation_loss": 4.0 - step} for step in (1, 2)]
    rows = search_rows(SearchProgress, steps)
    found = both_losses(rows, tables())
    assert found[["step", "batch", "loss"]].to_numpy().tolist() == [
        [1, "train", 2.0], [2, "train", 1.0], [1, "validation", 3.0], [2, "validation", 2.0],
    ]  # fmt: skip
    figure, said = shown(VIEWS["search_losses"], tables(SearchProgress=rows))
    assert [trace.y for trace in figure.data] == [(2.0, 1.0), (3.0, 2.0)]
    assert said == "Loss by step: train from 2 to 1; validation from 3 to 2."


def test_agreement_is_shown_beside_chance():
    row = SeedAgreement(
        task="glosses", search="every", counts="ranks", seeds=3, exact=0.5, chance=0.25, spearman=0.1, warning="said"
    )
    rows = pd.DataFrame([row.model_dump()])
    assert with_kappa(rows, tables())["kappa"].tolist() == [0.333]
    found = shown(VIEWS["agreement"], tables(SeedAgreement=rows)).iloc[0]
    assert found["equal counts"] == 0.5 and found["by chance"] == 0.25 and found["warning"] == "said"


def test_recovery_is_told_as_a_rank_correlation():
    rows = search_rows(
        PlantedModule,
        [
            {"path": f"layers.{at}.q", "layer": at, "module": "q", "planted_number": a, "planted_rank": b,
             "found_number": c, "found_rank": 2.0}
            for at, (a, b, c) in enumerate([(2, 1, 3), (4, 2, 5), (8, 3, 4)])
        ],
    )  # fmt: skip
    points = planted_and_found(pd.concat([rows, rows]), tables())
    assert points[["what", "planted", "found"]].to_numpy().tolist() == [
        ["experts", 2, 3], ["experts", 4, 5], ["experts", 8, 4], ["rank", 1, 2], ["rank", 2, 2], ["rank", 3, 2],
    ]  # fmt: skip
    _, said = shown(VIEWS["planted"], tables(PlantedModule=rows))
    assert "experts 0.50" in said and "rank undefined" in said
