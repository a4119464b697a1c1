import json

import pandas as pd
import pytest

from engines.sure.run_facts import AnswerCounts, count_answers, record_answers
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.contract.facts import Fact
from workbench.storage.home import place

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")


def recorded(name: str) -> dict:
    lines = map(json.loads, (place("runs") / name / "events.jsonl").read_text().splitlines())
    return {line["name"]: line["value"] for line in lines if line["kind"] == "record"}


def test_answers_are_counted_by_hand():
    answered = pd.DataFrame({"after": ["", "Oslo", "a long"], "cut": [False, False, True]})
    assert count_answers(answered) == AnswerCounts(answers=3, cut=1, empty=1)
    assert count_answers(answered.iloc[:0]) == AnswerCounts()


def test_the_shortest_training_is_recorded():
    said = {}

    class Log:
        def record(self, name, value):
            said[name] = value

    record_answers([AnswerCounts(answers=5, cut=2), AnswerCounts(answers=3, empty=1, updates=9, examples=18),
                    AnswerCounts(answers=1, updates=4, examples=8)], Log())  # fmt: skip
    assert said == {Fact.ANSWERS: 9, Fact.ANSWERS_CUT: 2, Fact.ANSWERS_EMPTY: 1, Fact.STEPS: 4, Fact.ITEMS: 8}


def test_a_run_records_its_facts():
    run = start(tiny_spec(arms=("reader", "sft"), oracle_questions=0, attention_pairs=0), place("runs"), "sure-facts")
    found = recorded("sure-facts")
    assert found[Fact.DTYPE] == "float32" and found[Fact.PARAMETERS] > 100_000
    assert (found[Fact.PROMPTS], found[Fact.PROMPTS_CUT]) == (12, 0)
    assert found[Fact.STEPS] == 3 and found[Fact.ITEMS] == 6
    assert found[Fact.ANSWERS] == (15 + 4) * 10, "of ten forms Markdown changes nothing here; the plain one is read too"
    assert found[Fact.ANSWERS_CUT] > 0
    assert run.spec.arms == ("reader", "sft")
