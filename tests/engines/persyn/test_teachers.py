import json

import pytest

from engines.parts.answers.answers import numbers_equal
from engines.persyn.config import PROFILES, PersynConfig
from engines.persyn.teachers import (
    PROFILE,
    SHOWN,
    Teacher,
    name_of,
    open_responses,
    parse_teachers,
    require_several,
    teaching_prompt,
    teaching_sampling,
)
from tests.engines.persyn.planted_teachers import write_responses
from tests.engines.persyn.tiny_run import MAPPING
from workbench.contract.errors import ConfigError, DataError
from workbench.storage.home import place


def test_references_are_parsed():
    found = parse_teachers(["smollm2-135m-instruct#worked", "openai:qwen-7b@http://127.0.0.1:1/v1#direct", "/m/x"])
    assert [teacher.name for teacher in found] == ["smollm2-135m-instruct worked", "qwen-7b direct", "x steps"]
    assert found[1].model == "openai:qwen-7b@http://127.0.0.1:1/v1" and found[2].ref == "/m/x#steps"
    assert Teacher("from a file", "", "").ref == "file"


def test_folders_of_one_name_are_told_apart():
    found = parse_teachers(["/a/model#direct", "/b/model#direct"])
    assert [teacher.name for teacher in found] == ["/a/model#direct", "/b/model#direct"]


@pytest.mark.parametrize(
    ("refs", "said"),
    [
        ([], "0 given"),
        (["m#direct"], "1 given"),
        (["m#direct", " "], "1 given"),
        (["m#direct", "m#direct"], "twice"),
        (["m#sung", "m#direct"], "no profile"),
        (["#direct", "m#steps"], "no profile"),
    ],
)
def test_what_is_no_choice_is_refused(refs, said):
    with pytest.raises(ConfigError, match=said):
        parse_teachers(refs)


def test_names_of_models():
    assert name_of("Qwen/Qwen2.5-7B") == "Qwen2.5-7B" and name_of("vllm:/m/a/") == "a"
    require_several(["a", "b"])


def test_profiles_are_those_of_the_settings_and_their_examples_are_right():
    assert tuple(PROFILE) == PROFILES
    for _, brief, wordy in SHOWN:
        assert numbers_equal(brief, wordy)
        left, right = brief.split(". The")[0].split(" = ")
        assert eval(left) == float(right)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_ends_with_the_prompt(profile):
    prompt = teaching_prompt("How many?", profile)
    assert prompt[-1].role == "user" and prompt[-1].content.startswith("How many?")
    assert (len(prompt) > 1) == bool(PROFILE[profile].style)
    assert teaching_sampling(profile, PersynConfig()).temperature == PROFILE[profile].temperature


def test_a_profile_of_numbers_shows_numbers():
    assert [turn.content for turn in teaching_prompt("?", "terse") if turn.role == "assistant"] == ["8", "24", "7", "6"]


def written(name: str, *rows: dict) -> str:
    path = place("uploads") / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_a_users_own_file_works_after_mapping():
    path = write_responses(place("uploads") / "mapped.jsonl", 12)
    found = open_responses(PersynConfig(responses=str(path), response_columns=MAPPING))
    assert [teacher.name for teacher in found.teachers] == ["adder-1B", "taker-2B", "silent-3B"]
    assert len(found.prompts.prompts) == 12 and len(found.given) == 36
    first = found.prompts.prompts[0]
    assert found.given[first.name, "taker-2B"].text == f"The answer is {first.answer}."


def test_columns_may_be_found_by_name_alone():
    path = written("named.jsonl", *({"question": f"How many are {at}?", "model": name, "output": "4", "score": at}
                                    for at in range(3) for name in ("a", "b")))  # fmt: skip
    found = open_responses(PersynConfig(responses=path))
    assert len(found.given) == 6 and {given.score for given in found.given.values()} == {0.0, 1.0, 2.0}


def test_each_column_may_be_a_teacher():
    path = written("wide.jsonl", *({"Q": f"Is {at} even?", "gold": "yes", "A": "yes", "B": ["no"]} for at in range(3)))
    config = PersynConfig(responses=path, response_columns="prompt=Q,answer=gold", teacher_columns=("A", "B"))
    found = open_responses(config)
    assert len(found.prompts.prompts) == 3 and [teacher.name for teacher in found.teachers] == ["A", "B"]
    with pytest.raises(DataError, match="no column 'C'"):
        open_responses(config.model_copy(update={"teacher_columns": ("A", "C")}))


def test_a_group_of_the_file_is_passed_on():
    rows = [{"question": f"How many are {at}?", "model": name, "output": "4", "group": f"g{at % 2}", "gold": "4"}
            for at in range(4) for name in ("a", "b")]  # fmt: skip
    found = open_responses(PersynConfig(responses=written("grouped.jsonl", *rows)))
    assert [one.group for one in found.prompts.prompts] == ["g0", "g1", "g0", "g1"]
    wide = [{"Q": f"Is {at} even?", "A": "yes", "B": "no", "template": f"t{at % 2}"} for at in range(4)]
    config = PersynConfig(responses=written("grouped-wide.jsonl", *wide), response_columns="prompt=Q,group=template",
                          teacher_columns=("A", "B"))  # fmt: skip
    assert [one.group for one in open_responses(config).prompts.prompts] == ["t0", "t1", "t0", "t1"]


def test_one_teacher_is_refused():
    path = written("lone.jsonl", *({"prompt": f"p {at}", "teacher": "a", "response": "x"} for at in range(3)))
    with pytest.raises(ConfigError, match="1 given"):
        open_responses(PersynConfig(responses=path))


def test_a_second_response_is_counted_and_the_first_kept():
    path = written(
        "twice.jsonl", {"prompt": "p", "teacher": "a", "response": "first"},
        {"prompt": "P ", "teacher": "a", "response": "second"}, {"prompt": "p", "teacher": "b", "response": "x"},
    )  # fmt: skip
    found = open_responses(PersynConfig(responses=path))
    assert [given.text for given in found.given.values()] == ["first", "x"]
    assert [(row.teacher, row.count) for row in found.prompts.left_out] == [("a", 1)]
