import pandas as pd

from engines.guilomo.arm_views import answer_rows, describe_scores, token_rows, token_spans
from engines.guilomo.config import TaskControl, TokenControl
from engines.guilomo.rows import TokenExpert
from tests.engines.guilomo.tiny_run import tables
from workbench.views import NoControls

ASKED = pd.DataFrame(
    [
        ("model.layers.0.q_proj", 0, "q_proj", 0, "The", 2, 0.7),
        ("model.layers.0.q_proj", 0, "q_proj", 1, " bank", 1, 0.6),
    ],
    columns=list(TokenExpert.model_fields),
)


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


def test_tokens_are_marked_by_expert():
    done = tables(TokenExpert=ASKED)
    spans = token_spans(done, TokenControl())
    assert [(span.text, span.mark) for span in spans] == [("The", "expert 2"), (" bank", "expert 1")]
    assert token_rows(done, NoControls())["its share %"].tolist() == [50.0]
