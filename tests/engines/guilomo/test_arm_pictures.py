import pandas as pd

from engines.guilomo.arm_pictures import (
    ARM_VIEWS,
    ASK_VIEWS,
    apart_first,
    experts_in_use,
    of_tasks,
    token_spans,
    with_allocation,
)
from engines.guilomo.config import TokenControl
from engines.guilomo.rows import TokenExpert
from tests.engines.guilomo.tiny_run import tables
from tests.engines.shown_views import joined, shown

VIEWS = {view.name: view for view in (*ARM_VIEWS, *ASK_VIEWS)}
ASKED = pd.DataFrame(
    [
        ("model.layers.0.q_proj", 0, "q_proj", 0, "The", 2, 0.7),
        ("model.layers.0.q_proj", 0, "q_proj", 1, " bank", 1, 0.6),
        ("model.layers.0.q_proj", 0, "q_proj", 2, " lent", 2, 0.6),
    ],
    columns=list(TokenExpert.model_fields),
)


def arm(name: str, score: float, parameters: int, **given) -> dict:
    training = {"task": "glosses", "arm": name, "seed": 0, "model": "", "parameters": parameters, "budget": 100}
    measured = {"updates": 1, "first_loss": 1.0, "last_loss": 1.0, "score": score, "seconds": 1.0}
    return training | measured | given


def use(layer: int, expert: int, load: float, entropy: float, **given) -> dict:
    router = {"task": "glosses", "arm": "guilomo", "seed": 0, "path": f"{layer}.q_proj", "module": "q_proj"}
    told = {"layer": layer, "expert": expert, "load": load, "entropy": entropy, "probability": load, "tokens": 9}
    return router | told | given


def test_scores_are_told_with_parameters_by_the_titles_of_the_arms():
    rows = tables(TrainedArm=pd.DataFrame([arm("guilomo", 0.5, 100), arm("plain", 0.25, 98)]))
    figure, said = shown(VIEWS["scores"], rows)
    assert [(trace.name, trace.x, trace.y) for trace in figure.data] == [
        ("GuiLoMo", (100,), (0.5,)), ("Plain LoRA", (98,), (0.25,)),
    ]  # fmt: skip
    assert said == (
        "glosses: GuiLoMo 50.0% with 100, Plain LoRA 25.0% with 98 parameters. No arm is more than 2.0% away from the "
        "budget of its search."
    )


def test_planted_scores_are_told_in_nats_as_lower_is_better():
    rows = tables(TrainedArm=pd.DataFrame([arm("guilomo", 0.5, 100, task="planted")]))
    assert shown(VIEWS["scores"], rows)[1].startswith("planted; lower is better: GuiLoMo 0.500 nats with 100")


def test_a_training_stands_beside_the_mean_of_what_its_layers_got():
    layers = [{"task": "glosses", "arm": "guilomo", "seed": 0, "experts": len(ranks.split()), "ranks": ranks}
              for ranks in ("8 4 1", "2")]  # fmt: skip
    trained = pd.DataFrame([arm("guilomo", 0.5, 100), arm("plain", 0.25, 98)])
    found = with_allocation(trained, tables(ArmAllocation=pd.DataFrame(layers)))
    assert found["mean_experts"].iloc[0] == 2 and found["mean_rank"].iloc[0] == 3.75
    assert found["mean_experts"].isna().tolist() == [False, True]


def test_trainings_are_averaged_over_seeds_and_told_apart_by_task():
    steps = [
        {"arm": "guilomo", "seed": seed, "adapter": f"{task}-guilomo-{seed}", "step": step, "loss": loss + seed}
        for task, losses in (("planted", (9.0, 8.0)), ("glosses", (3.0, 2.0)))
        for seed in (0, 1)
        for step, loss in enumerate(losses, 1)
    ]
    rows = pd.DataFrame(steps)
    assert of_tasks(rows, tables())["task"].unique().tolist() == ["planted", "glosses"]
    shown_last = shown(VIEWS["training"], tables(TrainingStep=rows))
    assert shown_last[0].data[0].y == (3.5, 2.5)
    assert shown_last[1] == "Loss by update: GuiLoMo from 3.5 to 2.5."
    assert shown(VIEWS["training"], tables(TrainingStep=rows), task="planted")[0].data[0].y == (9.5, 8.5)


def test_the_load_is_averaged_over_seeds_in_percent():
    rows = [use(0, 1, 0.6, 0.9), use(0, 2, 0.4, 0.9), use(0, 1, 0.8, 0.7, seed=1), use(0, 2, 0.2, 0.7, seed=1)]
    figure, said = shown(VIEWS["load"], tables(RouterLoad=pd.DataFrame(rows)))
    assert [[round(value, 6) for value in row] for row in figure.data[0].z] == [[70, 30]]
    assert said == (
        "Share of routed tokens (%): lowest 30 (Block 0, Expert 2), highest 70 (Block 0, Expert 1), mean 50."
    )


def test_the_most_and_the_least_decided_routers_are_named():
    rows = [
        use(0, 1, 1.0, 0.5),
        use(0, 1, 1.0, 0.7, seed=1),
        use(1, 1, 1.0, 0.9),
        use(1, 1, 1.0, 0.4, module="up_proj"),
    ]
    figure, said = shown(VIEWS["entropy"], tables(RouterLoad=pd.DataFrame(rows)))
    assert [(trace.name, trace.x, trace.y) for trace in figure.data] == [
        ("q_proj", (0, 1), (0.6, 0.9)), ("up_proj", (1,), (0.4,)),
    ]  # fmt: skip
    assert said == (
        "Most decided is up_proj of block 1 (40.0% of the highest entropy), least q_proj of block 1 (90.0%)."
    )


def test_answers_on_which_arms_differ_come_first_in_the_last_task():
    named = {"seed": 0, "question": "q", "gold": "g", "answer": "g"}
    rows = pd.DataFrame(
        [
            {**named, "task": task, "arm": name, "item": item, "right": right}
            for task, rights in (("planted", (True, False)), ("glosses", (True, True)), ("glosses", (True, False)))
            for item in ["apart" if rights[1] is False else "same"]
            for name, right in zip(("guilomo", "plain"), rights, strict=True)
        ]
    )
    assert apart_first(rows, tables())["item"].tolist() == ["apart", "apart", "apart", "apart", "same", "same"]
    found = shown(VIEWS["answers"], tables(TaskAnswer=rows))
    assert found["item"].tolist() == ["apart", "apart", "same", "same"] and set(found["task"]) == {"glosses"}
    assert found["right"].tolist() == ["yes", "no", "yes", "yes"] and set(found["arm"]) == {"GuiLoMo", "Plain LoRA"}


def test_what_controls_offer_are_titles_of_arms():
    view = joined(VIEWS["load"])
    assert view.options
    offered = view.options(tables(RouterLoad=pd.DataFrame([use(0, 1, 1.0, 0.5)])))
    assert offered == {"task": ["", "glosses"], "arm": ["GuiLoMo"], "module": ["q_proj"]}


def test_tokens_are_marked_by_expert():
    spans = token_spans(tables(TokenExpert=ASKED), TokenControl())
    assert [(span.text, span.mark) for span in spans[:2]] == [("The", "expert 2"), (" bank", "expert 1")]
    found = experts_in_use(ASKED, tables())
    assert found.to_numpy().tolist() == [[0, "model.layers.0.q_proj", 2, 2, 66.7]]
