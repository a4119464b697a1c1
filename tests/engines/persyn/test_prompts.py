import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.persyn.config import PersynConfig
from engines.persyn.prompts import (
    SPLITS,
    Asked,
    dealt,
    folded,
    open_prompts,
    wanted,
    with_difficulty,
    within_reach,
    without_repetitions,
)
from tests.engines.persyn.planted_teachers import write_problems
from workbench.errors import DataError
from workbench.home import place


def asked(count: int) -> list[Asked]:
    return [Asked(f"p{at}", "word " * (at % 7 + 1) + str(at)) for at in range(count)]


def test_problems_are_read_with_topic_and_answer():
    found = open_prompts(str(write_problems(place("uploads") / "read.jsonl", 10)))
    assert len(found.prompts) == 10 and found.prompts[1].topic == "gains" and found.prompts[0].answer.isdigit()


def test_the_bundled_problems_are_prompts():
    svamp = open_prompts("svamp").prompts
    assert len(svamp) > 900 and all(one.answer and one.topic for one in svamp)


def test_repetitions_are_left_out_and_counted():
    rows = [Asked("a", "How many?"), Asked("b", "how  MANY?"), Asked("c", "Why?")]
    kept, told = without_repetitions(rows)
    assert [one.name for one in kept] == ["a", "c"]
    assert (told[0].count, told[0].example) == (1, "how  MANY?")
    assert folded(" A  b ") == "a b"


def test_broken_rows_are_counted(tmp_path):
    path = place("uploads") / "broken.jsonl"
    path.write_text('{"question": "How many?", "answer": "1"}\n{"question": ""}\nno json\n')
    found = open_prompts(str(path))
    assert len(found.prompts) == 1 and found.left_out[0].count == 2


def test_a_table_without_a_prompt_is_refused():
    path = place("uploads") / "odd.jsonl"
    path.write_text(json.dumps({"zzz": 1}) + "\n" + json.dumps({"zzz": 2}) + "\n")
    with pytest.raises(DataError, match="prompt"):
        open_prompts(str(path), "prompt=nowhere")


@given(st.integers(8, 120), st.integers(8, 60), st.integers(4, 30), st.integers(0, 30))
def test_every_prompt_is_in_at_most_one_split(count, prompts, calibration, held_out):
    config = PersynConfig(prompts=prompts, calibration=calibration, held_out=held_out)
    counts = wanted(config, True)
    found, note = dealt(asked(count), counts)
    assert len({one.name for one in found}) == len(found) <= count
    assert bool(note) == (sum(counts.values()) > count)
    if not note:
        assert {split: sum(one.split == split for one in found) for split in SPLITS} == counts


def test_more_prompts_move_no_calibration_prompt():
    few, _ = dealt(asked(100), {"calibration": 10, "held_out": 10, "examined": 10, "routed": 10})
    many, _ = dealt(asked(100), {"calibration": 10, "held_out": 10, "examined": 10, "routed": 60})
    of = {one.name: one.split for one in many}
    assert all(of[one.name] == one.split for one in few)


def test_too_few_prompts_are_refused():
    with pytest.raises(DataError, match="at least 8"):
        dealt(asked(7), {"calibration": 4, "held_out": 0, "examined": 0, "routed": 4})


def test_problems_beyond_reach_are_left_out_and_counted():
    texts = [("3 and 4?", "7"), ("12 and 4?", "8"), ("3 times 9?", "27"), ("1,000?", "")]
    rows = [Asked(str(at), text, answer) for at, (text, answer) in enumerate(texts)]
    kept, told = within_reach(rows, 10)
    assert [one.name for one in kept] == ["0"] and told[0].count == 3 and "above 10" in told[0].reason
    assert within_reach(rows, 0) == (rows, []) and within_reach(rows[:1], 10)[1] == []


def test_difficulty_is_the_datas_own_or_a_third_each():
    found = with_difficulty(asked(9))
    assert sorted(one.difficulty for one in found) == ["long"] * 3 + ["medium"] * 3 + ["short"] * 3
    own = [Asked("a", "x", difficulty="hard"), Asked("b", "y", difficulty="easy")]
    assert with_difficulty(own) == own
