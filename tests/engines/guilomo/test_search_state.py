import pytest
import torch
from torch import nn

from engines.guilomo.search_settings import SearchSettings
from engines.guilomo.search_state import FACTS, TENSORS, read_state, write_state
from workbench.contract.errors import DataError

SHAPES = {"a": (2, 3)}


def parts(seed):
    torch.manual_seed(seed)
    weight = nn.Parameter(torch.randn(3))
    optimiser = torch.optim.AdamW([weight], lr=0.1)
    weight.grad = torch.randn(3)
    optimiser.step()
    return {"weights": ([weight], optimiser)}


def test_weights_and_moments_come_back(tmp_path):
    one, two = parts(0), parts(1)
    write_state(tmp_path, one, SearchSettings(), SHAPES, 7)
    assert read_state(tmp_path, two, SearchSettings(), SHAPES) == 7
    (weight,), optimiser = one["weights"]
    (other,), again = two["weights"]
    assert torch.equal(weight, other)
    for name, value in optimiser.state[weight].items():
        assert torch.equal(value, again.state[other][name])


def test_a_torn_state_is_refused(tmp_path):
    write_state(tmp_path, parts(0), SearchSettings(), SHAPES, 7)
    whole = (tmp_path / TENSORS).read_bytes()
    (tmp_path / TENSORS).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read"):
        read_state(tmp_path, parts(1), SearchSettings(), SHAPES)
    (tmp_path / TENSORS).write_bytes(whole)
    with pytest.raises(DataError, match="lacks more"):
        read_state(tmp_path, {"more": parts(1)["weights"]}, SearchSettings(), SHAPES)
    with pytest.raises(DataError, match="another search"):
        read_state(tmp_path, parts(1), SearchSettings(), {"a": (2, 4)})
    (tmp_path / FACTS).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        read_state(tmp_path, parts(1), SearchSettings(), SHAPES)
