import pandas as pd
import pytest

from engines.guilomo import ENGINE
from engines.guilomo.arm_views import answer_rows, describe_scores, token_rows, token_spans
from engines.guilomo.config import SearchControl, TaskControl, VectorControl
from engines.guilomo.rows import ExpertCount, SelectionEntry, TokenExpert, VectorMove
from engines.guilomo.search_views import (
    chosen_search,
    describe_moves,
    describe_planted,
    describe_vector,
    expert_matrix,
    move_matrix,
)
from tests.engines.guilomo.tiny_run import start, tables, tiny_spec
from workbench.home import place
from workbench.views import Chart, Listing, NoControls, Passage, Tables

VIEWS = {view.name: view for view in (*ENGINE.views, *ENGINE.ask.views)}
ASKED = pd.DataFrame(
    [
        ("model.layers.0.q_proj", 0, "q_proj", 0, "The", 2, 0.7),
        ("model.layers.0.q_proj", 0, "q_proj", 1, " bank", 1, 0.6),
    ],
    columns=list(TokenExpert.model_fields),
)


@pytest.fixture(scope="module")
def done() -> Tables:
    run = start(tiny_spec(arms=("guilomo", "plain"), seeds=(0, 1)), place("runs"), "guilomo-views")
    return tables(**{kind.table(): run.table(kind) for kind in ENGINE.rows}, TokenExpert=ASKED)


def shown(view, rows: Tables):
    offered = view.options(rows) if view.options else {}
    controls = view.controls(**{name: found[0] for name, found in offered.items() if found})
    match view:
        case Chart():
            return view.draw(rows, controls), view.describe(rows, controls)
        case Listing():
            return view.rows(rows, controls)
        case Passage():
            return view.spans(rows, controls)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    found = shown(VIEWS[name], done)
    if isinstance(found, tuple):
        figure, text = found
        assert figure.data
        assert text.endswith(".") and "nan" not in text and " yet" not in text
    else:
        assert len(found)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    found = shown(VIEWS[name], tables())
    if isinstance(found, tuple):
        assert "yet" in found[1]
    elif isinstance(found, list):
        assert "yet" in found[0].text
    else:
        assert found.empty


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows)))
def test_views_show_a_run_that_is_half_done(name, upto, done):
    shown(VIEWS[name], tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]}))


def test_every_option_of_a_view_can_be_drawn(done):
    for view in VIEWS.values():
        for name, choices in (view.options(done) if view.options else {}).items():
            for choice in choices:
                controls = view.controls(**{name: choice})
                match view:
                    case Chart():
                        assert view.draw(done, controls) and view.describe(done, controls)
                    case Listing():
                        assert view.rows(done, controls) is not None
                    case Passage():
                        assert view.spans(done, controls)


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


def test_recovery_is_told_as_a_rank_correlation(done):
    assert "Spearman" in describe_planted(done, NoControls())


def arm(name: str, score: float, parameters: int) -> dict:
    given = {"task": "glosses", "arm": name, "seed": 0, "model": "", "parameters": parameters, "budget": 100}
    return given | {"updates": 1, "first_loss": 1.0, "last_loss": 1.0, "score": score, "seconds": 1.0}


def test_scores_are_told_with_parameters():
    rows = tables(TrainedArm=pd.DataFrame([arm("guilomo", 0.5, 100), arm("plain", 0.25, 98)]))
    said = describe_scores(rows, TaskControl())
    assert "GuiLoMo 50.0% with 100" in said and "plain LoRA 25.0% with 98" in said and "2.0% away" in said


def test_answers_on_which_arms_differ_come_first():
    named = {"task": "glosses", "seed": 0, "question": "q", "gold": "g", "answer": "g"}
    rows = [
        {**named, "arm": name, "item": item, "right": right}
        for item, rights in (("same", (True, True)), ("apart", (True, False)))
        for name, right in zip(("guilomo", "plain"), rights, strict=True)
    ]
    found = answer_rows(tables(TaskAnswer=pd.DataFrame(rows)), TaskControl())
    assert list(found["item"]) == ["apart", "apart", "same", "same"]


def test_tokens_are_marked_by_expert(done):
    from engines.guilomo.config import TokenControl

    spans = token_spans(done, TokenControl())
    assert [(span.text, span.mark) for span in spans] == [("The", "expert 2"), (" bank", "expert 1")]
    assert token_rows(done, NoControls())["its share %"].tolist() == [50.0]
