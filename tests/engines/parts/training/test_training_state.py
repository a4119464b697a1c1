import json

import pytest
import torch
from torch import nn

from engines.parts.rows.training_step import TrainingStep
from engines.parts.training.training_state import FACTS, TrainingState
from workbench.contract import DataError

ROWS = [TrainingStep(arm="a", seed=0, adapter="x", step=1, loss=float("nan"), learning_rate=0.1, tokens=3, seconds=1.0)]


def state(seed, key="k", names=("w", "body.weight")):
    torch.manual_seed(seed)
    parameters = {name: nn.Parameter(torch.randn(3)) for name in names}
    optimisers = [torch.optim.AdamW([parameters[names[0]]], lr=0.1), torch.optim.SGD([parameters[names[1]]], 0.1, 0.9)]
    for parameter in parameters.values():
        parameter.grad = torch.randn(3)
    for optimiser in optimisers:
        optimiser.step()
    return TrainingState(parameters, optimisers, key)


def test_parameters_moments_and_rows_come_back(tmp_path):
    one, two = state(0), state(1)
    one.save(tmp_path, 6, [])
    one.save(tmp_path, 7, ROWS)
    found = two.load(tmp_path, [TrainingStep])
    assert found and found.step == 7 and str(found.rows) == str(ROWS), "a loss that is no number too"
    for name, parameter in one.parameters.items():
        other = two.parameters[name]
        assert torch.equal(parameter, other)
        for mine, again in zip(one.optimisers, two.optimisers, strict=True):
            before, after = mine.state.get(parameter, {}), again.state.get(other, {})
            assert before.keys() == after.keys() and all(torch.equal(before[k], after[k]) for k in before)
    assert len(list(tmp_path.iterdir())) == 2, "the state before is gone"


def test_a_kill_while_saving_leaves_the_state_before(tmp_path):
    one = state(0)
    one.save(tmp_path, 6, ROWS)
    (tmp_path / "state-7.safetensors").write_bytes(b"torn")
    found = state(1).load(tmp_path, [TrainingStep])
    assert found and found.step == 6


def test_damaged_and_foreign_states_are_refused_and_change_nothing(tmp_path):
    assert state(0).load(tmp_path, []) is None
    state(0).save(tmp_path, 7, ROWS)
    other = state(1)
    kept = {name: one.detach().clone() for name, one in other.parameters.items()}
    with pytest.raises(DataError, match="another training"):
        state(1, key="z").load(tmp_path, [TrainingStep])
    with pytest.raises(DataError, match="another training"):
        state(1, names=("w", "more")).load(tmp_path, [TrainingStep])
    whole = (tmp_path / "state-7.safetensors").read_bytes()
    (tmp_path / "state-7.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read"):
        other.load(tmp_path, [TrainingStep])
    (tmp_path / "state-7.safetensors").unlink()
    with pytest.raises(DataError, match="cannot be read"):
        other.load(tmp_path, [TrainingStep])
    facts = json.loads((tmp_path / FACTS).read_text())
    (tmp_path / FACTS).write_text(json.dumps(facts | {"format": 2}))
    with pytest.raises(DataError, match="format"):
        other.load(tmp_path, [TrainingStep])
    (tmp_path / FACTS).write_text("[]")
    with pytest.raises(DataError, match="cannot be read"):
        other.load(tmp_path, [TrainingStep])
    assert all(torch.equal(one, kept[name]) for name, one in other.parameters.items())
