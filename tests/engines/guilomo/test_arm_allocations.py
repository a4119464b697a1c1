import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.guilomo.allocation import Allocation, layer_of, random_allocation
from engines.guilomo.arm_allocations import (
    Plain,
    affordable,
    allocation_rows,
    arm_allocation,
    chosen_layers,
    counts_by_layer,
    within,
)
from engines.guilomo.config import GuilomoConfig
from workbench.contract.errors import ConfigError

SHAPES = {f"model.layers.{layer}.{name}": (64, 96) for layer in range(4) for name in ("q_proj", "v_proj")}
FOUND = random_allocation(SHAPES, 8, 8, 3)
KINDS = (
    "uniform", "experts_only", "ranks_only", "triangle", "inverted", "random", "perturbed_experts", "perturbed_ranks",
)  # fmt: skip


def of(kind: str, found: Allocation = FOUND, **more):
    return arm_allocation(GuilomoConfig(allocation=kind, **more), found, SHAPES, 0)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 200))
@settings(max_examples=15)
def test_every_arm_has_the_budget_to_within_a_rank(kind, seed):
    found = random_allocation(SHAPES, 8, 8, seed)
    budget, spent = found.parameters(SHAPES), of(kind, found).parameters(SHAPES)
    assert budget - (64 + 96) < spent <= budget


def test_the_found_allocation_is_trained_as_it_is():
    assert of("guilomo") is FOUND


@pytest.mark.parametrize(("kind", "rising"), [("triangle", True), ("inverted", False)])
def test_shapes_step_by_depth(kind, rising):
    counts = [len(ranks) for _, ranks in sorted(of(kind).ranks.items(), key=lambda one: layer_of(one[0]))]
    assert sorted(counts, reverse=not rising) == counts and set(counts) == {2, 4, 6, 8}


def test_one_part_of_the_found_is_kept_in_each_ablation():
    assert of("experts_only").experts() == FOUND.experts()
    assert len(set(of("ranks_only").experts().values())) == 1
    assert of("perturbed_ranks").experts() == FOUND.experts()


def test_experts_are_taken_away_in_the_named_blocks_alone():
    changed = of("perturbed_experts", perturb_by=-1, perturb_layers="0").experts()
    for path, count in FOUND.experts().items():
        assert changed[path] == (max(2, count - 1) if layer_of(path) == 0 else count)


def test_plain_lora_comes_nearest_to_the_budget_and_is_scaled_as_an_expert():
    plain = of("plain")
    assert isinstance(plain, Plain) and not plain.dora
    per_rank = len(SHAPES) * (64 + 96)
    assert abs(plain.parameters(SHAPES) - FOUND.parameters(SHAPES)) <= per_rank / 2
    ranks = [rank for one in FOUND.ranks.values() for rank in one]
    assert plain.alpha / plain.rank == pytest.approx(16 / (sum(ranks) / len(ranks)), rel=0.1)
    dora = of("dora")
    assert isinstance(dora, Plain) and dora.dora
    assert dora.parameters(SHAPES) == dora.rank * per_rank + len(SHAPES) * 96


def test_a_budget_too_small_for_the_experts_takes_some_away():
    least = Allocation(dict.fromkeys(SHAPES, (1, 1)))
    cut = affordable(Allocation(dict.fromkeys(SHAPES, (8,) * 5)), SHAPES, least.parameters(SHAPES))
    assert set(cut.experts().values()) == {2}
    kept = affordable(Allocation(dict.fromkeys(SHAPES, (8,) * 5)), SHAPES, 10**9)
    assert set(kept.experts().values()) == {5}


def test_rows_name_each_layer():
    rows = allocation_rows(("glosses", "plain", 1), of("plain"), SHAPES)
    assert [row.path for row in rows] == list(SHAPES) and {row.experts for row in rows} == {1}
    first = allocation_rows(("glosses", "guilomo", 1), FOUND, SHAPES)[0]
    assert first.ranks == " ".join(map(str, FOUND.ranks[first.path])) and (first.layer, first.module) == (0, "q_proj")


@pytest.mark.parametrize(
    ("text", "found"),
    [("all", (0, 1, 2, 3)), ("", (0, 1, 2, 3)), ("last 2", (2, 3)), (" 0-1, 3", (0, 1, 3)), ("3,0,0", (0, 3))],
)
def test_blocks_are_named_in_words_numbers_and_ranges(text, found):
    assert chosen_layers(text, 4) == found


@pytest.mark.parametrize("text", ["last 5", "last 0", "4", "2-1", "x", "1;2", "-1", "0-4", "last", "1,,2"])
def test_what_names_no_block_is_refused_with_what_may_be_written(text):
    with pytest.raises(ConfigError, match="layers") as refused:
        chosen_layers(text, 4)
    assert "all, last N" in refused.value.hint


@given(st.sets(st.integers(0, 29), min_size=1))
def test_any_set_of_blocks_can_be_written(blocks):
    assert chosen_layers(", ".join(map(str, blocks)), 30) == tuple(sorted(blocks))


def test_modules_are_kept_by_their_block():
    shapes = {"model.layers.0.a": (1, 1), "model.layers.2.a": (1, 1), "model.layers.2.b": (1, 1)}
    assert list(within(shapes, (2,))) == ["model.layers.2.a", "model.layers.2.b"]
    assert counts_by_layer(shapes) == 3 and counts_by_layer({}) == 0
