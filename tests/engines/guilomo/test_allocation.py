import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.guilomo.allocation import (
    Allocation,
    experts_only,
    from_json,
    layer_of,
    matched,
    module_of,
    perturbed_experts,
    perturbed_ranks,
    plain_parameters,
    plain_rank,
    random_allocation,
    ranks_only,
    read_allocation,
    stepped,
    uniform,
)
from workbench.contract.errors import ConfigError, DataError

SHAPES = {f"model.layers.{layer}.{name}": shape for layer in range(8) for name, shape in
          (("self_attn.q_proj", (16, 16)), ("mlp.down_proj", (40, 16)))}  # fmt: skip
SMALL = {"layers.0.q": (10, 6), "layers.1.q": (10, 6)}


def allocations():
    ranks = st.lists(st.integers(1, 8), min_size=2, max_size=8).map(tuple)
    return st.fixed_dictionaries(dict.fromkeys(SHAPES, ranks)).map(Allocation)


def test_parameters_by_hand():
    # experts: (2 + 3 + 1) * 16; routers: 3 * 10; then 2 * 16 + 2 * 10
    assert Allocation({"layers.0.q": (2, 3, 1), "layers.1.q": (1, 1)}).parameters(SMALL) == 96 + 30 + 32 + 20


def test_parameters_are_those_of_the_layers():
    from engines.parts.experts.expert_adapters import attach_experts
    from engines.parts.experts.expert_layout import shapes_of
    from tests.engines.parts.tiny_experts import RANKS, tiny_llama

    model = tiny_llama()
    shapes = shapes_of(model)
    wrapped = attach_experts(model, RANKS)
    counted = sum(one.numel() for one in wrapped.parameters() if one.requires_grad)
    assert Allocation(RANKS).parameters(shapes) == counted


def test_paths_are_read():
    assert layer_of("model.layers.12.mlp.up_proj") == 12 and layer_of("lm_head") == 0
    assert module_of("model.layers.12.mlp.up_proj") == "up_proj"


@given(allocations())
@settings(max_examples=20)
def test_json_keeps_everything(allocation):
    assert from_json(allocation.as_json()) == allocation


def test_files(tmp_path):
    allocation = uniform(SHAPES, 3, 2)
    allocation.write(tmp_path / "a.json")
    assert read_allocation(tmp_path / "a.json") == allocation
    with pytest.raises(DataError, match="cannot be read"):
        read_allocation(tmp_path / "b.json")


@pytest.mark.parametrize("text", ["no", "[]", "{}", '{"ranks": 1}', '{"ranks": {"a": [true, 2]}}'])
def test_what_is_no_allocation_is_refused(text):
    with pytest.raises(DataError):
        from_json(text)


@pytest.mark.parametrize(
    ("ranks", "said"), [({}, "no module"), ({"a": (2,)}, "at least 2"), ({"a": (2, 0)}, "1 or more")]
)
def test_impossible_allocations_are_named(ranks, said):
    with pytest.raises(ConfigError, match=said):
        Allocation(ranks)


def test_ranks_larger_than_a_layer_and_unknown_layers_are_named():
    with pytest.raises(ConfigError, match="rank 7"):
        Allocation({"layers.0.q": (7, 1)}).parameters(SMALL)
    with pytest.raises(ConfigError, match="no adapted module"):
        Allocation({"layers.9.q": (1, 1)}).parameters(SMALL)


def test_shapes_by_depth():
    assert set(uniform(SHAPES, 5, 4).experts().values()) == {5}
    steps = stepped(SHAPES, (2, 4, 6, 8), 4).experts()
    assert [steps[f"model.layers.{layer}.mlp.down_proj"] for layer in range(8)] == [2, 2, 4, 4, 6, 6, 8, 8]
    assert list(stepped(SMALL, (8, 6, 4, 2), 3).experts().values()) == [8, 4]


