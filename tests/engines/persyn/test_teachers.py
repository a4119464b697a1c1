import pytest

from engines.parts.answers.answers import numbers_equal
from engines.persyn.config import PROFILES, PersynConfig
from engines.persyn.teachers import (
    PROFILE,
    SHOWN,
    Teacher,
    name_of,
    parse_teachers,
    require_several,
    teaching_prompt,
    teaching_sampling,
)
from workbench.contract.errors import ConfigError


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
