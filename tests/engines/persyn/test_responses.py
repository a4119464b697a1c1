import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engines.parts.completions.generation import Completion
from engines.parts.generation.generator import Generator
from engines.persyn.config import PersynConfig
from engines.persyn.policies import Chosen
from engines.persyn.responses import (
    COLUMNS,
    Teachers,
    _shared_out,
    ask_block,
    ask_chosen,
    collect,
    has_chat_template,
    parallel_blocks,
    require_chats,
    score_block,
)
from engines.persyn.reward_matrix import matrix_of
from engines.persyn.routing import Routing, seconds_of
from engines.persyn.teacher_pool import open_pool
from tests.engines.persyn.scenes import Quiet, planted_matrix
from tests.engines.persyn.tiny_run import file_spec, tiny_model, tiny_spec
from tests.engines.persyn.tiny_student import make_tiny_student
from workbench.contract.errors import DataError, ModelError
from workbench.storage.home import place


class Fussy:
    """A backend that answers with the prompt's length, and fails on prompts that hold a word."""

    name, fingerprint, dtype, context = "fussy", "f" * 16, "float32", None

    def __init__(self, word: str, error: type[Exception] = ModelError) -> None:
        self.word, self.error, self.asked = word, error, 0

    def count(self, prompts):
        return [1 for _ in prompts]

    def complete(self, requests, sampling, listen=None):
        for at, request in enumerate(requests):
            self.asked += 1
            text = request.prompt[-1].content
            if self.word in text:
                raise self.error("The server says no.", "Ask something else.")
            yield at, Completion(str(len(text)), "stop", 1, 2, 3)


def collected(spec, backend, places):
    config = PersynConfig.model_validate(spec.settings)
    pool = open_pool(config)
    teachers = Teachers(config, None)
    teachers._open = {teacher.model: Generator(backend) for teacher in pool.teachers}
    wanted = [(at, column) for at in places for column in (0, 1)]
    return collect(pool, wanted, config, teachers, "Ask"), pool


def test_one_bad_prompt_costs_itself_alone():
    backend = Fussy("Ida has 5")
    found, pool = collected(tiny_spec(), backend, range(10))
    bad = [at for at in range(10) if "Ida has 5" in pool.prompts[at].text]
    assert bad and list(found.columns) == list(COLUMNS) and len(found) == 20
    failed = found[found["reason"] != ""]
    assert sorted(set(failed["place"])) == bad and failed["reason"].str.contains("The server says no").all()
    assert (found[found["reason"] == ""]["text"] != "").all()


def test_a_teacher_that_is_down_is_not_asked_for_ever():
    backend = Fussy("")
    found, _ = collected(tiny_spec(), backend, range(10))
    assert (found["reason"] != "").all() and backend.asked <= 2 * 4


def test_other_errors_are_not_swallowed():
    with pytest.raises(ValueError):
        collected(tiny_spec(), Fussy("", lambda *said: ValueError(said[0])), range(2))


def test_responses_of_a_file_empty_missing_and_foreign_ones():
    config = PersynConfig.model_validate(file_spec().settings)
    pool = open_pool(config)
    given = dict(pool.given)
    first = pool.prompts[0].name
    del given[first, "adder-1B"]
    foreign = "Der Bäcker hat die Brote nicht verkauft und es sind noch viele von den Broten da, das ist die Antwort."
    given[first, "taker-2B"] = type(given[first, "taker-2B"])(foreign, tokens=7, seconds=2.0)
    pool = type(pool)(pool.prompts, pool.teachers, given, "", "")
    said = [bool(given[asked.name, "silent-3B"].text) for asked in pool.prompts]
    silent, speaking = said.index(False), said.index(True)
    wanted = [(0, 0), (0, 1), (silent, 2), (speaking, 2)]
    found = collect(pool, wanted, config, Teachers(config, None), "Ask").set_index(["place", "column"])
    assert found.loc[(0, 0), "reason"] == "no response in the file"
    assert found.loc[(0, 1), "reason"] == "another language" and found.loc[(0, 1), "tokens"] == 7
    assert (found.loc[(silent, 2), "reason"], found.loc[(speaking, 2), "reason"]) == ("empty", "")
    kept = collect(pool, [(0, 1)], config.model_copy(update={"foreign": "keep"}), Teachers(config, None), "Ask")
    assert kept["reason"].tolist() == [""]


def test_data_errors_of_a_prompt_are_its_own():
    found, _ = collected(tiny_spec(), Fussy("Ida has 5", DataError), range(10))
    assert 0 < (found["reason"] != "").sum() < 20


def test_seconds_of_kept_answers_are_unknown():
    kept = Completion("4", "stop", 1, 2, 3, reused=True)
    made = Completion("44", "stop", 1, 3, 3)
    rows = list(_shared_out([0, 1, 2], 0, [kept, made, "error: no"], 6.0))
    assert [row[4] for row in rows[1:2]] == [6.0] and np.isnan([rows[0][4], rows[2][4]]).all()
    _, matrix = planted_matrix()
    assert np.isnan(matrix.frame["seconds"]).all(), "the file does not tell"
    assert np.isnan(seconds_of(matrix, np.ones(matrix.asked.shape))).all()


