import numpy as np
import pytest

from engines.parts.ranking import pairs_of
from engines.parts.retrieval.embeddings import open_encoder
from engines.persyn.config import PersynConfig
from engines.persyn.routers import (
    Routers,
    artifact_name,
    backbone_of,
    facts_of,
    opened,
    read_router,
    train_cell,
    train_router,
    write_router,
)
from engines.persyn.routing import learn_from_fewer
from engines.persyn.teacher_pool import blocks_of
from tests.engines.parts.training_runs import attempt, run_folder
from tests.engines.persyn.scenes import Quiet, planted_matrix
from tests.engines.persyn.tiny_run import tiny_model
from workbench.contract.errors import DataError
from workbench.contract.run_log import RunCell

TEXTS = [f"{'loaves of bread' if at % 2 else 'foreign stamps'} number {at}" for at in range(16)]
REWARDS = np.array([[0.0, 1.0] if at % 2 else [1.0, 0.0] for at in range(16)])
PAIRS = pairs_of(REWARDS, "drop", 0)


@pytest.mark.parametrize("kind", ["linear", "encoder", "causal"])
def test_a_router_is_trained_saved_and_opened_again(kind, tmp_path):
    cell = RunCell("persyn", 0, "router")
    model = "" if kind == "linear" else tiny_model()
    config = PersynConfig(
        student=tiny_model(), router=kind, router_model=model, router_rank=2, router_epochs=20,
        router_learning_rate=0.03, dtype="float32",
    )  # fmt: skip
    facts = facts_of(config, ["a", "b"])
    with attempt(run_folder(f"persyn-router-{kind}")) as log:
        arrays = train_router(facts, TEXTS, PAIRS, config, cell, log)
    assert arrays["losses"][1] < arrays["losses"][0] and arrays["seconds"][0] > 0
    scores = opened(facts, arrays, "float32").scores(TEXTS)
    assert (scores.argmax(1) == REWARDS.argmax(1)).mean() > 0.9
    write_router(tmp_path / "r.safetensors", facts, arrays)
    found, weights = read_router(tmp_path / "r.safetensors")
    assert found == facts and not {"losses", "seconds"} & weights.keys()
    np.testing.assert_allclose(opened(found, weights, "float32").scores(TEXTS), scores, atol=1e-5)


def test_prompts_beyond_the_encoder_are_counted():
    facts = facts_of(PersynConfig(), ["a", "b"])
    width = open_encoder(facts.backbone, "float32").width
    arrays = {"weight": np.zeros((width, 2)), "bias": np.zeros(2), "centre": np.zeros(width)}
    router = opened(facts, arrays, "float32")
    router.scores(["How many?", "many words " * 400])
    assert router.cut == 1


def test_backbones():
    config = PersynConfig(student="mine")
    assert backbone_of(config) == "all-minilm-l6-v2"
    assert backbone_of(config.model_copy(update={"router": "causal"})) == "mine"
    assert backbone_of(config.model_copy(update={"router_model": "other"})) == "other"
    assert artifact_name("persyn", 2) == "router-persyn-2.safetensors"


def test_a_changed_backbone_and_a_broken_file_are_refused(tmp_path):
    config = PersynConfig(router="encoder", router_model=tiny_model())
    facts = facts_of(config, ["a", "b"])
    with pytest.raises(DataError, match="fingerprint"):
        opened(type(facts)(**{**facts.__dict__, "fingerprint": "0" * 16}), {}, "float32")
    (tmp_path / "r.safetensors").write_bytes(b"no router")
    with pytest.raises(DataError, match="no router"):
        read_router(tmp_path / "r.safetensors")


class Saving(Quiet):
    """A log whose artifacts lie in a folder."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def artifact(self, name):
        return self.path / name

    def once(self, name, kind, compute, key=""):
        self.notes.append((name, key))
        return compute()


def test_a_cell_trains_saves_and_tells(tmp_path):
    config, matrix = planted_matrix()
    log = Saving(tmp_path)
    arrays = train_cell(RunCell("persyn", 0, "router"), log, {"persyn": config}, matrix)
    assert (tmp_path / "router-persyn-0.safetensors").is_file() and log.rows[0].pairs > 0
    routers = Routers(matrix, config, {("persyn", 0): arrays})
    scores = routers.scores("persyn", 0, log)
    blocks = blocks_of(matrix.pool, "calibration", "routed", "held_out")
    assert log.notes == [(f"scores persyn 0 {block.name}", block.key) for block in blocks]
    assert (routers.read, routers.cut) == (len(matrix.pool.prompts), 0)
    assert scores.shape == (len(matrix.pool.prompts), 3)
    held_out = matrix.pool.places("held_out")
    topics = [matrix.pool.prompts[at].topic for at in held_out]
    prefers_adder = scores[held_out][:, 0] > scores[held_out][:, 1]
    assert prefers_adder.tolist() == [topic == "gains" for topic in topics], "unseen prompts find their teacher"


def test_the_curve_has_a_point_for_every_seed_and_size():
    config, matrix = planted_matrix()
    log = Quiet()
    learn_from_fewer(matrix, config, log)
    sizes = {(row.seed, row.calibration) for row in log.rows}
    most = len(matrix.pool.places("calibration"))
    assert sizes == {(seed, size) for seed in (0, 1) for size in (most // 2, most)}
    whole = [row for row in log.rows if row.calibration == most]
    assert whole[0].regret == whole[1].regret, "all prompts are all prompts, whatever the seed"
    assert all(0 <= row.regret <= 1 and row.regret <= row.single + 0.5 for row in log.rows)
