import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.records.question_records import Prompt, Question
from engines.parts.records.splits import content_of, drawn_keys, sample, split
from workbench.contract.errors import DataError


def prompts(count, of=str):
    return [Prompt(id=str(number), prompt=of(number)) for number in range(count)]


GROUPED = [Question(id=str(n), question=f"Q{n}", answers=("x",), title=f"t{n % 7}") for n in range(70)]


def test_a_draw_depends_on_seed_and_key_alone():
    keys = [str(number) for number in range(100)]
    assert drawn_keys(keys, 10, 1) == drawn_keys(reversed(keys), 10, 1) < drawn_keys(keys, 40, 1)
    assert drawn_keys(keys, 10, 1) != drawn_keys(keys, 10, 2)
    assert drawn_keys(keys, 200, 1) == set(keys)


def test_shares_are_kept_and_nothing_is_lost():
    parts = split(prompts(1_000), {"train": 0.7, "dev": 0.1, "test": 0.2}, seed=3)
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 700, "dev": 100, "test": 200}
    assert sorted(int(row.id) for rows in parts.values() for row in rows) == list(range(1_000))
    assert [int(row.id) for row in parts["dev"]] == sorted(int(row.id) for row in parts["dev"])


def test_a_smaller_share_is_part_of_a_larger_one():
    small, large = (split(prompts(200), {"train": share, "test": 1 - share}, seed=3) for share in (0.3, 0.6))
    assert {row.id for row in small["train"]} < {row.id for row in large["train"]}


def test_groups_are_never_parted():
    parts = split(GROUPED, {"train": 0.5, "test": 0.5}, seed=1, group=lambda row: row.title)
    titles = [{row.title for row in rows} for rows in parts.values()]
    assert titles[0] | titles[1] == {f"t{n}" for n in range(7)} and not titles[0] & titles[1]


def test_rows_that_repeat_each_other_are_one_group_unasked():
    rows = prompts(400, of=lambda number: f"Prompt {number % 50}" if number % 2 else f"PROMPT {number % 50}")
    parts = split(rows, {"train": 0.5, "test": 0.5}, seed=1)
    texts = [{row.prompt.casefold() for row in part} for part in parts.values()]
    assert texts[0] and texts[1] and not texts[0] & texts[1]
    assert content_of(rows[1]) == content_of(rows[51]) != content_of(rows[3])


@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=60),
    st.lists(st.floats(0.05, 1), min_size=1, max_size=3),
    st.integers(0, 5),
)
def test_every_part_has_rows_and_every_group_one_part(groups, shares, seed):
    rows = [Prompt(id=str(index), prompt=str(group)) for index, group in enumerate(groups)]
    named = {f"p{index}": share for index, share in enumerate(shares)}
    if len(set(groups)) < len(shares):
        with pytest.raises(DataError, match="cannot fill"):
            split(rows, named, seed)
        return
    parts = split(rows, named, seed)
    assert all(parts.values()) and sum(map(len, parts.values())) == len(rows)
    owner = {row.prompt: name for name, members in parts.items() for row in members}
    assert all(owner[row.prompt] == name for name, members in parts.items() for row in members)


@pytest.mark.parametrize("shares", [{}, {"a": 0.0}, {"a": 1, "b": -1}, {"a": float("nan")}])
def test_shares_that_are_not_positive_are_refused(shares):
    with pytest.raises(DataError, match="not all positive"):
        split(prompts(5), shares, 1)


def test_a_sample_keeps_order_and_is_part_of_a_larger_one():
    few, more = sample(prompts(100), 10, seed=2), sample(prompts(100), 30, seed=2)
    assert len(few) == 10 and {row.id for row in few} < {row.id for row in more}
    assert [int(row.id) for row in few] == sorted(int(row.id) for row in few)
    assert sample(prompts(3), 10, seed=2) == prompts(3)


def test_a_sample_of_groups_takes_whole_groups():
    found = sample(GROUPED, 25, seed=2, group=lambda row: row.title)
    assert len(found) == 20 and len({row.title for row in found}) == 2