def bare_model() -> str:
    """The tiny model without its chat template."""
    folder = place("uploads") / "persyn-bare"
    if not folder.exists():
        make_tiny_student(folder)
        told = json.loads((folder / "tokenizer_config.json").read_text())
        told.pop("chat_template")
        (folder / "tokenizer_config.json").write_text(json.dumps(told))
    return str(folder)


def test_models_that_cannot_answer_are_named_before_any_is_asked():
    assert has_chat_template(tiny_model()) and not has_chat_template(bare_model())
    teachers = [f"{bare_model()}#direct", f"{tiny_model()}#direct", "/nowhere/at-all#direct"]
    config = PersynConfig.model_validate(tiny_spec(teachers=teachers).settings)
    begun = time.process_time()
    with pytest.raises(ModelError) as caught:
        require_chats(open_pool(config), config)
    assert time.process_time() - begun < 1
    said = str(caught.value)
    assert said.startswith("2 of 3 models cannot answer.") and "it has no chat template" in said and "/nowhere" in said
    given = PersynConfig.model_validate(file_spec().settings)
    require_chats(open_pool(given), given)
    with pytest.raises(ModelError, match="1 of 1 models"):
        require_chats(open_pool(given), given.model_copy(update={"student": bare_model()}))


class Keeping(Quiet):
    """A log that computes every value and notes its name and key."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, str] = {}
        self.values: dict[str, pd.DataFrame] = {}

    def once(self, name, kind, compute, key=""):
        self.keys[name], self.values[name] = key, compute()
        return self.values[name]


def routing(column: int, seed: int = 0) -> Routing:
    """An arm that always chooses one teacher."""
    config, matrix = planted_matrix()
    count = len(matrix.pool.prompts)
    return Routing("own", seed, config, Chosen(np.full(count, column), np.full(count, "fixed")))


def scored(blocks, log):
    config, matrix = planted_matrix()
    teachers = Teachers(config, None)
    asked = [ask_block(matrix.pool, block, config, teachers, log) for block in blocks]
    pairs = zip(blocks, asked, strict=True)
    return config, teachers, [score_block(matrix.pool, block, frame, config, log) for block, frame in pairs]


def test_routed_prompts_are_asked_in_parallel_only_where_they_are_given_or_an_oracle_runs():
    config, matrix = planted_matrix()
    given = [block.name for block in parallel_blocks(matrix.pool, {"persyn": config})]
    assert given == ["calibration, first", "calibration", "routed", "held_out 1"]
    asked = replace(matrix.pool, given=None)
    assert [block.name for block in parallel_blocks(asked, {"persyn": config})] == [
        "calibration, first",
        "calibration",
        "held_out 1",
    ]
    oracle = config.model_copy(update={"policy": "oracle"})
    assert len(parallel_blocks(asked, {"oracle": oracle})) == 4


def test_every_block_is_kept_under_the_digest_of_its_prompts():
    config, matrix = planted_matrix()
    log, blocks = Keeping(), parallel_blocks(matrix.pool, {"persyn": config})
    _, _, frames = scored(blocks, log)
    assert log.keys == {f"{what} {block.name}": block.key for what in ("responses", "scores") for block in blocks}
    assert [sorted(set(frame["place"])) for frame in frames] == [sorted(block.places) for block in blocks]
    whole = matrix_of(matrix.pool, frames)
    np.testing.assert_allclose(whole.rewards(config), matrix.rewards(config), atol=1e-6)


def test_chosen_teachers_are_asked_for_what_they_have_not_answered():
    config, matrix = planted_matrix()
    log = Keeping()
    config, teachers, frames = scored(parallel_blocks(matrix.pool, {})[:2], log)
    few = matrix_of(matrix.pool, frames)
    chosen = ask_chosen(few, [routing(1), routing(1, 1)], (config, teachers), log)
    found = matrix_of(matrix.pool, [*frames, *chosen])
    routed = matrix.pool.places("routed")
    assert found.asked[routed].tolist() == [[False, True, False]] * len(routed)
    assert set(log.values["chosen 2"]["place"]) == set(routed) and len(log.values["chosen 2"]) == len(routed)
    assert list(log.values["chosen 1"].columns) == list(COLUMNS) and log.values["chosen 1"].empty
    more = Keeping()
    ask_chosen(few, [routing(1), routing(0)], (config, teachers), more)
    assert more.keys["chosen 2"] == log.keys["chosen 2"], "another arm changes nothing for this teacher"
    assert more.keys["chosen 1"] != log.keys["chosen 1"]


def test_nobody_is_asked_twice():
    config, matrix = planted_matrix()
    log = Keeping()
    config, teachers, frames = scored(parallel_blocks(matrix.pool, {}), log)
    ask_chosen(matrix_of(matrix.pool, frames), [routing(2)], (config, teachers), log)
    assert all(log.values[f"chosen {column}"].empty for column in (1, 2, 3))
