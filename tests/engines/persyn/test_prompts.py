import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.persyn.config import PersynConfig
from engines.persyn.prompts import (
    Asked,
    Counts,
    PromptSet,
    answerable,
    counts_for,
    dealt,
    folded,
    open_prompts,
    with_difficulty,
    within_reach,
)
from tests.engines.persyn.planted_teachers import write_problems
from workbench.contract.errors import DataError
from workbench.storage.home import place


def asked(count: int) -> list[Asked]:
    return [Asked(f"p{at}", "word " * (at % 7 + 1) + str(at)) for at in range(count)]


def test_problems_are_read_with_topic_and_answer():
    found = open_prompts(str(write_problems(place("uploads") / "read.jsonl", 10)))
    assert len(found.prompts) == 10 and found.prompts[1].topic == "gains" and found.prompts[0].answer.isdigit()


def test_the_bundled_problems_are_prompts():
    svamp = open_prompts("svamp").prompts
    assert len(svamp) > 900 and all(one.answer and one.topic for one in svamp)


def written(name: str, *rows: dict) -> str:
    path = place("uploads") / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_repetitions_are_left_out_counted_and_said():
    asked = ("How many?", "how  MANY?", "Why?", "How many?")
    found = open_prompts(written("again.jsonl", *({"id": at, "prompt": text} for at, text in enumerate(asked))))
    assert [one.name for one in found.prompts] == ["0", "2"]
    assert (found.left_out[0].count, found.left_out[0].example) == (2, "how  MANY?")
    assert any("2 of 4 rows are repetitions" in note for note in found.notes)
    assert folded(" A  b ") == "a b"


def test_a_body_and_its_question_make_the_prompt_and_a_type_is_no_topic():
    rows = [{"Body": f"Ann has {at} pears.", "Question": "How many pears?", "Answer": at, "Type": "Sum"}
            for at in range(9)]  # fmt: skip
    found = open_prompts(written("parted.jsonl", *rows))
    assert len(found.prompts) == 9 and found.prompts[3].text == "Ann has 3 pears. How many pears?"
    assert {one.topic for one in found.prompts} == {""} and any("'Body'" in note for note in found.notes)
    asked = open_prompts(written("parted.jsonl", *rows), "prompt={Body}\\n{Question},answer=Answer,topic=Type")
    assert asked.prompts[3].text.split("\n")[1] == "How many pears?" and asked.prompts[0].topic == "Sum"


def test_right_answers_that_nothing_matches_are_named_and_left_out():
    golds = ("9 (apples)", "nine", "\\frac12", "\\$40", "2, 3", r"\begin{cases} }{")
    asked = tuple(Asked(str(at), f"What is {at}?", gold) for at, gold in enumerate(golds))
    found = answerable(PromptSet(asked, "s", ""))
    assert [one.name for one in found.prompts] == ["0", "1", "2", "3", "4"]
    assert found.left_out[0].count == 1 and "cases" in found.left_out[0].example
    assert "1 prompts are left out" in found.notes[0]
    assert answerable(replace(found, prompts=asked[:2], notes=())).notes == ()


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


def splits(prompts) -> dict[str, list[str]]:
    return {
        split: [one.name for one in prompts if one.split == split] for split in ("calibration", "routed", "held_out")
    }


@given(st.integers(8, 120), st.integers(8, 60), st.integers(4, 30), st.integers(0, 30))
def test_every_prompt_is_in_at_most_one_split(count, prompts, calibration, held_out):
    config = PersynConfig(prompts=prompts, calibration=calibration, held_out=held_out)
    counts = counts_for(count, config)
    found = dealt(asked(count), counts)
    assert len({one.name for one in found}) == len(found) <= count
    assert {name: len(names) for name, names in splits(found).items()} == {
        "calibration": counts.calibration, "routed": counts.routed, "held_out": counts.held_out,
    }  # fmt: skip
    whole = counts == Counts(min(calibration, prompts), max(0, prompts - calibration), held_out)
    assert whole == (not counts.note)
    assert counts.calibration >= 1 and (held_out == 0 or counts.held_out >= 1)


@given(st.integers(8, 120), st.integers(8, 60), st.integers(1, 40), st.integers(0, 60))
def test_more_held_out_prompts_move_nothing(count, prompts, held_out, more):
    few, many = (
        dealt(asked(count), counts_for(count, PersynConfig(prompts=prompts, calibration=4, held_out=number)))
        for number in (held_out, held_out + more)
    )
    assert many[: len(few)] == few, "the same prompts, in the same places"
    assert {one.split for one in many[len(few) :]} <= {"held_out"}


def test_more_training_prompts_move_no_calibration_and_no_held_out_prompt():
    few = splits(dealt(asked(100), Counts(10, 10, 10)))
    many = splits(dealt(asked(100), Counts(10, 60, 10)))
    assert few["calibration"] == many["calibration"] and few["held_out"] == many["held_out"]
    assert set(few["routed"]) < set(many["routed"])


def test_training_prompts_stand_in_the_order_of_the_data():
    found = dealt(asked(40), Counts(10, 10, 10))
    training = [int(one.name[1:]) for one in found[:20]]
    assert training == sorted(training) and {one.split for one in found[20:]} == {"held_out"}


def test_a_fifth_is_kept_apart_by_hand():
    counts = counts_for(50, PersynConfig(prompts=100, calibration=50, held_out=30))
    assert (counts.calibration, counts.routed, counts.held_out) == (20, 20, 10)
    assert counts.note.startswith("100 training and 30 held-out prompts were asked for and 50 are there")
    alone = counts_for(50, PersynConfig(prompts=100, calibration=50, held_out=0))
    assert (alone.calibration, alone.routed, alone.held_out) == (25, 25, 0), "nothing to judge, all to train"


def test_too_few_prompts_are_refused():
    with pytest.raises(DataError, match="at least 8"):
        counts_for(7, PersynConfig(prompts=8, calibration=4, held_out=0))


def test_a_pattern_that_prompts_share_is_read():
    path = place("uploads") / "patterns.jsonl"
    rows = [{"question": f"How many are {at}?", "answer": "1", "template": f"t{at % 2}"} for at in range(4)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [one.group for one in open_prompts(str(path)).prompts] == ["t0", "t1", "t0", "t1"]


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
