import json

import numpy as np

from engines.persyn.exported import examples_of, save_files
from engines.persyn.facts import roles_for
from engines.persyn.routers import RouterFacts, artifact_name, write_router
from engines.persyn.routing import routed
from tests.engines.persyn.scenes import planted_board


class Folder:
    """A log whose artifacts lie in a folder."""

    def __init__(self, path):
        self.path = path

    def artifact(self, name):
        return self.path / name


def arms():
    config, board = planted_board()
    roles, scores = roles_for(board, config), np.nan_to_num(board.rewards(config), nan=-1.0)
    learned = routed("persyn", 0, config, board, roles, scores)
    fixed = config.model_copy(update={"policy": "strong"})
    return config, board, [learned, routed("strong", 0, fixed, board, roles, None)]


def test_examples_are_the_chosen_responses():
    config, board, (learned, fixed) = arms()
    found = list(examples_of(learned, board, config))
    assert len(found) == len(board.panel.places("calibration", "routed"))
    assert {one.how for one in found} == {"reward", "router"}
    assert {one.teacher for one in examples_of(fixed, board, config)} == {"silent-3B"}


def test_training_sets_and_routers_are_saved(tmp_path):
    config, board, routings = arms()
    facts = RouterFacts("linear", "all-minilm-l6-v2", "f" * 16, tuple(board.panel.names))
    write_router(tmp_path / artifact_name("persyn", 0), facts, {"weight": np.zeros((384, 3), np.float32)})
    save_files(routings, board, config, Folder(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        "router-persyn-0.safetensors", "router-persyn-0.zip", "training-set-persyn-0.jsonl",
        "training-set-strong-0.jsonl",
    }  # fmt: skip
    line = json.loads((tmp_path / "training-set-persyn-0.jsonl").read_text().splitlines()[0])
    assert [turn["role"] for turn in line["messages"]] == ["user", "assistant"]
