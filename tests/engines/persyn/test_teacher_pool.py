import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.persyn.config import PersynConfig
from engines.persyn.prompts import Asked
from engines.persyn.teacher_pool import (
    JUDGED_AT_ONCE,
    TeacherPool,
    block_of,
    blocks_of,
    digest_of,
    examined_elsewhere,
    examined_places,
    judged_blocks,
    open_pool,
    prompt_rows,
    training_key,
)
from engines.persyn.teachers import Teacher, family_of, parameters_of
from tests.engines.persyn.planted_teachers import write_problems
from tests.engines.persyn.tiny_run import file_spec, tiny_model, tiny_spec
from workbench.contract.errors import ConfigError, DataError
from workbench.storage.home import place


def config_of(spec) -> PersynConfig:
    return PersynConfig.model_validate(spec.settings)


def test_prompts_are_dealt():
    pool = open_pool(config_of(tiny_spec()))
    assert [len(pool.places(split)) for split in ("calibration", "held_out", "routed", "examined")] == [10, 10, 10, 0]
    assert len(pool.teachers) == 2 and pool.given is None


def test_students_are_examined_on_held_out_prompts_unless_others_are_named():
    config = config_of(tiny_spec(train_student=True))
    pool = open_pool(config)
    assert examined_places(pool, config) == pool.places("held_out")
    few = config.model_copy(update={"examined": 4})
    assert examined_places(open_pool(few), few) == pool.places("held_out")[:4]
    data = write_problems(place("uploads") / "named.jsonl", 40)
    other = config_of(tiny_spec(evaluation=str(data), held_out=9))
    named = open_pool(other)
    assert examined_places(named, other) == named.places("examined") and len(named.places("examined")) == 9


def test_a_file_brings_prompts_teachers_and_responses():
    pool = open_pool(config_of(file_spec()))
    assert pool.names == ["adder-1B", "taker-2B", "silent-3B"] and pool.given
    assert {asked.topic for asked in pool.prompts} == {"gains", "losses"}


def test_right_answers_that_a_file_lacks_come_from_the_data():
    mapping = "prompt=Q,teacher=who,response=said"
    pool = open_pool(config_of(file_spec(response_columns=mapping)))
    assert all(asked.answer for asked in pool.prompts)


def test_topics_are_the_datas_own_or_clusters():
    spec = file_spec()
    rows = prompt_rows(open_pool(config_of(spec)), config_of(spec))
    assert {row.topic for row in rows} == {"gains", "losses"} and [row.place for row in rows] == list(range(len(rows)))
    own = config_of(file_spec(response_columns="prompt=Q,answer=gold answer,teacher=who,response=said", topics=2))
    named = prompt_rows(open_pool(own), own)
    by_topic: dict[str, set[str]] = {}
    for row in named:
        by_topic.setdefault(row.topic, set()).add(row.text.split()[0])
    assert sorted(map(sorted, by_topic.values())) == [["A"], ["Ida"]], "meaning parts the two kinds of problems"


def test_an_examination_elsewhere_repeats_no_prompt():
    data = write_problems(place("uploads") / "exam.jsonl", 12)
    config = config_of(tiny_spec(evaluation=str(data), examined=6))
    first = examined_elsewhere(config, [], lambda *_: None)
    assert len(first) == 6 and {asked.split for asked in first} == {"examined"}
    mine = [Asked("x", first[0].text, split="routed"), Asked("y", first[1].text, split="held_out")]
    found = {asked.text for asked in examined_elsewhere(config, mine, lambda *_: None)}
    assert first[0].text not in found and first[1].text in found, "held-out prompts are not trained on"
    more = examined_elsewhere(config.model_copy(update={"examined": 10}), [], lambda *_: None)
    assert more[:6] == first, "more problems begin with the same"


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"teachers": ["m#direct"]}, ConfigError, "nothing to choose"),
        ({"quality": "column"}, ConfigError, "responses file"),
        ({"data": "upload:nowhere.jsonl"}, DataError, "nowhere"),
    ],
)
def test_what_cannot_be_a_pool_is_refused(settings, error, said):
    with pytest.raises(error, match=said):
        open_pool(config_of(tiny_spec(**settings)))


def test_a_student_without_examination_is_refused():
    path = place("uploads") / "open.jsonl"
    path.write_text("".join(f'{{"prompt": "Say something about {at}."}}\n' for at in range(30)))
    with pytest.raises(DataError, match="examine"):
        open_pool(config_of(tiny_spec(data=str(path), train_student=True)))


def test_sizes_and_families():
    names = ("Qwen2.5-72B-Instruct", "gemma-2-9b-it", "smollm2-135m", "DeepSeek-R1", "adder-1B")
    sizes = [parameters_of(Teacher(name, "", "")) for name in names]
    assert sizes[:3] == [72e9, 9e9, 135e6] and math.isnan(sizes[3]) and sizes[4] == 1e9
    assert parameters_of(Teacher("t", tiny_model(), "direct")) > 1000
    assert parameters_of(Teacher("t", "openai:llama-3.1-8b@http://127.0.0.1:1/v1", "direct")) == 8e9
    found = [family_of(name) for name in ("Qwen/Qwen2.5-7B", "meta-llama/Llama-3.1-8B", "smollm2-135m-instruct", "7b")]
    assert found == ["qwen", "llama", "smollm", ""]


def pool(held_out: int, training: int = 6) -> TeacherPool:
    prompts = [Asked(f"t{at}", "x", split="calibration" if at < 2 else "routed") for at in range(training)]
    prompts += [Asked(f"h{at}", "y", split="held_out") for at in range(held_out)]
    return TeacherPool(tuple(prompts), (), None, "", "")


def test_blocks_by_hand():
    found = blocks_of(pool(JUDGED_AT_ONCE + 5), "calibration", "routed", "held_out")
    assert [block.name for block in found] == ["calibration", "routed", "held_out 1", "held_out 2"]
    assert found[0].places == (0, 1) and found[1].places == (2, 3, 4, 5)
    assert len(found[2].places) == JUDGED_AT_ONCE and len(found[3].places) == 5
    assert blocks_of(pool(0, 0), "calibration", "routed", "held_out") == []


@given(st.integers(0, 200), st.integers(0, 200))
def test_more_judged_prompts_leave_full_blocks_and_the_training_as_they_are(held_out, more):
    few, many = pool(held_out), pool(held_out + more)
    before = blocks_of(few, "calibration", "routed", "held_out")
    after = {block.name: block for block in blocks_of(many, "calibration", "routed", "held_out")}
    full = [block for block in before if not block.name.startswith("held_out") or len(block.places) == JUDGED_AT_ONCE]
    assert all(after[block.name] == block for block in full)
    assert training_key(few) == training_key(many)


@given(st.lists(st.text(), max_size=5), st.lists(st.text(), max_size=5))
def test_digests_are_equal_for_equal_texts_alone(some, others):
    assert (digest_of(some) == digest_of(others)) == (some == others)
    assert len(digest_of(some)) == 16


def test_a_changed_prompt_changes_the_key_of_its_block():
    asked = pool(3)
    changed = replace(asked, prompts=(replace(asked.prompts[0], text="other"), *asked.prompts[1:]))
    assert training_key(asked) != training_key(changed)
    assert block_of(asked, "a", [6, 7]).key == block_of(changed, "b", [6, 7]).key
    assert [len(block.places) for block in judged_blocks(asked, "x", [6, 7, 8])] == [3]
