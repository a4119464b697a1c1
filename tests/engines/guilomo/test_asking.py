import pytest

from engines.guilomo import ENGINE
from engines.guilomo.config import AskedSentence
from engines.guilomo.rows import TokenExpert, TrainedArm
from tests.engines.guilomo.tiny_run import start, tiny_spec
from workbench.contract.errors import DataError, ModelError
from workbench.storage.home import place


@pytest.fixture(scope="module")
def parent():
    spec = tiny_spec(arms=("guilomo", "plain"), tasks=("own",))
    return start(spec, place("runs"), "guilomo-parent")


def asked(parent, name: str, **more):
    question = AskedSentence(**{"text": "say red", "task": "own", **more})
    spec = parent.spec.model_copy(update={"purpose": "ask", "settings": question.model_dump()})
    return start(spec, place("runs"), name, work=lambda _, log: ENGINE.load_ask()(question, parent, log))


def test_every_token_has_an_expert_in_every_layer(parent):
    rows = asked(parent, "guilomo-asked").table(TokenExpert)
    assert set(rows["path"]) == {
        f"model.layers.{at}.{name}" for at in (0, 1) for name in ("self_attn.q_proj", "mlp.down_proj")
    }
    one = rows[rows["path"] == rows["path"].iloc[0]].sort_values("place")
    assert "".join(one["token"]) == "say red"
    assert rows["expert"].between(1, 4).all() and rows["weight"].between(0, 1).all()


def test_what_has_no_experts_is_refused(parent):
    with pytest.raises(ModelError, match="no routed experts"):
        asked(parent, "guilomo-asked-plain", arm="plain")
    with pytest.raises(DataError, match="it has arm 'guilomo', seed 0"):
        asked(parent, "guilomo-asked-other", seed=9)


def test_the_kept_model_is_a_model_elsewhere(parent):
    from engines.parts.expert_layers.lora_experts import expert_layers
    from engines.parts.models.models import load_causal

    ref = parent.table(TrainedArm).set_index("arm")["model"]
    assert ref["guilomo"] == "run:guilomo-parent/own-guilomo-0.adapter.zip"
    loaded = load_causal(ref["guilomo"], "float32")
    assert len(expert_layers(loaded.model)) == 4 and type(loaded.model).__name__ == "LlamaForCausalLM"
