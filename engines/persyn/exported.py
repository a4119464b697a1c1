"""Files that a run leaves: the training set of every arm, and every router as a packed folder."""

from collections.abc import Iterator, Sequence

from engines.persyn.config import PersynConfig
from engines.persyn.exports import TaughtExample, pack_router, router_folder_name, training_set_name, write_training_set
from engines.persyn.judged import Board
from engines.persyn.routers import artifact_name
from engines.persyn.routing import Routing
from engines.persyn.teachers import teaching_prompt
from workbench.contract import RunLog


def save_files(routings: Sequence[Routing], board: Board, config: PersynConfig, log: RunLog) -> None:
    """Save the training set of every arm and seed, and the packed routers, among the files of the run."""
    for routing in routings:
        path = log.artifact(training_set_name(routing.arm, routing.seed))
        write_training_set(path, examples_of(routing, board, config))
        if routing.scores is not None:
            weights = log.artifact(artifact_name(routing.arm, routing.seed))
            pack_router(log.artifact(router_folder_name(routing.arm, routing.seed)), weights)


def examples_of(routing: Routing, board: Board, config: PersynConfig) -> Iterator[TaughtExample]:
    """What the student of an arm learns from, in the order of the data; failed responses are left out."""
    for place in board.panel.places("calibration", "routed"):
        column = int(routing.chosen.teacher[place])
        text = board.texts.get((place, column), "")
        if text:
            asked = board.panel.prompts[place]
            prompt = teaching_prompt(asked.text, config.exam_profile)
            teacher = board.panel.teachers[column].name
            yield TaughtExample(asked.name, prompt, text, teacher, str(routing.chosen.how[place]))