def test_random_allocations_are_decided_by_the_seed():
    one, two, three = (random_allocation(SHAPES, 8, 6, seed) for seed in (0, 0, 1))
    assert one == two != three
    assert all(2 <= len(ranks) <= 8 and min(ranks) >= 1 and max(ranks) <= 6 for ranks in one.ranks.values())


@given(allocations(), st.floats(0.0, 1.0))
@settings(max_examples=40)
def test_matching_meets_the_budget_within_a_rank(allocation, at):
    ones = Allocation({path: (1,) * len(ranks) for path, ranks in allocation.ranks.items()}).parameters(SHAPES)
    full = Allocation({path: (min(SHAPES[path]),) * len(ranks) for path, ranks in allocation.ranks.items()})
    budget = round(ones + at * (full.parameters(SHAPES) - ones))
    found = matched(allocation, SHAPES, budget)
    assert found.experts() == allocation.experts()
    spent = found.parameters(SHAPES)
    assert spent <= budget
    assert budget - spent < max(sum(shape) for shape in SHAPES.values()) or found == full


def test_matching_keeps_proportions_and_what_fits_already():
    allocation = Allocation({"layers.0.q": (1, 2), "layers.1.q": (3, 3)})
    assert matched(allocation, SMALL, allocation.parameters(SMALL)) == allocation
    doubled = Allocation({"layers.0.q": (2, 4), "layers.1.q": (6, 6)})
    assert matched(allocation, SMALL, doubled.parameters(SMALL)) == doubled


def test_a_budget_too_small_is_named():
    with pytest.raises(ConfigError, match="rank 1 and their routers need"):
        matched(uniform(SMALL, 4, 2), SMALL, 10)


@given(allocations())
@settings(max_examples=20)
def test_halves_of_a_finding_cost_as_much(allocation):
    budget, step = allocation.parameters(SHAPES), 56
    flat = experts_only(allocation, SHAPES)
    assert flat.experts() == allocation.experts()
    ranks = [rank for one in flat.ranks.values() for rank in one]
    assert max(ranks) - min(ranks) <= 1 or max(ranks) > 8
    level = ranks_only(allocation, SHAPES)
    assert len(set(level.experts().values())) == 1
    assert all(0 <= budget - one.parameters(SHAPES) < step for one in (flat, level))


def test_perturbations_by_hand():
    found = Allocation({"layers.0.q": (1, 3, 2), "layers.1.q": (2, 2)})
    assert perturbed_experts(found, 2).ranks == {"layers.0.q": (1, 3, 2, 2, 2), "layers.1.q": (2, 2, 2, 2)}
    assert perturbed_experts(found, -2).ranks == {"layers.0.q": (1, 3), "layers.1.q": (2, 2)}
    assert perturbed_experts(found, 1, [1]).ranks == {"layers.0.q": (1, 3, 2), "layers.1.q": (2, 2, 2)}


@given(allocations(), st.integers(0, 9))
@settings(max_examples=20)
def test_ranks_dealt_anew_sum_to_the_same(allocation, seed):
    dealt = perturbed_ranks(allocation, seed)
    for path, ranks in allocation.ranks.items():
        assert sum(dealt.ranks[path]) == sum(ranks) and len(dealt.ranks[path]) == len(ranks)
        assert min(dealt.ranks[path]) >= 1
    only = perturbed_ranks(allocation, seed, [3])
    assert all(only.ranks[path] == ranks for path, ranks in allocation.ranks.items() if layer_of(path) != 3)


def test_plain_ranks_by_hand():
    # one rank costs 32; DoRA has 12 more
    assert plain_rank(100, SMALL) == 3 and plain_rank(100, SMALL, dora=True) == 3 and plain_rank(1, SMALL) == 1
    assert plain_rank(10**6, SMALL) == 6
    assert plain_parameters(3, SMALL) == 96 and plain_parameters(3, SMALL, dora=True) == 108
