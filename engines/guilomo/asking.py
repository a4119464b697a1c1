"""The follow-up question: a sentence of one's own, its tokens by the expert that each layer's router chooses first."""

import pandas as pd

from engines.guilomo.allocation import layer_of, module_of
from engines.guilomo.config import AskedSentence, GuilomoConfig
from engines.guilomo.rows import TokenExpert, TrainedArm
from workbench.contract import DataError, Parent, RunLog


def ask(question: AskedSentence, parent: Parent, log: RunLog) -> None:
    """Read the sentence with a trained model of the run.

    Raises:
        DataError: the run has no such model, or it has no experts.
    """
    from engines.guilomo.router_use import experts_of_text
    from engines.parts.models import load_causal

    config = GuilomoConfig.model_validate(parent.spec.settings)
    with log.phase("Read the sentence"):
        loaded = load_causal(model_of(question, parent), config.dtype)
        found = experts_of_text(loaded.model, loaded.tokenizer, question.text)
        rows = [
            TokenExpert(
                path=one.path, layer=layer_of(one.path), module=module_of(one.path), place=place, token=token,
                expert=expert, weight=weight,
            ).model_dump()
            for one in found
            for place, (token, expert, weight) in enumerate(zip(one.tokens, one.experts, one.weights, strict=True))
        ]  # fmt: skip
        log.table(TokenExpert, pd.DataFrame(rows, columns=list(TokenExpert.model_fields)))


def model_of(question: AskedSentence, parent: Parent) -> str:
    """Reference of the model that an arm trained under a seed on a task.

    Raises:
        DataError: the run has no such model.
    """
    trained = parent.chosen(TrainedArm, question.arm, question.seed)
    kept = trained[trained["model"].astype(str) != ""].set_index("task")["model"]
    if question.task not in kept:
        raise DataError(
            f"The run kept no model of {question.arm[:40]!r} on {question.task[:40]!r}, seed {question.seed}; it has "
            f"those on {', '.join(kept.index) or 'no task'}.",
            "Choose one of them; models of the planted task are not kept.",
        )
    return str(kept[question.task])
