import pytest

from engines.parts.completions.generation import Completion
from engines.parts.generation.generator import Generator
from engines.persyn.collecting import COLUMNS, Teachers, collect
from engines.persyn.config import PersynConfig
from engines.persyn.panel import open_panel
from tests.engines.persyn.tiny_run import file_spec, tiny_spec
from workbench.contract.errors import DataError, ModelError


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
    panel = open_panel(config)
    teachers = Teachers(config, None)
    teachers._open = {teacher.model: Generator(backend) for teacher in panel.teachers}
    wanted = [(at, column) for at in places for column in (0, 1)]
    return collect(panel, wanted, config, teachers, "Ask"), panel


def test_one_bad_prompt_costs_itself_alone():
    backend = Fussy("Ida has 5")
    found, panel = collected(tiny_spec(), backend, range(10))
    bad = [at for at in range(10) if "Ida has 5" in panel.prompts[at].text]
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
    panel = open_panel(config)
    given = dict(panel.given)
    first = panel.prompts[0].name
    del given[first, "adder-1B"]
    foreign = "Der Bäcker hat die Brote nicht verkauft und es sind noch viele von den Broten da, das ist die Antwort."
    given[first, "taker-2B"] = type(given[first, "taker-2B"])(foreign, tokens=7, seconds=2.0)
    panel = type(panel)(panel.prompts, panel.teachers, given, "", "")
    said = [bool(given[asked.name, "silent-3B"].text) for asked in panel.prompts]
    silent, speaking = said.index(False), said.index(True)
    wanted = [(0, 0), (0, 1), (silent, 2), (speaking, 2)]
    found = collect(panel, wanted, config, Teachers(config, None), "Ask").set_index(["place", "column"])
    assert found.loc[(0, 0), "reason"] == "no response in the file"
    assert found.loc[(0, 1), "reason"] == "another language" and found.loc[(0, 1), "tokens"] == 7
    assert (found.loc[(silent, 2), "reason"], found.loc[(speaking, 2), "reason"]) == ("empty", "")
    kept = collect(panel, [(0, 1)], config.model_copy(update={"foreign": "keep"}), Teachers(config, None), "Ask")
    assert kept["reason"].tolist() == [""]


def test_data_errors_of_a_prompt_are_its_own():
    found, _ = collected(tiny_spec(), Fussy("Ida has 5", DataError), range(10))
    assert 0 < (found["reason"] != "").sum() < 20
