"""Asking: puts numbered questions to a model and keeps the ledger; `python -m tests.rooms.asking` is its worker."""

from typing import Annotated

from annotated_types import Ge, Le

from engines.parts.completions.generation import Sampling
from engines.parts.generation.generator import Use, open_generator
from engines.parts.rows.token_use import TOKEN_USE, TokenUse
from tests.rooms.room import TOY_FIDELITY, TOY_PAPER
from workbench.contract.claims import Cell, Claim, Metric, Share
from workbench.contract.engine import Arm, Engine, Preset, Tab
from workbench.contract.probe import Probe
from workbench.contract.run_log import RunLog
from workbench.contract.schema import Config, Outcome, Row
from workbench.contract.views import Listing
from workbench.contract.vocabulary import BASIC, ModelRef


class AskingConfig(Config):
    """What the asking toy is asked."""

    model: Annotated[ModelRef, BASIC] = "smollm2-135m-instruct"
    """Whom to ask."""
    questions: Annotated[int, Ge(1), Le(1000), BASIC] = 10
    """How many questions to ask."""


class Reply(Row):
    """One answer."""

    question: int
    text: str


def run(config: AskingConfig, log: RunLog) -> None:
    """Ask every question at once."""
    with log.phase("Ask"):
        generator = open_generator(config.model, log)
        prompts = [f"question {number} of the toy" for number in range(config.questions)]
        answers = generator.generate(prompts, Sampling(max_tokens=8), Use("Ask", "asking", log.seeds[0]))
        for number, (answer,) in enumerate(answers):
            log.row(Reply(question=number, text=answer.text))
            log.row(Outcome(arm="asking", metric="answered", seed=log.seeds[0], value=1.0, item=str(number)))


def probe(config: AskingConfig, probe: Probe) -> None:
    """No time at all."""


_PRESET = Preset(AskingConfig(), ("asking",), (0,), "Ten questions.")
ASKING = Engine(
    name="asking",
    module=__name__,
    title="Asking",
    tab=Tab.REASON,
    question="What does a model answer?",
    idea="The toy asks numbered questions and keeps the answers.",
    paper=TOY_PAPER,
    config=AskingConfig,
    presets={"quick": _PRESET, "study": _PRESET, "paper": _PRESET},
    arms=(Arm("asking", "Asking", "method", "Asks."),),
    metrics=(Metric("answered", "share", "higher", "Whether it was answered.", floor=0.0, ceiling=1.0),),
    claims=(Claim("all", "Everything is answered.", Share(Cell("answered", "asking"), 0.5)),),
    fidelity=TOY_FIDELITY,
    rows=(Reply, TokenUse),
    views=(TOKEN_USE, Listing("replies", "Answers", (Reply,), lambda tables, controls: tables[Reply])),
)
ENGINES = {ASKING.name: ASKING}
WORKER = ("-m", "tests.rooms.asking")

if __name__ == "__main__":
    # the rows that `run` emits are those of the imported module
    from tests.rooms.asking import ENGINES as ROOMS
    from workbench.worker.worker import serve

    serve(ROOMS)
