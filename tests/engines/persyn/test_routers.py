import numpy as np
import pytest

from engines.parts.retrieval.embeddings import open_encoder
from engines.persyn.config import PersynConfig
from engines.persyn.rewards import pairs_of
from engines.persyn.routers import (
    artifact_name,
    backbone_of,
    facts_of,
    opened,
    read_router,
    train_router,
    write_router,
)
from tests.engines.persyn.tiny_run import tiny_model
from workbench.contract.errors import DataError

TEXTS = [f"{'loaves of bread' if at % 2 else 'foreign stamps'} number {at}" for at in range(16)]
REWARDS = np.array([[0.0, 1.0] if at % 2 else [1.0, 0.0] for at in range(16)])
PAIRS = pairs_of(REWARDS, "drop", 0)


@pytest.mark.parametrize("kind", ["linear", "encoder", "causal"])
def test_a_router_is_trained_saved_and_opened_again(kind, tmp_path):
    model = "" if kind == "linear" else tiny_model()
    config = PersynConfig(
        student=tiny_model(), router=kind, router_model=model, router_rank=2, router_epochs=20,
        router_learning_rate=0.03, dtype="float32",
    )  # fmt: skip
    facts = facts_of(config, ["a", "b"])
    arrays = train_router(facts, TEXTS, PAIRS, config, 0)
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
