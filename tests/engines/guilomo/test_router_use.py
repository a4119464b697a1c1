import math
from types import SimpleNamespace

import pytest
import torch

from engines.guilomo import ENGINE
from engines.guilomo.config import AskedSentence
from engines.guilomo.router_use import UseMeter, experts_of_text, watching
from engines.guilomo.rows import TokenExpert, TrainedArm
from engines.parts.expert_layers.lora_experts import expert_layers
from tests.engines.guilomo.tiny_run import start, tiny_spec
from tests.engines.parts.tiny_experts import RANKS, acting_experts, ids, tiny_llama
from workbench.contract.errors import DataError, ModelError
from workbench.storage.home import place


class Letters:
    """A tokenizer of letters."""

    def __call__(self, text):
        return {"input_ids": [1 + ord(letter) % 31 for letter in text]}

    def decode(self, one):
        return f"<{one[0]}>"


def test_use_by_hand():
    meter = UseMeter()
    assert meter.rows() == []
    meter("a", torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[1.0, 0.0]]))
    meter("a", torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log(), torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    one, two = meter.rows()
    assert (one.path, one.expert, two.expert, one.tokens) == ("a", 1, 2, 3)
    assert one.load == pytest.approx(2 / 3) and two.load == pytest.approx(1 / 3)
    assert one.probability == pytest.approx(1.9 / 3)
    low = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)) / math.log(2)
    assert one.entropy == pytest.approx((2 + low) / 3)


def test_a_model_is_metered_only_inside():
    model = acting_experts()
    with watching(model) as meter:
        model(ids())
    model(ids())
    rows = meter.rows()
    assert {row.path for row in rows} == set(RANKS) and {row.tokens for row in rows} == {14}
    for path, ranks in RANKS.items():
        own = [row for row in rows if row.path == path]
        assert len(own) == len(ranks)
        assert sum(row.load for row in own) == pytest.approx(1)
        assert sum(row.probability for row in own) == pytest.approx(1)
        assert 0 <= own[0].entropy <= 1


def test_tokens_have_their_top_expert():
    model = acting_experts().train()
    found = experts_of_text(model, Letters(), "hello", 4)
    assert model.training and [one.path for one in found] == list(RANKS)
    assert found[0].tokens == tuple(Letters().decode([one]) for one in Letters()("hell")["input_ids"])
    layer = expert_layers(model)[found[0].path]
    seen = []
    layer.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    model.eval()(torch.tensor([Letters()("hell")["input_ids"]]))
    logits = seen[0][0] @ layer.lora_router["default"].weight.t()
    assert found[0].experts == tuple((logits.argmax(-1) + 1).tolist())
    assert all(0.5 <= weight <= 1 for weight in found[0].weights)


def test_what_cannot_be_watched_is_named():
    with pytest.raises(DataError, match="empty"):
        experts_of_text(acting_experts(), Letters(), " ")
    with pytest.raises(ModelError, match="no routed experts"), watching(tiny_llama()):
        pass
    with pytest.raises(ModelError, match="no routed experts"):
        experts_of_text(SimpleNamespace(modules=list), Letters(), "a")


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
