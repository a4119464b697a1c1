import json

import pytest

from engines.persyn.config import PersynConfig
from engines.persyn.responses_file import open_responses
from tests.engines.persyn.planted_teachers import write_responses
from tests.engines.persyn.tiny_run import MAPPING
from workbench.contract.errors import ConfigError, DataError
from workbench.storage.home import place


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
